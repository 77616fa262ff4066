"""Stores a search under its name."""

from __future__ import annotations

from sqlalchemy import Connection, func
from sqlalchemy.dialects.postgresql import insert

from clinsearch.records.saved_searches import SavedSearch
from clinsearch.storage import saved
from clinsearch.storage.postgres.tables import saved_searches


def save_search(connection: Connection, search: SavedSearch) -> None:
    """Store a search of the role under its name, replacing the one before. Raises InputError."""
    row = {"role": func.current_user(), "name": saved.require_name(search.name), "content": saved.written(search)}
    statement = insert(saved_searches).values(row)
    connection.execute(
        statement.on_conflict_do_update(index_elements=["role", "name"], set_={"content": statement.excluded.content})
    )
