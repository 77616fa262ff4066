"""What reading gives where it gives no Note, and the limits it keeps."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from pathlib import Path

MAX_NOTE_CHARACTERS = 10_000_000
# A record of a table around such a note: each quote or newline in it may be written as two characters.
MAX_RECORD_CHARACTERS = 2 * MAX_NOTE_CHARACTERS + 1_000_000
# How far something too long is still counted, so that a small .gz cannot keep the reader busy for hours.
MAX_COUNTED_CHARACTERS = 25 * MAX_NOTE_CHARACTERS


KEPT_KINDS = frozenset({"date", "field", "header"})


@dataclass(frozen=True, slots=True)
class Unreadable:
    """One file, or one record of it, that could not be read; `reason` holds no text of a note.

    `record` counts the rows of a .csv after its header, or the lines of a .jsonl that are not blank, from 1.
    `kind` is what such cases are counted by; those in KEPT_KINDS are of a note that was read all the same.
    `note_id` is that of a note of which there was, or may have been, but a part, `pieces` the digests of its parts.
    """

    path: Path
    reason: str
    record: int | None = None
    kind: str = field(default="malformed", compare=False)
    note_id: str | None = field(default=None, repr=False, compare=False)
    pieces: frozenset[bytes] = field(default=frozenset(), repr=False, compare=False)


@dataclass(slots=True)
class FileFacts:
    """What comes to light while a file is read: fields that no Note has, notes without an id, records lost."""

    names_met: set[str] = field(default_factory=set)
    ignored_fields: set[str] = field(default_factory=set)
    has_default_ids: bool = False
    has_lost_records: bool = False


class CannotRead(Exception):
    """What is being read cannot be used; never leaves the readers, which turn it into Unreadable."""

    def __init__(self, reason: str, record: int | None = None, *, kind: str = "malformed") -> None:
        super().__init__(reason)
        self.reason = reason
        self.record = record
        self.kind = kind


def too_long(characters: int, *, what: str = "note", limit: int = MAX_NOTE_CHARACTERS) -> CannotRead:
    """Say that a note or record is longer than the limit."""
    return CannotRead(f"{characters:,} characters in one {what}, more than {limit:,}; split it", kind="too_long")


def endless(what: str) -> CannotRead:
    """Say that reading stopped inside something far too long to be counted."""
    return CannotRead(f"more than {MAX_COUNTED_CHARACTERS:,} characters in one {what}; split it", kind="too_long")


def system_reason(error: OSError) -> str:
    """Return the operating system's own words for an error, without the path."""
    return (error.strerror or "could not be read").lower()


def piece_digest(text: str) -> bytes:
    """Hash a text that may be but a part of a note."""
    return hashlib.blake2b(text.encode(errors="surrogatepass"), digest_size=16).digest()
