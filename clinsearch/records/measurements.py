"""What a text measures, and what a query asks of measurements."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypeAlias

from clinsearch.display import Shown
from clinsearch.records.assertions import Status

Comparator: TypeAlias = Literal["=", "<", "<=", ">", ">=", "~"]


@dataclass(frozen=True, slots=True)
class Measurement:
    """A value of something, between two offsets of a text.

    name: the usual name in lower case, "hemoglobin a1c". low, high: in `unit`, the usual one of what is measured; they
    are the same but for ranges. value, written_unit: as they stand in the text. date: as it stands beside the value.
    """

    name: str
    comparator: Comparator
    low: float
    high: float
    unit: str
    value: str
    written_unit: str
    start: int
    end: int
    date: str | None = None


@dataclass(frozen=True, slots=True)
class Condition:
    """What a query asks a measurement to be; start and end are offsets of the query.

    tolerance: how far a value may be from low or high, in `unit`, and still be the same as it was written.
    """

    name: str
    comparator: Comparator
    low: float
    high: float
    unit: str
    start: int
    end: int
    tolerance: float = 0.0


@dataclass(frozen=True, slots=True)
class MeasuredValue(Shown):
    """A value of something in a note; low, high, comparator and unit are as in Measurement.

    date: as it stands beside the value, else the day of the note. time: what that is, of the note where it can't be
    read. assertion: None where it is simply so; of_other: whether it is someone else's. start, end: of the sentence in
    the note.
    """

    name: str
    patient_id: str | None
    date: str | None
    time: datetime | None
    value: str
    written_unit: str
    comparator: Comparator
    low: float
    high: float
    unit: str
    assertion: Status | None
    of_other: bool
    note_id: str
    note_type: str | None
    note_datetime: datetime | None
    section: str | None
    sentence: str
    start: int
    end: int


@dataclass(frozen=True, slots=True)
class MeasuredName(Shown):
    """Something that is measured, its usual unit, and how many values of it stand in how many notes."""

    name: str
    unit: str
    values: int
    notes: int
