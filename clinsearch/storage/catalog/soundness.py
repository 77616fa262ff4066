"""Checks of values in a catalog: one that comes from elsewhere may hold anything."""

from __future__ import annotations

from clinsearch.errors import CollectionDamaged


class UnsoundValue(ValueError):
    """A value in the catalog that clinsearch would not write; `database.plain_errors` turns it into one line."""


def require_sound(is_sound: bool) -> None:
    """Raise UnsoundValue unless a value is one that clinsearch would write."""
    if not is_sound:
        raise UnsoundValue


def is_count(value: object) -> bool:
    """Tell whether a value is a count."""
    return isinstance(value, int) and value >= 0


def require_as_written(is_so: bool, note_id: str) -> None:
    """Raise CollectionDamaged, naming the note, unless the catalog holds what was written."""
    if not is_so:
        raise CollectionDamaged(
            f"What the catalog holds of note {note_id} is not as it was written. Mend it with `clinsearch repair`, "
            "or restore the catalog from a copy."
        )
