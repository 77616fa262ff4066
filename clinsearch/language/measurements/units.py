"""Units as they are written, and how their values change into those of others."""

from __future__ import annotations

import re
from functools import cache
from string import ascii_letters
from typing import NamedTuple

from clinsearch.language.measurements.wording import unwrapped

# A unit, and after a colon how it is written, in lower case; a plural is one more way. A space is any or none.
_ATOMS = """
%: %, percent, per cent, pct
mg: mg, mgs, milligram, milligrams, mgm
g: g, gm, gms, gram, grams, gr
mcg: mcg, ug, µg, μg, microgram, micrograms, mcgs
ng: ng, nanogram, nanograms
pg: pg, picogram, picograms
kg: kg, kgs, kilo, kilos, kilogram, kilograms
lb: lb, lbs, [lb_av], pound, pounds, lb., lbs., #
oz: oz, [oz_av], ounce, ounces
L: l, liter, liters, litre, litres
dL: dl, deciliter
mL: ml, mls, cc, ccs, milliliter, milliliters, millilitre, millilitres, cubic centimeter, cubic centimeters
uL: ul, µl, μl, microliter, mm3, mm^3, cubic millimeter, cu mm, cumm
cm: cm, cms, centimeter, centimeters, centimetre, centimetres
mm: mm, millimeter, millimeters, millimetre, millimetres
in: inch, inches, in, [in_i]
ft: ft, feet, foot
m: meter, meters, metre, metres, m
cm2: cm square, cm squared, cm sq, cm2, cm^2, cm², sq cm, square cm, square centimeters, square centimeter
m2: m2, m^2, m², square meter, square meters, sq m
cm3: cm3, cm^3, cm³
mmol: mmol, mmols, millimole, millimoles
umol: umol, µmol, μmol, micromol, micromoles, micromol
nmol: nmol
pmol: pmol
mol: mol, mole
mEq: meq, meqs, milliequivalent, milliequivalents
mOsm: mosm, mosmol, mosmols
unit: unit, units, u, iu, [iu], international unit, international units
mIU: miu, m[iu], milliunit, milliunits, mu, munit, munits, milli international units
uIU: uiu, u[iu], µiu, μiu, µu, microunit, microunits, microiu
kunit: ku
Munit: million units, million unit
s: s, sec, secs, second, seconds
ms: ms, msec, msecs, millisecond, milliseconds
min: min, mins, minute, minutes
h: h, hr, hrs, hour, hours
d: d, day, days, 24h, 24 h, 24 hr, 24 hrs, 24 hours
week: week, weeks, wk, wks
month: month, months, mo, mos
year: year, years, yr, yrs
/min: bpm, {beats}/min, {breaths}/min, beats per minute, beats/minute, beats/min, breaths per minute, breaths/min,
    per minute, /min, /minute, a minute, beats a minute, breaths a minute
°C: °c, ° c, c, cel, degrees celsius, degrees centigrade, degrees c, degree c, celsius, centigrade, deg c
°F: °f, ° f, f, [degf], degrees fahrenheit, degrees f, degree f, fahrenheit, deg f
degree: °, degree, degrees, deg
mmHg: mmhg, mm[hg], mm hg, mm of mercury, mm of hg, millimeters of mercury, torr, mm mercury
cmH2O: cmh2o, cm h2o, cm of water, cm of h2o, cm water, centimeters of water
kPa: kpa
Gy: gy, gray
cGy: cgy, rads
mGy: mgy
fL: fl
K: k, thousand
M: million
10^3: x10^3, x 10^3, x10e3, x 10e3, 10^3, 10*3, x10(3), x 10(3), 10e3, x1000, x 1000, th
10^6: x10^6, x 10^6, x10e6, 10^6, 10*6, 10e6
10^9: x10^9, x 10^9, x10e9, x 10(9), x10(9), 10^9, 10*9, x 10*9, 10e9
10^12: x10^12, x 10^12, 10^12, 10*12, 10e12
cell: cell, cells
copies: copies, copy
tablet: tablet, tablets, tab, tabs, pill, pills, capsule, capsules, cap, caps
puff: puff, puffs, spray, sprays, inhalation, inhalations
drop: drop, drops, gtt, gtts
pack-year: pack year, pack years, pack-year, pack-years, pk yr, pk yrs, pk-yr, packyears, packyear, pack/years,
    pack/year
hpf: hpf, high power field, high-power field
kcal: kcal, kilocalories, calories, cal, calorie
dB: db, decibels
Hz: hz
mV: mv
beat: beat, beats, breath, breaths
"""
_BELOW = frozenset(
    ("dL", "L", "mL", "uL", "kg", "g", "m2", "s", "min", "h", "d", "mol", "mmol", "hpf", "cm3", "week", "beat")
)
# Of each dimension its units, by what one of them is in the first.
_DIMENSIONS = """
mass: mg 1 g 1e3 mcg 1e-3 ng 1e-6 kg 1e6 lb 453592.37 oz 28349.5
volume: mL 1 L 1e3 dL 100 cm3 1
length: cm 1 mm 0.1 in 2.54 ft 30.48 m 100
area: cm2 1 m2 1e4
time: s 1 ms 1e-3 min 60 h 3600 d 86400 week 604800 month 2629800 year 31557600
mass/volume: mg/dL 1 g/dL 1e3 g/L 100 mg/L 0.1 mcg/mL 0.1 mcg/dL 1e-3 ng/mL 1e-4 mcg/L 1e-4 ng/dL 1e-6 ng/L 1e-7
    pg/mL 1e-7 mg/mL 100 pg/dL 1e-9
amount/volume: mmol/L 1 mEq/L 1 umol/L 1e-3 nmol/L 1e-6 pmol/L 1e-9 mmol/dL 10
activity: unit/L 1 U/L 1 U/mL 1e3 unit/mL 1e3 mIU/L 1e-3 uIU/mL 1e-3 mIU/mL 1 kunit/L 1e3 unit/dL 10 uIU/L 1e-6
count: 10^3/uL 1 10^9/L 1 K/uL 1 K 1 10^3 1 10^9 1 /uL 1e-3 cell/uL 1e-3 10^6/uL 1e3 M/uL 1e3 10^12/L 1e3 10^6 1e3
    10^12 1e3 M 1e3 10^9/mL 1e3 K/mL 1e-3
pressure: mmHg 1 cmH2O 0.73556 kPa 7.50062
flow: L/min 1 mL/min 1e-3 L/s 60 mL/h 1.6667e-5 L/h 0.016667 mL/min/m2 1e-3
fraction: % 1
rate: /min 1 beat/min 1 /s 60
rate/hour: /h 1
temperature: °C 1 °F 1
angle: degree 1
radiation: Gy 1 cGy 0.01 mGy 0.001
insulin: unit 1 Munit 1e6 mIU 1e-3 kunit 1e3
mass/day: mg/d 1 g/d 1e3 mcg/d 1e-3 mg/h 24 g/h 24e3
osmolality: mOsm/kg 1 mOsm/L 1
mass/area: kg/m2 1
"""


class Factor(NamedTuple):
    """What a unit measures, and what one of it is in the first unit of that dimension."""

    dimension: str
    of_first: float


@cache
def _factors() -> dict[str, Factor]:
    found: dict[str, Factor] = {}
    for line in unwrapped(_DIMENSIONS):
        dimension, _, rest = line.partition(": ")
        parts = rest.split()
        found |= {unit: Factor(dimension, float(size)) for unit, size in zip(parts[::2], parts[1::2], strict=True)}
    return found


def dimension(unit: str) -> str:
    """Return what a unit measures; a unit of no known dimension measures itself."""
    found = _factors().get(unit)
    return found.dimension if found else unit


def factor(unit: str, to: str) -> float | None:
    """Return what one of a unit is in another, None if they don't measure the same."""
    if unit == to:
        return 1.0
    of_one, of_other = _factors().get(unit), _factors().get(to)
    if of_one is None or of_other is None or of_one.dimension != of_other.dimension:
        return None
    return of_one.of_first / of_other.of_first


@cache
def _spelled() -> dict[str, str]:
    found: dict[str, str] = {}
    for line in unwrapped(_ATOMS):
        unit, _, written = line.partition(": ")
        found |= dict.fromkeys(written.split(", "), unit)
    return found


def _pattern(written: list[str]) -> str:
    longest_first = sorted(written, key=len, reverse=True)
    return "|".join(re.escape(one).replace(r"\ ", r"[\s-]{0,2}") for one in longest_first)


@cache
def _units() -> re.Pattern[str]:
    spelled = _spelled()
    below = [one for one, unit in spelled.items() if unit in _BELOW]
    end = r"(?![^\W_])"
    return re.compile(
        rf"\s?-?\s?(?P<above>{_pattern(list(spelled))}){end}"
        rf"(?P<below>(?:\s?/\s?|\s?per\s|\sa\s(?=min|day|hour|week))(?:{_pattern(below)}){end})?"
        rf"(?P<more>\s?/\s?(?:{_pattern(below)}){end})?"
        r"|\s?/\s?(?P<counted>(?:ul|µl|μl|mm3|hr|hour|h))(?![^\W_])",
        re.IGNORECASE,
    )


_SLASH = re.compile(r"^(?:\s*/\s*|\s*per\s+|\s*a\s+)", re.IGNORECASE)


class Written(NamedTuple):
    """A unit as it is written in a text, between two offsets."""

    unit: str
    start: int
    end: int


def unit_at(text: str, place: int) -> Written | None:
    """Read the unit that stands at a place of a text, where a number ends; in a table it may fill the next cell."""
    unit, cell = _unit_at(text, place), _NEXT_CELL.match(text, place)
    if unit is None and cell:
        unit = _unit_at(text, cell.end())
        # A single letter is a flag: "138 | L".
        is_whole = (
            unit is not None and _CELL_ENDS.match(text, unit.end) and text[unit.start : unit.end] not in ascii_letters
        )
        return unit if is_whole else None
    return unit


def _unit_at(text: str, place: int) -> Written | None:
    found = _units().match(text, place)
    if not found:
        return None
    if found["counted"]:
        unit = "/uL" if found["counted"][0].lower() not in "h" else "/h"
        return Written(unit, place, found.end())
    unit = _named(found["above"])
    if not unit or not _stands(unit, text, found.start("above"), found.end("above"), place):
        return None
    for name in ("below", "more"):
        if found[name]:
            unit += "/" + _named(_SLASH.sub("", found[name]))
    return Written(unit, found.start("above"), found.end())


def _named(written: str) -> str:
    spelled, plain = _spelled(), written.lower()
    spaced, joined = re.sub(r"[\s-]+", " ", plain), re.sub(r"[\s-]+", "", plain)
    return spelled.get(plain) or spelled.get(spaced) or spelled.get(joined) or ""


_NEXT_CELL, _CELL_ENDS = re.compile(r" \| "), re.compile(r"\s*(?:\||\Z)")
_VALUE = re.compile(r"\s*[:=(]?\s*(?:\d|\()")
_ENDS_INCHES = re.compile(r"\s*(?:$|[.,;:)\]]|(?:x|by|long|tall|in|wide|diameter|deep|thick)\b)", re.IGNORECASE)


def _stands(unit: str, text: str, start: int, end: int, place: int) -> bool:
    """Tell a unit from a word or letter that looks like it: "5 in the morning", "120 M"."""
    written = text[start:end]
    if written in ("in", "IN"):
        return text[place:start] in ("", "-") or _ENDS_INCHES.match(text, end) is not None
    if written in ("HR", "H") and _VALUE.match(text, end):
        return False
    if written in ("K", "k") and start > place:
        return text[end : end + 1] == "/"
    if written == "M" or (written == "m" and text[end : end + 1] == "."):
        return False
    if written in ("d", "D", "s", "S") and start > place:
        return False
    return not (written == "#" and text[end : end + 1].isdigit())
