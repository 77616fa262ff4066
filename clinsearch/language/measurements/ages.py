"""Ages of people and of pregnancies."""

from __future__ import annotations

import re
from bisect import bisect_left
from dataclasses import replace

from clinsearch.language.measurements.quantities import Quantity
from clinsearch.language.measurements.sentence import Sentence, analyte_named

_YEARS = {"year": 1.0, "month": 1 / 12, "week": 7 / 365.25, "d": 1 / 365.25}
_OLD = re.compile(r"[\s-]*(?:old\b|of age\b|y\.?o\b\.?)", re.IGNORECASE)
_SHORT = re.compile(r"[\s-]?(?:y\s?/\s?o|y\.\s?o\.?|yo|yr\.? old|yrs\.? old|y\s?/?\s?o?\s?[MF])\b\.?", re.IGNORECASE)
_SHORT_MONTHS = re.compile(r"[\s-]?(?:m\s?/\s?o)\b", re.IGNORECASE)
_SEX = re.compile(
    r"\s?(?:year\s)?[MF]\b(?=\s*(?:$|[,.:;(]|with|w/|who|h/o|s/p|here|p/w|presents|presenting|admitted|smoker|c/o|has|is|in|on|seen|from|"
    r"referred|found|brought|BIB|transferred|undergoing|status))"
)
_AT_AGE = frozenset(("age", "aged", "ages"))
_OTHER_AGES = frozenset(("gestational", "bone", "mental", "menstrual", "fetal", "developmental", "conceptional"))
_PERSON = re.compile(r"[\s-]*(?:male|female|boy|girl|infant|man|woman)\b", re.IGNORECASE)
_HIS = frozenset(("his", "her", "their"))
_PREGNANT = re.compile(
    r"gestation|pregnan|\biup\b|\bega\b|\bga\b|\bg\dp\d|\bborn\b|deliver|infant|neonat|newborn|preemie|prematur|preterm|fet(?:al|us)|"
    r"induction|trimester|cesarean|c-section|contraction|gravid|\bedc\b|\bedd\b|\blmp\b|\bob\b|obstetric|twin|placenta|antepartum|"
    r"prenatal|intrauterine|ultrasound dating|rupture of membranes|betamethasone|labor\b|dating",
    re.IGNORECASE,
)
_AFTERWARDS = re.compile(
    r"\s*(?:ago|post|old|later|after|prior|before|follow|from now|of (?:therapy|treatment|antibiotics|age)|out\b|"
    r"s/p|status|duration|history|course|trial|supply|weeks|to\b)",
    re.IGNORECASE,
)
_LEADS_TO_WEEKS = frozenset(
    ("at", "@", "of", "is", "approximately", "about", "estimated", "was", "now", "currently", "an", "a", "the")
)
_NEWBORN = re.compile(
    r"[\s-]*(?:\(?completed\)?\s)?(?:'|\u2019)?s?'?\s*(?:of\s)?(?:gestation|gestational|pregnan|preemie|preterm|premature|size|iup\b|"
    r"intrauterine|fetus|twin|by (?:dates|ultrasound|lmp)|ega\b|ga\b|pregnant|gravid)",
    re.IGNORECASE,
)
_WEEKS_AND_DAYS = re.compile(
    r"(?P<weeks>\d{1,2})(?:\s?\+\s?(?P<plus>[0-6])(?:\s?(?:weeks?|wks?))?\b(?!/)|\s(?P<sevenths>[0-6])/7(?:[\s-]*(?:weeks?|wks?))?"
    r"|\s?w(?:ee)?k?s?,?\s?(?:and\s|&\s)?(?P<days>[0-6])\s?(?:/7|d(?:ays?)?\b))",
    re.IGNORECASE,
)
_LONGEST_PREGNANCY, _LEAST_CERTAIN = 44, 20


def find_ages(sentence: Sentence) -> None:
    """Add the ages in a text, of people before those of pregnancies."""
    for quantity in sentence.quantities:
        if sentence.free(quantity):
            _find_age(sentence, quantity)
    _find_weeks_and_days(sentence)
    for quantity in sentence.quantities:
        if quantity.unit == "week" and sentence.free(quantity) and _is_of_pregnancy(sentence, quantity):
            sentence.add(analyte_named("gestational age"), quantity, quantity.first)


def _find_age(sentence: Sentence, quantity: Quantity) -> None:
    marks, age = sentence.marks, analyte_named("age")
    text, before = marks.text, marks.word(quantity.lead - 1)
    if quantity.unit in _YEARS and (old := _OLD.match(text, quantity.end) or _PERSON.match(text, quantity.end)):
        _add_age(sentence, quantity, old.end())
    elif (
        (short := _SHORT.match(text, quantity.value_end))
        or (not quantity.unit and (short := _SEX.match(text, quantity.end)))
        or (quantity.unit == "°F" and quantity.low < 92 and (short := _SEX.match(text, quantity.value_end)))
    ):
        _add_age(sentence, quantity, short.end())
    elif months := _SHORT_MONTHS.match(text, quantity.value_end):
        quantity.unit = "month"
        _add_age(sentence, quantity, months.end())
    elif quantity.decade and (before in _HIS or marks.word(quantity.first - 2) in _HIS):
        sentence.add(age, quantity, quantity.first)
    elif _follows_age(sentence, quantity):
        compared = marks.word(quantity.lead) in ("older", "younger")
        back = 0 if compared else 1 if before in _AT_AGE else 2
        sentence.add(age, quantity, quantity.lead - back)


def _follows_age(sentence: Sentence, quantity: Quantity) -> bool:
    """Tell whether a quantity follows "age", "age of" or "older than"."""
    marks = sentence.marks
    before, at = marks.word(quantity.lead - 1), quantity.lead - 1
    if quantity.unit not in ("", *_YEARS):
        return False
    if before in ("of", ":", "is", "was", "=", "between", "at", "from"):
        before, at = marks.word(quantity.lead - 2), quantity.lead - 2
    compared = marks.word(quantity.lead) in ("older", "younger")
    return (before in _AT_AGE and marks.word(at - 1) not in _OTHER_AGES) or compared


def _years_before(sentence: Sentence, quantity: Quantity) -> Quantity | None:
    """Return the years before months: "5-year, 5-month-old"."""
    for back in (2, 3):
        years = sentence.quantity_at.get(quantity.first - back)
        if years is not None and years.unit == "year" and sentence.free(years):
            between = sentence.marks.words[years.stop : quantity.first]
            return years if {",", "and", "-"}.issuperset(between) else None
    return None


def _add_age(sentence: Sentence, quantity: Quantity, end: int) -> None:
    quantity.unit = quantity.unit if quantity.unit in _YEARS else ""
    years = _years_before(sentence, quantity) if quantity.unit == "month" else None
    if years is not None:
        quantity.low = quantity.high = 12 * years.low + quantity.low
        quantity.lead, quantity.start = years.lead, years.start
        sentence.claim(years)
    if sentence.add(analyte_named("age"), quantity, quantity.lead):
        _, measurement = sentence.found[-1]
        quantity.end = end
        sentence.found[-1] = quantity, replace(measurement, end=max(end, measurement.end))


def _find_weeks_and_days(sentence: Sentence) -> None:
    """Add "34 weeks 3 days", "38w4d", "36 5/7 weeks", "39+2"."""
    starts = [quantity.start for quantity in sentence.quantities]
    for found in _WEEKS_AND_DAYS.finditer(sentence.marks.text):
        inside = sentence.quantities[bisect_left(starts, found.start()) : bisect_left(starts, found.end())]
        weeks = float(found["weeks"]) + float(found["plus"] or found["sevenths"] or found["days"]) / 7
        if not inside or inside[0].start != found.start() or not 4 <= weeks <= _LONGEST_PREGNANCY:
            continue
        if sentence.free(inside[0]) and (
            (weeks > _LEAST_CERTAIN and not found["plus"]) or _PREGNANT.search(sentence.marks.text)
        ):
            _add_weeks(sentence, inside, weeks, found.end())


def _add_weeks(sentence: Sentence, inside: list[Quantity], weeks: float, end: int) -> None:
    quantity = inside[0]
    quantity.low = quantity.high = weeks
    quantity.unit, quantity.end, quantity.value_end = "week", max(end, quantity.end), end
    sentence.add(analyte_named("gestational age"), quantity, quantity.first)
    for one in inside:
        sentence.claim(one)


def _is_of_pregnancy(sentence: Sentence, quantity: Quantity) -> bool:
    text = sentence.marks.text
    if not 4 <= quantity.low <= _LONGEST_PREGNANCY:
        return False
    if _NEWBORN.match(text, quantity.end):
        return True
    if _AFTERWARDS.match(text, quantity.end) or not _PREGNANT.search(text):
        return False
    return sentence.marks.word(quantity.lead - 1) in _LEADS_TO_WEEKS - {"of"} or sentence.asked
