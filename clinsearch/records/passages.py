"""Parts of notes in which places are marked."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from clinsearch.display import Shown
from clinsearch.records.notes import Span


@dataclass(frozen=True, slots=True)
class Passage(Shown):
    """Places of a note with the sentences around them: `text` stands from `start` to `end` in the note.

    marks: the places, in the note, in order. section, heading: those in which the first stands, the heading as
    written; the text begins with it only if it reaches so far.
    """

    note_id: str
    title: str | None
    patient_id: str | None
    note_type: str | None
    note_datetime: datetime | None
    section: str | None
    heading: str | None
    start: int
    end: int
    text: str
    marks: tuple[Span, ...]
