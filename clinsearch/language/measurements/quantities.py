"""The quantities of a text: a number, a range or a product of lengths, with its unit and what it is compared by."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from clinsearch.language.measurements.comparators import comparator_before, comparator_behind
from clinsearch.language.measurements.marks import Marks
from clinsearch.language.measurements.units import Written, dimension, unit_at
from clinsearch.records.measurements import Comparator

_MOST_PARTS = 4
_JOINS = frozenset(("-", "\u2013", "\u2014", "to", "through"))
_TIMES = frozenset(("x", "\u00d7", "by", "*"))
_RANGING = frozenset(("ranging", "ranged", "range", "ranges", "varies", "varying", "varied", "anywhere"))
_PARTS_OF_DECADES = {"low": (0, 3), "lower": (0, 3), "mid": (4, 6), "middle": (4, 6), "high": (7, 9), "upper": (7, 9)}


@dataclass(slots=True)
class Quantity:
    """A number or a range, from one mark up to another; lead: where what it is compared by begins.

    parts: how many numbers were multiplied; step: what one more in the last digit is.
    """

    first: int
    stop: int
    lead: int
    low: float
    high: float
    unit: str
    comparator: Comparator
    step: float
    start: int
    end: int
    value_end: int
    written_unit: str
    parts: int = 1
    decade: bool = False

    @property
    def single(self) -> bool:
        """Whether it is no range."""
        return self.low == self.high


def read_quantities(marks: Marks, taken: set[int]) -> list[Quantity]:
    """Return the quantities of a text in order; marks that are taken are none."""
    found: list[Quantity] = []
    place = 0
    while place < len(marks.words):
        if marks.values[place] is None or place in taken or _is_of_word(marks, place, taken):
            place += 1
            continue
        quantity = _read(marks, place, taken)
        found.append(quantity)
        place = quantity.stop
    return found


def _is_of_word(marks: Marks, place: int, names: set[int]) -> bool:
    """Tell a number that is part of a word or a sign: "#4", "COVID-19", "3rd", but not "glucose-104"."""
    before = marks.word(place - 1)
    if before == "-" and not marks.gap(place) and not marks.gap(place - 1) and _is_word(marks, place - 2):
        return place - 2 not in names and marks.word(place - 2) not in _FIT_BEFORE_HYPHEN
    return before == "#" or (marks.word(place + 1) in _ORDINALS and not marks.gap(place + 1))


_FIT_BEFORE_HYPHEN = frozenset(("of", "at", "to", "was", "is"))
_ORDINALS = frozenset(("st", "nd", "rd", "th"))


def _is_word(marks: Marks, place: int) -> bool:
    word = marks.word(place)
    return bool(word) and word[0].isalpha()


class _Part(NamedTuple):
    """One number of a quantity, with its unit, up to a mark."""

    low: float
    high: float
    unit: Written | None
    stop: int
    end: int
    decade: bool


def _part(marks: Marks, place: int) -> _Part:
    if _is_decade(marks, place):
        return _Part(*_decade(marks, place), None, place + 2, marks.ends[place + 1], True)
    value, last = _fraction(marks, place)
    unit, stop = _unit(marks, last)
    return _Part(value, value, unit, stop, marks.ends[last], False)


def _read(marks: Marks, place: int, taken: set[int]) -> Quantity:
    part, parts, ranging = _part(marks, place), 1, False
    while (more := _more(marks, part.stop, taken)) is not None and parts < _MOST_PARTS and not ranging:
        other = _part(marks, more)
        low, high = part.low, max(part.high, other.high)
        if marks.word(more - 1) in _TIMES and _ends_in_length(marks, more, taken):
            low, parts = high, parts + 1
        elif parts == 1 and _is_range(marks, place, part, more, other):
            ranging = True
        else:
            break
        part = other._replace(low=low, high=high, unit=other.unit or part.unit, decade=part.decade or other.decade)
    unit, written = (part.unit.unit, marks.text[part.unit.start : part.unit.end]) if part.unit else ("", "")
    end = max(part.end, part.unit.end if part.unit else 0)
    return _with_comparator(marks, Quantity(
        place, part.stop, place, part.low, part.high, unit, "=", _step(marks.words[place]),
        marks.starts[place], end, part.end, written, parts, part.decade,
    ))  # fmt: skip


def _fraction(marks: Marks, place: int) -> tuple[float, int]:
    """Return a number with the fraction that it has, and the place of its last mark: "2-1/2", "1/2"."""
    value = marks.values[place] or 0.0
    for above, before in ((place, 0.0), (place + 1, value), (place + 2, value)):
        if above == place + 2 and (marks.word(place + 1) != "-" or marks.gap(place + 1) or marks.gap(place + 2)):
            break
        share = _FRACTIONS.get(tuple(marks.words[above : above + 3]))
        if share is not None and value == int(value) and not _goes_on(marks, above + 3):
            return before + share, above + 2
    return value, place


def _goes_on(marks: Marks, place: int) -> bool:
    """Tell whether a slash or hyphen and a number follow, as in a date."""
    following = place + 1 < len(marks.words) and marks.values[place + 1] is not None
    return marks.word(place) == "/" or (marks.word(place) == "-" and following)


_FRACTIONS: dict[tuple[str, ...], float] = {
    (str(one), "/", str(of)): one / of for of in (2, 3, 4, 8) for one in range(1, of)
}


def _is_decade(marks: Marks, place: int) -> bool:
    value = marks.values[place]
    if value is None or not value or value % 10 or marks.word(place + 1) not in ("s", "'s", "'", "\u2019s"):
        return False
    return not marks.gap(place + 1)


def _decade(marks: Marks, place: int) -> tuple[float, float]:
    value = marks.values[place] or 0.0
    before = marks.word(place - 1)
    below, above = _PARTS_OF_DECADES.get(before if before != "-" else marks.word(place - 2), (0, 9))
    return value + below, value + above


def _unit(marks: Marks, place: int) -> tuple[Written | None, int]:
    """Read the unit behind a number; return the mark behind it, too."""
    stop = place + 1
    unit = unit_at(marks.text, marks.ends[place])
    if unit is not None:
        while stop < len(marks.words) and marks.starts[stop] < unit.end:
            stop += 1
    return unit, stop


def _more(marks: Marks, stop: int, taken: set[int]) -> int | None:
    """Return the place of a number that is joined to what stands before `stop` by "to", "-" or "x"."""
    joint, place = marks.word(stop), stop + 1
    if joint not in _JOINS and joint not in _TIMES and joint != "and":
        return None
    if joint == "to" and marks.word(place) in ("about", "approximately"):
        place += 1
    if place >= len(marks.words) or marks.values[place] is None or place in taken:
        return None
    return place


def _ends_in_length(marks: Marks, place: int, taken: set[int]) -> bool:
    """Tell whether a product's last number, or one on the way to it, has a unit of length."""
    for _ in range(4):
        unit, stop = _unit(marks, place)
        if unit is not None:
            return dimension(unit.unit) in ("length", "area", "volume")
        more = _more(marks, stop, taken)
        if more is None or marks.word(more - 1) not in _TIMES:
            break
        place = more
    return False


def _is_range(marks: Marks, first: int, part: _Part, more: int, other: _Part) -> bool:
    joint = marks.word(more - 1)
    units = [one.unit.unit for one in (part, other) if one.unit]
    if part.low >= other.low or (part.unit and not other.unit) or len(set(units)) > 1:
        return False
    before = marks.word(first - 1)
    if joint in _TIMES:
        return False
    if joint == "and":
        return before == "between"
    if before == "/" and marks.word(other.stop) == "/":
        return False
    if joint in ("to", "through"):
        return before != "from" or marks.word(first - 2) in _RANGING
    return marks.gap(more) == marks.gap(more - 1)


def _step(written: str) -> float:
    """Return what one more in the last digit of a number is; zeros at the end of a whole number are digits."""
    return 10.0 ** -len(written.partition(".")[2])


def _with_comparator(marks: Marks, quantity: Quantity) -> Quantity:
    before = comparator_before(marks, quantity.first)
    if before is not None:
        quantity.comparator, quantity.lead = before
    behind = comparator_behind(marks, quantity.stop)
    if behind is not None:
        quantity.comparator = behind
        quantity.end, quantity.stop = marks.ends[quantity.stop + 1], quantity.stop + 2
    if quantity.decade and quantity.comparator == "~":
        quantity.comparator = "="
    return quantity
