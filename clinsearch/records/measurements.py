"""What a text measures, and what a query asks of measurements."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, TypeAlias

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
