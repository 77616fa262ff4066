"""Compaction keeps live vectors, drops dead ones, and merges files by tiers."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinsearch.storage.folder.snapshots import Reader
from clinsearch.storage.folder.spaces.compaction import FANOUT, files_to_merge
from clinsearch.storage.folder.spaces.files import VectorFile
from clinsearch.storage.folder.writer import Writer
from tests.support.collections import (
    a_note,
    assert_whole,
    collection_of,
    commit,
    contents_of,
    found,
    path_in_memory,
    vector_paths,
)

pytestmark = pytest.mark.usefixtures("one_thread")

tmp_path = path_in_memory


def test_compaction_keeps_every_live_vector_bit_for_bit_and_drops_the_dead(tmp_path: Path) -> None:
    notes = [a_note(f"n{i}", f"Own {i}.", f"Pair {i // 2}.") for i in range(40)]
    folder = collection_of(tmp_path / "c", *([item] for item in notes))
    with Writer(folder) as writer:
        commit(writer, removed=[f"n{i}" for i in range(0, 40, 3)])
    before, paths = contents_of(folder), vector_paths(folder)
    with Reader(folder).snapshot() as snapshot:
        assert snapshot.sentences.rows > len(before.sentences)
        hits = found(snapshot, "Own 3.")
    with Writer(folder) as writer:
        writer.compact()
    assert contents_of(folder) == before
    assert len(vector_paths(folder)) == 3 < len(paths)
    with Reader(folder).snapshot() as snapshot:
        assert sorted(snapshot.sentences.keys.tolist()) == sorted(before.sentence_keys.values())
        assert sorted(snapshot.notes.keys.tolist()) == sorted(before.keys.values())
        assert found(snapshot, "Own 3.") == hits
    assert_whole(folder)


def test_when_everything_is_deleted_all_vectors_leave_the_disk(tmp_path: Path) -> None:
    notes = [a_note(f"n{i}", f"Own {i}.") for i in range(5)]
    folder = collection_of(tmp_path / "c", *([item] for item in notes))
    with Writer(folder) as writer:
        commit(writer, removed=[f"n{i}" for i in range(5)])
        writer.compact()
    assert vector_paths(folder) == []
    with Reader(folder).snapshot() as snapshot:
        assert found(snapshot, "Own 1.") == []
    with Writer(folder) as writer:
        commit(writer, notes[0])
    assert contents_of(folder).notes == {"n0": ("Own 0.",)}
    assert_whole(folder)


def test_small_files_are_merged_by_tiers_without_a_deletion(tmp_path: Path) -> None:
    notes = [a_note(f"n{i}", f"Own {i}.") for i in range(FANOUT + 1)]
    folder = collection_of(tmp_path / "c", notes[:-1])
    for item in notes[:-2]:
        with Writer(folder) as writer:
            commit(writer, a_note(f"more {item.note.note_id}", f"More {item.note.note_id}."))
            writer.compact()
    assert len(vector_paths(folder)) == 3 * FANOUT
    with Writer(folder) as writer:
        commit(writer, notes[-1])
        before = contents_of(folder)
        writer.compact()
    # The file of FANOUT rows is a tier of its own; the FANOUT files of one row have become one.
    assert len(vector_paths(folder)) == 3 * 2
    assert contents_of(folder) == before


def test_compaction_with_nothing_to_do_does_nothing(tmp_path: Path) -> None:
    folder = collection_of(tmp_path / "c", [a_note("a", "One.")], [a_note("b", "Two.")])
    before = [(path, path.stat().st_ino) for path in vector_paths(folder)]
    for _ in range(3):
        with Writer(folder) as writer:
            writer.compact()
    assert [(path, path.stat().st_ino) for path in vector_paths(folder)] == before


def file_of(number: int, rows: int) -> VectorFile:
    return VectorFile(f"sentence-{number % 2**64:016x}.faiss", "sentence", rows, rows * 64, "")


@settings(max_examples=100, deadline=None)
@given(st.lists(st.integers(1, 5000), max_size=60), st.floats(0, 1))
def test_a_file_is_merged_once_at_most_and_all_are_where_much_is_dead(sizes: list[int], live_share: float) -> None:
    files = [file_of(number, rows) for number, rows in enumerate(sizes)]
    live = int(live_share * sum(sizes))
    groups = files_to_merge(files, live)
    merged = [file.name for group in groups for file in group]
    assert len(set(merged)) == len(merged)
    assert set(merged) <= {file.name for file in files}
    if sum(sizes) - live > sum(sizes) / 4:
        assert len(merged) == len(files)
    else:
        assert all(len(group) >= FANOUT for group in groups)


@pytest.mark.parametrize(("every", "rows"), [(1, 1), (1, 7), (3, 10), (20, 100)])
def test_the_number_of_files_and_of_rewrites_grows_with_the_logarithm(every: int, rows: int) -> None:
    files: list[VectorFile] = []
    total = rewritten = 0
    for number in range(1, 1201):
        total += rows
        files.append(file_of(number, rows))
        if number % every == 0:
            for group in files_to_merge(files, total):
                rewritten += sum(file.rows for file in group)
                merged = file_of(-rewritten, sum(file.rows for file in group))
                files = [file for file in files if file not in group] + [merged]
    tiers = np.log(total) / np.log(FANOUT) + 1
    assert sum(file.rows for file in files) == total
    assert len(files) <= FANOUT * tiers + every
    assert rewritten <= total * tiers
