"""The lines of a note: where their words begin and end, and which lines continue the one above."""

from __future__ import annotations

import re
from collections.abc import Iterator
from itertools import pairwise
from typing import NamedTuple

Span = tuple[int, int]

_NEWLINE = r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]"
# MTSamples: the line breaks of these notes became commas, mostly without a space after them.
_COMMA = r""",(?:
      (?=\s*\Z)
    | (?: (?<=:,) | (?<=:[ ],) | (?<=:[ ][ ],) )
    | (?<=[.?!"\u201d],) (?= [^\sa-z] | [a-z]{3} | \s, )
    | (?<=\s,) (?= [A-Z"(] | \d{1,2}\.\s )
    | (?<=[a-z0-9)\]%"\u201d*_],) (?=[A-Z])
    | (?<=[A-Z],) (?= [A-Z][a-z]*[ :] | [A-Z][A-Z ]+: )
    | (?<=\S,) (?= \d{1,2}[.)]\s+[A-Z] ) | (?<=[^\s\d],) (?= \d{1,2}[.)]\s )
)"""
_BREAK = re.compile(rf"{_NEWLINE}\s*")
_BREAK_OR_COMMA = re.compile(rf"(?:{_NEWLINE}|{_COMMA})[\s,]*", re.VERBOSE)
_COMMA_MANNER = re.compile(r":[ ]{0,2},|\.,[A-Z]")

_RULE = re.compile(r"[\s\-=*~#+|:.,\u2013\u2014]*|\s*_{4,}[\s_]*")
_MARKS = re.compile(
    r"""\s* (?: (?:
          (?P<hashes>\#{1,6}) (?=\s)
        | (?P<pipe>\|)
        | [\u2022\u00b7\u25e6\u25aa\u25cf\u25a0\u2023\u25ba\u27a2]
        | [\u2013\u2014*] (?![\d.*]) | -{1,3}>? (?![\d.-]) | [o>] (?= \s+ [A-Za-z] )
        | \#? \(? (?P<number>\d{1,3}) [.)] (?= \s | [A-Z] )
        | \(? [A-Za-z] \) (?=\s)
        | [ivx]{1,4} [.)] (?=\s) | (?:I{1,3}|IV|VI{1,3}|IX) \. (?= \s+ [A-Z] )
        | [a-g] \. (?=\s) (?! \s (?: fib | flutter | coli | diff ) \b )
        | [A-H] \. (?=\s\s)
    ) \s* ){0,4}""",
    re.VERBOSE,
)

# Between the cells of a table's row.
BETWEEN_CELLS = " | "
_NARROWEST_WRAP, _WIDEST_WRAP = 50, 120
_RAGGED_CHARACTERS = 5
_LIKELY_FILL = 0.7
_LOW = re.compile(r"[\"'(\u2018\u201c]*[a-z]")
# A line with such an end continues on the next: a word that needs another, or an open de-identification mark.
_DANGLING = re.compile(
    r"""(?: \b (?:
        a|an|the|and|or|but|nor|of|to|in|on|at|by|for|from|with|without|into|onto|over|under|about|after
        |before|between|through|within|until|than|that|which|who|whose|when|because|as|if|is|are|was|were
        |be|been|has|have|had|his|her|their|its|my|our|your|this|these|no|not|per|age|aged
        |(?:dr|mr|mrs|ms|prof|st|vs|approx|e\.g|i\.e)\.
    ) | \[\*\*[^\]]* )\Z""",
    re.VERBOSE | re.IGNORECASE,
)


class Line(NamedTuple):
    """A line's words, without the bullet, number or hashes before them; `number` is the latest one of its list.

    `parted`: whether it is the first line, or follows a blank line or a rule; `runs_on`: whether it continues the line
    above; `row`: whether it is a row of a table, which neither continues a line nor is continued.
    """

    start: int
    end: int
    marked: bool
    hashes: int
    number: int
    parted: bool
    runs_on: bool
    row: bool


class _RawLine(NamedTuple):
    start: int
    end: int
    gap: str  # what separates it from the line above


def split_lines(text: str, *, has_lines: bool = False) -> Iterator[Line]:
    """Yield the lines that have words, in order; `has_lines`: whether the text is known to have all its line breaks."""
    raw_lines = list(_raw_lines(text, may_have_commas=not has_lines))
    width = _wrap_width(text, raw_lines)
    above: Line | None = None
    for raw in raw_lines:
        if _RULE.fullmatch(text, raw.start, raw.end):
            above = None
            continue
        if max(raw.gap.count("\n"), raw.gap.count("\r")) > 1:
            above = None
        line = _read_line(text, raw, above=above, width=width)
        if line.start < line.end:
            yield line
            above = line


def _raw_lines(text: str, *, may_have_commas: bool) -> Iterator[_RawLine]:
    pattern = _BREAK_OR_COMMA if may_have_commas and _COMMA_MANNER.search(text) else _BREAK
    start, gap = 0, ""
    for match in pattern.finditer(text):
        yield _RawLine(start, match.start(), gap)
        start, gap = match.end(), match[0]
    yield _RawLine(start, len(text), gap)


def _wrap_width(text: str, raw_lines: list[_RawLine]) -> float:
    """Estimate the width that a note was hard-wrapped at; infinite if it was not.

    Wrapping divides sentences: some line that reaches the width goes on in small letters. Of paragraphs that happen to
    be as long none does.
    """
    lengths = sorted(raw.end - raw.start for raw in raw_lines)
    width = lengths[int(len(lengths) * 0.95)]
    if not _NARROWEST_WRAP <= width <= _WIDEST_WRAP:
        return float("inf")
    full = (_LOW.match(text, low.start) for up, low in pairwise(raw_lines) if _is_full(text, up, low, width))
    return width if any(full) else float("inf")


def _is_full(text: str, above: _RawLine, below: _RawLine, width: float) -> bool:
    """Tell whether a line may have been wrapped: its next word would have reached over the width."""
    end = text.find(" ", below.start, below.end)
    first = (below.end if end < 0 else end) - below.start
    return above.end - above.start + 1 + first > width - _RAGGED_CHARACTERS


def _read_line(text: str, raw: _RawLine, *, above: Line | None, width: float) -> Line:
    marks = _MARKS.match(text, raw.start, raw.end)
    assert marks is not None
    start = marks.end()
    number = int(marks["number"] or 0)
    if number and above and raw.gap[0] != "," and _is_prose(text, above, number=number):
        start, number = raw.start, 0
    row = text.find(BETWEEN_CELLS, start, raw.end) >= 0
    words = text[start : raw.end].rstrip(" \t|" if row or marks["pipe"] else None)
    marked = bool(text[raw.start : start].strip())
    hashes = len(marks["hashes"] or "")
    end = start + len(words)
    if above is None:
        return Line(start, end, marked, hashes, number, parted=True, runs_on=False, row=row)
    may_run_on = not (marked or row or above.row)
    runs_on = words != "" and may_run_on and _runs_on(text, above, words=words, gap=raw.gap, width=width)
    return Line(start, end, marked, hashes, number or above.number, parted=False, runs_on=runs_on, row=row)


def _is_prose(text: str, above: Line, *, number: int) -> bool:
    """Tell a number that ends the sentence above, "at the age of / 60. She", from one that begins an item."""
    return number not in (1, above.number + 1) and text[above.end - 1] not in ".:;?!"


def _runs_on(text: str, above: Line, *, words: str, gap: str, width: float) -> bool:
    if gap[0] == ",":
        return False
    if _DANGLING.search(text, max(above.start, above.end - 40), above.end):
        return True
    length = above.end - above.start
    reach = length + 1 + len(words.split(maxsplit=1)[0])
    last = text[above.end - 1]
    likely = reach > _LIKELY_FILL * min(width, _WIDEST_WRAP)
    if _LOW.match(words):
        return likely or last == "," or gap[-1] in " \t"
    if last == ",":
        return likely
    return reach > width - _RAGGED_CHARACTERS and (last.isalpha() or last in ".:;-/]")
