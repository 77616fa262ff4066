"""Queries of the catalog about the notes that are in another language than English."""

from __future__ import annotations

from sqlalchemy import Connection, func, select

from clinsearch.storage.catalog.soundness import require_sound
from clinsearch.storage.catalog.tables import languages


def count_languages(connection: Connection) -> dict[str, int]:
    """Count these notes by language, most first."""
    query = select(languages.c.language, func.count().label("count")).group_by(languages.c.language)
    rows = connection.execute(query.order_by(func.count().desc(), languages.c.language)).all()
    require_sound(all(isinstance(language, str) for language, _ in rows))
    return dict(rows)


def note_language(connection: Connection, note_key: int) -> str | None:
    """Return the language of a note if it is one of these."""
    found = connection.scalar(select(languages.c.language).where(languages.c.note == note_key))
    require_sound(found is None or isinstance(found, str))
    return found
