"""Marks a collection that is a copy of another: whose copy, of which commit, and whether all of it is there.

A copy has the row of its source, so the same time of making and number of commits. Until it is whole that row has
another key, by which readers and other writers know that it must not be used: it would pass for the whole.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import Connection, func, insert, select, update

from clinsearch.errors import CollectionUnfinished
from clinsearch.records.locations import Location
from clinsearch.storage.catalog.tables import UNFINISHED, WHOLE, collection, counts, notes


def owner_of(connection: Connection) -> dict[str, Any] | None:
    """Return the row of a collection by the names of its columns; None if there is none yet."""
    row = connection.execute(select(collection)).mappings().first()
    return None if row is None else dict(row)


def begin_copy(connection: Connection, owner: dict[str, Any], counted: dict[str, int]) -> None:
    """Make an empty collection the unfinished copy of the one of this row, which has so many of everything."""
    connection.execute(insert(collection).values({**owner, "key": UNFINISHED}))
    for name, rows in counted.items():
        connection.execute(update(counts).where(counts.c.name == name).values(rows=rows))


def finish_copy(connection: Connection) -> None:
    """Record that a copy is whole."""
    connection.execute(update(collection).values(key=WHOLE))


def require_whole(connection: Connection, location: Location) -> None:
    """Raise CollectionUnfinished if a collection is an unfinished copy."""
    if connection.scalar(select(collection.c.key)) != UNFINISHED:
        return
    there = connection.scalar(select(func.count()).select_from(notes)) or 0
    total = connection.scalar(select(counts.c.rows).where(counts.c.name == "notes")) or 0
    raise CollectionUnfinished(
        f"The collection at {location} is an unfinished copy: {there:,} of {total:,} notes are there. Finish it with "
        f"the `clinsearch copy` that began it."
    )
