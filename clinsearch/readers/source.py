"""What can be indexed: the files of some folders, or the query of a database."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterator, Mapping
from pathlib import Path
from typing import Protocol

from clinsearch.readers.outcomes import Unreadable
from clinsearch.records import Note


class NoteSource(Protocol):
    """A source of notes; each iteration reads it anew, and only one may run at a time.

    A query's name stands where a file's path does. formats, fields, sizes: of what was read in the last iteration the
    format, of a table the columns of each field, and the bytes.
    """

    bytes_read: int
    formats: dict[Path, str]
    fields: dict[Path, Mapping[str, tuple[str, ...]]]
    sizes: dict[Path, int]
    ignored_fields: Counter[str]

    @property
    def files(self) -> tuple[Path, ...]:
        """What is read, in order."""

    @property
    def finished(self) -> Collection[Path]:
        """What was read to the end: all its notes have been seen."""

    @property
    def passed_over(self) -> tuple[Path, ...]:
        """The files of unknown formats, which are not read."""

    @property
    def left_out(self) -> tuple[Unreadable, ...]:
        """What else was not read, or of what was read was no note."""

    @property
    def presets(self) -> Mapping[Path, str]:
        """The tables of which it was found out, in the last iteration, which preset they are."""

    @property
    def total_bytes(self) -> int | None:
        """How much there is to read; None if that is not known."""

    def __iter__(self) -> Iterator[Note | Unreadable]:
        """Read what there is; yield what cannot be read as Unreadable and go on."""

    def covers(self, source: str) -> bool:
        """Tell whether what a note was once read from is among what is read."""

    def is_default_id(self, note: Note) -> bool:
        """Tell whether a note's id was made from its file's name."""

    def holds_one_note(self, source: str) -> bool:
        """Tell whether what a note was read from in this iteration holds that note alone."""

    def is_gone(self, source: Path) -> bool:
        """Tell whether a note once read from `source`, and not in this iteration, is gone from it."""
