"""Addresses of pages: a path and what is asked for, with nothing that says nothing."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode


def address(path: str, **values: Any) -> str:
    """Return a path with its query; what is None, False or empty is left out, a sequence is given several times."""
    written = {name: value for name, value in values.items() if value not in (None, False, "", (), [])}
    plain = {name: 1 if value is True else value for name, value in written.items()}
    return f"{path}?{urlencode(plain, doseq=True)}" if plain else path


def note_address(note_id: str, start: int | None = None, end: int | None = None) -> str:
    """Return where a note is shown, at a place of it if one is given."""
    # A start of 0 is a place too.
    place = {} if start is None or end is None else {"start": str(start), "end": str(end)}
    return address("/note", id=note_id, **place)
