"""Compares measurements with what a query asks of them."""

from __future__ import annotations

import math

from clinsearch.language.measurements.analytes import analytes
from clinsearch.records.measurements import Condition, Measurement

_ROUNDED = 1e-6
# Of less nothing would be left after rounding.
_NOTHING = 1e-300
_LEAST = 1e-3
# How far "about" reaches, as a part of the value.
_ABOUT = 0.1


def satisfies(measurement: Measurement, condition: Condition) -> bool:
    """Tell whether a measurement is what a condition asks.

    Of a range its middle counts, but that it holds a value that is asked for is enough: "30-35%" is an EF of 35 %. One
    that is known only to be less or more than a value must be so for certain: "> 90" is not above 92.
    """
    return _gap(measurement, condition) == 0


def distance(measurement: Measurement, condition: Condition) -> float:
    """Return how far a measurement is from what a condition asks: 0 where it satisfies it, to 1.

    A difference of the analyte's span is half way; where it has none the difference counts as a part of the value.
    """
    gap = _gap(measurement, condition)
    if gap == 0 or math.isinf(gap):
        return 0.0 if gap == 0 else 1.0
    analyte = analytes().get(measurement.name)
    if analyte is not None and analyte.span and analyte.unit == measurement.unit:
        far = gap / (gap + analyte.span)
    else:
        largest = max(map(abs, (measurement.low, measurement.high, condition.low, condition.high)))
        far = gap / largest if largest else 1.0
    return min(1.0, max(_LEAST, far))


def _gap(measurement: Measurement, condition: Condition) -> float:
    """Return the difference between a measurement and the nearest value that satisfies a condition."""
    if (measurement.name, measurement.unit) != (condition.name, condition.unit):
        return math.inf
    if condition.comparator in (">", ">="):
        return _below(measurement, condition.low, strict=condition.comparator == ">")
    if condition.comparator in ("<", "<="):
        return _below(_mirrored(measurement), -condition.high, strict=condition.comparator == "<")
    return _outside(measurement, condition)


def _below(measurement: Measurement, limit: float, *, strict: bool) -> float:
    """Return how far a measurement is below a limit."""
    if measurement.comparator in ("<", "<="):
        return max(limit - measurement.high, _least(limit))
    value = measurement.low if measurement.comparator in (">", ">=") else (measurement.low + measurement.high) / 2
    nearly = _ROUNDED * abs(limit)
    above = value > limit + nearly if strict and measurement.comparator != ">" else value >= limit - nearly
    return 0.0 if above else max(limit - value, _least(limit))


def _least(limit: float) -> float:
    return _ROUNDED * (abs(limit) if abs(limit) > _NOTHING else 1.0)


_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def _mirrored(measurement: Measurement) -> Measurement:
    """Return a measurement with its sign turned, so that more is less."""
    comparator = _MIRRORED.get(measurement.comparator, measurement.comparator)
    low, high = -measurement.high, -measurement.low
    return Measurement(measurement.name, comparator, low, high, measurement.unit, "", "", 0, 0)  # type: ignore[arg-type]


def _outside(measurement: Measurement, condition: Condition) -> float:
    """Return how far a measurement is from the value, or from the range, that is asked for."""
    low, high = condition.low, condition.high
    margin = max(condition.tolerance, _ROUNDED * max(abs(low), abs(high)))
    if condition.comparator == "~":
        margin = max(margin, _ABOUT * abs(high))
    low, high = low - margin, high + margin
    if measurement.comparator in (">", ">="):
        return max(measurement.low - high, _least(high))
    if measurement.comparator in ("<", "<="):
        return max(low - measurement.high, _least(high))
    if condition.low != condition.high:
        middle = (measurement.low + measurement.high) / 2
        return max(0.0, low - middle, middle - high)
    return max(0.0, low - measurement.high, measurement.low - high)
