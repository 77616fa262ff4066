"""A disk without room: one line, and what was committed stays."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from clinsearch import Collection, index
from clinsearch.errors import CollectionError, CollectionNotFound
from tests.conftest import PROJECT
from tests.support.catalogs import SECRET
from tests.support.collections import (
    Contents,
    a_single_thread,
    assert_alike,
    assert_whole,
    commit_often,
    contents_of,
    holders,
    path_in_memory,
)

tmp_path = path_in_memory


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 30 notes of seven sentences."""
    folder = tmp_path_factory.mktemp("notes")
    for i in range(30):
        lines = [f"{SECRET} {i} {j} has {'no ' * (j * 5)}fever." for j in range(6)]
        (folder / f"n{i:02}.txt").write_text("HISTORY:\n" + " ".join([*lines, "Patient is stable."]) + "\n")
    return folder


@pytest.fixture(scope="module")
def many_commits() -> Iterator[None]:
    """Commit and compact often, on one thread, for there is little to encode."""
    with pytest.MonkeyPatch.context() as patch, a_single_thread():
        commit_often(patch.setattr)
        yield


@pytest.fixture(scope="module")
def ten_notes(notes: Path, tiny_model: Path, many_commits: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A collection of the first ten of the notes."""
    folder = tmp_path_factory.mktemp("ten") / "c"
    index([notes / f"n{i:02}.txt" for i in range(10)], folder, model=str(tiny_model))
    return folder


@pytest.fixture(scope="module")
def uninterrupted(ten_notes: Path, notes: Path, tmp_path_factory: pytest.TempPathFactory) -> Contents:
    """What all the notes come to when nothing goes wrong."""
    folder = tmp_path_factory.mktemp("all") / "c"
    shutil.copytree(ten_notes, folder)
    index(notes, folder)
    return contents_of(folder)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """A disk of its own, in memory, whose size can be set more than once."""
    disk = tmp_path / "disk"

    def mount(options: str) -> Path:
        remount = "remount," if disk.is_mount() else ""
        disk.mkdir(exist_ok=True)
        command = ["mount", "-t", "tmpfs", "-o", remount + options, "tmpfs", str(disk)]
        if os.geteuid() != 0 or subprocess.run(command, capture_output=True).returncode != 0:
            assert not remount, options
            pytest.skip("no disk can be mounted here: that takes root")
        return disk

    yield mount
    if disk.is_mount():
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def committed(folder: Path) -> set[str]:
    """Check what a collection holds after a failure, and return which notes that are."""
    try:
        there = contents_of(folder)
    except CollectionNotFound:
        return set()
    assert_whole(folder, may_hold_stray_files=True)
    assert all(len(sentences) == 7 for sentences in there.notes.values())
    return set(there.notes)


def names_the_disk(error: CollectionError) -> bool:
    """Tell whether an error is one line that says that there is no room, not that something is damaged."""
    message = str(error)
    assert "\n" not in message
    assert SECRET not in message
    return type(error) is CollectionError and any(word in message for word in ("full", "disk", "No space", "no space"))


ENOUGH = "size=50m,nr_inodes=10000"


@pytest.mark.drawn(4)
@pytest.mark.parametrize(
    "options",
    [*(f"size={kib}k" for kib in (4, 20, 120, 228, 260)), *(f"nr_inodes={n}" for n in (2, 3, 4, 6, 9))],
)
def test_a_full_disk_is_one_line_and_what_was_committed_stays(
    notes: Path, tiny_model: Path, uninterrupted: Contents, small_disk: Callable[[str], Path], options: str
) -> None:
    folder = small_disk(options) / "c"
    with pytest.raises(CollectionError) as caught:
        index(notes, folder, model=str(tiny_model))
    assert names_the_disk(caught.value)
    if len(options) == len("size=100k"):
        committed(folder)  # SQLite takes a little room even to read, so there has to be some
    small_disk(ENOUGH)
    there = committed(folder)
    report = index(notes, folder, model=str(tiny_model))
    assert (report.new, report.unchanged) == (30 - len(there), len(there))
    assert_alike(folder, uninterrupted)


def test_a_disk_that_fills_up_later_keeps_what_was_committed(
    notes: Path, ten_notes: Path, uninterrupted: Contents, small_disk: Callable[[str], Path]
) -> None:
    for spare_kib in (8, 60, 100):
        disk = small_disk("size=50m")
        folder = Path(shutil.copytree(ten_notes, disk / str(spare_kib)))
        taken = shutil.disk_usage(disk).used // 1024
        small_disk(f"size={taken + spare_kib}k")
        with pytest.raises(CollectionError) as caught:
            index(notes, folder)
        assert names_the_disk(caught.value)
        small_disk("size=50m")
        assert committed(folder) >= {f"n{i:02}" for i in range(10)}
        index(notes, folder)
        assert_alike(folder, uninterrupted)


def test_a_deletion_on_a_full_disk_is_done_or_one_line_and_its_text_goes(
    ten_notes: Path, small_disk: Callable[[str], Path]
) -> None:
    for spare_kib in (0, 40, 80, 120):
        disk = small_disk("size=50m")
        folder = Path(shutil.copytree(ten_notes, disk / str(spare_kib)))
        small_disk(f"size={shutil.disk_usage(disk).used // 1024 + spare_kib}k")
        try:
            Collection(folder).delete(["n03"])
        except CollectionError as caught:
            error: CollectionError | None = caught
        else:
            error = None
        assert error is None or names_the_disk(error)
        small_disk("size=50m")
        there = committed(folder)
        assert {f"n{i:02}" for i in range(10)} - there <= {"n03"}
        if "n03" in there:
            assert error
            Collection(folder).delete(["n03"])
        else:
            Collection(folder).repair()
        assert holders(folder, f"{SECRET} 3 ") == []
        assert_whole(folder)


# As far as the size of a file is limited, the disk's end is met in the middle of any write.
WITH_LIMITS = """
import json, resource, signal, sys
from pathlib import Path
from clinsearch import index
from clinsearch.errors import ClinsearchError
from tests.support.collections import commit_often

notes, collections = map(Path, sys.argv[1:])
commit_often(setattr)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
messages = {}
for path in collections.iterdir():
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(path.name), resource.RLIM_INFINITY))
    try:
        index(notes, path)
        messages[path.name] = None
    except ClinsearchError as error:
        messages[path.name] = [type(error).__name__, str(error)]
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(json.dumps(messages))
"""


def test_a_write_that_fails_in_its_middle_is_one_line_and_what_was_committed_stays(
    tmp_path: Path, notes: Path, ten_notes: Path, uninterrupted: Contents
) -> None:
    limits = [0, 700, 9000, 30_000]
    for limit in limits:
        shutil.copytree(ten_notes, tmp_path / str(limit))
    done = subprocess.run(
        [sys.executable, "-c", WITH_LIMITS, str(notes), str(tmp_path)],
        capture_output=True, text=True, cwd=PROJECT, env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert SECRET not in done.stdout + done.stderr
    for limit, said in json.loads(done.stdout).items():
        assert said is not None, limit
        kind, message = said
        assert "\n" not in message
        assert kind == "CollectionError", (limit, message)
        assert committed(tmp_path / limit) >= {f"n{i:02}" for i in range(10)}
        index(notes, tmp_path / limit)
        assert_alike(tmp_path / limit, uninterrupted)
