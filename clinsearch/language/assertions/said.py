"""What is said of characters of a text by the cues that reach them and by the section that they stand in."""

from __future__ import annotations

from collections.abc import Iterable

from clinsearch.language.assertions.sections import section_assertion
from clinsearch.records.assertions import AssertedSpan, Assertion, Said, Status

_PRECEDENCE: tuple[Assertion, ...] = ("other", "hypothetical", "negated", "possible", "historical", "affirmed")


def assertion_at(spans: Iterable[AssertedSpan], start: int, end: int) -> AssertedSpan | None:
    """Return the span that decides for the characters from `start` to `end`, None where they are affirmed.

    Of several that cover some of them, someone else's goes first, then hypothetical, negated, possible and
    historical; of equal ones the one whose cue is nearest.
    """
    return min(_over(spans, start, end), key=lambda span: _rank(span, start, end), default=None)


def said_at(spans: Iterable[AssertedSpan], start: int, end: int, section: str | None = None) -> Said:
    """Return what is said of the characters from `start` to `end` of a text in a section of this normalised name.

    A span that says whether they are so goes before the section. They are someone else's if either says it.
    """
    over = _over(spans, start, end)
    by_section = section_assertion(section)
    of_other = by_section == "other" or any(span.assertion == "other" for span in over)
    deciding = assertion_at((span for span in over if span.assertion != "other"), start, end)
    return Said(_status(deciding.assertion if deciding else by_section), of_other)


def _over(spans: Iterable[AssertedSpan], start: int, end: int) -> list[AssertedSpan]:
    """Return the spans that cover some of these characters, but those whose cue is one of their words.

    "Lack of energy" is a symptom as a whole.
    """
    over = [span for span in spans if span.start < end and start < span.end]
    return [span for span in over if not (start <= span.cue_start and span.cue_end <= end)]


def _rank(span: AssertedSpan, start: int, end: int) -> tuple[int, int]:
    return _PRECEDENCE.index(span.assertion), max(start - span.cue_end, span.cue_start - end)


def _status(assertion: Assertion | None) -> Status:
    return "affirmed" if assertion is None or assertion == "other" else assertion
