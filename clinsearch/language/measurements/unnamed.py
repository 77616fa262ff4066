"""Quantities whose unit alone says what they are of: temperatures, rates, sizes, distances, volumes, weights."""

from __future__ import annotations

import re

from clinsearch.language.measurements.quantities import Quantity
from clinsearch.language.measurements.sentence import Sentence, analyte_named
from clinsearch.language.measurements.units import dimension, factor
from clinsearch.language.measurements.wording import word_set

_OXYGEN = re.compile(
    r"\s?(?:of\s)?(?:by\s|via\s|per\s|/\s?)?(?:nasal|nc\b|n/c|n\.c|o2\b|oxygen|"
    r"high flow|hfnc|face|non-?rebreather|nrb|supplemental|mask|ra\b|home o2)",
    re.IGNORECASE,
)
_AWAY = re.compile(
    r"\s?(?:just\s)?(?:proximal|distal|superior|inferior|lateral|medial|above|below|cephalad|caudal|anterior|posterior|"
    r"from|away|beyond|past|deep to|inside|to the (?:left|right)|off|back from|short of)\b",
    re.IGNORECASE,
)
_LEAST_NEWBORN = 400
_ORGANS = word_set("prostate uterus placenta spleen specimen gland tissue testis kidney heart liver")
_NO_WEIGHT = word_set(
    """
    traction weight weights dumbbell dumbbells kettlebell below above heavier lighter less more
    """
)
_NEWBORN = re.compile(r"apgar|twin|infant|newborn|neonate|preemie|\b(?:girl|boy|male|female)\b", re.IGNORECASE)
_LOST = word_set("lost lose loses losing loss dropped shed down")
_GAINED = word_set("gained gain gains gaining up added")
_LIFTED = word_set(
    """
    lift lifting lifts carry carrying push pushing pull pulling traction lifted force pressure weights
    """
)
_BY = word_set("about approximately around nearly over some another an additional of almost roughly another ~ by")
_OXYGEN_WORDS = frozenset(("oxygen", "o2", "nc", "hfnc", "cannula"))


def find_unnamed(sentence: Sentence) -> None:
    """Add what is told by its unit alone: temperatures, rates, sizes, distances, volumes, weights."""
    for quantity in sentence.quantities:
        if sentence.free(quantity) and quantity.unit:
            finder = _BY_DIMENSION.get(dimension(quantity.unit))
            if finder:
                finder(sentence, quantity)


def _temperature(sentence: Sentence, quantity: Quantity) -> None:
    if (quantity.unit == "°F" and quantity.low < 90) or (
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
    sentence.put(
        "distance" if away else "size", (quantity.low * size, quantity.high * size, "cm"), quantity, quantity.lead
    )


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
    if not _OXYGEN_WORDS.isdisjoint(sentence.marks.words[max(0, quantity.lead - 2) : quantity.lead]):
        return True
    before = sentence.quantity_at.get(quantity.lead - 1)
    if any(one is before and found.name == "oxygen saturation" for one, found in sentence.found[-4:]):
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
    organ = not _ORGANS.isdisjoint(words[max(0, quantity.first - 7) : quantity.first])
    newborn = quantity.low >= _LEAST_NEWBORN and _NEWBORN.search(sentence.marks.text) is not None
    if quantity.unit == "g" and (organ or newborn):
        sentence.add(analyte_named("weight"), quantity, quantity.lead)
        return
    if quantity.unit not in ("kg", "lb") or not _LIFTED.isdisjoint(words[max(0, quantity.first - 6) : quantity.first]):
        return
    place = quantity.lead - 1
    while sentence.marks.word(place) in _BY:
        place -= 1
    word = sentence.marks.word(place)
    last = sentence.found[-1][1].name if sentence.found else ""
    if last in ("weight loss", "weight gain") and word in ("or", "and", "to"):
        sentence.add(analyte_named(last), quantity, quantity.lead)
        return
    named = word in _LOST or word in _GAINED
    if not named and not _NO_WEIGHT.isdisjoint(words[quantity.stop : quantity.stop + 3]):
        return
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
