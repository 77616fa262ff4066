"""Connects to the SQLite catalog, also where a reader's own files beside it cannot be made.

A reader takes part in SQLite's log by a file that all readers share. On a read-only file system, in a folder that one
may not write to, and on a full disk that file cannot be made; nor can a writer make it then, so nobody has to be
reckoned with: the catalog is read as it is, together with the log that a killed writer may have left.
"""

from __future__ import annotations

import sqlite3
from pathlib import Path

# What SQLite says if that file cannot be made.
CANNOT_SHARE = ("SQLITE_CANTOPEN", "SQLITE_READONLY", "SQLITE_IOERR_SHM", "SQLITE_FULL")


def connect_reader(path: Path) -> sqlite3.Connection:
    """Connect to a catalog for reading. Raises sqlite3.Error."""
    connection = sqlite3.connect(path.absolute(), check_same_thread=False)
    try:
        connection.execute("PRAGMA schema_version").fetchone()
    except sqlite3.Error as error:
        connection.close()
        if not error.sqlite_errorname.startswith(CANNOT_SHARE):
            raise
        return _connect_alone(path)
    return connection


def connect_writer(path: Path) -> sqlite3.Connection:
    """Connect to a catalog for changes. Raises sqlite3.Error."""
    return sqlite3.connect(path.absolute(), check_same_thread=False)


def _connect_alone(path: Path) -> sqlite3.Connection:
    """Connect without locks, and without files beside the catalog but its log."""
    log = path.with_name(f"{path.name}-wal")
    how = "vfs=unix-none" if log.is_file() and log.stat().st_size else "immutable=1"
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?mode=ro&{how}", uri=True, check_same_thread=False)
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    return connection
