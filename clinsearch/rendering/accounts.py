"""The score of two notes as sums of the numbers that are shown: these add up as they stand, with three decimals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from clinsearch.language.assertions import section_assertion
from clinsearch.language.terms import placed_terms
from clinsearch.records import AssertedSpan, LikenessParts, NoteExplanation, PlacedSentence, Reason
from clinsearch.rendering.reasons import SAID, nearness_line, said_line, shown_reasons, standing_line
from clinsearch.rendering.wording import number
from clinsearch.retrieval.stop_words import STOP_WORDS

DIGITS = 3
WORDS_NAMED = 6
NO_REASON = "No pair of sentences stands out: each is nearer to a hundred others than to any of the other note."


@dataclass(frozen=True, slots=True)
class Account:
    """What a score of two notes is made of, twice, and by `shares` of its reasons, best first."""

    score: float
    parts: LikenessParts
    in_common: float
    reasons: tuple[Reason, ...]
    shares: tuple[float, ...]
    rest: float

    @property
    def by_reasons(self) -> float:
        """What the reasons share of the score."""
        return sum(self.shares)

    @property
    def parts_line(self) -> str:
        """Say what the score comes from."""
        parts = self.parts
        named = (("openings", parts.openings), ("words", parts.words), ("sentences", parts.sentences))
        return " + ".join(f"{name} {decimals(value)}" for name, value in named)

    @property
    def summands(self) -> tuple[tuple[str, str, float], ...]:
        """Return what the score is the sum of: by what name it is known here, what it is, and how much."""
        these = "this reason" if len(self.shares) == 1 else "these reasons"
        by_reasons = (("these", these, self.by_reasons),) if self.shares else ()
        in_common = "common", "in common with any two notes here", self.in_common
        return in_common, *by_reasons, ("rest", "the rest", self.rest)

    @property
    def reasons_line(self) -> str:
        """Say how much of the score the reasons are."""
        return ", ".join(f"{what} {decimals(value)}" for _, what, value in self.summands)


def account_of(explanation: NoteExplanation) -> Account | None:
    """Account for the score of two notes; None where it is the cosine of two sums, which has no reasons.

    The rest takes what rounding leaves of the one sum, the largest remainders what it leaves of the other.
    """
    if not explanation.parts or not explanation.background:
        return None
    parts, reasons = explanation.parts, shown_reasons(explanation)
    score, in_common = round(explanation.score, DIGITS), round(explanation.in_common, DIGITS)
    by_part = LikenessParts(*adding_up([parts.openings, parts.words, parts.sentences], score))
    shares = tuple(round(reason.share, DIGITS) for reason in reasons)
    return Account(score, by_part, in_common, reasons, shares, round(score - in_common - sum(shares), DIGITS))


def adding_up(summands: Sequence[float], total: float, digits: int = DIGITS) -> list[float]:
    """Round summands so that they add up to their total as rounded: up or down, by the largest remainders."""
    scale = 10**digits
    steps = [math.floor(summand * scale) for summand in summands]
    by_remainder = sorted(range(len(summands)), key=lambda place: steps[place] - summands[place] * scale)
    for place in by_remainder[: max(0, round(total * scale) - sum(steps))]:
        steps[place] += 1
    return [step / scale for step in steps]


def decimals(value: float) -> str:
    """Write a number as accounts have them."""
    return number(value, DIGITS)


def reason_lines(explanation: NoteExplanation, reason: Reason) -> list[str]:
    """Say what the sides of a reason say otherwise, how unusual it is, and how many pairs more it has."""
    (i, j), *others = reason.pairs
    left, right = explanation.left[i], explanation.right[j]
    otherwise = differences(left, reason.left.assertions, right, reason.right.assertions)
    more = f"And {len(others)} more pair{'s that say' if len(others) > 1 else ' that says'} the same." if others else ""
    lines = [otherwise or said_line(explanation, reason), nearness_line(reason, explanation.sentences)]
    return list(filter(None, [*lines, standing_line(reason), more]))


def differences(
    left: PlacedSentence, of_left: Sequence[AssertedSpan], right: PlacedSentence, of_right: Sequence[AssertedSpan]
) -> str:
    """Say of which words in common two sentences say something else: "fever: denied in the first, so in the second"."""
    one, other = _said_of_terms(left, of_left), _said_of_terms(right, of_right)
    words: dict[str, list[str]] = {}
    for term, start, end in placed_terms(left.sentence):
        if term in one and term in other and not one[term] & other[term]:
            first, second = (" and ".join(SAID[each] for each in sorted(said)) for said in (one[term], other[term]))
            words.setdefault(f"{first} in the first, {second} in the second", []).append(left.sentence[start:end])
    return " ".join(f"{_listed(of_these)}: {said}." for said, of_these in words.items())


def _said_of_terms(place: PlacedSentence, spans: Sequence[AssertedSpan]) -> dict[str, set[str]]:
    """Return for each word of a sentence, as a term, what is said of it there; for words that tell nothing none."""
    said: dict[str, set[str]] = {}
    otherwise = {section_assertion(place.section) or "affirmed"}
    for term, start, end in placed_terms(place.sentence):
        if term not in STOP_WORDS and not term[0].isdecimal():
            of_this = {span.assertion for span in spans if span.start <= start and end <= span.end}
            said.setdefault(term, set()).update(of_this or otherwise)
    return said


def _listed(words: Sequence[str]) -> str:
    named = list(dict.fromkeys(words))
    return ", ".join(named[:WORDS_NAMED]) + (", …" if len(named) > WORDS_NAMED else "")
