"""Taking deleted text off the disk: in bounded memory, whole or not at all, and with nothing left behind."""

from __future__ import annotations

import os
import random
import re
import sqlite3
import stat
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from clinsearch.errors import CollectionError
from clinsearch.storage.folder import vacuum as vacuums
from clinsearch.storage.folder.vacuum import COPY_FILE
from clinsearch.storage.folder.writer import Writer
from clinsearch.storage.values import EncoderIdentity

MEGABYTE = 1 << 20
OWNER = EncoderIdentity("a model", "mean", "f" * 64, 4)
NOTES, CHARACTERS = 240, 200_000
SCRUB = """
import sys
from pathlib import Path
from clinsearch.storage.folder.writer import Writer

def height():
    lines = Path("/proc/self/status").read_text().splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM")) * 1024

with Writer(Path(sys.argv[1])) as writer:
    before = height()
    writer.scrub()
    print(height() - before)
"""


def a_catalog(folder: Path, *, notes: int, characters: int) -> Path:
    """Make a collection of notes of this length, half of them deleted, which nobody has searched for words."""
    with Writer(folder, create=True) as writer:
        writer.claim(OWNER, "a test")
    (folder / "catalog.seal").unlink(missing_ok=True)
    with closing(sqlite3.connect(folder / "catalog.db")) as catalog, catalog:
        catalog.execute("PRAGMA secure_delete = OFF")
        for number in range(notes):
            text = f"Mark{number}q" + random.Random(number).randbytes(characters // 2).hex()
            row = (f"n{number}", text, str(number).encode())
            catalog.execute("INSERT INTO notes (note_id, text, digest) VALUES (?, ?, ?)", row)
        catalog.execute("DELETE FROM notes WHERE key % 2")
        catalog.execute("PRAGMA user_version = 1")
    return folder


def marks_in(folder: Path) -> set[int]:
    content = b"".join(path.read_bytes() for path in folder.iterdir() if path.is_file())
    return {int(number) for number in re.findall(rb"Mark(\d+)q", content)}


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="only Linux says how much memory was taken")
def test_deleted_text_is_taken_off_the_disk_in_a_few_megabytes(tmp_path: Path) -> None:
    folder = a_catalog(tmp_path / "c", notes=NOTES, characters=CHARACTERS)
    assert len(marks_in(folder)) > NOTES / 2
    scrub = subprocess.run([sys.executable, "-c", SCRUB, folder], capture_output=True, text=True)
    assert scrub.returncode == 0, scrub.stderr
    assert marks_in(folder) == set(range(1, NOTES, 2))
    assert (folder / "catalog.db").stat().st_size < 0.6 * NOTES * CHARACTERS
    assert int(scrub.stdout) < 20 * MEGABYTE < NOTES * CHARACTERS / 2
    assert not (folder / COPY_FILE).exists()


def test_the_copy_is_its_owners_alone_and_goes_whatever_happens(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = a_catalog(tmp_path / "c", notes=8, characters=10_000)
    before = notes_in(folder)
    modes: list[int] = []

    def fail(copy: Path, *_: object) -> None:
        modes.append(stat.S_IMODE(copy.stat().st_mode))
        assert copy.stat().st_size > 0
        raise sqlite3.OperationalError("disk I/O error")

    monkeypatch.setattr(vacuums, "_put_back", fail)
    old = os.umask(0)
    try:
        with pytest.raises(CollectionError, match="cannot be used"), Writer(folder) as writer:
            writer.scrub()
    finally:
        os.umask(old)
    assert modes == [0o600]
    assert not (folder / COPY_FILE).exists()
    assert notes_in(folder) == before


def test_the_copy_of_a_process_that_was_killed_is_removed_by_the_next_writer(tmp_path: Path) -> None:
    folder = a_catalog(tmp_path / "c", notes=8, characters=10_000)
    program = SCRUB.replace(
        "def height",
        "import os\nfrom clinsearch.storage.folder import vacuum\n"
        "vacuum._put_back = lambda *_: os.kill(os.getpid(), 9)\n\ndef height",
    )
    killed = subprocess.run([sys.executable, "-c", program, folder], capture_output=True, text=True)
    assert killed.returncode == -9, killed.stderr
    assert (folder / COPY_FILE).exists()
    with Writer(folder) as writer:
        assert not (folder / COPY_FILE).exists()
        writer.scrub()
    assert len(notes_in(folder)) == 4


def test_who_reads_meanwhile_reads_on(tmp_path: Path) -> None:
    folder = a_catalog(tmp_path / "c", notes=8, characters=10_000)
    with closing(sqlite3.connect(folder / "catalog.db", isolation_level=None)) as reader:
        reader.execute("BEGIN")
        before = reader.execute("SELECT * FROM notes ORDER BY key").fetchall()
        with Writer(folder) as writer:
            writer.scrub()
        assert reader.execute("SELECT * FROM notes ORDER BY key").fetchall() == before
        reader.execute("COMMIT")
        assert reader.execute("SELECT * FROM notes ORDER BY key").fetchall() == before
        assert reader.execute("PRAGMA integrity_check").fetchall() == [("ok",)]


def test_a_folder_in_the_place_of_the_copy_is_one_line(tmp_path: Path) -> None:
    folder = a_catalog(tmp_path / "c", notes=2, characters=1000)
    (folder / COPY_FILE).mkdir()
    with pytest.raises(CollectionError, match="cannot be written to"), Writer(folder):
        pass


def notes_in(folder: Path) -> list[object]:
    with closing(sqlite3.connect(folder / "catalog.db")) as catalog:
        return catalog.execute("SELECT key, note_id, text FROM notes ORDER BY key").fetchall()
