"""Whether deleted text may still be on the disk, in pages that SQLite no longer uses."""

from __future__ import annotations

from sqlalchemy import Connection


def has_remains(connection: Connection) -> bool:
    """Tell whether deleted text may still be on the disk."""
    return bool(connection.exec_driver_sql("PRAGMA user_version").scalar())


def mark_remains(connection: Connection, are_there: bool) -> None:
    """Record, in the database file of the transaction, whether deleted text may still be on the disk."""
    connection.exec_driver_sql(f"PRAGMA user_version = {int(are_there)}")
