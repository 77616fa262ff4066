"""The terminology that the package carries: sorted lines, looked up by bisection."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property, lru_cache
from pathlib import Path
from typing import Literal

MOST_LINES = 8  # of a key
FOLDER = Path(__file__).parent / "data"

Reading = Literal["any", "capitals", "exact"]
_READINGS: Mapping[str, Reading] = {"a": "any", "c": "capitals", "x": "exact"}


@dataclass(frozen=True, slots=True)
class Sense:
    """A sense of an abbreviation.

    text: its long form; empty where the letters stand for themselves ("US citizen").
    prior: its share in clinical notes. says: of a function word what it says ("past").
    cues: terms that speak for it, with log ratios; `#` is a number that follows, `%` one before, `:` a colon.
    """

    text: str
    prior: float = 1.0
    says: str = ""
    cues: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Abbreviation:
    """An abbreviation: its ways of writing, which of them are read, and its senses."""

    written: tuple[str, ...]
    senses: tuple[Sense, ...]
    reading: Reading = "any"
    is_function: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """Names of one thing with their weights; or forms of one word."""

    names: tuple[tuple[str, float], ...]
    of_forms: bool = False


@dataclass(frozen=True, slots=True)
class Found:
    """What is known of a key.

    plain: the spelling by which everything else is known, if this is another one. others: its other spellings. kinds:
    of the name of a kind of things, what belongs to it.
    """

    abbreviations: tuple[Abbreviation, ...] = ()
    groups: tuple[Group, ...] = ()
    plain: str = ""
    others: tuple[str, ...] = ()
    kinds: tuple[Group, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.abbreviations or self.groups or self.plain or self.others or self.kinds)


class CarriedTerms:
    """Looks up keys: the terms of a name with blanks between."""

    def __init__(self, folder: Path = FOLDER) -> None:
        self._folder = folder
        self.find = lru_cache(maxsize=4096)(self._find)

    def begins(self, key: str) -> bool:
        """Tell whether a longer key begins with the terms of this one."""
        start = f"{key} ".encode()
        at = bisect_left(self._lines, start)
        return at < len(self._lines) and self._lines[at].startswith(start)

    def _find(self, key: str) -> Found:
        start = f"{key}\t".encode()
        found: dict[str, list[str]] = {}
        at = bisect_left(self._lines, start)
        for line in self._lines[at : at + MOST_LINES]:
            if not line.startswith(start):
                break
            _, kind, rest = line.decode().split("\t", 2)
            found.setdefault(kind, []).append(rest)
        if not found:
            return NOTHING
        return Found(
            (*map(_abbreviation, found.get("A", ())), *map(_function, found.get("F", ()))),
            tuple(self._group(int(number)) for numbers in found.get("G", ()) for number in numbers.split(",")),
            "".join(found.get("V", ())),
            tuple(other for others in found.get("W", ()) for other in others.split("|")),
            tuple(self._group(int(number)) for number in found.get("C", ())),
        )

    def _group(self, number: int) -> Group:
        kind, *names = self._groups[number].decode().split("\t")
        pairs = (name.rsplit("=", 1) for name in names)
        return Group(tuple((name, float(weight)) for name, weight in pairs), kind == "V")

    @cached_property
    def _lines(self) -> list[bytes]:
        return (self._folder / "terms.txt").read_bytes().splitlines()

    @cached_property
    def _groups(self) -> list[bytes]:
        return (self._folder / "groups.txt").read_bytes().splitlines()


NOTHING = Found()


def _abbreviation(line: str) -> Abbreviation:
    reading, written, *senses = line.split("\t")
    return Abbreviation(tuple(written.split("|")), tuple(map(_sense, senses)), _READINGS[reading])


def _function(line: str) -> Abbreviation:
    reading, written, *senses = line.split("\t")
    return Abbreviation(tuple(written.split("|")), tuple(map(_sense, senses)), _READINGS[reading], True)


def _sense(cell: str) -> Sense:
    text, prior, says, cues = cell.split("|")
    rated = (cue.rsplit("=", 1) for cue in cues.split(",") if cue)
    return Sense(text, float(prior), says, {term: float(weight) for term, weight in rated})
