"""Measurements told by their form: blood pressures and gases without a name, feet and inches, pounds and ounces."""

from __future__ import annotations

import re

from clinsearch.language.measurements.linking import add_pair
from clinsearch.language.measurements.quantities import Quantity
from clinsearch.language.measurements.sentence import Sentence, analyte_named
from clinsearch.language.measurements.wording import word_set

_BLOOD_PRESSURE = ("systolic blood pressure", "diastolic blood pressure")
_HEIGHT = re.compile(
    r"(?P<feet>[3-7])\s?(?:'|\u2019|-?\s?(?:ft|feet|foot)\b\.?),?\s?(?:and\s)?(?:(?P<inches>1[01]|\d(?:\.\d+)?)(?:\s(?P<half>1/2))?"
    r"(?:\s?(?:\"|''|\u201d|\u2019\u2019|-?in(?:ch(?:es)?)?\b\.?))?)?(?!\d)",
    re.IGNORECASE,
)
_POUNDS_AND_OUNCES = re.compile(
    r"(?P<pounds>\d{1,3})\s?(?:lbs?\b\.?|pounds?\b|#)\s?,?\s?(?:and\s)?(?P<ounces>\d{1,2}(?:\.\d+)?)\s?(?:oz\b|ounces?\b)",
    re.IGNORECASE,
)
_PREMIXED = word_set("insulin humulin novolin humalog novolog mix mixed advair nph premixed")


def find_pairs(sentence: Sentence) -> None:
    """Add blood pressures and blood gases that stand without a name: "175/104", "7.28/55/68"."""
    for quantity in sentence.quantities:
        chain = _chain(sentence, quantity) if sentence.free(quantity) else []
        if len(chain) == 2 and not _is_dose(chain[1]):
            low_enough = chain[1].low / (chain[0].low or 1) >= 0.25 and chain[1].high < chain[0].low
            if not _PREMIXED.isdisjoint(sentence.marks.words[max(0, quantity.first - 3) : quantity.first]):
                continue
            if (chain[0].low, chain[1].low) in ((70, 30), (75, 25), (50, 50)):
                continue
            least = 40 if chain[1].unit == "mmHg" else 60
            if chain[0].low >= least and low_enough and chain[1].low >= 25 and not quantity.written_unit:
                add_pair(sentence, _BLOOD_PRESSURE, (chain[0], chain[1]), quantity.first)
        elif len(chain) > 2 and 6.6 <= quantity.low <= 7.8 and quantity.step < 1:
            for name, one in zip(("ph", "pco2", "po2", "bicarbonate"), chain, strict=False):
                sentence.add(analyte_named(name), one, quantity.first)


def _is_dose(quantity: Quantity) -> bool:
    return bool(quantity.unit) and quantity.unit != "mmHg"


def _chain(sentence: Sentence, quantity: Quantity) -> list[Quantity]:
    """Return the quantities that slashes join to one."""
    chain, marks = [quantity], sentence.marks
    before = marks.word(quantity.first - 1)
    if before == "/":
        return chain
    over = quantity.low >= 60
    while marks.word(chain[-1].stop) == "/" or (over and len(chain) == 1 and marks.word(chain[-1].stop) == "over"):
        following = sentence.quantity_at.get(chain[-1].stop + 1)
        if following is None or not sentence.free(following):
            return []
        chain.append(following)
    return chain


def find_by_form(sentence: Sentence) -> None:
    """Add heights in feet and inches, and weights in pounds and ounces."""
    text = sentence.marks.text
    by_start = {quantity.start: quantity for quantity in sentence.quantities}
    if "'" in text or "\u2019" in text or "f" in text.lower():
        for found in _HEIGHT.finditer(text):
            size = float(found["feet"]) * 12 + float(found["inches"] or 0) + (0.5 if found["half"] else 0)
            _add_form(sentence, by_start, found, "height", size * 2.54)
    for found in _POUNDS_AND_OUNCES.finditer(text):
        size = float(found["pounds"]) + float(found["ounces"]) / 16
        _add_form(sentence, by_start, found, "weight", size * 0.45359237)


def _add_form(sentence: Sentence, by_start: dict[int, Quantity], found: re.Match[str], name: str, value: float) -> None:
    quantity = by_start.get(found.start())
    if quantity is None or not sentence.free(quantity) or not _stands_alone(sentence, quantity, found, name):
        return
    before = sentence.name_at.get(quantity.lead - 1) or sentence.name_at.get(quantity.lead - 2)
    if before is not None and before.analyte.unit == analyte_named(name).unit:
        name = before.analyte.name
    quantity.low = quantity.high = value
    quantity.unit, quantity.end, quantity.value_end = analyte_named(name).unit, found.end(), found.end()
    first = before.first if before is not None and before.analyte.name == name else quantity.lead
    if sentence.add(analyte_named(name), quantity, first):
        for place in range(quantity.first, len(sentence.marks.words)):
            if sentence.marks.starts[place] >= found.end():
                break
            inside = sentence.quantity_at.get(place)
            if inside is not None:
                sentence.claim(inside)


def _stands_alone(sentence: Sentence, quantity: Quantity, found: re.Match[str], name: str) -> bool:
    """Tell a height from any distance in feet: it has inches, or a word of height beside it."""
    if name != "height" or found["inches"]:
        return True
    words = [sentence.marks.word(place) for place in (*range(quantity.first - 4, quantity.first), quantity.stop)]
    return not {"height", "ht", "tall", "stature"}.isdisjoint(words)
