"""What is listed of a collection's notes, and how they are counted."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from clinsearch.display import Shown

# What orders a list of notes; of two that are alike by it the earlier, then the one with the lower id, comes first.
Order: TypeAlias = Literal["date", "id", "patient", "type", "length"]
# What notes are counted by.
CountBy: TypeAlias = Literal["type", "patient", "encounter", "section", "language", "year", "month", "day"]


@dataclass(frozen=True, slots=True)
class ListedNote(Shown):
    """A note without its text: what is known of it, and its size; `sentences` counts places.

    language: its code in ISO 639-1 or `und` if it is clearly in another language than English, else None.
    """

    note_id: str
    patient_id: str | None
    encounter_id: str | None
    note_type: str | None
    note_datetime: datetime | None
    title: str | None
    source: str | None
    language: str | None
    characters: int
    sentences: int


@dataclass(frozen=True, slots=True)
class NoteCount(Shown):
    """How many notes have a value of what they are counted by, and which share that is of all that pass the filter.

    A note has several sections, so that the shares of these add up to more than 1. value: None of notes without any.
    """

    by: CountBy
    value: str | None
    notes: int
    share: float
