"""What becomes of a collection is the same in both storages: runs over changed files, words, corrections, repair."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import psycopg
import pytest

import clinsearch
from clinsearch.collection import Collection
from clinsearch.errors import CollectionVersion
from clinsearch.records.saved_searches import SearchRequest
from clinsearch.saved_searches import SavedSearches
from tests.support.alike import HALF, assert_alike
from tests.support.indexed import write_text
from tests.support.kept_twice import Pair, both, vectors_of_halves

NOTES = {
    "a": ["Patient denies fever and chills.", "The wound was stable at night.", "A1c was 9.4%."],
    "b": ["Mild edema on the left was stable.", "Patient denies fever and chills."],
    "c": ["The heart was clear on the right.", "Needs three pillows to sleep at night."],
    "d": ["Chest pain and cough.", "No chest pain at home.", "Patient denies fever and chills."],
}


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    for note_id, sentences in NOTES.items():
        write_text(tmp_path / "notes" / f"{note_id}.txt", sentences, patient_id=f"P-{note_id}", note_type="progress")
    return tmp_path / "notes"


@pytest.fixture
def twice(postgres_database: str, tiny_model: Path, tmp_path: Path, notes: Path) -> Iterator[Pair]:
    """The notes in both, of numbers in half precision."""
    with vectors_of_halves():
        pair = Pair(tmp_path / "collection", postgres_database, str(tiny_model))
        pair.index(notes)
        yield pair


def assert_the_same(pair: Pair, within: float = 1e-5) -> None:
    """Assert that both tell the same of all that there is."""
    collections = pair.collections
    both(collections, lambda c: c.search("fever at night", 100), within)
    both(collections, lambda c: c.search("fever at night", 100, level="note"), within)
    both(collections, lambda c: c.search_tokens("[fever] at night", 100), within)
    both(collections, lambda c: c.similar("a", 100), within)
    both(collections, lambda c: list(c.whole_notes()))
    both(collections, lambda c: c.notes(sort="id"))
    one, other = (c.status() for c in collections)
    for name in ("notes", "sentences", "occurrences", "note_types", "corrected_on"):
        assert_alike(getattr(one, name), getattr(other, name), at=name)
    assert [(q.vectors, q.rows) for q in one.search] == [(q.vectors, q.rows) for q in other.search]


def test_runs_over_files_that_change_do_the_same(twice: Pair, notes: Path) -> None:
    assert twice.index(notes).unchanged == 4
    write_text(notes / "a.txt", ["The wound was clear.", "A1c was 6.1%."], patient_id="P-a")
    write_text(notes / "b.txt", NOTES["b"], patient_id="P-other", note_type="consult")
    (notes / "c.txt").rename(notes / "moved.txt")
    (notes / "d.txt").unlink()
    write_text(notes / "e.txt", ["Short of breath lying flat."])
    report = twice.index(notes)
    assert (report.missing, report.changed, report.renamed) == (1, 2, 1)
    assert_the_same(twice)
    assert twice.index(notes, delete_missing=True).deleted == 1
    write_text(notes / "d.txt", NOTES["d"])
    assert twice.index(notes).new == 1
    assert_the_same(twice)
    for collection in twice.collections:
        assert collection.delete(["b", "d"]) == 2
    assert_the_same(twice)
    both(twice.collections, lambda c: c.delete(["a", "no such note"]))
    assert_the_same(twice)


def test_words_are_kept_or_not(twice: Pair, notes: Path) -> None:
    twice.index(notes, tokens=False)
    assert_the_same(twice)
    twice.index(notes)
    assert_the_same(twice)
    assert twice.index(notes, tokens=True).sentences_encoded > 0
    assert_the_same(twice)


def test_vectors_are_corrected_or_not(twice: Pair, notes: Path) -> None:
    twice.index(notes, correction=True)
    assert_the_same(twice, HALF)
    twice.index(notes, correction=False)
    assert_the_same(twice)


def test_a_collection_that_was_read_by_other_rules_is_read_anew(twice: Pair, notes: Path) -> None:
    change = "UPDATE {}collection SET language = 'other'"
    (twice.folder / "catalog.seal").unlink(missing_ok=True)
    with closing(sqlite3.connect(twice.folder / "catalog.db")) as catalog, catalog:
        catalog.execute(change.format(""))
    with psycopg.connect(twice.dsn) as connection:
        connection.execute(change.format("clinsearch."))  # type: ignore[arg-type]
    for location in (twice.folder, twice.dsn):
        with pytest.raises(CollectionVersion, match="Bring it up to date with `clinsearch index` on its notes"):
            clinsearch.open(location).search("fever")
    assert twice.index(notes).unchanged == 4
    assert_the_same(twice)


@pytest.mark.drawn(2)
@pytest.mark.parametrize(
    "damage",
    [
        "DELETE FROM clinsearch.sentence_vectors WHERE key % 2 = 0",
        "DELETE FROM clinsearch.note_vectors",
        "DELETE FROM clinsearch.opening_vectors WHERE key = 1",
        "DELETE FROM clinsearch.word_blocks",
        "DELETE FROM clinsearch.sentence_words WHERE sentence = 1",
        "UPDATE clinsearch.sentences SET text = 'Nobody wrote this.' WHERE key = 2",
    ],
)
def test_what_is_missing_is_made_again(twice: Pair, damage: str) -> None:
    with psycopg.connect(twice.dsn) as connection:
        assert connection.execute(damage).rowcount > 0  # type: ignore[call-overload]
    clinsearch.open(twice.dsn).repair()
    assert_the_same(twice)
    assert clinsearch.open(twice.dsn).repair() == 0


def test_what_is_deleted_leaves_the_disk(twice: Pair) -> None:
    for collection in twice.collections:
        collection.delete(["a"])
        collection.optimize()
        assert not collection.status().has_remains
    assert_the_same(twice)


def test_a_saved_search_finds_what_is_new(twice: Pair, notes: Path) -> None:
    request = SearchRequest("fever at night", 5, options={"note_type": ["progress"]})

    def saved_run(collection: Collection, new: bool = False) -> object:
        searches = SavedSearches(collection)
        run = searches.run("nights", new=new) if new else searches.begin("nights", request)
        searches.keep(run)
        return searches.names(), list(run.results)

    both(twice.collections, saved_run)
    assert both(twice.collections, lambda c: saved_run(c, new=True)) == (["nights"], [])
    write_text(notes / "e.txt", ["Fever at night.", "Patient denies fever and chills."], note_type="progress")
    twice.index(notes)
    _, found = both(twice.collections, lambda c: saved_run(c, new=True))
    assert {hit.note_id for hit in found} == {"e"}
    both(twice.collections, lambda c: SavedSearches(c).get("other"))
    both(twice.collections, lambda c: SavedSearches(c).delete("nights"))
    both(twice.collections, lambda c: SavedSearches(c).names())


def test_the_last_search_is_remembered(twice: Pair) -> None:
    both(twice.collections, lambda c: c.remembered(1))
    for collection in twice.collections:
        collection.remember("fever", collection.search("fever", 3))
    both(twice.collections, lambda c: [c.remembered(number) for number in (1, 3)])
    both(twice.collections, lambda c: c.remembered(4))
    both(twice.collections, lambda c: list(c.found_notes()))
    for collection in twice.collections:
        collection.delete(["a"])
    both(twice.collections, lambda c: c.remembered(1))
