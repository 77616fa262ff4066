"""The headings of a line: before its colons, or the line as a whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from clinsearch.segmentation.abbreviations import ends_sentence
from clinsearch.segmentation.heading_names import heading_name
from clinsearch.segmentation.lines import Line, Span

_LONGEST_HEADING = 80

# A colon, or in its stead the start of a list behind capitals: "DIAGNOSES 1. Sinusitis. 2. Rhinitis."
# It begins with a plain set of characters, which the search finds fast.
_CLOSING = re.compile(
    r"""[:1] (?:
        (?<=[A-Za-z0-9)*]:) (?![\d/])
      | (?<=[A-Za-z0-9)*][ ]:) (?!\d)
      | (?<=[A-Z]{3}[ ]1) (?=[.)]\s)
    )""",
    re.VERBOSE,
)
_CAPITALISED = re.compile(r"(?<![^\s,*_])[A-Z0-9]")
_TITLE_WORD = r"(?:[A-Z(][\w'\u2019/()&-]*|\d+)"
_TITLE = re.compile(rf"{_TITLE_WORD}(?:,?\s+(?:{_TITLE_WORD}|and|of|the|to|in|for|with|on|at|by|or|[/&-]))*")
_CAPITALS = re.compile(r"(?=[^A-Z]*[A-Z]{2})[A-Z0-9][A-Z0-9 ,/&'\u2019()#+-]*")
_FIGURE = re.compile(r"[\s,]*[\d<>+~-]")
_TAKES_A_FIGURE = re.compile(r"(?i:.*\b(?:date|time|birth|number|no|unit|dob|mrn|room|bed)\b.*)")
# What is measured, remarked or said under no heading of its own.
_LABEL = re.compile(
    r"""
      dear\b.* | nb | notes? | warning | important | ps | age | rate
    | bp | hr | rr | map | [av]bg | i/?o | t | p | r | temp | tmax | tcurrent | wt | ht | bmi | fio2 | peep
    | o2 | sats? | spo2 | wbc | h[gc][bt] | hemoglobin | hematocrit | platelets | glucose | sodium | potassium
    | creatinine
    | .*\b(?:pressure|weight|height|temperature|pulse|saturation|respirations?|circumference|oximetry|rate)
    """,
    re.VERBOSE | re.IGNORECASE,
)

_LONGEST_ABBREVIATION = 4
_LONGEST_INDENT = 80


class Heading(NamedTuple):
    """A heading's words stand from `start` to `stop`; `end` is behind its colon."""

    start: int
    stop: int
    end: int
    name: str


class _Candidate(NamedTuple):
    """Words before a colon, and how they stand.

    `first`: in their line; `opens`: behind the end of a sentence; `parted`: that, or otherwise set off from
    the prose before; `colon`: not the start of a list in its stead; `figure`: is what follows.
    """

    words: str
    marked: bool
    first: bool
    opens: bool
    parted: bool
    colon: bool
    figure: bool


def find_headings(text: str, line: Line, *, above: Heading | Span | None, shouted: bool) -> Iterator[Heading]:
    """Yield the headings of a line, given what stands above it and whether all the text is in capitals."""
    lone = _lone_heading(text, line, above=above, shouted=shouted)
    if lone:
        yield lone
        return
    floor = last = line.start
    for closing in _CLOSING.finditer(text, line.start, line.end):
        heading = _heading_at(text, line, floor=floor, last=last, closing=closing)
        last = closing.end()
        if heading:
            yield heading
            floor = heading.end


def _lone_heading(text: str, line: Line, *, above: Heading | Span | None, shouted: bool) -> Heading | None:
    if line.end - line.start > _LONGEST_HEADING:
        return None
    written = text[line.start : line.end]
    words = written.strip("*_#=~- ").removesuffix(":")
    if not words or not (words[-1].isalnum() or words[-1] == ")"):
        return None
    if not _stands_alone(words, line, above=above, shouted=shouted):
        return None
    start = line.start + written.index(words)
    return Heading(start, start + len(words), line.end, _name(words))


def _stands_alone(words: str, line: Line, *, above: Heading | Span | None, shouted: bool) -> bool:
    known = heading_name(words) is not None
    if line.hashes:  # one alone is also the bullet of a list of problems
        return (known or line.hashes > 1 or above is None) and not any(mark in words for mark in ".:;?!")
    if line.marked:
        return False
    headed = isinstance(above, Heading)
    if known:
        return len(words) > 1 and (words.isupper() or (words[0].isupper() and (line.parted or not headed)))
    if not line.parted or headed or (shouted and above):
        return False
    return _CAPITALS.fullmatch(words) is not None


def _heading_at(text: str, line: Line, *, floor: int, last: int, closing: re.Match[str]) -> Heading | None:
    stop = closing.start()
    earliest = max(last, stop - _LONGEST_HEADING)
    starts = [match.start() for match in _CAPITALISED.finditer(text, earliest, stop)]
    if earliest == line.start and line.start not in starts:
        starts.insert(0, line.start)
    for start in starts:
        candidate = _read_candidate(text, line, floor=floor, start=start, closing=closing)
        if _is_heading(candidate):
            words = candidate.words
            start = text.index(words, start)
            return Heading(start, start + len(words), stop + candidate.colon, _name(words))
    return None


def _read_candidate(text: str, line: Line, *, floor: int, start: int, closing: re.Match[str]) -> _Candidate:
    words = text[start : closing.start()].strip("*_ \t")
    before = text[max(floor, start - 24) : start]
    prose = before.rstrip(" ,*_")
    opens = prose.endswith(("!", "?")) or (prose.endswith(".") and ends_sentence(prose[:-1], words))
    parted = opens or not prose or prose.endswith((";", ")")) or before.endswith("  ")
    figure = _FIGURE.match(text, closing.end(), line.end) is not None
    first = start == line.start and not (line.runs_on and _goes_on(text, line, words))
    return _Candidate(words, line.marked, first, opens, parted, closing[0] == ":", figure)


def _goes_on(text: str, line: Line, words: str) -> bool:
    """Tell "Total opioid since / surgery: oxycodone" from a nurse's line that begins "resp:" in lower case."""
    above = text[max(0, line.start - _LONGEST_INDENT) : line.start].rstrip()[-1:]
    return words[:1].islower() and len(words) > _LONGEST_ABBREVIATION and above.isalnum()


def _is_heading(candidate: _Candidate) -> bool:
    words, first = candidate.words, candidate.first
    if heading_name(words):
        if len(words) == 1:
            return first and not candidate.marked and words.isupper()
        return first or words.isupper() or (candidate.parted and words[0].isupper())
    if candidate.marked or not candidate.colon or _LABEL.fullmatch(words):
        return False
    capitals = _CAPITALS.fullmatch(words) is not None
    if candidate.figure and not _may_take_a_figure(words, capitals=capitals):
        return False
    if capitals:
        return first or candidate.opens
    return first and _TITLE.fullmatch(words) is not None


def _may_take_a_figure(words: str, *, capitals: bool) -> bool:
    """Tell "TOURNIQUET TIME: 31 minutes" and "Date of Birth: 3/4/50" from "Lisinopril: 10 mg"."""
    if capitals and (len(words) > 5 or " " in words):
        return True
    return _TAKES_A_FIGURE.fullmatch(words) is not None


def _name(words: str) -> str:
    return heading_name(words) or " ".join(words.lower().split())
