"""What a sentence says of each of its parts: that it is not so, may be so, was, may come, or is someone else's.

The rules are of the ConText kind (Harkema et al. 2009, after Chapman's NegEx, 2001): a cue, how far it reaches, and
what ends it. Offsets are those of the text.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from clinsearch.assertions.headings import below_heading
from clinsearch.assertions.scopes import find_scopes
from clinsearch.assertions.sections import section_assertion
from clinsearch.assertions.words import read_words
from clinsearch.records.assertions import AssertedSpan, Assertion

__all__ = ["assertion_at", "find_assertions", "section_assertion"]

_PRECEDENCE: tuple[Assertion, ...] = ("other", "hypothetical", "negated", "possible", "historical", "affirmed")


def find_assertions(text: str) -> tuple[AssertedSpan, ...]:
    """Return the parts of a sentence within the scope of a cue, in order; they may overlap."""
    return tuple(sorted(_spans(text), key=lambda span: (span.start, span.end, span.cue_start)))


def assertion_at(spans: Iterable[AssertedSpan], start: int, end: int) -> AssertedSpan | None:
    """Return the span that decides for the characters from `start` to `end`, None where they are affirmed.

    Of several that cover some of them, someone else's goes first, then hypothetical, negated, possible and
    historical; of equal ones the one whose cue is nearest.
    """
    over = [span for span in spans if span.start < end and start < span.end and not _holds(start, end, span)]
    return min(over, key=lambda span: _rank(span, start, end), default=None)


def _holds(start: int, end: int, span: AssertedSpan) -> bool:
    """Tell whether the cue is part of what is asked about: "lack of energy" is a symptom as a whole."""
    return start <= span.cue_start and span.cue_end <= end


def _rank(span: AssertedSpan, start: int, end: int) -> tuple[int, int]:
    return _PRECEDENCE.index(span.assertion), max(start - span.cue_end, span.cue_start - end)


def _spans(text: str) -> Iterator[AssertedSpan]:
    words = read_words(text)
    for first, stop, match in find_scopes(words, below_heading(text, words)):
        cue_start, cue_end = words.starts[match.first], words.ends[match.stop - 1]
        for sense in filter(None, (match.cue.sense, match.cue.also)):
            yield AssertedSpan(words.starts[first], words.ends[stop - 1], sense, cue_start, cue_end)  # type: ignore[arg-type]
