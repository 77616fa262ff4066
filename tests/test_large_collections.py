"""Collections that have become large: what is found and counted, what is dead, and what survives a stop or damage.

A few dozen rows are many here, and no catalog is small enough to have deleted text taken off it at once.
"""

from __future__ import annotations

import errno
import hashlib
import os
import random
import shutil
import sqlite3
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from itertools import count
from pathlib import Path
from types import MappingProxyType
from typing import Any
from urllib.parse import quote

import faiss
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy.engine.default import DefaultDialect

from clinsearch import Collection, index
from clinsearch.encoder.pooling import unit
from clinsearch.encoder.words import WORD_RECIPE, TextWords
from clinsearch.errors import ClinsearchError, CollectionError, CollectionVersion
from clinsearch.language import read_note, read_sentences, terms_of
from clinsearch.maps.projection import project
from clinsearch.readers.requests import make_filter
from clinsearch.records import Filter, FloatArray, Note, SearchQuality
from clinsearch.records.digests import note_digest, text_digest
from clinsearch.records.readings import ReadNote
from clinsearch.retrieval import Likeness, nearest, nearest_sentences, similar_notes
from clinsearch.storage import snapshots
from clinsearch.storage import writer as commits
from clinsearch.storage.batches import Batch
from clinsearch.storage.catalog import changes, database, vectors
from clinsearch.storage.catalog.tables import KEYWORD_TABLES
from clinsearch.storage.catalog.texts import TextCatalog
from clinsearch.storage.snapshots import Reader, Snapshot
from clinsearch.storage.spaces import files as vector_files
from clinsearch.storage.spaces import lists as inverted_lists
from clinsearch.storage.spaces import recall, space
from clinsearch.storage.spaces import writer as spaces
from clinsearch.storage.spaces.codecs import cells, eight_bits
from clinsearch.storage.spaces.codecs.cells import CellCodec
from clinsearch.storage.spaces.codecs.eight_bits import EightBits, cells_wanted
from clinsearch.storage.spaces.recall import TARGET
from clinsearch.storage.spaces.space import Space
from clinsearch.storage.writer import Writer
from tests.conftest import WORDS
from tests.support.collections import (
    HIDDEN_SIZE,
    OWNER,
    Contents,
    a_note,
    a_single_thread,
    batch_of,
    collection_of,
    commit,
    files_of,
    folder_in_memory,
    holders,
    keys_of,
    notes_by_sentence,
    overwrite,
    teach_early,
    truncate,
    vector_of,
    vector_paths,
)
from tests.support.command_line import as_json, refused, run
from tests.support.made_up_notes import (
    COMBINATIONS,
    Place,
    assert_ranked,
    combined,
    random_sentence,
    shown,
    written_note,
)
from tests.support.word_files import ask, rows_by_key

FEW = 40
# More than there is of anything.
MANY = 1000
VECTOR_KINDS = ("sentence", "note", "opening")
WORD_KINDS = ("word", "piece")
A_CODES = 0.025  # difference from its vector, with codes as wide as they are here


@pytest.fixture(scope="module", autouse=True)
def few_are_many() -> Iterator[None]:
    """Have collections of a few dozen rows be large, and work on one thread: there is too little to share it out."""
    with pytest.MonkeyPatch.context() as patch, a_single_thread():
        patch.setattr(eight_bits, "LEAST_ROWS", FEW)
        patch.setattr(commits, "SCRUBBED_AT_ONCE_BYTES", 0)
        patch.setattr(spaces, "QUERIES", 10)
        # Codes are learnt from few here; there must be room for what comes later.
        patch.setattr(eight_bits, "MARGIN", 1.0)
        for module in (cells, eight_bits, recall):
            patch.setattr(module, "processors", lambda: 1)
        for module in (eight_bits, space, spaces, vector_files):
            patch.setattr(module, "ROWS_PER_STEP", 16)
        yield


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    with folder_in_memory() as folder:
        yield folder


@pytest.fixture
def all_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    """Have every search look into every cell."""
    monkeypatch.setattr(CellCodec, "probes_for", lambda self, k: self.count)
    # And rank by codes and halves all that is found by codes.
    monkeypatch.setattr(eight_bits, "CODES_BESIDE", MANY)


@pytest.fixture
def no_wait_for_readers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Whoever reads keeps the log from being emptied; a writer at its end waits for that, but not for long."""
    monkeypatch.setattr(database, "BUSY_TIMEOUT_MS", 50)
    monkeypatch.setattr(database, "LOG_TIMEOUT_MS", 50)


# What lies on the disk, past all code of clinsearch.


def live_keys(folder: Path, kind: str) -> list[int]:
    """Return the keys of all that should have a vector, in order."""
    if kind in WORD_KINDS:
        rows = ask(folder, f"SELECT first_{kind}, {kind}s FROM sentence_words")
        return sorted(first + number for first, of_it in rows for number in range(of_it))
    query = "SELECT key FROM sentences" if kind == "sentence" else "SELECT DISTINCT note FROM occurrences"
    return sorted(key for (key,) in ask(folder, query))


def dead_keys(folder: Path, kind: str) -> list[int]:
    rows = ask(folder, f"SELECT first, rows FROM dead_rows WHERE kind = '{kind}'")
    return sorted(first + number for first, of_it in rows for number in range(of_it))


def the_cells(folder: Path, kind: str) -> Any:
    """Return the index that says how to read a kind's codes, None if it has none."""
    names = ask(folder, f"SELECT name FROM vector_files WHERE kind = '{kind}-cells'")
    assert len(names) <= 1
    return faiss.read_index(str(folder / "vectors" / names[0][0])) if names else None


def stored(folder: Path, kind: str) -> dict[int, FloatArray]:
    """Return every row of the files of a kind, codes as the vectors that they stand for; no key may stand in two."""
    if kind in WORD_KINDS:
        return rows_by_key(folder, kind)
    rows, its_cells = {}, the_cells(folder, kind)
    for name, of_it in ask(folder, f"SELECT name, rows FROM vector_files WHERE kind = '{kind}'"):
        path = folder / "vectors" / name
        if its_cells is None:
            flat = faiss.read_index(str(path))
            keys, vectors = faiss.vector_to_array(flat.id_map), flat.index.reconstruct_n(0, flat.ntotal)
        else:
            keys, codes = codes_in(path)
            vectors = its_cells.sq.decode(codes)
        assert len(keys) == of_it
        assert not rows.keys() & set(keys.tolist()), "a vector twice"
        rows |= dict(zip(keys.tolist(), vectors, strict=True))
    return rows


def codes_in(path: Path) -> tuple[Any, Any]:
    """Read the keys and the codes of a file of lists."""
    lists: Any = faiss.read_InvertedLists(faiss.FileIOReader(str(path)))
    sizes = [(number, lists.list_size(number)) for number in range(lists.nlist) if lists.list_size(number)]
    keys = [faiss.rev_swig_ptr(lists.get_ids(n), size).copy() for n, size in sizes]
    codes = [faiss.rev_swig_ptr(lists.get_codes(n), size * lists.code_size).copy() for n, size in sizes]
    return np.concatenate(keys), np.concatenate(codes).reshape(-1, lists.code_size)


def assert_counted(folder: Path) -> None:
    """Check that what is counted is there, and that a row of every file is in use or known to be dead, never both."""
    counted = dict(ask(folder, "SELECT name, rows FROM counts"))
    assert counted == {
        "notes": ask(folder, "SELECT count(*) FROM notes")[0][0],
        "notes_with_sentences": ask(folder, "SELECT count(DISTINCT note) FROM occurrences")[0][0],
        "sentences": ask(folder, "SELECT count(*) FROM sentences")[0][0],
        "sentences_with_words": ask(folder, "SELECT count(*) FROM sentence_words")[0][0],
        "occurrences": ask(folder, "SELECT count(*) FROM occurrences")[0][0],
        "words": ask(folder, "SELECT coalesce(sum(words), 0) FROM sentence_words")[0][0],
        "pieces": ask(folder, "SELECT coalesce(sum(pieces), 0) FROM sentence_words")[0][0],
        "sentence_terms": sum(len(terms_of(text)) for (text,) in ask(folder, "SELECT text FROM sentences")),
        "note_terms": sum(len(terms_of(text)) for (text,) in ask(folder, "SELECT text FROM notes")),
    }
    for kind in (*VECTOR_KINDS, *WORD_KINDS):
        live, dead = live_keys(folder, kind), dead_keys(folder, kind)
        assert len(set(dead)) == len(dead)
        assert sorted(stored(folder, kind)) == sorted(live + dead)


def assert_whole(folder: Path, *, may_hold_stray_files: bool = False) -> None:
    """Check that catalog and files say the same and nothing hangs loose; see `assert_counted`."""
    with closing(sqlite3.connect(f"file:{quote(str(folder / 'catalog.db'))}?mode=ro", uri=True)) as catalog:
        assert catalog.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
        assert catalog.execute("PRAGMA foreign_key_check").fetchall() == []
    named = ask(folder, "SELECT name, bytes, sha256 FROM vector_files")
    for name, size, sha256 in named:
        content = (folder / "vectors" / name).read_bytes()
        assert (len(content), hashlib.sha256(content).hexdigest()) == (size, sha256)
        assert (folder / "vectors" / name).stat().st_mode & 0o777 == 0o600
    if not may_hold_stray_files:
        assert [path.name for path in vector_paths(folder)] == sorted(name for name, *_ in named)
    for kind in VECTOR_KINDS:
        its_cells = the_cells(folder, kind)
        suffixes = {
            Path(name).suffix for (name,) in ask(folder, f"SELECT name FROM vector_files WHERE kind = '{kind}'")
        }
        assert suffixes <= ({".lists"} if its_cells else {".faiss"})
    assert_counted(folder)


def assert_measured(folder: Path) -> None:
    """Check that what is said of a kind's cells was measured of those that it has."""
    for kind in VECTOR_KINDS:
        its_cells = the_cells(folder, kind)
        measured = {cells for (cells,) in ask(folder, f"SELECT cells FROM probes WHERE kind = '{kind}'")}
        assert measured == ({its_cells.nlist} if its_cells else set())


def assert_vectors(folder: Path) -> None:
    """Check that every sentence has the vector of its text, as near as codes are, and every note that of these."""
    texts = dict(ask(folder, "SELECT key, text FROM sentences"))
    rows = stored(folder, "sentence")
    own = {key: vector_of(text) for key, text in texts.items()}
    its_cells = the_cells(folder, "sentence")
    for key, vector in own.items():
        assert_coded(its_cells, rows[key], vector)
    of_notes: dict[int, list[int]] = {}
    for note, sentence in ask(folder, "SELECT note, sentence FROM occurrences"):
        of_notes.setdefault(note, []).append(sentence)
    whole, its_cells = stored(folder, "note"), the_cells(folder, "note")
    for note, sentences in of_notes.items():
        total = np.sum([own[key] for key in sentences], axis=0)
        # A note is made of what was stored of its sentences, as codes or before, or was about to be.
        difference = sum(max(A_CODES, float(np.linalg.norm(rows[key] - own[key]))) for key in sentences)
        assert_coded(its_cells, whole[note], unit(total), 2 * difference / float(np.linalg.norm(total)))


def assert_coded(its_cells: Any, near: FloatArray, vector: FloatArray, difference: float = 0.0) -> None:
    """Check that what is stored is this vector, but for a difference and what its code, if it has one, cannot tell."""
    if its_cells is None:
        assert np.abs(near - vector).max() <= difference
        return
    smallest, width = faiss.vector_to_array(its_cells.sq.trained).reshape(2, -1)
    # Codes are learnt from few here: what comes later may lie outside of them.
    inside = vector.clip(smallest, smallest + width)
    assert (np.abs(near - inside) <= width / 255 * 0.501 + 1e-6 + difference).all()


# Collections.


def some_notes(number: int, first: int = 0) -> list[ReadNote]:
    """Make notes of two sentences of their own and one that a few of them share."""
    return [a_note(f"n{i}", f"Own {i}.", f"Other {i}.", f"Shared {i // 5}.") for i in range(first, first + number)]


def large_collection(folder: Path, notes: int = 60, files: int = 3) -> Path:
    """Make a collection whose sentences and notes lie in cells, in several files; after the first time, a copy."""
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


def contents(snapshot: Snapshot) -> Contents:
    """Return all that a snapshot holds, as `test_commits.contents` does, with few queries for many notes."""
    catalog = snapshot.catalog
    labels = catalog.note_labels(catalog.note_keys(Filter()).tolist())
    texts = catalog.sentence_texts(catalog.all_keys("sentence").tolist())
    notes: dict[str, list[str]] = {label.note_id: [] for label in labels.values()}
    for place in catalog.occurrences(list(texts), Filter()):
        notes[place.note.note_id].append(place.text)
    whole = catalog.all_keys("note")
    rows, note_rows = snapshot.sentences.of(np.array(list(texts), dtype=np.int64)), snapshot.notes.of(whole)
    return Contents(
        {label.note_id: key for key, label in labels.items()},
        {note_id: tuple(sentences) for note_id, sentences in notes.items()},
        {text: key for key, text in texts.items()},
        {text: row.tobytes() for text, row in zip(texts.values(), rows, strict=True)},
        {labels[key].note_id: row.tobytes() for key, row in zip(whole.tolist(), note_rows, strict=True)},
    )


def contents_of(folder: Path) -> Contents:
    with Reader(folder).snapshot() as snapshot:
        return contents(snapshot)


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
    """Check searches without a filter, all cells being looked into, against brute force over the vectors as read."""
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
                like = {note_id: float(row @ of_notes[own]) for note_id, row in of_notes.items() if note_id != own}
                assert_ranked([(h.note_id, h.score) for h in similar_notes(snapshot, own, Likeness(k))], like, k)


# A collection becomes large by itself.


@pytest.mark.usefixtures("all_cells")
def test_vectors_are_sorted_into_cells_once_there_are_enough_and_again_when_they_have_grown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sentences and notes each by their own number, and nothing that is there changes."""
    monkeypatch.setattr(spaces, "GROWTH", 2)
    folder = collection_of(tmp_path / "c")
    made_for = dict.fromkeys(VECTOR_KINDS, 0)
    for number in range(0, 90, 5):
        before = contents_of(folder)
        with Writer(folder) as writer:
            commit(writer, *some_notes(5, first=number))
            writer.compact()
        after = contents_of(folder)
        rows = {"sentence": len(after.sentences), "note": len(after.notes), "opening": len(after.notes)}
        turned = {kind: rows[kind] >= FEW and rows[kind] >= 2 * made_for[kind] for kind in VECTOR_KINDS}
        was_large = {kind: made_for[kind] > 0 for kind in VECTOR_KINDS}
        made_for |= {kind: rows[kind] for kind in VECTOR_KINDS if turned[kind]}
        for kind, quality in search_of(folder).items():
            its_cells = cells_wanted(made_for[kind]) if made_for[kind] else None
            assert (quality.rows, quality.cells) == (rows[kind], its_cells)
        # Vectors become codes once; from then on whatever is done to files and cells changes not a bit.
        for kind, now, then in (
            ("sentence", after.sentences, before.sentences),
            ("note", after.note_vectors, before.note_vectors),
        ):
            same = {name: now[name] for name in then} == then
            assert same or (turned[kind] and not was_large[kind])
        assert {note_id: after.notes[note_id] for note_id in before.notes} == before.notes
        assert {note_id: after.keys[note_id] for note_id in before.keys} == before.keys
        if any(turned.values()) or number % 25 == 0:
            assert_whole(folder)
            assert_measured(folder)
            assert_vectors(folder)
            assert_found(folder, vector_of("a query"), 1, 10, MANY)
    assert made_for == {"sentence": 176, "note": 80, "opening": 80}


def test_a_run_of_the_indexer_ends_with_a_collection_that_is_as_large_as_it_is(
    tmp_path: Path, tiny_model: Path
) -> None:
    notes, folder = tmp_path / "notes", tmp_path / "c"
    notes.mkdir()

    def write(first: int, last: int) -> None:
        for number in range(first, last):
            (notes / f"n{number:03}.txt").write_text(
                f"{WORDS[number % 40].capitalize()} pain {number}.", encoding="utf-8"
            )
        index(notes, folder, model=str(tiny_model))

    write(0, FEW - 1)
    before = {hit.sentence: hit.score for hit in Collection(folder).search("chest pain", MANY, mode="vector")}
    assert search_of(folder)["sentence"] == SearchQuality("sentence", FEW - 1)
    assert (is_large(folder), len(before)) == ({"sentence": False, "note": False, "opening": False}, FEW - 1)
    write(FEW - 1, FEW + 1)
    assert is_large(folder) == {"sentence": True, "note": True, "opening": True}
    after = {hit.sentence: hit.score for hit in Collection(folder).search("chest pain", MANY, mode="vector")}
    assert before.keys() < after.keys()
    assert {sentence: after[sentence] for sentence in before} == pytest.approx(before, abs=0.01)
    assert_whole(folder)
    files = vector_paths(folder)
    index(notes, folder)
    assert vector_paths(folder) == files, "a run that finds nothing new writes nothing"


def test_status_says_how_search_stands(tmp_path: Path) -> None:
    folder = collection_of(tmp_path / "c", some_notes(10))
    assert search_of(folder) == {
        "sentence": SearchQuality("sentence", 22),
        "note": SearchQuality("note", 10),
        "opening": SearchQuality("opening", 10),
    }
    shown_before = run("status", "--collection", folder).stdout
    assert "exact, all 22" in shown_before
    assert "cells" not in shown_before
    with Writer(folder) as writer:
        commit(writer, *some_notes(30, first=10))
        writer.compact()
    found_now = search_of(folder)
    for kind, quality in found_now.items():
        ((probes, share),) = ask(folder, f"SELECT probes, recall FROM probes WHERE kind = '{kind}' AND depth = 10")
        assert (quality.cells, quality.probes, quality.recall) == (the_cells(folder, kind).nlist, probes, share)
        assert 1 <= probes <= the_cells(folder, kind).nlist
        assert TARGET <= share <= 1
        shown_now = " ".join(run("status", "--collection", folder).stdout.split())
        assert f"search of {kind}s {probes} of {quality.cells} cells, which found {share:.1%} of the ten" in shown_now
    as_listed = [asdict(quality) for quality in found_now.values()]
    assert as_json("status", "--collection", folder)["search"] == as_listed  # type: ignore[index]
    optimized = as_json("optimize", "--collection", folder)
    assert optimized == {"search": as_json("status", "--collection", folder)["search"]}  # type: ignore[index]
    for form in ("table", "jsonl", "csv"):
        result = run("optimize", "--collection", folder, "--format", form)
        assert (result.exit_code, result.stderr) == (0, "")
        assert "32" in result.stdout


@pytest.mark.parametrize("kind", VECTOR_KINDS)
def test_the_recall_that_is_shown_is_that_of_searches_between_the_collections_own_vectors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """Half of all there are as queries' ends, and many of them: what is found of the exact ten is as was said."""
    monkeypatch.setattr(spaces, "QUERIES", 60)
    folder = large_collection(tmp_path / "c", notes=120, files=1)
    quality = search_of(folder)[kind]
    with Reader(folder).snapshot() as snapshot:
        opened = snapshot.spaces[kind]
        assert not opened.is_exact
        keys = np.sort(opened.keys)
        vectors = opened.of(keys)
        rng, shares = np.random.default_rng(1), []
        for one, other in rng.choice(len(keys), (300, 2)):
            query = unit(vectors[one] + vectors[other])
            exact = keys[np.argsort(-(vectors @ query))[:10]]
            shares.append(np.isin(exact, opened.search_cells(query[None], 10, quality.probes or 0)[0]).mean())
    assert np.mean(shares) == pytest.approx(quality.recall, abs=0.02)


def test_optimizing_changes_nothing_that_is_found_however_often(tmp_path: Path) -> None:
    """Neither what there is nor how it is searched: nor is it the random names of files that decide."""
    folder = large_collection(tmp_path / "c", files=7)
    with Writer(folder) as writer:
        commit(writer, removed=["n3", "n17"])
    before = contents_of(folder)
    first = Collection(folder).optimize()
    once = contents_of(folder), [first], names_of_kinds(folder)
    second = Collection(folder).optimize()
    assert (contents_of(folder), [second], names_of_kinds(folder)) == once
    assert once[0] == before
    assert once[2] == ["note", "note-cells", "opening", "opening-cells", "sentence", "sentence-cells"]
    assert Collection(folder).status().search == second
    assert_whole(folder)


def found(snapshot: Snapshot, text: str, k: int = MANY) -> list[tuple[str | None, float]]:
    return [(hit.sentence, hit.score) for hit in nearest_sentences(snapshot, vector_of(text), k, Filter())]


def names_of_kinds(folder: Path) -> list[str]:
    return [kind for (kind,) in ask(folder, "SELECT kind FROM vector_files ORDER BY kind")]


def test_a_small_collection_stays_exact_when_it_is_optimized(tmp_path: Path) -> None:
    folder = collection_of(tmp_path / "c", *([item] for item in some_notes(12)))
    before = contents_of(folder)
    quality = (SearchQuality("sentence", 27), SearchQuality("note", 12), SearchQuality("opening", 12))
    assert Collection(folder).optimize() == quality
    assert contents_of(folder) == before
    assert_whole(folder)
    assert len(vector_paths(folder)) == 3, "all files are of one tier, and more than make a new one"


def test_optimizing_what_never_had_a_note_is_no_matter(tmp_path: Path) -> None:
    folder = collection_of(tmp_path / "c")
    assert [quality.rows for quality in Collection(folder).optimize()] == [0, 0, 0]
    assert_whole(folder)


def test_notes_that_are_all_alike_can_be_many(tmp_path: Path) -> None:
    """More cells than there are different vectors."""
    notes = [a_note(f"n{i}", f"Text {i % 3}.", f"Text {i % 3 + 1}.") for i in range(50)]
    folder = collection_of(tmp_path / "c", notes)
    with Writer(folder) as writer:
        writer.compact()
    assert is_large(folder) == {"sentence": False, "note": True, "opening": True}
    assert_whole(folder)
    assert_found(folder, vector_of("Text 1."), 1, 7, MANY)
    Collection(folder).optimize()
    assert_found(folder, vector_of("Text 1."), 1, 7, MANY)


def test_a_large_collection_that_loses_all_its_notes_can_be_filled_again(tmp_path: Path) -> None:
    folder = large_collection(tmp_path / "c")
    with Writer(folder) as writer:
        commit(writer, removed=sorted(contents_of(folder).notes))
    with Reader(folder).snapshot() as snapshot:
        assert found(snapshot, "Own 1.") == []
        assert notes_by_sentence(snapshot, vector_of("Own 1."), 5, Filter()) == []
    assert_whole(folder)
    Collection(folder).optimize()
    assert_whole(folder)
    with Reader(folder).snapshot() as snapshot:
        assert found(snapshot, "Own 1.") == []
    with Writer(folder) as writer:
        commit(writer, *some_notes(3))
    assert set(contents_of(folder).notes) == {"n0", "n1", "n2"}
    assert_whole(folder)
    assert_found(folder, vector_of("Own 1."), 1, MANY)


@pytest.mark.usefixtures("all_cells")
@pytest.mark.parametrize("left", [1, 2, 5, 10, 11, 12, 25, 41])
def test_a_large_collection_that_has_become_small_is_optimized_like_any_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left: int
) -> None:
    """Down to less than there are queries to measure with, or than the ten nearest that are looked for."""
    monkeypatch.setattr(spaces, "QUERIES", recall.QUERIES)
    folder = collection_of(tmp_path / "c", [a_note(f"n{i}", f"Own {i}.") for i in range(60)])
    with Writer(folder) as writer:
        writer.compact()
        commit(writer, removed=[f"n{i}" for i in range(left, 60)])
    assert is_large(folder) == {"sentence": True, "note": True, "opening": True}
    before = contents_of(folder)
    for _ in range(2):
        assert [quality.rows for quality in Collection(folder).optimize()] == [left, left, left]
        assert contents_of(folder) == before
        assert_whole(folder)
        assert_found(folder, vector_of("Own 0."), 1, 10, MANY)
    for how_many in (1, 3, 50):
        with Writer(folder) as writer:
            commit(writer, *some_notes(how_many, first=100 * how_many))
            writer.compact()
        Collection(folder).optimize()
    assert len(contents_of(folder).notes) == left + 54
    assert_whole(folder)
    assert_measured(folder)
    assert_found(folder, vector_of("Own 0."), 1, 10, MANY)


# Searching.


@pytest.fixture(scope="module")
def made_up(few_are_many: None) -> Iterator[tuple[Path, list[Place]]]:
    """A large collection of 150 notes with all that can be filtered by, a fifth of them deleted but not taken off."""
    dice = random.Random(11)
    pool = [random_sentence(dice) for _ in range(40)]
    written = [written_note(dice, number, pool) for number in range(150)]
    items = [segmented(record) for record, _ in written]
    gone = {f"note-{number:03}" for number in dice.sample(range(150), 30)}
    with folder_in_memory() as memory:
        folder = collection_of(memory / "c", items[:90])
        with Writer(folder) as writer:
            writer.compact()
            commit(writer, *items[90:120])
            commit(writer, *items[120:])
            commit(writer, removed=sorted(gone))
        assert is_large(folder) == {"sentence": True, "note": True, "opening": True}
        assert dead_keys(folder, "sentence")
        assert len(dead_keys(folder, "note")) == 30
        yield folder, [place for _, places in written for place in places if place.note_id not in gone]


def segmented(record: dict[str, Any]) -> ReadNote:
    moment = record["note_datetime"]
    note = Note(**{**record, "note_datetime": moment and datetime.fromisoformat(moment)})
    return read_note(note, note_digest(note))


# Whether what is nearest is looked at first, and whether what passes is read key by key.
WAYS = {
    "as it comes": (recall.DEPTHS, 3, 500),
    "the nearest first": ((MANY,), 0, 500),
    "the nearest first, in vain": ((1, 2, 3), 0, 0),
    "by key": ((), 3, 0),
    "through the lists": ((), 3, 10**9),
}


@pytest.mark.usefixtures("all_cells")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("level", ["sentence", "note", "similar"])
def test_with_any_filters_the_ranking_is_that_of_what_passes(
    made_up: tuple[Path, list[Place]], monkeypatch: pytest.MonkeyPatch, level: str, way: str
) -> None:
    depths, room, rows_per_key = WAYS[way]
    monkeypatch.setattr(Space, "depths", depths)
    monkeypatch.setattr(nearest, "ROOM", room)
    monkeypatch.setattr(space, "ROWS_PER_KEY_READ", rows_per_key)
    folder, places = made_up
    query = vector_of("a query")
    with Reader(folder).snapshot() as snapshot:
        of_sentences, of_notes = decoded(snapshot)
        scores = {text: float(row.astype(np.float64) @ query) for text, row in of_sentences.items()}
        for turn, choices in enumerate(random.Random(5).sample(COMBINATIONS, 20)):
            asked, passes = combined(choices)
            where = snapshot.catalog.spelt(make_filter(**asked))
            k = (3, MANY, 1, 12, 40)[turn % 5]
            if level == "similar":
                own = sorted(of_notes)[turn]
                passing = {place.note_id for place in places if passes(place)} - {own}
                expected = {one: float(of_notes[one] @ of_notes[own]) for one in passing}
                hits = similar_notes(snapshot, own, Likeness(k, where))
                assert_ranked([(hit.note_id, hit.score) for hit in hits], expected, k)
                continue
            assert_right_places(snapshot, level, query, k, where, scores, [p for p in places if passes(p)])


def assert_right_places(
    snapshot: Snapshot,
    level: str,
    query: FloatArray,
    k: int,
    where: Filter,
    scores: Mapping[str, float],
    passing: list[Place],
) -> None:
    """Check the hits for sentences, or for notes by their best, each with its first place and how many there are."""
    of_sentence: dict[str, list[Place]] = {}
    best: dict[str, float] = {}
    for place in passing:
        of_sentence.setdefault(place.sentence, []).append(place)
        best[place.note_id] = max(scores[place.sentence], best.get(place.note_id, -2))
    if level == "sentence":
        hits = nearest_sentences(snapshot, query, k, where)
        expected = {sentence: scores[sentence] for sentence in of_sentence}
        assert_ranked([(str(hit.sentence), hit.score) for hit in hits], expected, k)
    else:
        hits = notes_by_sentence(snapshot, query, k, where)
        assert_ranked([(hit.note_id, hit.score) for hit in hits], best, k)
    for hit in hits:
        own = [p for p in of_sentence[str(hit.sentence)] if level == "sentence" or p.note_id == hit.note_id]
        assert shown(hit) == own[0]
        assert hit.occurrences == len(of_sentence[str(hit.sentence)])


@pytest.mark.parametrize("way", WAYS)
def test_each_way_is_the_one_that_is_taken(
    made_up: tuple[Path, list[Place]], monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    depths, room, rows_per_key = WAYS[way]
    monkeypatch.setattr(Space, "depths", depths)
    monkeypatch.setattr(nearest, "ROOM", room)
    monkeypatch.setattr(space, "ROWS_PER_KEY_READ", rows_per_key)
    steps: list[str] = []
    for owner, name in ((Space, "search_cells"), (nearest.Nearest, "_among")):
        tell(monkeypatch, owner, name, steps)
    with Reader(made_up[0]).snapshot() as snapshot:
        hits = nearest_sentences(snapshot, vector_of("a query"), 4, Filter(note_type=("consult",)))
    assert len(hits) == 4
    expected = {
        "as it comes": ["search_cells"],
        "the nearest first": ["search_cells"],
        "the nearest first, in vain": [*["search_cells"] * 3, "_among"],
        "by key": ["_among"],
        "through the lists": ["_among", "search_cells"],
    }
    assert steps == expected[way]


def tell(patch: pytest.MonkeyPatch, owner: Any, name: str, steps: list[str]) -> None:
    """Have a method, or a property that is computed once, tell that it is asked."""
    work = owner.__dict__[name]
    if callable(work):

        def told(*given: Any, **options: Any) -> Any:
            steps.append(name)
            return work(*given, **options)

        patch.setattr(owner, name, told)
        return

    def asked(self: Any) -> Any:
        steps.append(name)
        return work.func(self)

    patch.setattr(owner, name, property(asked))


def test_a_filter_that_few_pass_is_not_looked_for_among_the_nearest(
    made_up: tuple[Path, list[Place]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where a share of the notes passes, three times as many as are wanted should pass of what is looked at."""
    folder, places = made_up
    steps: list[str] = []
    tell(monkeypatch, nearest.Nearest, "_among", steps)
    notes = {place.note_id: place for place in places}
    for patient in ("P1", "P3"):
        share = sum(place.patient_id == patient for place in notes.values()) / len(notes)
        for k in (1, 4, 30, 200):
            steps.clear()
            with Reader(folder).snapshot() as snapshot:
                nearest_sentences(snapshot, vector_of("a query"), k, Filter(patient_id=(patient,)))
            if max(recall.DEPTHS) * share < nearest.ROOM * k:
                assert steps == ["_among"]


@pytest.mark.parametrize("level", ["sentence", "note", "similar"])
def test_no_search_finds_what_does_not_pass_or_is_deleted_in_however_few_cells(
    made_up: tuple[Path, list[Place]], monkeypatch: pytest.MonkeyPatch, level: str
) -> None:
    folder, places = made_up
    search: dict[str, Callable[..., list[Any]]] = {"sentence": nearest_sentences, "note": notes_by_sentence}
    monkeypatch.setattr(CellCodec, "probes_for", lambda self, k: 1)
    for choices in random.Random(6).sample(COMBINATIONS, 12):
        asked, passes = combined(choices)
        with Reader(folder).snapshot() as snapshot:
            where = snapshot.catalog.spelt(make_filter(**asked))
            passing = [place for place in places if passes(place)]
            if level == "similar":
                hits = similar_notes(snapshot, places[0].note_id, Likeness(20, where))
                assert {hit.note_id for hit in hits} <= {place.note_id for place in passing} - {places[0].note_id}
            else:
                hits = search[level](snapshot, vector_of("another query"), 20, where)
                assert {shown(hit) for hit in hits} <= set(passing)


def test_where_all_that_is_near_is_deleted_the_next_nearest_are_found(tmp_path: Path) -> None:
    """As many as are wanted are given while there are as many, whatever the cells hold that are looked into first."""
    rng = np.random.default_rng(1)
    topics = unit(rng.normal(size=(12, HIDDEN_SIZE)))
    notes = [a_note(f"n{topic} {i}", f"Topic {topic}, {i}.") for topic in range(12) for i in range(12)]
    near = {
        item.sentences[0].digest: unit(topics[n // 12] + 0.1 * rng.normal(size=HIDDEN_SIZE))
        for n, item in enumerate(notes)
    }
    folder = collection_of(tmp_path / "c")
    with Writer(folder) as writer:
        writer.commit(replace(batch_of(writer, notes, []), vectors=near), terms_of)
        writer.compact()
    quality = search_of(folder)["sentence"]
    assert (quality.probes or 0) < (quality.cells or 0) / 2, "or all cells are looked into anyway"
    with Writer(folder) as writer:
        for topic in range(4):
            commit(writer, removed=[f"n{topic} {i}" for i in range(12)])
    with Reader(folder).snapshot() as snapshot:
        for topic in range(4):
            for k in (1, 5, 10):
                assert len(nearest_sentences(snapshot, topics[topic], k, Filter())) == k
                assert len(notes_by_sentence(snapshot, topics[topic], k, Filter())) == k


def lists_of(folder: Path, kind: str) -> list[Path]:
    names = ask(folder, f"SELECT name FROM vector_files WHERE kind = '{kind}'")
    return [folder / "vectors" / name for (name,) in names]


# Counts, and rows that are dead.


def words_of(text: str) -> TextWords:
    """Make up the words of a text: a pure function of it; of some texts no word is searched for, or none is cut up."""
    rng = np.random.default_rng(int.from_bytes(text_digest(text), "little"))
    lengths = rng.choice([-1, 1, 1, 2, 3], size=rng.integers(1, 5)).astype(np.int32)
    words, pieces = int((lengths > 0).sum()), int(lengths[lengths > 1].sum())
    token_ids = rng.integers(5, 100, size=np.abs(lengths).sum()).astype(np.uint32)
    rows = (unit(rng.normal(size=(size, HIDDEN_SIZE))) for size in (words, pieces))
    return TextWords(token_ids, lengths, *rows)


NO_WORDS: Mapping[str, TextWords] = MappingProxyType({})


def change(writer: Writer, notes: Mapping[str, tuple[str, ...] | None], *, has_words: bool) -> None:
    """Commit as the indexer does: new versions of notes, or none, and what is known of sentences new to it."""
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


OPERATIONS = ("change", "change", "change", "compact", "optimize", "scrub", "lose a file")


@pytest.mark.parametrize("has_words", [False, True])
@settings(max_examples=3, deadline=None)
@given(data=st.data())
def test_whatever_happens_everything_is_counted_and_what_is_dead_is_known(data: st.DataObject, has_words: bool) -> None:
    with folder_in_memory() as memory, pytest.MonkeyPatch.context() as patch:
        patch.setattr(eight_bits, "LEAST_ROWS", 16)
        patch.setattr(spaces, "GROWTH", 2)
        patch.setattr(spaces, "QUERIES", 5)
        teach_early(patch, rows=40)
        change_at_will(random.Random(data.draw(st.integers(0, 2**32 - 1), label="seed")), memory / "c", has_words)


def change_at_will(dice: random.Random, folder: Path, has_words: bool) -> None:
    """Make changes at random; after each compare with a dictionary, and count."""
    new_collection(folder, has_words=has_words)
    model: dict[str, tuple[str, ...]] = {}
    texts = [f"Text {number}." for number in range(60)]
    reader = Reader(folder)
    for _ in range(7):
        with Writer(folder) as writer:
            for operation in dice.choices(OPERATIONS, k=dice.randint(1, 2)):
                if operation == "change":
                    given = {f"n{number}" for number in dice.choices(range(30), k=dice.randint(0, 14))}
                    notes = {one: tuple(dice.choices(texts, k=dice.randint(0, 6))) for one in given}
                    gone = dice.sample(sorted(model), dice.randint(0, len(model) // 2))
                    change(writer, {**notes, **dict.fromkeys(gone)}, has_words=has_words)
                    model = {one: own for one, own in {**model, **notes}.items() if one not in gone}
                elif operation == "lose a file":
                    if paths := vector_paths(folder):
                        dice.choice(paths).unlink()
                        heal(writer, has_words=has_words)
                else:
                    getattr(writer, operation)()
        assert_whole(folder, may_hold_stray_files=True)
        assert_vectors(folder)
        with reader.snapshot() as snapshot:
            there = {text for own in model.values() for text in own}
            assert contents(snapshot).notes == model
            assert {text for text, _ in found(snapshot, "Text 0.")} == there
            assert {hit.note_id for hit in notes_by_sentence(snapshot, vector_of("Text 0."), MANY, Filter())} == {
                one for one, own in model.items() if own
            }
            if has_words:
                assert_words_found(snapshot, folder)


def assert_words_found(snapshot: Snapshot, folder: Path) -> None:
    """Check that a search through all words finds those in use and no others."""
    for kind in WORD_KINDS:
        keys, _ = snapshot.spaces[kind].search(vector_of("a word"), MANY)  # type: ignore[index]
        assert sorted(keys.tolist()) == live_keys(folder, kind)


@pytest.mark.usefixtures("all_cells")
def test_what_is_deleted_is_in_the_files_and_never_found(tmp_path: Path) -> None:
    folder = large_collection(tmp_path / "c")
    before = contents_of(folder)
    gone = ["n2", "n13", "n55", "n59"]
    with Writer(folder) as writer:
        commit(writer, removed=gone)
    own = [f"{name} {note_id[1:]}." for note_id in gone for name in ("Own", "Other")]
    assert set(dead_keys(folder, "sentence")) == {before.sentence_keys[text] for text in own}
    assert set(dead_keys(folder, "note")) == {before.keys[note_id] for note_id in gone}
    assert set(stored(folder, "sentence")) == set(before.sentence_keys.values())
    with Reader(folder).snapshot() as snapshot:
        assert snapshot.sentences.rows == len(before.sentences)
        for text in own:
            for k in (1, 10, MANY):
                assert not set(own) & {sentence for sentence, _ in found(snapshot, text, k)}
                hits = notes_by_sentence(snapshot, vector_of(text), k, Filter())
                assert not set(gone) & {hit.note_id for hit in hits}
            assert not set(gone) & {hit.note_id for hit in similar_notes(snapshot, "n1", Likeness(MANY))}
    assert_found(folder, vector_of("Own 2."), 1, 10, MANY)
    assert_whole(folder)


@pytest.mark.parametrize("how", ["optimize", "scrub"])
def test_what_is_deleted_leaves_the_disk_when_it_is_told_to(tmp_path: Path, how: str) -> None:
    notes = [a_note(f"n{i}", f"Secretword{i:02} is here.", f"Other {i}.", "Shared.") for i in range(60)]
    folder = collection_of(tmp_path / "c", notes)
    with Writer(folder) as writer:
        writer.compact()
    codes = codes_of(folder, "sentence") | codes_of(folder, "note")
    before = contents_of(folder)
    gone = ["n4", "n7", "n58"]
    assert Collection(folder).delete(gone) == 3
    assert Collection(folder).status().has_remains
    dead = [before.sentence_keys[f"Secretword{int(note_id[1:]):02} is here."] for note_id in gone]
    held = {key: codes["sentence", key] for key in dead} | {
        key: codes["note", before.keys[one]] for key, one in zip(count(-9), gone, strict=False)
    }
    assert all(any(code in path.read_bytes() for path in files_of(folder)) for code in held.values())
    with Writer(folder) as writer:
        getattr(writer, how)()
    assert not Collection(folder).status().has_remains
    for note_id in gone:
        assert holders(folder, f"Secretword{int(note_id[1:]):02}") == []
    assert holders(folder, "Secretword05") == ["catalog.db"]
    assert [key for key, code in held.items() if any(code in path.read_bytes() for path in files_of(folder))] == []
    assert (dead_keys(folder, "sentence"), dead_keys(folder, "note")) == ([], [])
    after = contents_of(folder)
    assert after.sentences == {text: row for text, row in before.sentences.items() if text in after.sentences}
    assert len(after.sentences) == len(before.sentences) - 6
    assert_whole(folder)


def codes_of(folder: Path, kind: str) -> dict[tuple[str, int], bytes]:
    """Return the code of each key, as its bytes stand in a file."""
    rows = {}
    for path in lists_of(folder, kind):
        keys, codes = codes_in(path)
        rows |= {(kind, key): code.tobytes() for key, code in zip(keys.tolist(), codes, strict=True)}
    return rows


@pytest.mark.parametrize("left", [50, 20])
def test_no_centre_of_a_cell_is_what_was_deleted_once_that_is_taken_off(tmp_path: Path, left: int) -> None:
    """A cell may hold a single vector, and its centre then is that vector; also where too few are left for cells."""
    folder = collection_of(tmp_path / "c", [a_note(f"n{i}", f"Own {i}.") for i in range(60)])
    with Writer(folder) as writer:
        writer.compact()
    gone = [f"n{i}" for i in range(left, 60)]
    deleted = np.array([vector_of(f"Own {note_id[1:]}.") for note_id in gone])
    assert (deleted @ centres_of(folder).T).max() > 0.9999, "or this would test nothing"
    Collection(folder).delete(gone)
    Collection(folder).optimize()
    assert len(contents_of(folder).sentences) == left
    if is_large(folder)["sentence"]:
        assert (deleted @ centres_of(folder).T).max() < 0.9999


def centres_of(folder: Path) -> FloatArray:
    its_cells = the_cells(folder, "sentence")
    centres: FloatArray = faiss.downcast_index(its_cells.quantizer).reconstruct_n(0, its_cells.nlist)
    return centres


def test_the_command_that_deletes_says_when_the_text_leaves_the_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = large_collection(tmp_path / "c")
    told = "Deleted 2 notes. Their text leaves the disk with `clinsearch optimize`.\n"
    assert run("delete", "n1", "n2", "--collection", folder).stdout == told
    assert as_json("delete", "n3", "--collection", folder) == {"deleted": 1, "has_remains": True}
    assert "clinsearch optimize" in run("status", "--collection", folder).stdout
    assert as_json("status", "--collection", folder)["has_remains"] is True  # type: ignore[index]
    assert run("optimize", "--collection", folder).exit_code == 0
    assert "clinsearch optimize" not in run("status", "--collection", folder).stdout
    monkeypatch.setattr(commits, "SCRUBBED_AT_ONCE_BYTES", 32 << 20)
    assert run("delete", "n4", "--collection", folder).stdout == "Deleted 1 notes.\n"
    assert_whole(folder)


def test_deleting_in_a_large_collection_writes_no_vectors(tmp_path: Path) -> None:
    folder = large_collection(tmp_path / "c")
    before = [(path, path.stat().st_mtime_ns) for path in vector_paths(folder)]
    Collection(folder).delete(["n1", "n50"])
    assert [(path, path.stat().st_mtime_ns) for path in vector_paths(folder)] == before


def test_where_much_is_dead_compaction_takes_it_off(tmp_path: Path) -> None:
    folder = large_collection(tmp_path / "c")
    with Writer(folder) as writer:
        commit(writer, removed=[f"n{number}" for number in range(5, 35)])
    before = contents_of(folder)
    assert dead_keys(folder, "sentence")
    with Writer(folder) as writer:
        writer.compact()
    assert (dead_keys(folder, "sentence"), dead_keys(folder, "note")) == ([], [])
    assert contents_of(folder) == before
    assert_whole(folder)


# Stops.


def optimize_until(owner: Any, name: str, when: str, number: int, folder: Path) -> int:
    """Optimize, and be stopped before or after a function's call of this number; return how often it was called."""
    work, calls = getattr(owner, name), []

    def stopped(*given: Any, **options: Any) -> Any:
        calls.append(name)
        call = len(calls)
        if (call, when) == (number, "before"):
            raise KeyboardInterrupt
        result = work(*given, **options)
        if (call, when) == (number, "after"):
            raise KeyboardInterrupt
        return result

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(owner, name, stopped)
        Collection(folder).optimize()
    return len(calls)


STEPS: list[tuple[Any, str]] = [
    (eight_bits, "_centres"),
    (EightBits, "write_all"),
    (EightBits, "merge"),
    (spaces, "measured_probes"),
    (vectors, "insert_vector_file"),
    (vectors, "delete_vector_files"),
    (changes, "mark_remains"),
    (Path, "rename"),
    (Path, "unlink"),
    (DefaultDialect, "do_commit"),
]


@dataclass(frozen=True)
class Unfinished:
    """A collection to be optimized: what it holds before and after, and by kind the rows and cells that it has then."""

    folder: Path
    before: Contents
    after: Contents
    sizes: dict[str, set[tuple[int, int | None]]]


@pytest.fixture(scope="module", params=["first", "again"])
def unfinished(request: pytest.FixtureRequest, few_are_many: None) -> Iterator[Unfinished]:
    """A collection with deleted notes that is to be optimized for the first time, or again."""
    with folder_in_memory() as memory:
        folder = memory / "c"
        if request.param == "first":
            collection_of(folder, *(some_notes(20, first=first) for first in (0, 20, 40)))
        else:
            large_collection(folder)
        with Writer(folder) as writer:
            commit(writer, removed=["n7", "n30"])
        done = Path(shutil.copytree(folder, memory / "done"))
        Collection(done).optimize()
        sizes = {
            kind: {(search_of(c)[kind].rows, search_of(c)[kind].cells) for c in (folder, done)} for kind in VECTOR_KINDS
        }
        yield Unfinished(folder, contents_of(folder), contents_of(done), sizes)


@pytest.mark.parametrize(("owner", "name"), STEPS, ids=[name for _, name in STEPS])
def test_an_optimization_that_is_stopped_at_any_step_has_changed_nothing_that_is_found(
    tmp_path: Path, unfinished: Unfinished, owner: Any, name: str
) -> None:
    before, after = unfinished.before, unfinished.after
    times = optimize_until(owner, name, "never", 0, Path(shutil.copytree(unfinished.folder, tmp_path / "counted")))
    assert times or name == "merge", "a step that is never taken tests nothing"
    # In the middle of a first time, at the end of another: each moment has its neighbours in those of other steps.
    number, when = (times // 2 + 1, "before") if unfinished.before != after else (times, "after")
    if not times:
        return
    folder = Path(shutil.copytree(unfinished.folder, tmp_path / "c"))
    with pytest.raises(KeyboardInterrupt):
        optimize_until(owner, name, when, number, folder)
    there = contents_of(folder)
    assert there.notes == before.notes
    assert (there.keys, there.sentence_keys) == (before.keys, before.sentence_keys)
    assert there.sentences in (before.sentences, after.sentences), "all codes or none"
    assert there.note_vectors in (before.note_vectors, after.note_vectors)
    for kind, quality in search_of(folder).items():
        assert (quality.rows, quality.cells) in unfinished.sizes[kind]
    assert_whole(folder, may_hold_stray_files=True)
    Collection(folder).optimize()
    assert contents_of(folder) == after
    assert not Collection(folder).status().has_remains
    assert_measured(folder)
    assert_whole(folder)


@pytest.mark.parametrize("number", [1, 4])
@pytest.mark.parametrize(
    ("owner", "name"), [(Path, "rename"), (os, "fsync"), (os, "open")], ids=["name", "flush", "open"]
)
def test_an_optimization_on_a_disk_that_takes_no_more_is_one_line_and_nothing_is_lost(
    tmp_path: Path, unfinished: Unfinished, owner: Any, name: str, number: int
) -> None:
    folder, calls = Path(shutil.copytree(unfinished.folder, tmp_path / "c")), []

    def in_vain(write: Callable[..., Any]) -> Callable[..., Any]:
        def write_in_vain(*given: Any, **options: Any) -> Any:
            calls.append(given)
            with pytest.MonkeyPatch.context() as patch:
                if len(calls) == number:
                    patch.setattr(owner, name, full)
                return write(*given, **options)

        return write_in_vain

    def full(*given: Any, **options: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    with pytest.MonkeyPatch.context() as patch:
        for module in (vector_files, inverted_lists):
            patch.setattr(module, "write_file", in_vain(module.write_file))
        with pytest.raises(CollectionError, match="cannot be written") as caught:
            Collection(folder).optimize()
    assert "\n" not in str(caught.value)
    there = contents_of(folder)
    assert there.notes == unfinished.before.notes
    assert there.sentences in (unfinished.before.sentences, unfinished.after.sentences)
    assert_whole(folder, may_hold_stray_files=True)
    Collection(folder).optimize()
    assert contents_of(folder) == unfinished.after


# Readers beside a writer.


@pytest.mark.usefixtures("no_wait_for_readers")
def test_a_snapshot_stays_as_it_is_while_a_collection_is_optimized(tmp_path: Path, unfinished: Unfinished) -> None:
    folder = Path(shutil.copytree(unfinished.folder, tmp_path / "c"))
    reader = Reader(folder)
    with reader.snapshot() as snapshot:
        before, hits = contents(snapshot), found(snapshot, "Own 4.")
        Collection(folder).optimize()
        assert contents(snapshot) == before
        assert found(snapshot, "Own 4.") == hits
        with reader.snapshot() as later:
            assert contents(later) == unfinished.after
        Collection(folder).delete(["n4"])
        Collection(folder).optimize()
        assert contents(snapshot) == before
        assert found(snapshot, "Own 4.") == hits
    with reader.snapshot() as snapshot:
        assert "n4" not in contents(snapshot).notes
        assert "Own 4." not in dict(found(snapshot, "Own 4."))


@pytest.mark.usefixtures("no_wait_for_readers")
@pytest.mark.parametrize("step", ["read_codec", "Space"])
def test_cells_made_anew_between_two_steps_of_a_reader_are_no_damage(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    folder = large_collection(tmp_path / "c")
    before, work, calls = contents_of(folder), getattr(snapshots, step), []

    def late(*given: Any) -> Any:
        calls.append(step)
        if len(calls) <= 2:
            Collection(folder).optimize()
        return work(*given)

    monkeypatch.setattr(snapshots, step, late)
    with Reader(folder).snapshot() as snapshot:
        assert contents(snapshot) == before
    assert len(calls) > 3


def test_a_reader_that_stays_open_sees_each_state_of_a_growing_collection(tmp_path: Path) -> None:
    folder = collection_of(tmp_path / "c", some_notes(5))
    reader = Reader(folder)
    for number in range(5, 60, 5):
        with Writer(folder) as writer:
            commit(writer, *some_notes(5, first=number), removed=[f"n{number - 5}"])
            writer.compact()
            if number % 20 == 0:
                writer.optimize()
        with reader.snapshot() as snapshot, Reader(folder).snapshot() as anew:
            assert contents(snapshot) == contents(anew)
            assert found(snapshot, "Own 3.") == found(anew, "Own 3.")
            assert snapshot.sentences.is_exact == anew.sentences.is_exact == (not is_large(folder)["sentence"])


# Damage.


@pytest.fixture(scope="module")
def indexed_once(few_are_many: None, tiny_model: Path) -> Iterator[Path]:
    """Notes and their collection, large, made with a model that can make its vectors again."""
    with folder_in_memory() as memory:
        (memory / "notes").mkdir()
        for number in range(45):
            words = " ".join(WORDS[number % 40 : number % 40 + 4])
            text = f"HISTORY:\n{words.capitalize()} {number}. Patient is stable.\nPLAN:\nFever {number // 2}.\n"
            (memory / "notes" / f"n{number:02}.txt").write_text(text, encoding="utf-8")
        half = memory / "half"
        half.mkdir()
        for path in sorted((memory / "notes").iterdir())[:42]:
            shutil.copy(path, half)
        index(half, memory / "c", model=str(tiny_model), tokens=False)
        index(memory / "notes", memory / "c")
        yield memory


@pytest.fixture
def indexed(tmp_path: Path, indexed_once: Path) -> Path:
    folder = Path(shutil.copytree(indexed_once / "c", tmp_path / "c"))
    assert is_large(folder) == {"sentence": True, "note": True, "opening": True}
    assert len(lists_of(folder, "sentence")) == len(lists_of(folder, "note")) == 2
    return folder


def flip_a_bit(path: Path) -> None:
    """Flip a bit in the middle, among centres or codes."""
    content = bytearray(path.read_bytes())
    content[len(content) // 2] ^= 0x40
    path.write_bytes(bytes(content))


def harm_one(folder: Path, kind: str, harm: Callable[[Path], None]) -> Path:
    names = ask(folder, f"SELECT name FROM vector_files WHERE kind = '{kind}' ORDER BY rows DESC")
    path = folder / "vectors" / names[0][0]
    harm(path)
    return path


def near(now: Contents, then: Contents) -> None:
    """Check that two collections hold the same, with vectors that are as near as codes are."""
    assert now.notes == then.notes
    assert (now.keys, now.sentence_keys) == (then.keys, then.sentence_keys)
    for rows, others in ((now.sentences, then.sentences), (now.note_vectors, then.note_vectors)):
        assert rows.keys() == others.keys()
        for name, row in rows.items():
            np.testing.assert_allclose(np.frombuffer(row, "f4"), np.frombuffer(others[name], "f4"), atol=0.02)


KINDS_OF_FILES = ["sentence", "note", "sentence-cells", "note-cells"]


@pytest.mark.parametrize("kind", KINDS_OF_FILES)
@pytest.mark.parametrize("harm", [flip_a_bit, Path.unlink])
def test_repair_makes_lost_and_damaged_files_again(indexed: Path, kind: str, harm: Callable[[Path], None]) -> None:
    before = contents_of(indexed)
    rows = dict(ask(indexed, "SELECT name, rows FROM vector_files"))
    path = harm_one(indexed, kind, harm)
    lost = {"sentence": rows[path.name], "sentence-cells": len(before.sentences)}.get(kind, 0)
    assert Collection(indexed).repair() == lost
    near(contents_of(indexed), before)
    assert Collection(indexed).repair() == 0
    assert len(Collection(indexed).search("fever", MANY)) == len(before.sentences)
    assert len(Collection(indexed).similar("n03", MANY)) == len(before.notes) - 1
    Collection(indexed).optimize()
    assert is_large(indexed) == {"sentence": True, "note": True, "opening": True}
    near(contents_of(indexed), before)
    assert_whole(indexed)


@pytest.mark.parametrize("kind", KINDS_OF_FILES)
def test_after_a_repair_status_says_how_search_is_then(indexed: Path, kind: str) -> None:
    """What was measured of cells that are lost is of none."""
    harm_one(indexed, kind, Path.unlink)
    Collection(indexed).repair()
    for level, is_in_cells in is_large(indexed).items():
        assert (search_of(indexed)[level].cells is not None) == is_in_cells
    assert_measured(indexed)
    assert_whole(indexed, may_hold_stray_files=True)


@pytest.mark.parametrize("kind", KINDS_OF_FILES)
@pytest.mark.parametrize("harm", [truncate, overwrite, Path.unlink])
def test_a_search_in_damaged_files_is_one_line_that_names_the_remedy(
    indexed: Path, kind: str, harm: Callable[[Path], None]
) -> None:
    harm_one(indexed, kind, harm)
    for command in (
        ["search", "fever"],
        ["similar", "n03"],
        ["search", "fever", "--section", "plan"],
        ["similar", "n05"],
    ):
        line = refused(*command, "--collection", indexed)
        assert "clinsearch repair" in line
    if kind.endswith("cells") or harm is not overwrite:
        assert "clinsearch repair" in refused("optimize", "--collection", indexed)
    assert run("status", "--collection", indexed).exit_code == 0


@pytest.mark.parametrize("kind", KINDS_OF_FILES)
@pytest.mark.parametrize("harm", [truncate, Path.unlink])
def test_indexing_heals_missing_and_truncated_files_by_itself(
    indexed: Path, indexed_once: Path, kind: str, harm: Callable[[Path], None]
) -> None:
    before = contents_of(indexed)
    harm_one(indexed, kind, harm)
    assert index(indexed_once / "notes", indexed).unchanged == 45
    near(contents_of(indexed), before)
    assert is_large(indexed) == {"sentence": True, "note": True, "opening": True}
    assert_whole(indexed)


@pytest.mark.parametrize("kind", KINDS_OF_FILES)
def test_a_repair_that_is_stopped_leaves_no_search_with_silent_gaps(indexed: Path, kind: str) -> None:
    """After its first step, which takes what is lost out of the collection."""
    before = contents_of(indexed)
    harm_one(indexed, kind, Path.unlink)
    with Writer(indexed) as writer:
        writer.forget_damaged_vectors(check_content=False)
    for command in (["search", "fever"], ["similar", "n03"]):
        assert "clinsearch repair" in refused(*command, "--collection", indexed)
    Collection(indexed).repair()
    near(contents_of(indexed), before)
    assert_whole(indexed)


def test_what_was_deleted_does_not_come_back_with_a_repair(indexed: Path, indexed_once: Path) -> None:
    """Dead rows are lost with a file and with the cells, and nothing counts on them."""
    Collection(indexed).delete(["n03", "n10"])
    there = contents_of(indexed)
    for kind in KINDS_OF_FILES:
        harm_one(indexed, kind, Path.unlink)
        Collection(indexed).repair()
        near(contents_of(indexed), there)
        assert_counted(indexed)
    assert {hit.note_id for hit in Collection(indexed).similar("n04", MANY)} == there.notes.keys() - {"n04"}
    Collection(indexed).optimize()
    assert_whole(indexed)


@pytest.mark.parametrize("kind", VECTOR_KINDS)
@pytest.mark.parametrize("what", ["a code", "the key of a code", "a key", "a place"])
def test_a_flipped_bit_in_the_lists_is_an_answer_or_one_line(tmp_path: Path, kind: str, what: str) -> None:
    """Content is checked by `repair` alone: a search may find the wrong, but it does not end in a traceback."""
    folder = large_collection(tmp_path / "c", notes=FEW, files=1)
    (path,), ends = lists_of(folder, kind), set()
    content, rows = path.read_bytes(), len(live_keys(folder, kind))
    # Behind FAISS's lists, each the codes of its rows and their keys, stand all keys, places of codes, and halves.
    lists = len(content) - rows * (16 + HIDDEN_SIZE // 8)
    keys, places = lists, lists + 8 * rows
    first = {
        "a code": lists - rows * (HIDDEN_SIZE + 8),
        "the key of a code": lists - 8,
        "a key": keys,
        "a place": places,
    }[what]
    for place in (first, first + 1, first + 7):
        for bit in (0, 7):
            flipped = bytearray(content)
            flipped[place] ^= 1 << bit
            path.write_bytes(bytes(flipped))
            ends.add(end_of_looking(folder))
    assert ends <= {None, "one line"}


def end_of_looking(folder: Path) -> str | None:
    """Search in every way; return how that ended, if not well."""
    try:
        with Reader(folder).snapshot() as snapshot:
            nearest_sentences(snapshot, vector_of("a query"), MANY, Filter())
            nearest_sentences(snapshot, vector_of("a query"), 3, Filter(section=("plan",)))
            notes_by_sentence(snapshot, vector_of("a query"), 10, Filter())
            similar_notes(snapshot, "n3", Likeness(MANY))
            similar_notes(snapshot, "n0", Likeness(MANY))
            project(snapshot, "sentence", method="pca", most=MANY, where=Filter())
    except ClinsearchError as error:
        return "one line" if "\n" not in str(error) else "lines"
    except Exception as error:
        return type(error).__name__
    return None


# Collections of before.


def as_of_0002(folder: Path) -> None:
    """Make a collection one of before there were counts: without them, and without any notion of dead rows."""
    with closing(sqlite3.connect(folder / "catalog.db")) as catalog, catalog:
        for table in (*KEYWORD_TABLES, "assertions", "corrections", "counts", "dead_rows", "probes", "text_lengths"):
            catalog.execute(f"DROP TABLE {table}")
        for column in ("correction", "language"):
            catalog.execute(f"ALTER TABLE collection DROP COLUMN {column}")
        catalog.execute("DROP INDEX ix_sentences_gist")
        for column in ("gist", "heading"):
            catalog.execute(f"ALTER TABLE sentences DROP COLUMN {column}")
        catalog.execute("DELETE FROM vector_files WHERE kind LIKE 'opening%'")
        catalog.execute("UPDATE alembic_version SET version_num = '0002'")


@pytest.fixture(scope="module")
def older_once(few_are_many: None, indexed_once: Path, tiny_model: Path) -> Path:
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(eight_bits, "LEAST_ROWS", 10**9)
        index(indexed_once / "half", indexed_once / "older", model=str(tiny_model))
    return indexed_once / "older"


@pytest.fixture
def older(tmp_path: Path, older_once: Path) -> Path:
    """A collection with words, of before, but for what `as_of_0002` does to it."""
    return Path(shutil.copytree(older_once, tmp_path / "older"))


DELETED = ["n05", "n11", "n40"]


def delete_some(folder: Path, *, is_stopped: bool) -> None:
    """Delete notes as it was done before: at once off the disk too, unless the process was stopped in between."""
    with Writer(folder) as writer:
        writer.commit(Batch(removed=keys_of(writer, DELETED)), terms_of)
        if not is_stopped:
            writer.scrub()


@pytest.mark.parametrize("deletion", ["none", "whole", "stopped"])
def test_a_collection_of_before_is_brought_up_to_date_by_index_and_left_alone_by_all_else(
    older: Path, indexed_once: Path, tmp_path: Path, deletion: str
) -> None:
    if deletion != "none":
        delete_some(older, is_stopped=deletion == "stopped")
    before = contents_of(older)
    as_of_0002(older)
    opened = Collection(older)
    for command in (lambda: opened.search("fever"), lambda: opened.delete(["n20"]), opened.optimize, opened.repair):
        with pytest.raises(CollectionVersion, match="clinsearch index"):
            command()
    notes = Path(shutil.copytree(indexed_once / "notes", tmp_path / "notes"))
    for note_id in DELETED if deletion != "none" else []:
        (notes / f"{note_id}.txt").unlink()
    index(notes, older)
    there = contents_of(older)
    assert there.notes.keys() == before.notes.keys() | {f"n{number}" for number in (42, 43, 44)}
    assert_whole(older)
    hits = Collection(older).search("fever", MANY, mode="vector")
    assert {hit.sentence for hit in hits} == set(there.sentences)
    assert {hit.sentence for hit in Collection(older).search("fever", MANY, mode="keyword")} == {
        text for text in there.sentences if "fever" in terms_of(text)
    }
    assert Collection(older).search("fever", 3, level="note")
    with Reader(older).snapshot() as snapshot:
        keys = snapshot.catalog.all_keys("sentence").tolist()
        assert all(TextCatalog(snapshot.catalog.connection).gists(keys).values())
    assert not any(hit.note_id in DELETED for hit in hits if deletion != "none")
    assert {hit.note_id for hit in Collection(older).search_tokens("a [fever]", MANY)} <= there.notes.keys()
    assert is_large(older)["sentence"]
    Collection(older).optimize()
    assert not Collection(older).status().has_remains
    assert (dead_keys(older, "sentence"), dead_keys(older, "word")) == ([], [])
    assert sorted(stored(older, "sentence")) == live_keys(older, "sentence")


def test_a_collection_of_before_without_words_or_notes_is_brought_up_to_date(tmp_path: Path) -> None:
    for number, commits_of_it in enumerate(([], [some_notes(3)], [[a_note("bare"), a_note("b", "Two.", "Two.")]])):
        folder = collection_of(tmp_path / str(number), *commits_of_it)
        before = contents_of(folder)
        as_of_0002(folder)
        with Writer(folder, create=True) as writer:
            writer.read_anew(read_note, read_sentences)
            assert not len(writer.incomplete_sentences())
            writer.restore_note_vectors()
            complete_openings(writer)
        there = contents_of(folder)
        assert (there.notes, there.sentences) == (before.notes, before.sentences)
        assert_whole(folder)
        with Writer(folder) as writer:
            commit(writer, *some_notes(50, first=100))
            writer.compact()
        assert is_large(folder)["sentence"]
        assert_whole(folder)
        assert_vectors(folder)
