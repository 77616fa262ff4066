"""What copying a collection came to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Check:
    """What was compared of a copy and its source: how many there are in the source, and whether the copy has the same.

    difference: of vectors, the largest between any two values; they are the same within half precision's rounding.
    """

    name: str
    rows: int
    is_same: bool
    difference: float | None = None


@dataclass(frozen=True, slots=True)
class CopyReport:
    """What copying a collection came to.

    source, target: where they are, as text. notes, sentences: how many of each the copy has, and of these, those that
    this run copied; the rest was there. checks: what was compared in the end. seconds: how long the copying and the
    comparing took.
    """

    source: str
    target: str
    notes: int
    sentences: int
    notes_copied: int
    sentences_copied: int
    saved_searches: int
    checks: tuple[Check, ...]
    seconds: float
    seconds_of_checks: float

    @property
    def different(self) -> tuple[str, ...]:
        """The names of what is not the same."""
        return tuple(check.name for check in self.checks if not check.is_same)
