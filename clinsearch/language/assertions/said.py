"""What a text asserts of some of its characters, by the scopes that cover them and by their section."""

from __future__ import annotations

from collections.abc import Iterable

from clinsearch.language.assertions.sections import section_assertion
from clinsearch.records.assertions import AssertedSpan, Assertion, Said, Status

_PRECEDENCE: tuple[Assertion, ...] = ("other", "hypothetical", "negated", "possible", "historical", "affirmed")


def assertion_at(spans: Iterable[AssertedSpan], start: int, end: int) -> AssertedSpan | None:
    """Return the span that decides for the characters from `start` to `end`, None if they are affirmed.

    Of several that cover some of them the order is other, hypothetical, negated, possible, historical; of equal ones
    the one with the nearest cue wins.
    """
    return min(_covering(spans, start, end), key=lambda span: _rank(span, start, end), default=None)


def said_at(spans: Iterable[AssertedSpan], start: int, end: int, section: str | None = None) -> Said:
    """Return what is asserted of the characters from `start` to `end`, in a section of this normalised name.

    A span's status overrides the section's. They are of someone else if either says so.
    """
    over = _covering(spans, start, end)
    by_section = section_assertion(section)
    of_other = by_section == "other" or any(span.assertion == "other" for span in over)
    deciding = assertion_at((span for span in over if span.assertion != "other"), start, end)
    return Said(_status(deciding.assertion if deciding else by_section), of_other)


def _covering(spans: Iterable[AssertedSpan], start: int, end: int) -> list[AssertedSpan]:
    """Return the spans that cover some of these characters, unless their cue is among the characters.

    "Lack of energy" as a whole is a symptom, not a negation.
    """
    over = [span for span in spans if span.start < end and start < span.end]
    return [span for span in over if not (start <= span.cue_start and span.cue_end <= end)]


def _rank(span: AssertedSpan, start: int, end: int) -> tuple[int, int]:
    return _PRECEDENCE.index(span.assertion), max(start - span.cue_end, span.cue_start - end)


def _status(assertion: Assertion | None) -> Status:
    return "affirmed" if assertion is None or assertion == "other" else assertion
