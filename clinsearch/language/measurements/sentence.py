"""A text read for its measurements: its marks, the names in it, its quantities, and what was found so far."""

from __future__ import annotations

from dataclasses import dataclass, field

from clinsearch.language.measurements.analytes import Analyte, Spelling, analytes, spellings
from clinsearch.language.measurements.conversion import usual_unit, value_in_usual_unit
from clinsearch.language.measurements.marks import DATE, Marks, read_marks
from clinsearch.language.measurements.quantities import Quantity, read_quantities
from clinsearch.language.measurements.wording import word_set
from clinsearch.records.measurements import Measurement

_SKIPPED_IN_NAMES = frozenset("-.,")
# Words of laboratories behind a name: "Glucose, Serum".
_QUALIFIERS = word_set("serum ser plasma total s p fasting random calculated calc poc quant quantitative")
_MOST_IN_BRACKETS = 2
# Names that lie around other words: "iron" is no laboratory value in "iron sulfate", nor is "sodium" in a drug's name.
_NOT_NAMED_BEFORE = word_set(
    """
    diet restriction restricted supplement supplements tablets tablet deficiency cycler disease dependent sulfate
    gluconate carbonate citrate chloride bicarbonate succinate acetate medication medications medicine pills meter
    monitor monitoring cuff machine strips channel therapy wave waves
    """
)
_NEAR_A_DATE = 3


@dataclass(slots=True)
class Named:
    """A name of something measured, from one mark up to another."""

    first: int
    stop: int
    spelling: Spelling

    @property
    def analyte(self) -> Analyte:
        """What it is the name of."""
        return self.spelling.analyte


@dataclass(slots=True)
class Sentence:
    """A text on the way to its measurements; quantity_at: by each of a quantity's marks.

    asked: whether the text is a query, whose names need no capitals.
    """

    marks: Marks
    asked: bool
    names: list[Named]
    name_at: dict[int, Named]
    quantities: list[Quantity]
    quantity_at: dict[int, Quantity]
    claimed: set[int] = field(default_factory=set)
    found: list[tuple[Quantity, Measurement]] = field(default_factory=list)

    def free(self, quantity: Quantity) -> bool:
        """Tell whether a quantity is part of no measurement yet."""
        return quantity.first not in self.claimed

    def claim(self, quantity: Quantity) -> None:
        """Make a quantity part of a measurement."""
        self.claimed.add(quantity.first)

    def add(self, analyte: Analyte, quantity: Quantity, first: int, stop: int = 0) -> bool:
        """Add a quantity of something known, whose mention begins at a mark; return False if it can't be one."""
        if quantity.low > quantity.high:
            return False
        low = value_in_usual_unit(analyte, quantity.low, quantity.unit)
        high = low if quantity.single else value_in_usual_unit(analyte, quantity.high, quantity.unit)
        if low is None or high is None:
            return False
        self.put(analyte.name, (low, high, usual_unit(analyte, quantity.unit)), quantity, first, stop)
        return True

    def put(self, name: str, value: tuple[float, float, str], quantity: Quantity, first: int, stop: int = 0) -> None:
        """Add a quantity under a name, with its low and high value and unit; it may extend up to a mark."""
        marks, (low, high, unit) = self.marks, value
        start = min(marks.starts[min(first, quantity.lead)], quantity.start)
        end = max(quantity.end, marks.ends[stop - 1] if stop else 0)
        written = marks.text[quantity.start : quantity.value_end]
        measurement = Measurement(
            name, quantity.comparator, round(low, 6), round(high, 6), unit, written, quantity.written_unit, start, end,
            self._date_near(quantity),
        )  # fmt: skip
        self.claim(quantity)
        self.found.append((quantity, measurement))

    def _date_near(self, quantity: Quantity) -> str | None:
        for places in (
            range(quantity.stop, quantity.stop + _NEAR_A_DATE),
            range(quantity.lead - 1, quantity.lead - 3, -1),
        ):
            for place in places:
                word = self.marks.word(place)
                if word == DATE:
                    return self.marks.text[self.marks.starts[place] : self.marks.ends[place]]
                if word not in ("on", "(", "in", "from", ",", "of", "dated", "was", "is", ":", "as", "|"):
                    break
        return None


def read_sentence(text: str, *, asked: bool = False) -> Sentence:
    """Read the marks, names and quantities of a text."""
    marks = read_marks(text)
    names = find_names(marks, asked=asked)
    name_at = {place: name for name in names for place in range(name.first, name.stop)}
    quantities = read_quantities(marks, set(name_at))
    quantity_at = {place: one for one in quantities for place in range(one.first, one.stop)}
    names = [name for name in names if name.first not in quantity_at]
    name_at = {place: name for name in names for place in range(name.first, name.stop)}
    return Sentence(marks, asked, names, name_at, quantities, quantity_at)


def find_names(marks: Marks, *, asked: bool) -> list[Named]:
    """Return the names in a text, the longest at each place."""
    found, place, known = [], 0, spellings()
    while place < len(marks.words):
        word = marks.words[place]
        candidates = known.get(word)
        if candidates is None and len(word) > 4 and word[-1] == "s":
            candidates = [one for one in known.get(word[:-1], ()) if not one.adjacent]
        named = candidates and _name_at(marks, place, candidates, asked)
        if named:
            found.append(named)
            place = named.stop
        else:
            place += 1
    return found


def _name_at(marks: Marks, place: int, candidates: list[Spelling], asked: bool) -> Named | None:
    for spelling in candidates:
        stop = _end_of_name(marks, place + 1, spelling.onward)
        if not stop or marks.word(stop + (marks.word(stop) == "-")) in _NOT_NAMED_BEFORE:
            continue
        if spelling.exact and not asked and not _in_its_capitals(marks, place, stop, spelling.exact):
            continue
        return Named(place, _end_of_qualifiers(marks, stop), spelling)
    return None


def _end_of_qualifiers(marks: Marks, stop: int) -> int:
    """Pass what qualifies a name right behind it: ", Serum", "(hs)", "(Src)"."""
    if marks.word(stop) in (",", "-") and marks.word(stop + 1) in _QUALIFIERS:
        stop += 2
    if marks.word(stop) == "(":
        for end in range(stop + 2, stop + 2 + _MOST_IN_BRACKETS):
            if marks.word(end) == ")" and all(word.isalpha() for word in marks.words[stop + 1 : end]):
                return end + 1
    return stop


def _in_its_capitals(marks: Marks, place: int, stop: int, exact: str) -> bool:
    written = marks.written(place, stop)
    return written == exact or (written == exact.upper() and len(written) > 1)


def _end_of_name(marks: Marks, place: int, onward: tuple[str, ...]) -> int:
    for word in onward:
        if marks.word(place) in _SKIPPED_IN_NAMES and marks.word(place + 1) == word:
            place += 1
        if marks.word(place) != word and (len(word) < 4 or marks.word(place) != word + "s"):
            return 0
        place += 1
    return place


def analyte_named(name: str) -> Analyte:
    """Return what has this usual name."""
    return analytes()[name]
