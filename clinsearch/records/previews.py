"""What a run of the indexer would read, without any text of a note."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from clinsearch.records.reports import Failure


@dataclass(frozen=True, slots=True)
class FormatPreview:
    """The files of one format; `filled` counts, by field, the notes that have a value."""

    format: str
    files: int
    bytes: int
    notes: int
    filled: Mapping[str, int]


@dataclass(frozen=True, slots=True)
class TablePreview:
    """Tables that are read alike: `columns` are the columns of each field, in the order in which they are looked for.

    source: the first of them. preset: which known table they were found to be.
    """

    source: str
    tables: int
    preset: str | None
    columns: Mapping[str, tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class NoteMetadata:
    """What is known of a note besides its text."""

    note_id: str
    patient_id: str | None
    encounter_id: str | None
    note_type: str | None
    note_datetime: datetime | None
    title: str | None
    source: str | None
    characters: int


@dataclass(frozen=True, slots=True)
class Preview:
    """What a run would read; `failures`, `doubts` and `passed_over` as in an IndexReport."""

    notes: int
    formats: tuple[FormatPreview, ...]
    tables: tuple[TablePreview, ...]
    first: NoteMetadata | None
    ignored_fields: tuple[str, ...]
    failures: tuple[Failure, ...]
    doubts: tuple[Failure, ...]
    passed_over: tuple[Failure, ...]


@dataclass(frozen=True, slots=True)
class ReadFormat:
    """A format that is read; `needs` is the command that installs what is missing for it, None if nothing is.

    kind: `format`, `compression`, `preset` of tables, or `plugin` of a site.
    """

    kind: str
    name: str
    what: str
    endings: tuple[str, ...]
    extra: str | None = None
    needs: str | None = None
