"""The headings of a line: before its colons, or the line as a whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from clinsearch.segmentation.heading_names import heading_name
from clinsearch.segmentation.lines import Line

_LONGEST_HEADING = 72

_COLON = re.compile(r"(?<=[A-Za-z0-9)*]):(?![\d/])|(?<=[A-Za-z0-9)*] ):(?!\d)")
_CAPITALISED = re.compile(r"(?<![^\s,*_(])[A-Z0-9]")
_TITLE_WORD = r"(?:[A-Z(][\w'’/()&-]*|\d+)"
_TITLE = re.compile(rf"{_TITLE_WORD}(?:,?\s+(?:{_TITLE_WORD}|and|of|the|to|in|for|with|on|at|by|or|[/&-]))*")
_CAPITALS = re.compile(r"(?=[^A-Z]*[A-Z]{2})[A-Z0-9][A-Z0-9 ,/&'’()#+-]*")
_VALUE = re.compile(r"[\s,]*[\d<>+~-]")
# What is measured, remarked or said, not headed.
_LABEL = re.compile(
    r"""
      dear\b.* | (?:nb|note|notes|warning|important|ps)
    | (?:bp|hr|rr|map|abg|vbg|i/?o|t|p|r|temp|tmax|tcurrent|wt|ht|bmi|fio2|peep|age|rate|o2|sat|sats|spo2)
    | .*\b(?:pressure|weight|height|temperature|pulse|saturation|respirations?|circumference|oximetry|rate)
    """,
    re.VERBOSE | re.IGNORECASE,
)


class Heading(NamedTuple):
    """A heading's words stand from `start` to `stop`; `end` is behind its colon."""

    start: int
    stop: int
    end: int
    name: str


def find_headings(text: str, line: Line, *, may_shout: bool) -> Iterator[Heading]:
    """Yield the headings of a line; unknown capitals are one without a colon only if it `may_shout`."""
    lone = _lone_heading(text, line, may_shout)
    if lone:
        yield lone
        return
    floor = line.start
    for colon in _COLON.finditer(text, line.start, line.end):
        heading = _heading_before(text, line, floor, colon)
        if heading:
            yield heading
            floor = heading.end


def _lone_heading(text: str, line: Line, may_shout: bool) -> Heading | None:
    if line.end - line.start > _LONGEST_HEADING:
        return None
    written = text[line.start : line.end]
    words = written.strip("*_# ").removesuffix(":")
    if not words or not (words[-1].isalnum() or words[-1] == ")"):
        return None
    if not _stands_alone(words, line, may_shout):
        return None
    start = line.start + written.index(words)
    return Heading(start, start + len(words), line.end, _name(words))


def _stands_alone(words: str, line: Line, may_shout: bool) -> bool:
    if line.hashed:
        return not any(mark in words for mark in ".:;?!")
    if line.marked:
        return False
    if heading_name(words):
        return len(words) > 1 and words[0].isupper()
    return may_shout and _CAPITALS.fullmatch(words) is not None


def _heading_before(text: str, line: Line, floor: int, colon: re.Match[str]) -> Heading | None:
    stop = colon.start()
    earliest = max(floor, stop - _LONGEST_HEADING)
    starts = [match.start() for match in _CAPITALISED.finditer(text, earliest, stop)]
    if earliest == line.start and line.start not in starts:
        starts.insert(0, line.start)
    valued = _VALUE.match(text, colon.end(), line.end) is not None
    for start in starts:
        words = text[start:stop].rstrip()
        first = start == line.start
        parted = first or _is_parted(text[max(floor, start - 3) : start])
        if _is_heading(words, marked=line.marked, first=first, parted=parted, valued=valued):
            return Heading(start, start + len(words), colon.end(), _name(words))
    return None


def _is_parted(before: str) -> bool:
    words = before.rstrip(" ,*_")
    return not words or words[-1] in ".!?;)" or before.endswith("  ")


def _is_heading(words: str, *, marked: bool, first: bool, parted: bool, valued: bool) -> bool:
    if heading_name(words):
        if len(words) == 1:
            return first and not marked and words.isupper()
        return first or words.isupper() or (parted and words[0].isupper())
    if marked or _LABEL.fullmatch(words):
        return False
    if valued and " " not in words and (len(words) <= 5 or not words.isupper()):
        return False
    if _CAPITALS.fullmatch(words):
        return parted
    return first and _TITLE.fullmatch(words) is not None


def _name(words: str) -> str:
    return heading_name(words) or " ".join(words.lower().split())
