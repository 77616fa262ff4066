"""Finds what a query asks measurements to be."""

from __future__ import annotations

import re

from clinsearch.language.measurements.analytes import analytes
from clinsearch.language.measurements.conversion import tolerance_in_usual_unit
from clinsearch.language.measurements.finding import DIGIT, find_all
from clinsearch.language.measurements.quantities import Quantity
from clinsearch.language.measurements.sentence import read_sentence
from clinsearch.records.measurements import Condition, Measurement

# A note tells of a change by "from 2 to 4", a query asks for what lies between.
_FROM = re.compile(r"\bfrom(?= ?[\d.,]+\S* to [\d.])", re.IGNORECASE)
# How much of a value a difference in its last digit can be at most, where it is still the same value.
_MOST = 0.03


def find_conditions(query: str) -> list[Condition]:
    """Return what a query asks of measurements, in order; a value without a comparator is asked for itself."""
    if not DIGIT.search(query):
        return []
    sentence = read_sentence(_FROM.sub("with", query), asked=True)
    find_all(sentence)
    found = [_condition(query, quantity, one) for quantity, one in sentence.found if one.name != "dose"]
    return sorted(found, key=lambda one: (one.start, one.end))


def _condition(query: str, quantity: Quantity, found: Measurement) -> Condition:
    comparator = found.comparator
    if comparator == "=" and found.low == found.high and query[quantity.value_end : quantity.value_end + 1] == "+":
        comparator = ">="
    tolerance = _tolerance(quantity, found)
    return Condition(found.name, comparator, found.low, found.high, found.unit, found.start, found.end, tolerance)


def _tolerance(quantity: Quantity, found: Measurement) -> float:
    analyte = analytes().get(found.name)
    if analyte is not None:
        return round(tolerance_in_usual_unit(analyte, quantity.low, quantity.unit, quantity.step), 9)
    size = found.low / quantity.low if quantity.low else 1.0
    return round(min(quantity.step / 2 * size, found.low * _MOST), 9)
