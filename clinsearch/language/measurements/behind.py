"""Measurements whose name stands behind them: "12% bands", "a 70% stenosis", "8 out of 10"."""

from __future__ import annotations

import re

from clinsearch.language.measurements.quantities import Quantity
from clinsearch.language.measurements.sentence import Named, Sentence, analyte_named
from clinsearch.language.measurements.units import factor
from clinsearch.language.measurements.wording import word_set

_STENOSIS = re.compile(
    r"\s?(?:to\s)?(?:[\w-]+\s){0,5}?(?:stenos[ei]s|stenosed|stenotic|occlu\w+|lesions?|narrow\w+|blockages?|blocked|obstruct\w+)\b",
    re.IGNORECASE,
)
_OXYGENATED = re.compile(r"\s?(?:on|at)?\s?(?:room air|ra\b|r\.a\.)", re.IGNORECASE)
_CHANGED = word_set("lose lost losing gain gained gaining loss")
_PARTS = ("systolic", "diastolic")
_VITAL_SIGNS = frozenset(("heart rate", "respiratory rate", "temperature", "systolic blood pressure"))
_FARTHEST_NAME = 6
_OF_NAMES = word_set("of in the a an total new left right acute his her with predicted on o2 proximal distal is was")
_PAIN_BEFORE = re.compile(
    r"\b(?:pain|discomfort|ache|headache|soreness|tenderness|rates? (?:it|this|them|his|her)|rated|hurts?)\b",
    re.IGNORECASE,
)


def find_named_behind(sentence: Sentence) -> None:
    """Add quantities before their names: "12% bands", "4 cm dilated", "30 to 35% ejection fraction"."""
    for quantity in sentence.quantities:
        if sentence.free(quantity) and (
            quantity.unit or _is_out_of(sentence, quantity) or sentence.marks.word(quantity.stop) in _PARTS
        ):
            _find_name_behind(sentence, quantity)


def _score_behind(sentence: Sentence, quantity: Quantity) -> Named | None:
    """Return the score that a number is said to be on: "20/30 on the Mini-Mental"."""
    marks = sentence.marks
    place = quantity.stop + (3 if marks.word(quantity.stop) == "out" else 2)
    while marks.word(place) in ("on", "the", "a"):
        place += 1
    name = sentence.name_at.get(place)
    return name if name is not None and not name.analyte.unit and not name.analyte.pair else None


def _is_out_of(sentence: Sentence, quantity: Quantity, most: int = 0) -> bool:
    """Tell whether a number is out of another: "7/10", "8 out of 10"."""
    marks, stop = sentence.marks, quantity.stop
    if marks.word(stop) == "/":
        other = sentence.quantity_at.get(stop + 1)
    else:
        other = sentence.quantity_at.get(stop + 2) if marks.words[stop : stop + 2] == ["out", "of"] else None
    return other is not None and other.stop == other.first + 1 and (not most or other.low == most)


def _find_name_behind(sentence: Sentence, quantity: Quantity) -> None:
    marks = sentence.marks
    if quantity.unit == "pack-year":
        sentence.add(analyte_named("pack-years"), quantity, quantity.lead)
    elif not quantity.unit and sentence.marks.word(quantity.stop) in _PARTS:
        part = f"{sentence.marks.word(quantity.stop)} blood pressure"
        sentence.add(analyte_named(part), quantity, quantity.lead, quantity.stop + 1)
    elif not quantity.unit and (scored := _score_behind(sentence, quantity)):
        sentence.add(scored.analyte, quantity, quantity.lead, scored.stop)
    elif not quantity.unit:
        if not _is_out_of(sentence, quantity, 10):
            return
        behind = marks.words[quantity.stop + 2 : quantity.stop + 7]
        if "pain" in behind or _PAIN_BEFORE.search(marks.text, max(0, quantity.start - 80), quantity.start):
            sentence.add(analyte_named("pain score"), quantity, quantity.lead)
    elif quantity.unit == "%" and (found := _STENOSIS.match(marks.text, quantity.end)):
        stop = (
            next((n for n in range(quantity.stop, len(marks.words)) if marks.ends[n] >= found.end()), quantity.stop) + 1
        )
        sentence.add(analyte_named("stenosis"), quantity, quantity.lead, min(stop, len(marks.words)))
    elif (quantity.unit == "%" and _OXYGENATED.match(marks.text, quantity.end)) or (
        quantity.unit == "%" and 70 <= quantity.low <= 100 and _among_vital_signs(sentence)
    ):
        sentence.add(analyte_named("oxygen saturation"), quantity, quantity.lead)
    else:
        _link_back(sentence, quantity)


def _among_vital_signs(sentence: Sentence) -> bool:
    """Tell whether a text has several vital signs, but no oxygen saturation."""
    names = {measurement.name for _, measurement in sentence.found}
    return len(names & _VITAL_SIGNS) >= 3 and "oxygen saturation" not in names


def _link_back(sentence: Sentence, quantity: Quantity) -> None:
    """Give a quantity the name that follows within a few words and has no value of its own."""
    marks = sentence.marks
    for place in range(quantity.stop, min(quantity.stop + _FARTHEST_NAME, len(marks.words))):
        name = sentence.name_at.get(place)
        if name is not None:
            following = [sentence.quantity_at.get(n) for n in range(name.stop, name.stop + 3)]
            if name.analyte.pair or name.spelling.adjacent or any(one and not sentence.free(one) for one in following):
                return
            if name.analyte.name == "weight" and marks.word(quantity.lead - 1) in _CHANGED:
                return
            if _is_unit_of(name.analyte.unit, quantity.unit):
                sentence.add(name.analyte, quantity, quantity.lead, name.stop)
            return
        if marks.words[place] not in _OF_NAMES:
            return


def _is_unit_of(unit: str, written: str) -> bool:
    return factor(written, unit) is not None
