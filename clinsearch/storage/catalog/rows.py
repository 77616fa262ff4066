"""What the catalog answers with."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True, slots=True)
class EncoderIdentity:
    """The one encoder that a collection belongs to."""

    model: str
    pooling: str
    fingerprint: str
    hidden_size: int


@dataclass(frozen=True, slots=True)
class NoteLabel:
    """What is shown of a note beside a hit."""

    note_key: int
    note_id: str
    title: str | None
    patient_id: str | None
    note_type: str | None
    note_datetime: datetime | None


@dataclass(frozen=True, slots=True)
class Occurrence:
    """A place where a sentence stands; `section` is the section's normalised name.

    heading: how many of its characters are the section's heading with what parts it from the rest.
    """

    sentence_key: int
    text: str
    start: int
    end: int
    section: str | None
    note: NoteLabel
    heading: int = 0


@dataclass(frozen=True, slots=True)
class StoredNote:
    """What the indexer needs of a note in the catalog to tell whether it has changed."""

    note_key: int
    note_id: str
    source: str | None
    digest: bytes
    patient_id: str | None
