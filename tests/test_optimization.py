"""Optimizing a large collection: stopped at any step, on a full disk, and beside readers."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy.engine.default import DefaultDialect

from clinsearch import Collection
from clinsearch.errors import CollectionError
from clinsearch.storage.folder import snapshots, vectors
from clinsearch.storage.folder import writer as commits
from clinsearch.storage.folder.snapshots import Reader
from clinsearch.storage.folder.spaces import files as vector_files
from clinsearch.storage.folder.spaces import lists as inverted_lists
from clinsearch.storage.folder.spaces import writer as spaces
from clinsearch.storage.folder.spaces.codecs import eight_bits
from clinsearch.storage.folder.spaces.codecs.eight_bits import EightBits
from clinsearch.storage.folder.writer import Writer
from tests.support.collections import (
    Contents,
    collection_of,
    commit,
    contents,
    contents_of,
    folder_in_memory,
    found,
    path_in_memory,
)
from tests.support.large_collections import is_large, large_collection, search_of, some_notes
from tests.support.stored_vectors import VECTOR_KINDS, assert_measured, assert_whole

pytestmark = pytest.mark.usefixtures("few_are_many")

tmp_path = path_in_memory


# Stops.


def optimize_until(owner: Any, name: str, when: str, number: int, folder: Path) -> int:
    """Optimize until the given call of a function, stopped before or after it; return how often it was called."""
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
    (eight_bits, "two_step_centres"),
    (EightBits, "write_all"),
    (EightBits, "merge"),
    (spaces, "measured_probes"),
    (vectors, "insert_vector_file"),
    (vectors, "delete_vector_files"),
    (commits, "mark_remains"),
    (Path, "rename"),
    (Path, "unlink"),
    (DefaultDialect, "do_commit"),
]


@dataclass(frozen=True)
class Unfinished:
    """A collection to be optimized: what it holds before and after, and how many rows and cells of each kind."""

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


@pytest.mark.drawn(7)
@pytest.mark.parametrize(("owner", "name"), STEPS, ids=[name for _, name in STEPS])
def test_an_optimization_stopped_at_any_step_changes_nothing_that_is_found(
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


@pytest.mark.drawn(4)
@pytest.mark.parametrize("number", [1, 4])
@pytest.mark.parametrize(
    ("owner", "name"), [(Path, "rename"), (os, "fsync"), (os, "open")], ids=["name", "flush", "open"]
)
def test_optimizing_on_a_full_disk_fails_with_one_line_and_loses_nothing(
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
def test_cells_replaced_while_a_reader_opens_them_are_not_reported_as_damage(
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
