"""Rewrites the catalog without its free space, which may still hold deleted text.

SQLite's own VACUUM makes its copy in a temporary file, which may be on any disk of the machine, or in memory, which
takes as much as the whole catalog. Here the copy is beside the catalog, readable only by the owner, and is copied back
page by page in one transaction. It holds nothing that the catalog does not hold. The next writer removes the copy of a
killed process.
"""

from __future__ import annotations

import os
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from sqlalchemy import Engine

from clinsearch.errors import CollectionBusy
from clinsearch.storage.folder.database import CATALOG_FILE, plain_errors
from clinsearch.storage.folder.own_files import not_writable

COPY_FILE = f"{CATALOG_FILE}-copy"
PAGES_PER_STEP = 4096


def vacuum(engine: Engine, folder: Path) -> None:
    """Rewrite the catalog, all or nothing; only for its one writer. Raises CollectionError."""
    copy = _new_copy(folder)
    try:
        with plain_errors(folder), engine.connect() as connection:
            connection.exec_driver_sql("COMMIT")
            connection.exec_driver_sql("VACUUM INTO ?", (str(copy),))
            _put_back(copy, connection.connection.driver_connection, folder)
    finally:
        remove_copy(folder)


def remove_copy(folder: Path) -> None:
    """Remove the copy of a run that was interrupted. Raises CollectionError."""
    try:
        if os.path.lexists(folder / COPY_FILE):
            (folder / COPY_FILE).unlink(missing_ok=True)
    except OSError as error:
        raise not_writable(folder, error) from None


def _new_copy(folder: Path) -> Path:
    """Make an empty file that only its owner can read."""
    remove_copy(folder)
    try:
        os.close(os.open(folder / COPY_FILE, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    except OSError as error:
        raise not_writable(folder, error) from None
    return folder / COPY_FILE


def _put_back(copy: Path, catalog: Any, folder: Path) -> None:
    def progress(status: int, _left: int, _all: int) -> None:
        # Python would retry forever.
        if status in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
            raise CollectionBusy(f"The collection at {folder} is being written to. Try again in a moment.")

    with closing(sqlite3.connect(copy)) as source:
        source.backup(catalog, pages=PAGES_PER_STEP, progress=progress)
