"""Files to Notes: the only package that opens the user's files and knows their formats."""

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
