"""Opens the SQLite catalog: engine, transactions, migrations, and errors that quote none of its contents."""

from __future__ import annotations

import os
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.pool import NullPool

from clinsearch.errors import (
    CollectionBusy,
    CollectionDamaged,
    CollectionError,
    CollectionVersion,
)
from clinsearch.storage import migrations
from clinsearch.storage.catalog.soundness import UnsoundValue
from clinsearch.storage.folder.connecting import connect_reader, connect_writer
from clinsearch.storage.folder.schema import Schema, newest_schema, schema_of
from clinsearch.storage.folder.tables import SCHEMA_REVISION

CATALOG_FILE = "catalog.db"
REVISION_TABLE = "alembic_version"
BUSY_TIMEOUT_MS = 10_000
LOG_TIMEOUT_MS = 500


def open_engine(folder: Path, *, writing: bool) -> Engine:
    """Open the catalog in a collection folder; nothing is read or created yet."""
    connect = partial(connect_writer if writing else connect_reader, folder / CATALOG_FILE)
    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool, hide_parameters=True)
    pragmas = [
        f"busy_timeout = {BUSY_TIMEOUT_MS}",
        "foreign_keys = ON",
        "trusted_schema = OFF",
        "cell_size_check = ON",
        "temp_store = MEMORY",  # no note text in temporary files
        *(["journal_mode = WAL", "synchronous = FULL", "secure_delete = ON"] if writing else ["query_only = ON"]),
    ]

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        # Python's own transaction handling would commit before DDL; see SQLAlchemy's notes on pysqlite.
        connection.isolation_level = None
        connection.text_factory = _text
        if hasattr(connection, "setconfig"):  # from Python 3.12 on
            connection.setconfig(getattr(sqlite3, "SQLITE_DBCONFIG_DEFENSIVE"), True)  # noqa: B009
        for pragma in pragmas:
            connection.execute(f"PRAGMA {pragma}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writing else "BEGIN")

    return engine


def _text(stored: bytes) -> str:
    """Decode text even if a byte has changed on the disk: text is compared with its digest before it is shown."""
    return stored.decode(errors="replace")


@contextmanager
def transaction(engine: Engine, folder: Path) -> Iterator[Connection]:
    """Yield a connection in its own transaction: committed at the end, rolled back on any error."""
    with plain_errors(folder), engine.connect() as connection, connection.begin():
        yield connection


def truncate_log(engine: Engine, folder: Path) -> bool:
    """Empty SQLite's log, so that deleted text does not stay in it; tell whether all is in the catalog's file now."""
    with plain_errors(folder), engine.connect() as connection:
        connection.exec_driver_sql("COMMIT")
        # A reader in the middle of a search keeps the log; the next writer empties it then.
        connection.exec_driver_sql(f"PRAGMA busy_timeout = {LOG_TIMEOUT_MS}")
        return connection.exec_driver_sql("PRAGMA wal_checkpoint(TRUNCATE)").first() == (0, 0, 0)


@contextmanager
def plain_errors(folder: Path) -> Iterator[None]:
    """Turn a database error into one line that names the folder and says what to do.

    SQLite's own message may quote text of a note, so only the name of its error is passed on.
    """
    try:
        yield
    except (SQLAlchemyError, sqlite3.Error, UnicodeDecodeError) as error:  # UnicodeDecodeError: of SQLite's own message
        raise _plain(folder, getattr(error, "orig", None) or error) from None
    except UnsoundValue:
        raise damaged_catalog(folder) from None


def _plain(folder: Path, error: BaseException) -> CollectionError:
    name = getattr(error, "sqlite_errorname", type(error).__name__)
    match name.removeprefix("SQLITE_").split("_")[0]:
        case "BUSY" | "LOCKED":
            return CollectionBusy(f"The collection at {folder} is being written to. Try again in a moment.")
        case "FULL":
            return CollectionError(f"The disk that holds {folder} is full. Nothing was lost; make room and run again.")
        case "CANTOPEN" | "READONLY" | "PERM" | "AUTH":
            return CollectionError(f"The catalog in {folder} cannot be opened or written to. Check its permissions.")
        case "IOERR" | "PROTOCOL":
            return CollectionError(
                f"The disk that holds {folder} could not be read or written ({name}). Nothing that was committed is "
                "lost; look after the disk and run again."
            )
        case "NOMEM":
            return CollectionError(f"There is not enough memory to read the collection at {folder}.")
        case "CORRUPT" | "NOTADB":
            return damaged_catalog(folder)
    # A missing table, or a table's name that is not text, has no error code.
    if any(sign in str(error) for sign in ("no such table", "no such column", "decode")):
        return damaged_catalog(folder)
    return CollectionError(f"The collection at {folder} cannot be used ({name}). Nothing that was committed is lost.")


def damaged_catalog(folder: Path, how: str = "is damaged") -> CollectionDamaged:
    """Return the error for a catalog that cannot be believed."""
    return CollectionDamaged(
        f"The catalog {folder / CATALOG_FILE} {how}. Save what can be read of it into another folder with "
        f"`clinsearch rescue {folder} TO`, or restore it from a backup."
    )


def create_catalog_file(folder: Path) -> None:
    """Create an empty catalog that only its owner can read; SQLite gives its side files the same mode."""
    os.close(os.open(folder / CATALOG_FILE, os.O_CREAT | os.O_WRONLY, 0o600))


def check_revision(connection: Connection, folder: Path) -> bool:
    """Tell whether the catalog has tables yet. Raises CollectionVersion; CollectionDamaged if they are not ours."""
    found = schema_of(connection)
    revision = _revision(connection, found, folder)
    if revision is None:
        return False
    migrations.refuse_unknown(revision, migrations.OF_FOLDERS, SCHEMA_REVISION, folder)
    if revision == SCHEMA_REVISION and found != newest_schema():
        raise damaged_catalog(folder)
    if revision == SCHEMA_REVISION:
        return True
    raise older(folder)


def require_intact(connection: Connection, folder: Path) -> None:
    """Raise CollectionDamaged if SQLite finds a fault in the catalog; reads all of it."""
    is_intact = connection.exec_driver_sql("PRAGMA integrity_check(1)").scalar() == "ok"
    if not is_intact or connection.exec_driver_sql("PRAGMA foreign_key_check").first():
        raise damaged_catalog(folder)


def older(folder: Path) -> CollectionVersion:
    """Say that an older program made the collection."""
    return CollectionVersion(
        f"The collection at {folder} was made by an older clinsearch. "
        "Bring it up to date with `clinsearch index` on its notes."
    )


def _revision(connection: Connection, found: Schema, folder: Path) -> str | None:
    """Return the revision of a catalog, None for an empty one. Raises CollectionDamaged."""
    if not found:
        return None
    if not {of for of in newest_schema() if of[2] == REVISION_TABLE} <= found:
        raise damaged_catalog(folder)
    return str(connection.scalar(text(f"SELECT version_num FROM {REVISION_TABLE}")))


def migrate(connection: Connection, folder: Path) -> bool:
    """Migrate the catalog's tables to the newest revision, in the connection's transaction.

    Returns whether they were older. Raises CollectionVersion for a revision that this program does not know,
    CollectionDamaged for tables that are not ours.
    """
    found = schema_of(connection)
    revision = _revision(connection, found, folder)
    if revision is not None:
        migrations.refuse_unknown(revision, migrations.OF_FOLDERS, SCHEMA_REVISION, folder)
        if found != (newest_schema() if revision == SCHEMA_REVISION else _schema_at(revision)):
            raise damaged_catalog(folder)
    if revision == SCHEMA_REVISION:
        return False
    migrations.upgrade(connection, migrations.OF_FOLDERS)
    return revision is not None


def _schema_at(revision: str) -> Schema:
    """Return the schema of a catalog at an older revision, by making one."""
    engine = create_engine("sqlite://")
    with engine.connect() as connection:
        migrations.upgrade(connection, migrations.OF_FOLDERS, revision)
        return schema_of(connection)
