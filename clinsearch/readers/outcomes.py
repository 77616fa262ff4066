"""What reading gives instead of a Note, and its limits."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from clinsearch.readers.columns import Columns

MAX_NOTE_CHARACTERS = 10_000_000
# A record with the longest note: each quote or newline in it may be written as two characters.
MAX_RECORD_CHARACTERS = 2 * MAX_NOTE_CHARACTERS + 1_000_000
# Counting stops here, so that a small .gz cannot keep the reader busy for hours.
MAX_COUNTED_CHARACTERS = 25 * MAX_NOTE_CHARACTERS


# Nothing was lost by these: a value of a note that was kept, or records that hold no note.
KEPT_KINDS = frozenset({"date", "field", "header", "document", "passed_over"})


@dataclass(frozen=True, slots=True)
class Unreadable:
    """A file, or one of its records, that could not be read; `reason` holds no text of a note.

    `record` counts the rows of a .csv after its header, or the lines of a .jsonl that are not blank, from 1.
    `kind` is what reports count by; with a kind in KEPT_KINDS no note was lost. `note_id` is set if only
    a part of a note was there, or may have been; `pieces` are the digests of its parts.
    """

    path: Path
    reason: str
    record: int | None = None
    kind: str = field(default="malformed", compare=False)
    note_id: str | None = field(default=None, repr=False, compare=False)
    pieces: frozenset[bytes] = field(default=frozenset(), repr=False, compare=False)


@dataclass(slots=True)
class FileFacts:
    """What is learned while a file is read: fields that no Note has, notes without an id, lost records.

    preset: the name of the preset that a table turned out to be. columns: which of a table's columns are which fields.
    """

    names_met: set[str] = field(default_factory=set)
    ignored_fields: set[str] = field(default_factory=set)
    has_default_ids: bool = False
    has_lost_records: bool = False
    preset: str | None = None
    columns: Columns | None = None


class CannotRead(Exception):
    """What was read cannot be used; never leaves the readers, which turn it into Unreadable."""

    def __init__(self, reason: str, record: int | None = None, *, kind: str = "malformed") -> None:
        super().__init__(reason)
        self.reason = reason
        self.record = record
        self.kind = kind


def too_long(characters: int, *, what: str = "note", limit: int = MAX_NOTE_CHARACTERS) -> CannotRead:
    """Return the error for a note or record longer than the limit."""
    return CannotRead(f"{characters:,} characters in one {what}, more than {limit:,}; split it", kind="too_long")


def no_text() -> CannotRead:
    """Return the error for a file or record in which there is no text."""
    return CannotRead("no text in it", kind="no_text")


def endless() -> CannotRead:
    """Return the error for a note too long even to be counted."""
    return CannotRead(f"more than {MAX_COUNTED_CHARACTERS:,} characters in one note; split it", kind="too_long")


def system_reason(error: OSError) -> str:
    """Return the operating system's own words for an error, without the path."""
    return (error.strerror or "could not be read").lower()


def piece_digest(text: str) -> bytes:
    """Hash a text that may be only a part of a note."""
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=16).digest()
