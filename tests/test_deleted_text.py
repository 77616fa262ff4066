"""Deleted text leaves the disk, and only the owner may read what is there."""

from __future__ import annotations

import os
import random
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from clinsearch import Collection, index
from clinsearch.indexing import run, work
from clinsearch.storage.folder.snapshots import Reader
from clinsearch.storage.folder.writer import Writer
from tests.conftest import PROJECT
from tests.support.collections import (
    a_note,
    collection_of,
    commit,
    contents,
    contents_of,
    files_of,
    holders,
    path_in_memory,
)
from tests.support.command_line import json_on, run_on

pytestmark = pytest.mark.usefixtures("one_thread")

tmp_path = path_in_memory


def test_only_the_owner_may_read_folders_and_files(tmp_path: Path) -> None:
    former = os.umask(0o022)
    try:
        folder = collection_of(tmp_path / "c", [a_note("a", "One.")])
        with Writer(folder) as writer:
            commit(writer, a_note("b", "Two."))
            with Reader(folder).snapshot() as snapshot:
                contents(snapshot)
                open_files = {path.name for path in folder.iterdir()}
                modes = {path: stat.S_IMODE(path.stat().st_mode) for path in [folder, *folder.rglob("*")]}
    finally:
        os.umask(former)
    catalog = {"catalog.db", "catalog.db-wal", "catalog.db-shm", "catalog.seal"}
    assert open_files == catalog | {"writer.lock", "vectors"}
    assert {path: mode for path, mode in modes.items() if mode != (0o700 if path.is_dir() else 0o600)} == {}


def test_deleted_text_is_in_no_file(tmp_path: Path) -> None:
    notes = [
        a_note(f"n{i}", f"Secretword{i:02} is here.", "Shared.", "x" * 9000 + f" Secretword{i:02}b.") for i in range(9)
    ]
    folder = collection_of(tmp_path / "c", notes[:4], notes[4:])
    assert holders(folder, "Secretword04")
    assert Collection(folder).delete(["n4", "n7"]) == 2
    for gone in ("Secretword04", "Secretword07"):
        assert holders(folder, gone) == []
    assert holders(folder, "Secretword05") == ["catalog.db"]


def test_the_old_text_of_a_changed_note_is_in_no_file(tmp_path: Path) -> None:
    folder = collection_of(tmp_path / "c", [a_note("a", "Secretword was here."), a_note("b", "Two.")])
    with Writer(folder) as writer:
        commit(writer, a_note("a", "Not any more."), removed=["a"])
    assert holders(folder, "Secretword") == []


@pytest.mark.parametrize("seed", [6, 9])
def test_deleted_text_is_in_no_file_however_much_was_moved_about(tmp_path: Path, seed: int) -> None:
    """SQLite moves rows between pages when it balances its trees; what it leaves behind has to go, too.

    With these seeds SQLite 3.40 left behind what `secure_delete` should have overwritten.
    """
    rng = random.Random(seed)
    most = rng.choice([8, 30])
    notes = []
    for i in range(300):
        lengths = [rng.randrange(3, 300) for _ in range(rng.randrange(1, most))]
        notes.append(a_note(f"n{i}", *(f"Mark{i:03}q{j} {'x' * length}." for j, length in enumerate(lengths))))
    folder = collection_of(tmp_path / "c", *(notes[start : start + 37] for start in range(0, 300, 37)))
    gone = rng.sample(range(300), 150)
    for start in range(0, 150, 25):
        Collection(folder).delete([f"n{i}" for i in gone[start : start + 25]])
    left = b"".join(path.read_bytes() for path in files_of(folder))
    assert [i for i in gone if f"Mark{i:03}q".encode() in left] == []
    assert all(f"Mark{i:03}q".encode() in left for i in set(range(300)) - set(gone))


@pytest.mark.parametrize("seed", [28])
def test_the_old_text_of_changed_notes_is_in_no_file_however_much_was_moved_about(
    tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch, seed: int
) -> None:
    monkeypatch.setattr(work, "SENTENCES_PER_COMMIT", 100)
    monkeypatch.setattr(run, "NOTES_PER_GROUP", 16)
    rng, folder, files = random.Random(seed), tmp_path / "c", tmp_path / "notes"

    def write(number: int, mark: str) -> None:
        places = range(rng.randrange(1, 8))
        sentences = [f"{mark}{number:03}q{place} {'pain ' * rng.randrange(1, 40)}." for place in places]
        (files / f"n{number:03}.txt").write_text("\n\n".join(sentences), encoding="utf-8")

    files.mkdir()
    for number in range(100):
        write(number, "Mark")
    index(files, folder, model=str(tiny_model))
    changed = rng.sample(range(100), 60)
    for start in range(0, 60, 20):
        for number in changed[start : start + 20]:
            write(number, "New")
        index(files, folder)
    left = b"".join(path.read_bytes() for path in files_of(folder))
    assert [number for number in changed if f"Mark{number:03}q".encode() in left] == []


READER = """
import sys
from pathlib import Path
from clinsearch.storage.folder.snapshots import Reader
from tests.support.collections import contents

with Reader(Path(sys.argv[1])).snapshot() as snapshot:
    contents(snapshot)
    print("reads", flush=True)
    sys.stdin.read()
"""


@pytest.mark.usefixtures("no_wait_for_readers")
def test_what_another_process_reads_stays_and_that_is_said_until_a_writer_takes_it_off(tmp_path: Path) -> None:
    notes = [a_note("a", "Secretword is here."), a_note("b", "Two."), a_note("c", "Three.")]
    folder = collection_of(tmp_path / "c", notes)
    reader = subprocess.Popen([sys.executable, "-c", READER, str(folder)], stdin=-1, stdout=-1, text=True, cwd=PROJECT)
    try:
        assert reader.stdout is not None
        assert reader.stdout.readline() == "reads\n"
        said = "still in the files: `clinsearch optimize` takes it off once no other process reads the collection."
        for command in (["delete", "a"], ["optimize"], ["optimize"]):
            assert " ".join(run_on(folder, *command).stdout.split()).endswith(said), command
            assert json_on(folder, "status")["has_remains"] is True
            assert holders(folder, "Secretword") == ["catalog.db"]
        assert json_on(folder, "optimize")["has_remains"] is True
    finally:
        reader.kill()
        reader.communicate()
    done = run_on(folder, "delete", "b")
    assert done.exit_code == 0
    assert "still in the files" not in done.stdout
    assert holders(folder, "Secretword") == []
    assert json_on(folder, "status")["has_remains"] is False
    assert run_on(folder, "verify", "--full").exit_code == 0


@pytest.mark.usefixtures("no_wait_for_readers")
def test_text_deleted_while_someone_reads_is_gone_when_they_are(tmp_path: Path) -> None:
    folder = collection_of(tmp_path / "c", [a_note("a", "Secretword is here."), a_note("b", "Two.")])
    with Reader(folder).snapshot() as snapshot:
        assert set(contents(snapshot).notes) == {"a", "b"}
        Collection(folder).delete(["a"])
        assert set(contents_of(folder).notes) == {"b"}
    with Writer(folder):
        pass
    assert holders(folder, "Secretword") == []
