"""What can be measured by name: its usual unit, what values it can have, and what it is called in notes.

Each line of the tables: name | unit | lowest and highest value | span | traits | names. The span is a difference that
matters, in the unit; without one differences are relative to the value. A name behind "=" counts only in capitals as
they stand and with its value right behind it, one behind "!" only with its value right behind it. A line without a unit
stands for two others, whose values stand side by side.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cache

from clinsearch.language.measurements.bedside import BEDSIDE
from clinsearch.language.measurements.laboratory import LABORATORY
from clinsearch.language.measurements.marks import words_of
from clinsearch.language.measurements.wording import unwrapped

_PAIRS = {
    "blood pressure": ("systolic blood pressure", "diastolic blood pressure"),
    "pulmonary artery pressure": ("pulmonary artery systolic pressure", "pulmonary artery diastolic pressure"),
    "hemoglobin & hematocrit": ("hemoglobin", "hematocrit"),
}


@dataclass(frozen=True, slots=True)
class Analyte:
    """Something that is measured; a pair has the names of two others and no unit."""

    name: str
    unit: str
    lowest: float
    highest: float
    span: float | None
    traits: frozenset[str]
    pair: tuple[str, str] | None = None

    def number_in(self, trait: str) -> float | None:
        """Return the number behind a trait such as "mmol=18.016"."""
        found = (one.partition("=")[2] for one in self.traits if one.startswith(f"{trait}="))
        return next(map(float, found), None)


@dataclass(frozen=True, slots=True)
class Spelling:
    """One of the names of something measured, by the words behind the first; exact: only so, in these capitals."""

    analyte: Analyte
    onward: tuple[str, ...]
    adjacent: bool = False
    exact: str = ""


@dataclass(slots=True)
class _Lines:
    analytes: dict[str, Analyte] = field(default_factory=dict)
    spellings: dict[str, list[Spelling]] = field(default_factory=dict)


@cache
def _lines() -> _Lines:
    lines = _Lines()
    for line in unwrapped(LABORATORY + BEDSIDE):
        if line:
            name, unit, bounds, span, traits, spelled = (part.strip() for part in line.split("|"))
            lowest, highest = map(float, bounds.split() or (0, 0))
            of_name = frozenset(traits.split())
            analyte = Analyte(name, unit, lowest, highest, float(span) if span else None, of_name, _PAIRS.get(name))
            lines.analytes[name] = analyte
            for spelling in filter(None, spelled.split(", ")):
                _add(lines.spellings, analyte, spelling)
    for of_first in lines.spellings.values():
        of_first.sort(key=lambda one: -len(one.onward))
    return lines


def _add(spellings: dict[str, list[Spelling]], analyte: Analyte, spelled: str) -> None:
    text = spelled.lstrip("=!")
    first, *onward = words_of(text)
    exact = text if spelled.startswith("=") else ""
    spelling = Spelling(analyte, tuple(onward), spelled != text, exact)
    spellings.setdefault(first, []).append(spelling)


def analytes() -> dict[str, Analyte]:
    """Return everything that is measured, by its name."""
    return _lines().analytes


def spellings() -> dict[str, list[Spelling]]:
    """Return the names by their first word, the longest first."""
    return _lines().spellings
