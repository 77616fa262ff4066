"""Damaged files of large collections: what a search says of them, and how they are made again."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np
import pytest

from clinsearch import Collection, index
from clinsearch.errors import ClinsearchError
from clinsearch.maps.projection import project
from clinsearch.records import Filter
from clinsearch.retrieval import Likeness, nearest_sentences, similar_notes
from clinsearch.storage.folder.snapshots import Reader
from clinsearch.storage.folder.writer import Writer
from tests.support.collections import (
    HIDDEN_SIZE,
    Contents,
    contents_of,
    flip_a_bit,
    folder_in_memory,
    notes_by_sentence,
    overwrite,
    path_in_memory,
    truncate,
    vector_of,
)
from tests.support.command_line import refused, run
from tests.support.large_collections import FEW, MANY, is_large, large_collection, search_of, write_notes_and_half
from tests.support.stored_vectors import (
    VECTOR_KINDS,
    assert_counted,
    assert_measured,
    assert_whole,
    lists_of,
    live_keys,
)
from tests.support.word_files import ask

pytestmark = pytest.mark.usefixtures("few_are_many")

tmp_path = path_in_memory


@pytest.fixture(scope="module")
def indexed_once(few_are_many: None, tiny_model: Path) -> Iterator[Path]:
    """Notes and a large collection of them, made with a model that can make its vectors again."""
    with folder_in_memory() as memory:
        write_notes_and_half(memory)
        index(memory / "half", memory / "c", model=str(tiny_model), tokens=False)
        index(memory / "notes", memory / "c")
        yield memory


@pytest.fixture
def indexed(tmp_path: Path, indexed_once: Path) -> Path:
    folder = Path(shutil.copytree(indexed_once / "c", tmp_path / "c"))
    assert is_large(folder) == {"sentence": True, "note": True, "opening": True}
    assert len(lists_of(folder, "sentence")) == len(lists_of(folder, "note")) == 2
    return folder


def harm_one(folder: Path, kind: str, harm: Callable[[Path], None]) -> Path:
    names = ask(folder, f"SELECT name FROM vector_files WHERE kind = '{kind}' ORDER BY rows DESC")
    path = folder / "vectors" / names[0][0]
    harm(path)
    return path


def assert_near(now: Contents, then: Contents) -> None:
    """Check that two collections hold the same, with vectors as near as codes are."""
    assert now.notes == then.notes
    assert (now.keys, now.sentence_keys) == (then.keys, then.sentence_keys)
    for rows, others in ((now.sentences, then.sentences), (now.note_vectors, then.note_vectors)):
        assert rows.keys() == others.keys()
        for name, row in rows.items():
            np.testing.assert_allclose(np.frombuffer(row, "f4"), np.frombuffer(others[name], "f4"), atol=0.02)


KINDS_OF_FILES = ["sentence", "note", "sentence-cells", "note-cells"]


@pytest.mark.drawn(3)
@pytest.mark.parametrize("kind", KINDS_OF_FILES)
@pytest.mark.parametrize("harm", [flip_a_bit, Path.unlink])
def test_repair_makes_lost_and_damaged_files_again(indexed: Path, kind: str, harm: Callable[[Path], None]) -> None:
    before = contents_of(indexed)
    rows = dict(ask(indexed, "SELECT name, rows FROM vector_files"))
    path = harm_one(indexed, kind, harm)
    lost = {"sentence": rows[path.name], "sentence-cells": len(before.sentences)}.get(kind, 0)
    assert Collection(indexed).repair() == lost
    assert_near(contents_of(indexed), before)
    assert Collection(indexed).repair() == 0
    assert len(Collection(indexed).search("fever", MANY)) == len(before.sentences)
    assert len(Collection(indexed).similar("n03", MANY)) == len(before.notes) - 1
    Collection(indexed).optimize()
    assert is_large(indexed) == {"sentence": True, "note": True, "opening": True}
    assert_near(contents_of(indexed), before)
    assert_whole(indexed)


@pytest.mark.parametrize("kind", KINDS_OF_FILES)
def test_after_a_repair_status_says_how_search_works_now(indexed: Path, kind: str) -> None:
    """What was measured of lost cells is gone with them."""
    harm_one(indexed, kind, Path.unlink)
    Collection(indexed).repair()
    for level, is_in_cells in is_large(indexed).items():
        assert (search_of(indexed)[level].cells is not None) == is_in_cells
    assert_measured(indexed)
    assert_whole(indexed, may_hold_stray_files=True)


@pytest.mark.parametrize("kind", KINDS_OF_FILES)
@pytest.mark.parametrize("harm", [truncate, overwrite, Path.unlink])
def test_a_search_in_damaged_files_fails_with_one_line_that_names_the_remedy(
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
    assert_near(contents_of(indexed), before)
    assert is_large(indexed) == {"sentence": True, "note": True, "opening": True}
    assert_whole(indexed)


@pytest.mark.parametrize("kind", KINDS_OF_FILES)
def test_a_repair_that_is_stopped_leaves_no_search_with_silent_gaps(indexed: Path, kind: str) -> None:
    """It is stopped after its first step, which takes what is lost out of the collection."""
    before = contents_of(indexed)
    harm_one(indexed, kind, Path.unlink)
    with Writer(indexed) as writer:
        writer.forget_damaged_vectors(check_content=False)
    for command in (["search", "fever"], ["similar", "n03"]):
        assert "clinsearch repair" in refused(*command, "--collection", indexed)
    Collection(indexed).repair()
    assert_near(contents_of(indexed), before)
    assert_whole(indexed)


def test_what_was_deleted_does_not_come_back_with_a_repair(indexed: Path, indexed_once: Path) -> None:
    """Dead rows are lost with a file or the cells, and nothing relies on them."""
    Collection(indexed).delete(["n03", "n10"])
    there = contents_of(indexed)
    for kind in KINDS_OF_FILES:
        harm_one(indexed, kind, Path.unlink)
        Collection(indexed).repair()
        assert_near(contents_of(indexed), there)
        assert_counted(indexed)
    assert {hit.note_id for hit in Collection(indexed).similar("n04", MANY)} == there.notes.keys() - {"n04"}
    Collection(indexed).optimize()
    assert_whole(indexed)


@pytest.mark.parametrize("kind", VECTOR_KINDS)
@pytest.mark.parametrize("what", ["a code", "the key of a code", "a key", "a place"])
def test_a_flipped_bit_in_the_lists_gives_an_answer_or_a_one_line_error(tmp_path: Path, kind: str, what: str) -> None:
    """Only `repair` checks content: a search may find the wrong hits, but never ends in a traceback."""
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
            ends.add(error_of_searches(folder))
    assert ends <= {None, "one line"}


def error_of_searches(folder: Path) -> str | None:
    """Search in every way; return the error that this ends in, if any."""
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
