"""The headings that the format of a note marks, whatever they look like."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator, Sequence

from clinsearch.language.segmentation.headings import Heading, name_of
from clinsearch.language.segmentation.lines import Line, Span

# A longer one is a paragraph in a heading's clothes.
_LONGEST_GIVEN = 200


class GivenHeadings:
    """The headings that a text was given with: spans in order and apart."""

    def __init__(self, text: str, spans: Sequence[Span]) -> None:
        self._text, self._spans = text, spans
        self._ends = [end for _, end in spans]

    def of(self, line: Line, after: Line | None) -> Iterator[Heading]:
        """Yield those of a line, without bullets and colons; `after`: the next line."""
        below = self._text[after.start : after.end] if after else ""
        for at in range(bisect_right(self._ends, line.start), len(self._spans)):
            start, stop = max(self._spans[at][0], line.start), min(self._spans[at][1], line.end)
            if start >= line.end:
                return
            words = self._text[start:stop].rstrip(": \t\xa0").lstrip()
            if any(map(str.isalnum, words)) and len(words) <= _LONGEST_GIVEN:
                start = self._text.index(words, start)
                yield Heading(start, start + len(words), stop, name_of(words, below))
