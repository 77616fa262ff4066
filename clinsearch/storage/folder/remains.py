"""Whether deleted text may still be on the disk, and where.

First in pages that SQLite no longer uses, until the catalog is written anew. That goes through SQLite's log: as long as
a reader of an earlier commit keeps the log from being emptied, the catalog's file is what it was.
"""

from __future__ import annotations

from enum import IntEnum

from sqlalchemy import Connection


class Remains(IntEnum):
    """Where deleted text may be."""

    NOWHERE = 0
    IN_PAGES = 1
    BEHIND_LOG = 2


def remains_in(connection: Connection) -> Remains:
    """Tell where deleted text may still be."""
    marked = connection.exec_driver_sql("PRAGMA user_version").scalar()
    return Remains.BEHIND_LOG if marked == Remains.BEHIND_LOG else Remains(bool(marked))


def mark_remains(connection: Connection, where: Remains) -> None:
    """Record, in the database file of the transaction, where deleted text may still be."""
    connection.exec_driver_sql(f"PRAGMA user_version = {int(where)}")
