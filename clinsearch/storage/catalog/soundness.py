"""What a catalog may hold: one that comes from elsewhere may hold anything."""

from __future__ import annotations


class UnsoundValue(ValueError):
    """A value in the catalog that clinsearch would not have put there; `database.plain_errors` says so in one line."""


def require_sound(is_sound: bool) -> None:
    """Raise UnsoundValue unless a value is such as clinsearch writes."""
    if not is_sound:
        raise UnsoundValue


def is_count(value: object) -> bool:
    """Tell whether a value is a number of things."""
    return isinstance(value, int) and value >= 0
