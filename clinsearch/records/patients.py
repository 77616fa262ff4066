"""Patients that a search found, with what their notes say of what was asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias, get_args

from clinsearch.display import Shown
from clinsearch.records.assertions import Status
from clinsearch.records.hits import Hit

# What a note says of something: whether it is so, or that it is someone else's; unread: a note in another language than
# English, whose assertions are not known.
Stance: TypeAlias = Status | Literal["other", "unread"]
STANCES: tuple[Stance, ...] = (
    "affirmed",
    "negated",
    "possible",
    "historical",
    "hypothetical",
    "other",
    "unread",
)
assert len(get_args(Status)) + 2 == len(STANCES)


@dataclass(frozen=True, slots=True)
class NoteStance:
    """What one note says of something, and the first sentence of it that speaks of that, by its place in the note."""

    note_id: str
    note_datetime: datetime | None
    start: int
    end: int
    said: tuple[Stance, ...]


@dataclass(frozen=True, slots=True)
class PatientEvidence:
    """What a patient's notes say of one thing that is asked for.

    asked: the query, or a part of it. score: of the best sentence. hits: the best sentences, of different notes as far
    as there are such; each counts the places in this patient's notes. notes: how many notes speak of it, whatever they
    say of it; first, last: their dates. said: by stance, how many of these notes say so; one that says several things
    counts for each. in_notes: these notes one by one, in the order of their dates, those without one last.
    """

    asked: str
    score: float
    hits: tuple[Hit, ...]
    notes: int
    first: datetime | None
    last: datetime | None
    said: Mapping[Stance, int]
    in_notes: tuple[NoteStance, ...] = ()


@dataclass(frozen=True, slots=True)
class PatientHit(Shown):
    """A patient, by all notes that pass. `evidence` has one entry, or one for each of several things asked for.

    score: that of the best sentence, or of several things the geometric mean of their scores. note_id: of a note
    without a patient id, which stands for itself. is_certain: whether no patient that was not looked at can stand
    before this one.
    """

    score: float
    patient_id: str | None
    note_id: str | None
    is_certain: bool
    evidence: tuple[PatientEvidence, ...]
