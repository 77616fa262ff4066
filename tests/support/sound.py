"""A small collection to damage, and a copy of it for each test."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

import clinsearch
from clinsearch.storage.folder.snapshots import Reader
from clinsearch.storage.folder.writer import Writer
from tests.support.collections import commit

NOTES = {
    "n1": "HISTORY:\nPatient needs 80 mg at night. She has no cough.\nPLAN:\nDischarge home.\n",
    "n2": "HISTORY:\nPatient needs 80 mg at night. No fever.\nPLAN:\nWound is clear. A1c 8.2 %.\n",
    "n3": "HISTORY:\nChest pain on the left.\n",
    **{f"m{n:02}": f"HISTORY:\nNote {n} has its own wound. {'Pain at night. ' * n}\n" for n in range(40)},
}


def write_notes(folder: Path) -> Path:
    folder.mkdir()
    for name, text in NOTES.items():
        (folder / f"{name}.txt").write_text(text, encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Path:
    """The folder that holds a sound collection `c`, and its `notes`."""
    folder = tmp_path_factory.mktemp("sound")
    write_notes(folder / "notes")
    clinsearch.index(folder / "notes", folder / "c", model=str(tiny_model))
    return folder


@pytest.fixture
def own(sound: Path, tmp_path: Path) -> Path:
    """A copy of the sound collection, its notes beside it, to be damaged."""
    shutil.copytree(sound / "notes", tmp_path / "notes")
    return Path(shutil.copytree(sound / "c", tmp_path / "c"))


def killed_after(folder: Path, *note_ids: str) -> Path:
    """Delete notes, one by one; return a copy as a killed writer leaves it, with its commits in the log alone."""
    killed = folder.with_name("killed")
    with Reader(folder).catalog(), Writer(folder) as writer:  # while somebody reads, the log stays
        for note_id in note_ids:
            commit(writer, removed=[note_id])
        shutil.copytree(folder, killed)
    (killed / "catalog.db-shm").unlink()
    assert (killed / "catalog.db-wal").stat().st_size > 0
    return killed


def flip(path: Path, text: bytes, other: bytes) -> None:
    """Change bytes of a file where they stand, as a disk would that loses them."""
    assert len(text) == len(other)
    content = path.read_bytes()
    assert text in content
    path.write_bytes(content.replace(text, other))
