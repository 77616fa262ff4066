"""Quantities whose unit, form or words behind them say what they are of, without a name before them."""

from __future__ import annotations

import re

from clinsearch.language.measurements.linking import add_pair
from clinsearch.language.measurements.quantities import Quantity
from clinsearch.language.measurements.sentence import Named, Sentence, analyte_named
from clinsearch.language.measurements.units import dimension, factor

_BLOOD_PRESSURE = ("systolic blood pressure", "diastolic blood pressure")
_STENOSIS = re.compile(
    r"\s?(?:to\s)?(?:[\w-]+\s){0,5}?(?:stenos[ei]s|stenosed|stenotic|occlu\w+|lesions?|narrow\w+|blockages?|blocked|obstruct\w+)\b",
    re.IGNORECASE,
)
_OXYGENATED = re.compile(r"\s?(?:on|at)?\s?(?:room air|ra\b|r\.a\.)", re.IGNORECASE)
_OXYGEN = re.compile(
    r"\s?(?:of\s)?(?:by\s|via\s|per\s|/\s?)?(?:nasal|nc\b|n/c|n\.c|o2\b|oxygen|high flow|hfnc|face|non-?rebreather|nrb|supplemental|mask|ra\b|home o2)",
    re.IGNORECASE,
)
_AWAY = re.compile(
    r"\s?(?:just\s)?(?:proximal|distal|superior|inferior|lateral|medial|above|below|cephalad|caudal|anterior|posterior|from|away|"
    r"beyond|past|deep to|inside|to the (?:left|right)|off|lateral|back from|short of)\b",
    re.IGNORECASE,
)
_INSIDE_AWAY = re.compile(r"\s?(?:in|long|x|wide|deep|mass|nodule)\b", re.IGNORECASE)
_HEIGHT = re.compile(
    r"(?P<feet>[3-7])\s?(?:'|\u2019|-?\s?(?:ft|feet|foot)\b\.?),?\s?(?:and\s)?(?:(?P<inches>1[01]|\d(?:\.\d+)?)(?:\s(?P<half>1/2))?"
    r"(?:\s?(?:\"|''|\u201d|\u2019\u2019|-?in(?:ch(?:es)?)?\b\.?))?)?(?!\d)",
    re.IGNORECASE,
)
_POUNDS_AND_OUNCES = re.compile(
    r"(?P<pounds>\d{1,2})\s?(?:lbs?\b\.?|pounds?\b|#)\s?,?\s?(?:and\s)?(?P<ounces>\d{1,2}(?:\.\d+)?)\s?(?:oz\b|ounces?\b)",
    re.IGNORECASE,
)
_LOST = frozenset("lost lose loses losing loss dropped shed down".split())
_GAINED = frozenset("gained gain gains gaining up added".split())
_LIFTED = frozenset("lift lifting lifts carry carrying push pushing pull pulling traction lifted force pressure weights than".split())
_BY = frozenset("about approximately around nearly over some another an additional of almost roughly another ~ by".split())
_PREMIXED = frozenset("insulin humulin novolin humalog novolog mix mixed advair nph premixed".split())
_PARTS = ("systolic", "diastolic")
_VITAL_SIGNS = frozenset(("heart rate", "respiratory rate", "temperature", "systolic blood pressure"))
_FARTHEST_NAME = 6
_OF_NAMES = frozenset(
    "of in the a an total new left right acute his her with predicted on o2 proximal distal is was".split()
)
_PAIN_BEFORE = re.compile(r"\b(?:pain|discomfort|ache|headache|soreness|tenderness|rates? (?:it|this|them|his|her)|rated|hurts?)\b", re.IGNORECASE)


def find_pairs(sentence: Sentence) -> None:
    """Add blood pressures and blood gases that stand without a name: "175/104", "7.28/55/68"."""
    for quantity in sentence.quantities:
        chain = _chain(sentence, quantity) if sentence.free(quantity) else []
        if len(chain) == 2 and not _is_dose(chain[1]):
            low_enough = 0.25 <= chain[1].low / (chain[0].low or 1) and chain[1].high < chain[0].low
            if not _PREMIXED.isdisjoint(sentence.marks.words[max(0, quantity.first - 3) : quantity.first]):
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


def _add_form(
    sentence: Sentence, by_start: dict[int, Quantity], found: re.Match[str], name: str, value: float
) -> None:
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
    words = sentence.marks.words[max(0, quantity.first - 4) : quantity.first] + [sentence.marks.word(quantity.stop)]
    return not {"height", "ht", "tall", "stature"}.isdisjoint(words)


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
        stop = next((n for n in range(quantity.stop, len(marks.words)) if marks.ends[n] >= found.end()), quantity.stop) + 1
        sentence.add(analyte_named("stenosis"), quantity, quantity.lead, min(stop, len(marks.words)))
    elif quantity.unit == "%" and _OXYGENATED.match(marks.text, quantity.end):
        sentence.add(analyte_named("oxygen saturation"), quantity, quantity.lead)
    elif quantity.unit == "%" and 70 <= quantity.low <= 100 and _among_vital_signs(sentence):
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
            if _is_unit_of(name.analyte.unit, quantity.unit):
                sentence.add(name.analyte, quantity, quantity.lead, name.stop)
            return
        if marks.words[place] not in _OF_NAMES:
            return


def _is_unit_of(unit: str, written: str) -> bool:
    return factor(written, unit) is not None


def find_unnamed(sentence: Sentence) -> None:
    """Add what is told by its unit alone: temperatures, rates, sizes, distances, volumes, weights."""
    for quantity in sentence.quantities:
        if sentence.free(quantity) and quantity.unit:
            finder = _BY_DIMENSION.get(dimension(quantity.unit))
            if finder:
                finder(sentence, quantity)


def _temperature(sentence: Sentence, quantity: Quantity) -> None:
    if quantity.unit == "°F" and quantity.low < 90 or (
        quantity.written_unit in ("C", "c", "f") and not (35 <= quantity.low <= 43 and quantity.step < 1)
    ):
        return
    sentence.add(analyte_named("temperature"), quantity, quantity.lead)


def _rate(sentence: Sentence, quantity: Quantity) -> None:
    breaths = quantity.written_unit.lower().startswith("breath")
    sentence.add(analyte_named("respiratory rate" if breaths else "heart rate"), quantity, quantity.lead)


def _pressure(sentence: Sentence, quantity: Quantity) -> None:
    words = sentence.marks.words[max(0, quantity.first - 15) : quantity.first]
    if quantity.unit == "mmHg" and not {"tourniquet", "cuff", "inflated", "exsanguinated", "esmarch"}.isdisjoint(words):
        sentence.add(analyte_named("tourniquet pressure"), quantity, quantity.lead)


def _length(sentence: Sentence, quantity: Quantity) -> None:
    text = sentence.marks.text
    if quantity.unit in ("m", "ft"):
        return
    away = quantity.parts == 1 and _AWAY.match(text, quantity.end)
    size = factor(quantity.unit, "cm") or 1.0
    sentence.put("distance" if away else "size", (quantity.low * size, quantity.high * size, "cm"), quantity, quantity.lead)


def _volume(sentence: Sentence, quantity: Quantity) -> None:
    if quantity.unit == "L" and quantity.low <= 60 and _breathes(sentence, quantity):
        quantity.unit = "L/min"
        sentence.add(analyte_named("oxygen flow"), quantity, quantity.lead)
        return
    size = factor(quantity.unit, "mL")
    if size and quantity.unit != "dL" and quantity.parts == 1:
        sentence.put("volume", (quantity.low * size, quantity.high * size, "mL"), quantity, quantity.lead)


def _breathes(sentence: Sentence, quantity: Quantity) -> bool:
    """Tell whether liters are of oxygen: they are said to be, or follow on a saturation."""
    if _OXYGEN.match(sentence.marks.text, quantity.end):
        return True
    if sentence.marks.word(quantity.lead - 1) not in ("on", "at", "to", "/", "from", "requiring", "of"):
        return False
    names = {measurement.name for _, measurement in sentence.found[-12:]}
    return not names.isdisjoint(("oxygen saturation", "po2", "pco2"))


def _flow(sentence: Sentence, quantity: Quantity) -> None:
    if quantity.unit == "L/min":
        sentence.add(analyte_named("oxygen flow"), quantity, quantity.lead)


def _mass(sentence: Sentence, quantity: Quantity) -> None:
    words = sentence.marks.words
    if quantity.unit not in ("kg", "lb") or not _LIFTED.isdisjoint(words[max(0, quantity.first - 6) : quantity.first]):
        return
    place = quantity.lead - 1
    while sentence.marks.word(place) in _BY:
        place -= 1
    word = sentence.marks.word(place)
    name = "weight loss" if word in _LOST else "weight gain" if word in _GAINED else "weight"
    sentence.add(analyte_named(name), quantity, max(place, 0) if name != "weight" else quantity.lead)


def _radiation(sentence: Sentence, quantity: Quantity) -> None:
    size = factor(quantity.unit, "Gy") or 1.0
    sentence.put("radiation dose", (quantity.low * size, quantity.high * size, "Gy"), quantity, quantity.lead)


_BY_DIMENSION = {
    "temperature": _temperature,
    "rate": _rate,
    "pressure": _pressure,
    "length": _length,
    "volume": _volume,
    "flow": _flow,
    "mass": _mass,
    "radiation": _radiation,
}
