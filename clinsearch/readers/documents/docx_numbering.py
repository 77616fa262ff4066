"""The numbering of DOCX documents: what stands before an item of a list."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from clinsearch.readers.documents.draft import BULLET

_PLACE = re.compile(r"%([1-9])")
_LONGEST_MARKER = 40


@dataclass(slots=True)
class _Level:
    form: str = "decimal"
    template: str = ""
    start: int = 1


@dataclass(slots=True)
class Numbering:
    """Takes the events of the part that holds the numbering, and counts.

    levels: of each abstract numbering. abstract: that of each numbering. restarts: by numbering and level, where
    to begin anew. counts: of each abstract numbering by level.
    """

    levels: dict[str, dict[str, _Level]] = field(default_factory=dict)
    abstract: dict[str, str] = field(default_factory=dict)
    restarts: dict[tuple[str, str], int] = field(default_factory=dict)
    counts: dict[str, dict[str, int]] = field(default_factory=dict)
    _abstract: str = ""
    _number: str = ""
    _overridden: str = ""
    _level: _Level = field(default_factory=_Level)

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Begin an element."""
        value = attributes.get("val", "")
        if name == "w:abstractNum":
            self._abstract, self._number = attributes.get("abstractNumId", ""), ""
            self.levels[self._abstract] = {}
        elif name == "w:num":
            self._number = attributes.get("numId", "")
        elif name == "w:abstractNumId":
            self.abstract[self._number] = value
        elif name == "w:lvlOverride":
            self._overridden = attributes.get("ilvl", "0")
        elif name == "w:startOverride":
            self.restarts[self._number, self._overridden] = _whole(value)
        elif name == "w:lvl":
            levels = {} if self._number else self.levels.get(self._abstract, {})
            self._level = levels.setdefault(attributes.get("ilvl", "0"), _Level())
        elif name == "w:start":
            self._level.start = _whole(value)
        elif name == "w:numFmt":
            self._level.form = value
        elif name == "w:lvlText":
            self._level.template = value

    def end(self, name: str) -> None:
        """End an element."""

    def data(self, text: str) -> None:
        """Take no text."""

    def marker(self, number: str, level: str) -> str:
        """Count the next item of a numbering at a level, and return what stands before it."""
        abstract = self.abstract.get(number)
        levels = self.levels.get(abstract or "", {})
        found = levels.get(level)
        if abstract is None or found is None or found.form == "bullet":
            return "" if number == "0" else BULLET
        counts = self.counts.setdefault(abstract, {})
        if (restart := self.restarts.pop((number, level), None)) is not None:
            counts[level] = restart - 1
        counts[level] = counts.get(level, found.start - 1) + 1
        for deeper in [other for other in counts if other > level]:
            del counts[deeper]
        return _written(found.template, levels, counts)


def _whole(written: str) -> int:
    return int(written) if re.fullmatch(r"[0-9]{1,6}", written) else 1


def _written(template: str, levels: Mapping[str, _Level], counts: Mapping[str, int]) -> str:
    def count(match: re.Match[str]) -> str:
        level = str(int(match[1]) - 1)
        one = levels.get(level, _Level())
        return _formed(counts.get(level, one.start), one.form)

    marker = _PLACE.sub(count, template)[:_LONGEST_MARKER].strip()
    return f"{marker} " if marker else ""


def _formed(number: int, form: str) -> str:
    if form in ("lowerLetter", "upperLetter"):
        letters = chr(ord("a") + (number - 1) % 26) * ((number - 1) // 26 % 3 + 1)
        return letters.upper() if form == "upperLetter" else letters
    if form in ("lowerRoman", "upperRoman"):
        return _roman(number).lower() if form == "lowerRoman" else _roman(number)
    return "" if form == "none" else str(number)


def _roman(number: int) -> str:
    if not 0 < number < 400:
        return str(number)
    tens = ("", "X", "XX", "XXX", "XL", "L", "LX", "LXX", "LXXX", "XC")
    ones = ("", "I", "II", "III", "IV", "V", "VI", "VII", "VIII", "IX")
    return "C" * (number // 100) + tens[number // 10 % 10] + ones[number % 10]
