"""What a query asks of measurements, as conditions of the catalog; the same as `language.measurements.satisfies`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, case, false, select

from clinsearch.records.measurements import Condition
from clinsearch.storage.catalog.rows import unindexed
from clinsearch.storage.catalog.tables import measurements, occurrences

# Values that differ by no more than such a part are the same; "about" reaches so far.
ROUNDED, ABOUT = 1e-6, 0.1

_LOW, _HIGH, _COMPARATOR = measurements.c.low, measurements.c.high, measurements.c.comparator
_MIDDLE = (_LOW + _HIGH) / 2
# Known only to be more, or less, than a value.
_IS_LEAST, _IS_MOST = _COMPARATOR.in_([">", ">="]), _COMPARATOR.in_(["<", "<="])
_IS_MORE, _IS_LESS = _COMPARATOR == ">", _COMPARATOR == "<"


def notes_measuring(condition: Condition) -> Select[Any]:
    """Select the keys of the notes with a measurement that is as a condition asks."""
    at_sentence = occurrences.c.sentence == measurements.c.sentence
    named = (measurements.c.name == condition.name) & (measurements.c.unit == condition.unit)
    return select(occurrences.c.note).join(measurements, at_sentence).where(named, is_measured(condition))


def measuring(note: ColumnElement[Any], condition: Condition, *, by_index: bool) -> ColumnElement[bool]:
    """Return the condition that a note, by its key, has a measurement that is as asked.

    by_index: whether to find all such notes first, or to go through this note's sentences, which is for few notes.
    """
    if by_index:
        return note.in_(notes_measuring(condition))
    own = occurrences.alias()
    at_sentence = unindexed(measurements.c.name) == condition.name, measurements.c.unit == condition.unit
    query = select(own.c.note).join(measurements, measurements.c.sentence == own.c.sentence)
    return query.where(own.c.note == note, *at_sentence, is_measured(condition)).exists()


def is_measured(condition: Condition) -> ColumnElement[bool]:
    """Return the condition that a measurement satisfies what is asked for."""
    low, high = condition.low, condition.high
    at_low, at_high = ROUNDED * abs(low), ROUNDED * abs(high)
    match condition.comparator:
        case ">":
            return case(
                (_IS_MOST, false()),
                (_IS_MORE, low - at_low <= _LOW),
                (_IS_LEAST, low + at_low < _LOW),
                else_=low + at_low < _MIDDLE,
            )
        case ">=":
            return case((_IS_MOST, false()), (_IS_LEAST, low - at_low <= _LOW), else_=low - at_low <= _MIDDLE)
        case "<":
            return case(
                (_IS_LEAST, false()),
                (_IS_LESS, high + at_high >= _HIGH),
                (_IS_MOST, high - at_high > _HIGH),
                else_=high - at_high > _MIDDLE,
            )
        case "<=":
            return case((_IS_LEAST, false()), (_IS_MOST, high + at_high >= _HIGH), else_=high + at_high >= _MIDDLE)
    return ~_IS_LEAST & ~_IS_MOST & _is_between(condition)


def _is_between(condition: Condition) -> ColumnElement[bool]:
    nearly = ROUNDED * max(abs(condition.low), abs(condition.high))
    about = ABOUT * abs(condition.high) if condition.comparator == "~" else 0.0
    margin = max(condition.tolerance, about, nearly)
    reaches = (_MIDDLE, _MIDDLE) if condition.low != condition.high else (_HIGH, _LOW)
    return (reaches[0] >= condition.low - margin) & (reaches[1] <= condition.high + margin)
