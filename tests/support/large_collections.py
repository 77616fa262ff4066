"""Collections that count as large with a few dozen rows, and how they are made, changed and searched."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Set
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from clinsearch import Collection
from clinsearch.encoder.pooling import unit
from clinsearch.encoder.words import WORD_RECIPE, TextWords
from clinsearch.language import terms_of
from clinsearch.records import Filter, FloatArray, SearchQuality
from clinsearch.records.digests import text_digest
from clinsearch.records.readings import ReadNote
from clinsearch.retrieval import Likeness, nearest_sentences, similar_notes
from clinsearch.retrieval.likeness import NoteLikeness
from clinsearch.storage.catalog.texts import TextCatalog
from clinsearch.storage.folder import writer as commits
from clinsearch.storage.folder.snapshots import Reader
from clinsearch.storage.folder.spaces import files as vector_files
from clinsearch.storage.folder.spaces import space
from clinsearch.storage.folder.spaces import writer as spaces
from clinsearch.storage.folder.spaces.codecs import eight_bits
from clinsearch.storage.folder.writer import Writer
from clinsearch.storage.snapshot import Snapshot
from tests.conftest import WORDS
from tests.support.collections import (
    HIDDEN_SIZE,
    OWNER,
    a_note,
    a_single_thread,
    batch_of,
    collection_of,
    commit,
    contents,
    files_of,
    keys_of,
    notes_by_sentence,
    vector_of,
)
from tests.support.made_up_notes import assert_ranked
from tests.support.stored_vectors import VECTOR_KINDS, the_cells

FEW = 40
# More than there is of anything.
MANY = 1000


@contextmanager
def few_are_many() -> Iterator[None]:
    """Have a few dozen rows make a collection large, and deleted text stay in the catalog until it is optimized."""
    with pytest.MonkeyPatch.context() as patch, a_single_thread():
        patch.setattr(eight_bits, "LEAST_ROWS", FEW)
        patch.setattr(commits, "SCRUBBED_AT_ONCE_BYTES", 0)
        patch.setattr(spaces, "QUERIES", 10)
        # Codes are learnt from few here; there must be room for what comes later.
        patch.setattr(eight_bits, "MARGIN", 1.0)
        for module in (eight_bits, space, spaces, vector_files):
            patch.setattr(module, "ROWS_PER_STEP", 16)
        yield


def some_notes(number: int, first: int = 0) -> list[ReadNote]:
    """Make notes of two sentences of their own and one that a few of them share."""
    return [a_note(f"n{i}", f"Own {i}.", f"Other {i}.", f"Shared {i // 5}.") for i in range(first, first + number)]


def large_collection(folder: Path, notes: int = 60, files: int = 3) -> Path:
    """Make a collection whose sentences and notes lie in cells, in several files; it is made once and then copied."""
    made = LARGE.get((notes, files))
    if made is None:
        collection_of(folder, some_notes(notes - files + 1))
        with Writer(folder) as writer:
            writer.compact()
        with Writer(folder) as writer:
            for number in range(notes - files + 1, notes):
                commit(writer, *some_notes(1, first=number))
        assert is_large(folder) == {"sentence": True, "note": True, "opening": True}
        made = LARGE[notes, files] = {path.relative_to(folder): path.read_bytes() for path in files_of(folder)}
        return folder
    for path, content in made.items():
        (folder / path).parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
        (folder / path).chmod(0o600)
    return folder


LARGE: dict[tuple[int, int], dict[Path, bytes]] = {}


def is_large(folder: Path) -> dict[str, bool]:
    return {kind: the_cells(folder, kind) is not None for kind in VECTOR_KINDS}


def search_of(folder: Path) -> dict[str, SearchQuality]:
    return {quality.vectors: quality for quality in Collection(folder).status().search}


def decoded(snapshot: Snapshot) -> tuple[dict[str, FloatArray], dict[str, FloatArray]]:
    """Return the vectors of all sentences by their texts, and of all notes by their ids."""
    there = contents(snapshot)
    as_vectors = (
        {key: np.frombuffer(row, "f4") for key, row in rows.items()} for rows in (there.sentences, there.note_vectors)
    )
    of_sentences, of_notes = as_vectors
    return of_sentences, of_notes


def assert_found(folder: Path, query: FloatArray, *ks: int) -> None:
    """Check unfiltered searches of all cells against brute force over the vectors as they are read."""
    with Reader(folder).snapshot() as snapshot:
        of_sentences, of_notes = decoded(snapshot)
        scores = {text: float(row @ query) for text, row in of_sentences.items()}
        best = {
            note_id: max(scores[text] for text in texts) for note_id, texts in contents(snapshot).notes.items() if texts
        }
        for k in ks:
            assert_ranked(
                [(str(h.sentence), h.score) for h in nearest_sentences(snapshot, query, k, Filter())], scores, k
            )
            assert_ranked([(h.note_id, h.score) for h in notes_by_sentence(snapshot, query, k, Filter())], best, k)
            for own in sorted(of_notes)[:2]:
                like = likeness_to(snapshot, own, of_notes.keys() - {own})
                assert_ranked([(h.note_id, h.score) for h in similar_notes(snapshot, own, Likeness(k))], like, k)


def likeness_to(snapshot: Snapshot, own: str, others: Set[str]) -> dict[str, float]:
    """Score each of some notes by how like a note they are, whether a search finds it or not."""
    keys = np.array([snapshot.catalog.note(note_id)[0] for note_id in others], dtype=np.int64)
    if not len(keys):
        return {}
    return dict(zip(others, NoteLikeness(snapshot, own).scores(keys).scores.tolist(), strict=True))


def words_of(text: str) -> TextWords:
    """Make up the words of a text, a pure function of it; some texts have no words to search, or none in pieces."""
    rng = np.random.default_rng(int.from_bytes(text_digest(text), "little"))
    lengths = rng.choice([-1, 1, 1, 2, 3], size=rng.integers(1, 5)).astype(np.int32)
    words, pieces = int((lengths > 0).sum()), int(lengths[lengths > 1].sum())
    token_ids = rng.integers(5, 100, size=np.abs(lengths).sum()).astype(np.uint32)
    rows = (unit(rng.normal(size=(size, HIDDEN_SIZE))) for size in (words, pieces))
    return TextWords(token_ids, lengths, *rows)


def change(writer: Writer, notes: Mapping[str, tuple[str, ...] | None], *, has_words: bool) -> None:
    """Commit as the indexer does: new versions of notes, None for a deletion, and the vectors of new sentences."""
    added = [a_note(note_id, *texts) for note_id, texts in notes.items() if texts is not None]
    with writer.catalog() as catalog:
        there = {label.note_id for label in catalog.note_labels(catalog.note_keys(Filter()).tolist()).values()}
    batch = batch_of(writer, added, keys_of(writer, there & notes.keys()))
    words = {digest: words_of(sentence.text) for digest, sentence in batch.sentences.items()} if has_words else {}
    writer.commit(replace(batch, words=words), terms_of)


def heal(writer: Writer, *, has_words: bool) -> None:
    """Make again what is missing, as `repair` does with a model."""
    writer.forget_damaged_vectors(check_content=False)
    keys = writer.incomplete_sentences()
    with writer.catalog() as catalog:
        texts = catalog.sentence_texts(keys.tolist())
    words = {key: words_of(texts[key]) for key in keys.tolist()} if has_words else {}
    vectors = np.array([vector_of(texts[key]) for key in keys.tolist()], dtype=np.float32).reshape(-1, HIDDEN_SIZE)
    writer.complete_sentences(keys, vectors, words)
    writer.restore_note_vectors()
    complete_openings(writer)


def complete_openings(writer: Writer) -> None:
    keys = writer.notes_without_opening().tolist()
    with writer.catalog() as catalog:
        texts = TextCatalog(catalog.connection).note_texts(keys)
    writer.complete_openings({key: vector_of(text) for key, text in texts.items()})


def new_collection(folder: Path, *, has_words: bool) -> Path:
    with Writer(folder, create=True) as writer:
        writer.claim(OWNER, created_by="a test", words=WORD_RECIPE if has_words else None)
    return folder


def write_notes_and_half(folder: Path) -> None:
    """Write 45 notes into `folder/notes`, and the first 42 of them into `folder/half`."""
    for name, count in (("notes", 45), ("half", 42)):
        (folder / name).mkdir()
        for number in range(count):
            words = " ".join(WORDS[number % 40 : number % 40 + 4])
            text = f"HISTORY:\n{words.capitalize()} {number}. Patient is stable.\nPLAN:\nFever {number // 2}.\n"
            (folder / name / f"n{number:02}.txt").write_text(text, encoding="utf-8")
