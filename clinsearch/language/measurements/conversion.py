"""Values of what is measured, from the units they are written in into the usual one."""

from __future__ import annotations

from collections.abc import Callable

from clinsearch.language.measurements.analytes import Analyte
from clinsearch.language.measurements.units import dimension, factor

# Lines of what notes leave out: from here on a weight is in pounds, a temperature in degrees Fahrenheit.
_POUNDS_FROM, _FAHRENHEIT_FROM, _INCHES_TO = 120, 60, 84
_TO_BASE_UNIT = 1e-9


def value_in_usual_unit(analyte: Analyte, value: float, unit: str) -> float | None:
    """Return a value in the usual unit; None if the unit is not of this kind, or there can be no such value."""
    found = _special(analyte, value, unit)
    if found is None:
        found = _converted(analyte, value, unit) if unit else _without_unit(analyte, value)
    if found is not None and usual_unit(analyte, unit) != analyte.unit:
        return found if found >= 0 else None
    if found is None or not analyte.lowest - _TO_BASE_UNIT <= found <= analyte.highest + _TO_BASE_UNIT:
        return None
    return found


def usual_unit(analyte: Analyte, unit: str) -> str:
    """Return the unit a value is kept in: another of the analyte's own where it is written in that one."""
    own = (one for one in analyte.traits if unit and one != unit and factor(unit, one) is not None)
    return unit if unit in analyte.traits else next(own, analyte.unit)


def _converted(analyte: Analyte, value: float, unit: str) -> float | None:
    to = usual_unit(analyte, unit)
    size = factor(unit, to)
    if size is not None:
        return value * size
    if "count=500" in analyte.traits and unit == "%":
        return None
    if analyte.unit == "fL" and unit == "uL":
        return None
    for trait, amount in (("mmol", "mmol/L"), ("meq", "mmol/L"), ("mg", "mg/dL")):
        per = analyte.number_in(trait)
        size = factor(unit, amount)
        if per is not None and size is not None and (trait != "meq" or unit == "mEq/L"):
            return value * size * per
    return _counted(analyte, value, unit)


def _counted(analyte: Analyte, value: float, unit: str) -> float | None:
    """Read the looser ways of units: "8 g" of hemoglobin, "12 cells", "138 mg%"."""
    loose = {"g": "g/dL", "mg": "mg/dL", "mEq": "mmol/L", "unit": "unit/L", "mmol": "mmol/L", "ng": "ng/mL"}
    if unit in loose and analyte.unit in (loose[unit], "U/L") and unit in ("g",):
        return value
    if unit in ("cell", "beat", "point") and dimension(analyte.unit) in ("count", "rate"):
        return _without_unit(analyte, value)
    if unit == "K" and dimension(analyte.unit) != "count":
        return value * 1e3
    return None


def _without_unit(analyte: Analyte, value: float) -> float | None:
    special = _WITHOUT_UNIT.get(analyte.name)
    if special:
        return special(value)
    if "fraction" in analyte.traits and value <= 1:
        return value * 100
    if "seconds" in analyte.traits and value < 1:
        return value * 1e3
    if "strictunit" in analyte.traits:
        return None
    least = analyte.number_in("count")
    if least is not None and value >= least:
        return value / 1e3
    return value


def _glucose(value: float) -> float:
    return value * 18.016 if value < 35 and value != int(value) else value


def _hemoglobin(value: float) -> float:
    return value / 10 if value >= 40 else value


def _weight(value: float) -> float:
    return value * 0.45359237 if value >= _POUNDS_FROM else value


def _height(value: float) -> float:
    if value < 3:
        return value * 100
    return value * 2.54 if value <= _INCHES_TO else value


def _temperature(value: float) -> float:
    return (value - 32) / 1.8 if value > _FAHRENHEIT_FROM else value


def _infant_weight(value: float) -> float:
    return value / 1e3 if value > 200 else value


def _gravity(value: float) -> float:
    return value / 1e3 if value >= 1000 else value


_WITHOUT_UNIT: dict[str, Callable[[float], float]] = {
    "glucose": _glucose,
    "hemoglobin": _hemoglobin,
    "weight": _weight,
    "height": _height,
    "temperature": _temperature,
    "birth weight": _infant_weight,
    "estimated fetal weight": _infant_weight,
    "specific gravity": _gravity,
    "jugular venous pressure": lambda value: value,
    "blood alcohol": lambda value: value / 1e3 if value > 1 else value,
    "ionized calcium": lambda value: value * 0.2495 if value > 2 else value,
    "d-dimer": lambda value: value / 1e3 if value > 60 else value,
}


def _special(analyte: Analyte, value: float, unit: str) -> float | None:
    """Convert what has no plain factor."""
    if unit in ("°F", "°C", "degree") and analyte.unit == "°C":
        return (value - 32) / 1.8 if unit == "°F" else _temperature(value) if unit == "degree" else value
    if unit == "cm" and analyte.unit == "cmH2O":
        return value
    if unit == "mmol/mol" and "ngsp" in analyte.traits:
        return value / 10.929 + 2.15
    if unit == "mg/dL" and "alcohol" in analyte.traits:
        return value / 1e3
    if "ddimer" in analyte.traits and unit == "unit":
        return value / 1e3
    if unit == "K" and analyte.number_in("count") is not None:
        return value
    return None


def tolerance_in_usual_unit(analyte: Analyte, value: float, unit: str, step: float) -> float:
    """Return how far the values may be apart that are written alike to the last digit, but 3 % at most."""
    here = value_in_usual_unit(analyte, value, unit)
    there = value_in_usual_unit(analyte, value + step / 2, unit)
    if here is None:
        return 0.0
    return min(abs((there if there is not None else here) - here), abs(here) * 0.03)
