"""Finds the assertions of a sentence by the cues in it, their scopes and what ends these."""

from __future__ import annotations

import re
from collections.abc import Iterator

from clinsearch.language.assertions.headings import below_heading
from clinsearch.language.assertions.marks import read_words
from clinsearch.language.assertions.scopes import find_scopes
from clinsearch.records.assertions import AssertedSpan

# What is so no longer.
END = re.compile(r"(?:quit|stop|cease|give up|gave up|given up)\w*\b", re.IGNORECASE)


def find_assertions(text: str) -> tuple[AssertedSpan, ...]:
    """Return the parts of a sentence within the scope of a cue, in order; they may overlap."""
    spans = _without_denied_ends(text, list(_spans(text)))
    return tuple(sorted(spans, key=lambda span: (span.start, span.end, span.cue_start)))


def _without_denied_ends(text: str, spans: list[AssertedSpan]) -> list[AssertedSpan]:
    """Leave out denials of an end, and what the end would say: who has not quit smoking smokes."""
    denied = [span for span in spans if span.assertion == "negated" and END.match(text, span.start)]
    ends = {span.start for span in denied}
    return [span for span in spans if span not in denied and span.cue_start not in ends]


def _spans(text: str) -> Iterator[AssertedSpan]:
    words = read_words(text)
    for first, stop, match in find_scopes(words, below_heading(text, words)):
        cue_start, cue_end = words.starts[match.first], words.ends[match.stop - 1]
        for sense in filter(None, (match.cue.sense, match.cue.also)):
            yield AssertedSpan(words.starts[first], words.ends[stop - 1], sense, cue_start, cue_end)  # type: ignore[arg-type]
