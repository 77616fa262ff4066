"""Collections made of a few sentences with made-up vectors, and what must hold of any collection."""

from __future__ import annotations

import hashlib
import importlib
import os
import sqlite3
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TypeVar
from urllib.parse import quote

import faiss
import numpy as np
import pytest
import torch

from clinsearch.encoder.pooling import unit
from clinsearch.errors import CollectionDamaged
from clinsearch.indexing import run, work
from clinsearch.language import read_sentences, terms_of
from clinsearch.records import Filter, FloatArray, Hit, Note, Section, Segmentation, Sentence
from clinsearch.records.digests import note_digest, text_digest
from clinsearch.records.readings import ReadNote, SentenceText
from clinsearch.retrieval import nearest_sentences
from clinsearch.retrieval.hits import sentence_hit
from clinsearch.storage.batches import Batch
from clinsearch.storage.folder.snapshots import Reader
from clinsearch.storage.folder.spaces import recall
from clinsearch.storage.folder.spaces.codecs import cells, eight_bits, four_bits
from clinsearch.storage.folder.writer import Writer
from clinsearch.storage.snapshot import Snapshot
from clinsearch.storage.values import EncoderIdentity
from tests.support.word_files import assert_whole_words

HIDDEN_SIZE = 16


OWNER = EncoderIdentity("a model", "mean", "its fingerprint", HIDDEN_SIZE)


EVERYTHING = 1_000_000


T = TypeVar("T")


@contextmanager
def a_single_thread() -> Iterator[None]:
    """Encode, learn, write and search on one thread: there is too little work to share out."""
    threads = torch.get_num_threads(), faiss.omp_get_max_threads()
    with pytest.MonkeyPatch.context() as patch:
        for module in (cells, eight_bits, four_bits, recall):
            patch.setattr(module, "processors", lambda: 1)
        torch.set_num_threads(1)
        faiss.omp_set_num_threads(1)
        yield
        torch.set_num_threads(threads[0])
        faiss.omp_set_num_threads(threads[1])


@contextmanager
def folder_in_memory() -> Iterator[Path]:
    """Give a folder that goes again, in memory if it can be: to wait for a real disk takes most of the time."""
    memory = Path("/dev/shm")
    with TemporaryDirectory(dir=memory if memory.is_dir() else None) as folder:
        yield Path(folder)


@pytest.fixture
def path_in_memory() -> Iterator[Path]:
    """A folder in memory, to be the `tmp_path` of modules whose tests would mostly wait for the disk."""
    with folder_in_memory() as folder:
        yield folder


def vector_of(text: str) -> FloatArray:
    rng = np.random.default_rng(int.from_bytes(text_digest(text), "big"))
    return unit(rng.normal(size=HIDDEN_SIZE))


def a_note(note_id: str, *sentences: str) -> ReadNote:
    """Make a note of one section whose sentences stand one after another."""
    text = " ".join(sentences)
    spans, start = [], 0
    for sentence in sentences:
        spans.append(Sentence(start, start + len(sentence), 0))
        start += len(sentence) + 1
    note = Note(note_id, text)
    whole = Segmentation((Section(None, None, 0, len(text)),), tuple(spans))
    return ReadNote(note, note_digest(note), whole, tuple(map(SentenceText.of, sentences)), tuple(terms_of(text)))


def keys_of(writer: Writer, note_ids: Iterable[str]) -> list[int]:
    with writer.catalog() as catalog:
        return [catalog.note(note_id)[0] for note_id in note_ids]


def commit(writer: Writer, *added: ReadNote, removed: Iterable[str] = ()) -> None:
    """Commit as the indexer does: with the vectors of those sentences that are not there yet."""
    writer.commit(batch_of(writer, added, keys_of(writer, removed)), terms_of)


def batch_of(writer: Writer, added: Sequence[ReadNote], removed: list[int]) -> Batch:
    new = read_sentences(sentence for item in added for sentence in item.sentences)
    with writer.catalog() as catalog:
        for digest in catalog.sentence_keys_of(list(new)):
            del new[digest]
    vectors = {digest: vector_of(sentence.text) for digest, sentence in new.items()}
    return Batch(added=list(added), sentences=new, removed=removed, vectors=vectors, openings=openings_of(added))


def openings_of(notes: Iterable[ReadNote]) -> dict[str, FloatArray]:
    return {item.note.note_id: vector_of(item.note.text) for item in notes if item.sentences}


def notes_by_sentence(snapshot: Snapshot, query: FloatArray, k: int, where: Filter) -> list[Hit]:
    """Rank notes by the sentence of theirs that is nearest to a vector: what storage has to give for any ranking."""
    keys = snapshot.catalog.sentence_keys(where)
    keys, scores = snapshot.sentences.search(query, max(len(keys), 1), keys)
    score_of = dict(zip(keys.tolist(), scores.tolist(), strict=True))
    counts = snapshot.catalog.first_occurrences(keys.tolist(), where)
    best: dict[int, Hit] = {}
    for place in snapshot.catalog.occurrences(keys.tolist(), where):
        hit = sentence_hit(score_of[place.sentence_key], place, counts[place.sentence_key][1])
        if place.note.note_key not in best or hit.score > best[place.note.note_key].score:
            best[place.note.note_key] = hit
    return [hit for _, hit in sorted(best.items(), key=lambda found: (-found[1].score, found[0]))[:k]]


def collection_of(folder: Path, *commits: Sequence[ReadNote]) -> Path:
    """Make a collection of notes, commit by commit."""
    with Writer(folder, create=True) as writer:
        writer.claim(OWNER, created_by="a test")
        for added in commits:
            commit(writer, *added)
    return folder


@dataclass(frozen=True)
class Contents:
    """All that a snapshot holds: note ids to keys and sentences, texts to keys and vectors, bit for bit."""

    keys: dict[str, int]
    notes: dict[str, tuple[str, ...]]
    sentence_keys: dict[str, int]
    sentences: dict[str, bytes]
    note_vectors: dict[str, bytes]


def contents(snapshot: Snapshot) -> Contents:
    catalog = snapshot.catalog
    labels = catalog.note_labels(catalog.note_keys(Filter()).tolist())
    keys = {label.note_id: key for key, label in labels.items()}
    texts = catalog.sentence_texts(catalog.all_keys("sentence").tolist())
    rows = snapshot.sentences.of(np.array(list(texts), dtype=np.int64))
    whole = catalog.all_keys("note")
    note_rows = snapshot.notes.of(whole)
    return Contents(
        keys,
        {note_id: tuple(place.text for place in catalog.note_sentences(key)) for note_id, key in keys.items()},
        {text: key for key, text in texts.items()},
        {text: row.tobytes() for text, row in zip(texts.values(), rows, strict=True)},
        {labels[key].note_id: row.tobytes() for key, row in zip(whole.tolist(), note_rows, strict=True)},
    )


def contents_of(folder: Path) -> Contents:
    with Reader(folder).snapshot() as snapshot:
        return contents(snapshot)


def found(snapshot: Snapshot, text: str, k: int = EVERYTHING) -> list[tuple[str | None, float]]:
    """Return the sentences that are nearest to the vector of a text, with their scores."""
    return [(hit.sentence, hit.score) for hit in nearest_sentences(snapshot, vector_of(text), k, Filter())]


def vector_paths(folder: Path) -> list[Path]:
    return sorted((folder / "vectors").iterdir())


def files_of(folder: Path) -> list[Path]:
    return sorted(path for path in folder.rglob("*") if path.is_file())


def rows_of(catalog: sqlite3.Connection, query: str) -> list[tuple]:
    return catalog.execute(query).fetchall()


def assert_whole(folder: Path, *, may_hold_stray_files: bool = False) -> None:
    """Check, past all code of clinsearch, that catalog and vectors say the same and nothing hangs loose."""
    catalog = sqlite3.connect(f"file:{quote(str(folder / 'catalog.db'))}?mode=ro", uri=True)
    try:
        assert rows_of(catalog, "PRAGMA integrity_check") == [("ok",)]
        assert rows_of(catalog, "PRAGMA foreign_key_check") == []
        assert rows_of(catalog, "SELECT key FROM sentences EXCEPT SELECT sentence FROM occurrences") == []
        texts = dict(rows_of(catalog, "SELECT key, text FROM sentences"))
        assert len(set(texts.values())) == len(texts)
        notes = dict(rows_of(catalog, "SELECT key, text FROM notes"))
        places: dict[int, list[int]] = {}
        for note, start, end, sentence in rows_of(
            catalog, 'SELECT note, start, "end", sentence FROM occurrences ORDER BY note, start'
        ):
            assert " ".join(notes[note][start:end].split()) == texts[sentence]
            places.setdefault(note, []).append(sentence)
        named = rows_of(catalog, "SELECT name, kind, rows, bytes, sha256 FROM vector_files")
    finally:
        catalog.close()
    vectors: dict[str, dict[int, FloatArray]] = {"sentence": {}, "note": {}, "opening": {}}
    for name, kind, rows, size, sha256 in named:
        content = (folder / "vectors" / name).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (size, sha256)
        if kind not in vectors:
            continue
        opened = faiss.read_index(str(folder / "vectors" / name))
        keys = faiss.vector_to_array(opened.id_map).tolist()
        assert len(keys) == rows
        assert not vectors[kind].keys() & set(keys), "a vector twice"
        flat = faiss.downcast_index(opened.index)
        vectors[kind].update(zip(keys, flat.reconstruct_n(0, flat.ntotal), strict=True))
    assert vectors["sentence"].keys() >= texts.keys()
    assert vectors["note"].keys() >= places.keys()
    assert vectors["opening"].keys() >= places.keys()
    for note, sentences in places.items():
        whole = unit(np.sum([vectors["sentence"][sentence] for sentence in sentences], axis=0))
        np.testing.assert_allclose(vectors["note"][note], whole, atol=1e-6)
    assert_whole_words(folder)
    if not may_hold_stray_files:
        assert [path.name for path in vector_paths(folder)] == sorted(name for name, *_ in named)


def holders(folder: Path, text: str) -> list[str]:
    """Name the files that hold a text."""
    return [path.name for path in files_of(folder) if text.encode() in path.read_bytes()]


# Both of a run and of a repair; the module of that name hides behind its function.
OFTEN = [
    (work, "SENTENCES_PER_COMMIT", 8),
    (run, "NOTES_PER_GROUP", 3),
    (work, "COMMITS_PER_COMPACTION", 3),
    (importlib.import_module("clinsearch.indexing.repair"), "SENTENCES_PER_COMMIT", 8),
]


def commit_often(put: Callable[[object, str, object], None]) -> None:
    """Have few notes make many commits, and some compactions between them."""
    for owner, name, value in OFTEN:
        assert hasattr(owner, name)
        put(owner, name, value)


def truncate(path: Path) -> None:
    os.truncate(path, path.stat().st_size // 2)


def flip_a_bit(path: Path) -> None:
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x40
    path.write_bytes(bytes(content))


def overwrite(path: Path) -> None:
    path.write_bytes(bytes(path.stat().st_size))


def assert_alike(folder: Path, before: Contents) -> None:
    """Check that a collection is what it was but for its keys, and its vectors but for rounding in another batch."""
    after = contents_of(folder)
    assert after.notes == before.notes
    for now, then in ((after.sentences, before.sentences), (after.note_vectors, before.note_vectors)):
        assert now.keys() == then.keys()
        for name, row in now.items():
            np.testing.assert_allclose(np.frombuffer(row, "f4"), np.frombuffer(then[name], "f4"), atol=1e-5)
    assert_whole(folder, may_hold_stray_files=True)


def hits_or_damage(search: Callable[[], list[T]]) -> list[T] | None:
    """Return what a search finds, None where it says that vectors are damaged and names the remedy."""
    try:
        return search()
    except CollectionDamaged as error:
        message = str(error)
    assert "clinsearch repair" in message
    return None


def teach_early(monkeypatch: pytest.MonkeyPatch, rows: int = 60) -> None:
    monkeypatch.setattr(four_bits, "CELLS", 1)
    monkeypatch.setattr(four_bits, "LEAST_ROWS", rows)
