"""Files to Notes: the only package that opens the user's files and knows their formats."""

from __future__ import annotations

from typing import TYPE_CHECKING

from clinsearch.deferral import deferred

if TYPE_CHECKING:
    from clinsearch.readers.dates import parse_datetime
    from clinsearch.readers.document import Document
    from clinsearch.readers.files import NoteFiles, ReadingOptions
    from clinsearch.readers.note_files import is_on_disk, suffix_of
    from clinsearch.readers.outcomes import KEPT_KINDS, MAX_NOTE_CHARACTERS, CannotRead, Unreadable, piece_digest
    from clinsearch.readers.source import NoteSource

__all__ = [
    "KEPT_KINDS",
    "MAX_NOTE_CHARACTERS",
    "CannotRead",
    "Document",
    "NoteFiles",
    "NoteSource",
    "ReadingOptions",
    "Unreadable",
    "is_on_disk",
    "parse_datetime",
    "piece_digest",
    "suffix_of",
]

__getattr__ = deferred(
    __name__,
    {
        "CannotRead": "outcomes",
        "Document": "document",
        "KEPT_KINDS": "outcomes",
        "MAX_NOTE_CHARACTERS": "outcomes",
        "NoteFiles": "files",
        "NoteSource": "source",
        "ReadingOptions": "files",
        "Unreadable": "outcomes",
        "is_on_disk": "note_files",
        "parse_datetime": "dates",
        "piece_digest": "outcomes",
        "suffix_of": "note_files",
    },
)
