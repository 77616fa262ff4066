"""What reading gives where it gives no Note, and the limits it keeps."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

MAX_NOTE_CHARACTERS = 10_000_000
# A record of a table around such a note: each quote or newline in it may be written as two characters.
MAX_RECORD_CHARACTERS = 2 * MAX_NOTE_CHARACTERS + 1_000_000
# How far something too long is still counted, so that a small .gz cannot keep the reader busy for hours.
MAX_COUNTED_CHARACTERS = 25 * MAX_NOTE_CHARACTERS


@dataclass(frozen=True, slots=True)
class Unreadable:
    """One file, or one record of it, that could not be read; `reason` holds no text of a note.

    `record` counts the rows of a .csv after its header, or the lines of a .jsonl that are not blank, from 1.
    """

    path: Path
    reason: str
    record: int | None = None


@dataclass(slots=True)
class FileFacts:
    """What comes to light while a file is read: fields that no Note has, notes without an id, records lost."""

    ignored_fields: set[str] = field(default_factory=set)
    has_default_ids: bool = False
    has_lost_records: bool = False


class CannotRead(Exception):
    """What is being read cannot be used; never leaves the readers, which turn it into Unreadable."""

    def __init__(self, reason: str, record: int | None = None) -> None:
        super().__init__(reason)
        self.reason = reason
        self.record = record


def too_long(characters: int, *, what: str = "note", limit: int = MAX_NOTE_CHARACTERS) -> CannotRead:
    """Say that a note or record is longer than the limit."""
    return CannotRead(f"{characters:,} characters in one {what}, more than {limit:,}; split it")


def endless(what: str) -> CannotRead:
    """Say that reading stopped inside something far too long to be counted."""
    return CannotRead(f"more than {MAX_COUNTED_CHARACTERS:,} characters in one {what}; split it")


def system_reason(error: OSError) -> str:
    """Return the operating system's own words for an error, without the path."""
    return (error.strerror or "could not be read").lower()
