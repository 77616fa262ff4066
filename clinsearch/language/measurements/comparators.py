"""What a quantity is compared by: the words before and behind a number that mean less, more or about."""

from __future__ import annotations

from clinsearch.language.measurements.marks import Marks
from clinsearch.language.measurements.wording import unwrapped
from clinsearch.records.measurements import Comparator

_BEFORE = """
<: <, less than, lower than, fewer than, smaller than, younger than, lighter than, shorter than, under, below,
    beneath, not reaching
<=: <=, ≤, less than or equal to, less or equal to, equal to or less than, lower than or equal to, equal or less
    than, up to, at most, no more than, not more than, no greater than, no higher than, not exceeding, maximum of,
    not over, not above
>: >, greater than, more than, higher than, larger than, bigger than, older than, heavier than, longer than, taller
    than, wider than, over, above, exceeding, exceeds, exceeded, in excess of, beyond, past, upwards of, greater
    then, more then
>=: >=, ≥, greater than or equal to, greater or equal to, equal to or greater than, more than or equal to, higher
    than or equal to, equal or greater than, at least, no less than, not less than, no lower than, not below, not
    under, minimum of, no smaller than, no fewer than
~: ~, ≈, approximately, about, around, approx, approximating, roughly, nearly, almost, close to, circa, near, some,
    an estimated, perhaps, maybe
"""
_AFTER = """
>=: more greater higher above over older larger bigger up longer heavier beyond
<=: less lower below under younger smaller fewer shorter lighter
"""
_LONGEST = 5


def _read_table(table: str, between: str) -> dict[tuple[str, ...], Comparator]:
    lines = (line.split(": ", 1) for line in unwrapped(table))
    return {tuple(phrase.split()): comparator for comparator, rest in lines for phrase in rest.split(between)}  # type: ignore[misc]


_COMPARING, _COMPARED = _read_table(_BEFORE, ", "), _read_table(_AFTER, " ")


def comparator_before(marks: Marks, place: int) -> tuple[Comparator, int] | None:
    """Return what compares a quantity that begins at a mark, and the mark at which the comparison begins."""
    if marks.word(place - 1) in ("a", "an", "of", "the", "=") and place > 1:
        place -= 1
    for length in range(min(_LONGEST, place), 0, -1):
        comparator = _COMPARING.get(tuple(marks.words[place - length : place]))
        if comparator:
            further = comparator_before(marks, place - length) if comparator == "~" else None
            return further or (comparator, place - length)
    return None


def comparator_behind(marks: Marks, place: int) -> Comparator | None:
    """Return what compares the quantity that ends before a mark: "or more", "and above"."""
    if marks.word(place) not in ("or", "and"):
        return None
    following = place + 2 < len(marks.words) and marks.values[place + 2] is not None
    return None if following else _COMPARED.get((marks.word(place + 1),))
