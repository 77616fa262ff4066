"""Collections become large by themselves, are searched as exactly as they say, and may become small again."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import numpy as np
import pytest

from clinsearch import Collection, index
from clinsearch.encoder.pooling import unit
from clinsearch.records import Filter, SearchQuality
from clinsearch.storage.folder.snapshots import Reader
from clinsearch.storage.folder.spaces import recall
from clinsearch.storage.folder.spaces import writer as spaces
from clinsearch.storage.folder.spaces.codecs.eight_bits import cells_wanted
from clinsearch.storage.folder.spaces.recall import TARGET
from clinsearch.storage.folder.writer import Writer
from tests.conftest import WORDS
from tests.support.collections import (
    a_note,
    collection_of,
    commit,
    contents_of,
    found,
    notes_by_sentence,
    path_in_memory,
    vector_of,
    vector_paths,
)
from tests.support.command_line import as_json, run
from tests.support.large_collections import FEW, MANY, assert_found, is_large, large_collection, search_of, some_notes
from tests.support.stored_vectors import VECTOR_KINDS, assert_measured, assert_vectors, assert_whole, the_cells
from tests.support.word_files import ask

pytestmark = pytest.mark.usefixtures("few_are_many")

tmp_path = path_in_memory


@pytest.mark.usefixtures("all_cells")
def test_vectors_are_sorted_into_cells_once_there_are_enough_and_again_when_they_have_grown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Sentences and notes each at their own number of rows, and nothing that was there changes."""
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


def test_the_indexer_sorts_a_collection_into_cells_once_it_is_large(tmp_path: Path, tiny_model: Path) -> None:
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


def test_status_says_how_many_cells_are_searched_and_with_what_recall(tmp_path: Path) -> None:
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
    assert as_json("status", "--collection", folder)["search"] == as_listed
    optimized = as_json("optimize", "--collection", folder)
    assert optimized == {"search": as_json("status", "--collection", folder)["search"], "has_remains": False}
    for form in ("table", "jsonl", "csv"):
        result = run("optimize", "--collection", folder, "--format", form)
        assert (result.exit_code, result.stderr) == (0, "")
        assert "32" in result.stdout


@pytest.mark.parametrize("kind", VECTOR_KINDS)
def test_the_recall_shown_is_that_of_queries_between_the_collections_own_vectors(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """With many queries, the share of the exact ten that is found is the one that is shown."""
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
    """Neither what there is nor how it is searched, which must not depend on the random names of files."""
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


def test_an_empty_collection_can_be_optimized(tmp_path: Path) -> None:
    folder = collection_of(tmp_path / "c")
    assert [quality.rows for quality in Collection(folder).optimize()] == [0, 0, 0]
    assert_whole(folder)


def test_a_large_collection_may_have_few_different_notes(tmp_path: Path) -> None:
    """There are more cells than different vectors."""
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


@pytest.mark.drawn(3)
@pytest.mark.usefixtures("all_cells")
@pytest.mark.parametrize("left", [1, 2, 5, 10, 11, 12, 25, 41])
def test_a_large_collection_that_has_become_small_is_optimized_like_any_other(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, left: int
) -> None:
    """Down to fewer rows than queries to measure with, or than the ten nearest."""
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
