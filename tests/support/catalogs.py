"""Catalogs to read and to write, and what is said when that is refused."""

from __future__ import annotations

import sqlite3
import traceback
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from clinsearch.errors import (
    CollectionError,
)
from clinsearch.storage.folder.snapshots import Reader
from clinsearch.storage.folder.writer import Writer
from tests.support.collections import (
    Contents,
    a_note,
    collection_of,
    commit,
    contents_of,
)

SECRET = "Secretword"


def one_note(folder: Path) -> Path:
    return collection_of(folder, [a_note("a", f"{SECRET} has no fever.", "Has cough.")])


def read(folder: Path) -> Contents:
    """Read all that there is, as a search and `show` would."""
    with Reader(folder).snapshot() as snapshot:
        for note_id in ("a", "b"):
            if snapshot.catalog.stored_notes("note_id", [note_id]):
                snapshot.catalog.note(note_id)
    return contents_of(folder)


def write(folder: Path) -> None:
    with Writer(folder, create=True) as writer:
        commit(writer, a_note("b", "Written."))


def refused(work: Callable[[Path], object], folder: Path, kind: type[CollectionError]) -> str:
    """Return the one line with which reading or writing is refused."""
    with pytest.raises(kind) as caught:
        work(folder)
    shown = "".join(traceback.format_exception(caught.value))
    assert SECRET not in shown
    message = str(caught.value)
    assert "\n" not in message
    assert str(folder) in message
    return message


def with_catalog(folder: Path, *statements: str) -> list[tuple]:
    """Do to the catalog what clinsearch would not, and take its seal off; return the last answer."""
    (folder / "catalog.seal").unlink(missing_ok=True)
    with closing(sqlite3.connect(folder / "catalog.db")) as catalog, catalog:
        return [catalog.execute(statement).fetchall() for statement in statements][-1]
