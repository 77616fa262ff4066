"""Commits of any size to a folder or a database: a collection's writer makes small ones, and encodes what it stores."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sqlalchemy import text

from clinsearch.records.locations import Database, Location
from clinsearch.storage.catalog.changes import Changes
from clinsearch.storage.catalog.tables import metadata
from clinsearch.storage.folder.database import open_engine, transaction
from clinsearch.storage.folder.derived import FolderDerived
from clinsearch.storage.folder.spaces.writer import SpaceWriter
from clinsearch.storage.writable import WritableSpaces

# Of the folder's catalog, which are quicker to make at the end.
INDEXES = [
    index for name in ("sentences", "occurrences", "notes", "sections") for index in metadata.tables[name].indexes
]


@contextmanager
def one_commit(location: Location) -> Iterator[tuple[Changes, WritableSpaces]]:
    """Yield what one commit changes; it is made at the end of the `with` block, in which a writer must be open."""
    if isinstance(location, Database):
        with _of_database(location) as parts:
            yield parts
    else:
        with transaction(open_engine(location, writing=True), location) as connection:
            connection.exec_driver_sql("PRAGMA cache_size = -1000000")
            yield Changes(connection, FolderDerived(connection)), SpaceWriter(connection, location / "vectors")


@contextmanager
def _of_database(database: Database) -> Iterator[tuple[Changes, WritableSpaces]]:
    from clinsearch.storage.postgres import database as of_postgres
    from clinsearch.storage.postgres.changes import PostgresChanges
    from clinsearch.storage.postgres.spaces import TableSpaces

    engine = of_postgres.open_engine(database, writing=True)
    with of_postgres.transaction(engine, database) as connection:
        yield PostgresChanges(connection), TableSpaces(connection)
        for name in ("sentences", "notes"):
            last = f"(SELECT coalesce(max(key), 0) + 1 FROM {name})"
            connection.execute(text(f"UPDATE next_keys SET key = {last} WHERE name = '{name}'"))
    engine.dispose()


@contextmanager
def without_indexes(location: Location) -> Iterator[None]:
    """Leave a folder without most of its indexes until the end of the `with` block."""
    if isinstance(location, Path):
        with one_commit(location) as (changes, _):
            for index in INDEXES:
                index.drop(changes.connection)
    yield
    for index in INDEXES if isinstance(location, Path) else ():
        with one_commit(location) as (changes, _):
            index.create(changes.connection)
