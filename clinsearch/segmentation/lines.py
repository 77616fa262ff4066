"""The lines of a note: where their words begin and end, and which of them run on from the line above."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

_NEWLINE = r"[\n\r\v\f\x1c-\x1e\x85\u2028\u2029]"
# MTSamples: in these notes every line break became a comma, mostly without a space behind it.
_COMMA = r""",(?:
      (?: (?<=:,) | (?<=:[ ],) | (?<=:[ ][ ],) )
    | (?<=[.?!"”],) (?= [^\sa-z] | \s,| \s*\Z )
    | (?<=\s,) (?= [A-Z"(] | \d{1,2}\.\s )
    | (?<=[a-z0-9)\]%"”*_],) (?=[A-Z])
    | (?<=[A-Z],) (?= [A-Z][a-z]*[ ] | [A-Z][A-Z ]+: )
    | (?<=[^\s\d],) (?=\d{1,2}[.)]\s)
)"""
_BREAK = re.compile(rf"{_NEWLINE}\s*")
_BREAK_OR_COMMA = re.compile(rf"(?:{_NEWLINE}|{_COMMA})[\s,]*", re.VERBOSE)
_COMMA_MANNER = re.compile(r":[ ]{0,2},|\.,[A-Z]")

_RULE = re.compile(r"[\s\-=*~#+|:.,–—]*|\s*_{4,}[\s_]*")
_MARKS = re.compile(
    r"""\s* (?: (?:
          (?P<hashes>\#{1,6}) (?=\s)
        | (?P<pipe>\|)
        | [•·◦▪●■‣►➢]
        | [-–—*] (?![\d.*–—-])
        | \#? \(? \d{1,3} [.)] (?= \s | [A-Z] )
        | \(? [A-Za-z] \) (?=\s)
        | [a-e]\. (?=\s) (?! \s(?:fib|flutter|coli|diff)\b )
        | [A-H]\. (?=\s\s)
    ) \s* )*""",
    re.VERBOSE,
)
_STARTS_LOW = re.compile(r"[\"'“‘(]*[a-z]")
_LONGEST_WRAP = 120
# Words that no line of a list ends with, and a de-identification mark that is still open.
_DANGLING = re.compile(
    r"""(?: \b(?:
        a|an|the|and|or|but|nor|of|to|in|on|at|by|for|from|with|without|into|onto|over|under|about|after|before
        |between|through|within|until|than|that|which|who|whose|when|because|as|if|is|are|was|were|be|been|has|have
        |had|his|her|their|its|my|our|your|this|these|no|not|per
    ) | \[\*\*[^\]]* )\Z""",
    re.VERBOSE | re.IGNORECASE,
)


class Line(NamedTuple):
    """A line's words. `marked`: behind a bullet or number; `hashed`: behind markdown hashes;
    `parted`: the first line, or behind a blank line; `runs_on`: goes on with the text of the line above.
    """

    start: int
    end: int
    marked: bool
    hashed: bool
    parted: bool
    runs_on: bool


class _Raw(NamedTuple):
    start: int
    end: int
    gap: str


def split_lines(text: str) -> Iterator[Line]:
    """Yield the lines that have words, in order."""
    raw_lines = list(_raw_lines(text))
    width = _wrap_width(raw_lines)
    above: Line | None = None
    parted = True
    for raw in raw_lines:
        if _RULE.fullmatch(text, raw.start, raw.end):
            above, parted = None, True
            continue
        parted = parted or max(raw.gap.count("\n"), raw.gap.count("\r")) > 1
        line = _read_line(text, raw, parted, above, width)
        if line.start < line.end:
            yield line
            above, parted = line, False


def _raw_lines(text: str) -> Iterator[_Raw]:
    pattern = _BREAK_OR_COMMA if _COMMA_MANNER.search(text) else _BREAK
    start, gap = 0, ""
    for match in pattern.finditer(text):
        yield _Raw(start, match.start(), gap)
        start, gap = match.end(), match[0]
    yield _Raw(start, len(text), gap)


def _wrap_width(raw_lines: list[_Raw]) -> float:
    """Estimate the width that a note was hard-wrapped at; infinite if it was not."""
    lengths = sorted(raw.end - raw.start for raw in raw_lines)
    width = lengths[int(len(lengths) * 0.95)]
    return width if width <= _LONGEST_WRAP else float("inf")


def _read_line(text: str, raw: _Raw, parted: bool, above: Line | None, width: float) -> Line:
    marks = _MARKS.match(text, raw.start, raw.end)
    assert marks is not None
    start, end = marks.end(), raw.end
    words = text[start:end].rstrip(" \t|" if marks["pipe"] else None)
    end = start + len(words)
    marked = start > raw.start and not text[raw.start : start].isspace()
    runs_on = (
        above is not None
        and not (parted or marked)
        and raw.gap[:1] != ","
        and start < end
        and _runs_on(text, above, raw, width)
    )
    return Line(start, end, marked, marks["hashes"] is not None, parted, runs_on)


def _runs_on(text: str, above: Line, raw: _Raw, width: float) -> bool:
    if _DANGLING.search(text, max(above.start, above.end - 40), above.end):
        return True
    length = above.end - above.start
    if _STARTS_LOW.match(text, raw.start):
        indented = raw.gap[-1] in " \t"
        return indented or length >= width / 2
    last = text[above.end - 1]
    next_word = text[raw.start : raw.start + 40].split(maxsplit=1)[0]
    return length + 1 + len(next_word) > width and (last.isalpha() or last in ".,;-/]")
