"""What a query asks of measurements, as conditions of the catalog; the same as `language.measurements.satisfies`."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, case, false, select

from clinsearch.records.measurements import Condition
from clinsearch.storage.catalog.tables import measurements, occurrences

# Values that differ by no more than such a part are the same; "about" reaches so far.
ROUNDED, ABOUT = 1e-6, 0.1

_LOW, _HIGH, _COMPARATOR = measurements.c.low, measurements.c.high, measurements.c.comparator
_MIDDLE = (_LOW + _HIGH) / 2
# Known only to be more, or less, than a value.
_IS_LEAST, _IS_MOST = _COMPARATOR.in_([">", ">="]), _COMPARATOR.in_(["<", "<="])


def notes_measuring(condition: Condition) -> Select[Any]:
    """Select the keys of the notes with a measurement that is as a condition asks."""
    at_sentence = occurrences.c.sentence == measurements.c.sentence
    named = (measurements.c.name == condition.name) & (measurements.c.unit == condition.unit)
    return select(occurrences.c.note).join(measurements, at_sentence).where(named, is_measured(condition))


def is_measured(condition: Condition) -> ColumnElement[bool]:
    """Return the condition that a measurement satisfies what is asked for."""
    nearly = ROUNDED * max(abs(condition.low), abs(condition.high))
    match condition.comparator:
        case ">":
            return _is_more(condition.low + nearly < _MIDDLE, condition.low - nearly <= _LOW)
        case ">=":
            return _is_more(condition.low - nearly <= _MIDDLE, condition.low - nearly <= _LOW)
        case "<":
            return _is_less(condition.high - nearly > _MIDDLE, condition.high + nearly >= _HIGH)
        case "<=":
            return _is_less(condition.high + nearly >= _MIDDLE, condition.high + nearly >= _HIGH)
    about = ABOUT * abs(condition.high) if condition.comparator == "~" else 0.0
    margin = max(condition.tolerance, about, nearly)
    reaches = (_MIDDLE, _MIDDLE) if condition.low != condition.high else (_HIGH, _LOW)
    is_between = (reaches[0] >= condition.low - margin) & (reaches[1] <= condition.high + margin)
    return ~_IS_LEAST & ~_IS_MOST & is_between


def _is_more(by_value: ColumnElement[bool], by_least: ColumnElement[bool]) -> ColumnElement[bool]:
    return case((_IS_MOST, false()), (_IS_LEAST, by_least), else_=by_value)


def _is_less(by_value: ColumnElement[bool], by_most: ColumnElement[bool]) -> ColumnElement[bool]:
    return case((_IS_LEAST, false()), (_IS_MOST, by_most), else_=by_value)
