"""Files to Notes: the only part that opens what the user hands in, and that knows its formats."""

from clinsearch.readers.files import NoteFiles
from clinsearch.readers.folders import SUFFIXES, holds_one_note, is_on_disk
from clinsearch.readers.outcomes import MAX_NOTE_CHARACTERS, Unreadable

__all__ = ["MAX_NOTE_CHARACTERS", "SUFFIXES", "NoteFiles", "Unreadable", "holds_one_note", "is_on_disk"]
