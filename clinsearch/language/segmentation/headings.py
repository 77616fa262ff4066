"""The headings of a line: before its colons, or the line as a whole."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import NamedTuple

from clinsearch.language.segmentation.abbreviations import ends_sentence
from clinsearch.language.segmentation.heading_names import heading_name
from clinsearch.language.segmentation.labels import is_abbreviation, is_answer, is_labelled, is_short
from clinsearch.language.segmentation.lines import Line, Span

_LONGEST_HEADING = 80

# A colon, or instead of it the start of a list after capitals: "DIAGNOSES 1. Sinusitis. 2. Rhinitis."
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
# Labels of measurements and remarks, which are not headings.
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

# Words after one of these belong to the imaging, even if they can be a heading: "CT A/P:", "EXAMINATION: CT HEAD".
_MODALITY = re.compile(
    r"""\b(?:
        cta? | mr[ia]? | pet | xr | x-?rays? | us | ultrasounds? | sonograms? | radiographs? | kub | cxr | axr | views?
        | mammograms? | mammography | fluoroscopy | angiograms? | doppler | duplex | scans? | tomography | dexa | dxa
        | spect | echocardiograms? | echo | scintigraphy | barium | arteriograms? | venograms?
    )\b""",
    re.VERBOSE | re.IGNORECASE,
)
_NAMED_AFTER_MODALITY = re.compile(rf"{_MODALITY.pattern} [ ] (?:of [ ] (?:the [ ])?)? \Z", re.VERBOSE | re.IGNORECASE)
_EXAMINED = frozenset({"exam", "exams", "examination", "examinations", "examination(s)"})

_TITLES_A_SECTION = re.compile(
    r"(?i:.*\b(?:history|exam|examination|medications?|results|findings|studies|plan|course|diagnos[ie]s|procedures?))"
)

# A line in capitals that is a statement, not a heading: "PATIENT EXPIRED", "NO BEDS".
_SAYS_SOMETHING = re.compile(
    r"\b(?:\w{3,}ED\Z|IS|WAS|ARE|WERE|NOT?|NEGATIVE|POSITIVE|DENIES|WILL|PENDING|AWAITING|STABLE)\b",
)

_LONGEST_ABBREVIATION = 4
_LONGEST_AMBIGUOUS = 3
_LONGEST_INDENT = 80


class Heading(NamedTuple):
    """A heading: its words from `start` to `stop`; `end` is after its colon."""

    start: int
    stop: int
    end: int
    name: str


class Surroundings(NamedTuple):
    """What is around a line.

    above: the heading or prose before it; shouted: whether the whole text is in capitals; before: the line directly
    above, without a blank line between; after: the next line.
    """

    above: Heading | Span | None
    shouted: bool
    before: Line | None
    after: Line | None


class _Candidate(NamedTuple):
    """Words before a colon, and where they are in their line.

    `first`: whether they come first in it; `opens`: whether they follow the end of a sentence; `parted`: that, or
    otherwise set off from the prose before; `leads_in`: the word before them, which may be part of the same name;
    `colon`: whether a colon follows, not the start of a list; `answer`: the rest of the line.
    """

    words: str
    marked: bool
    first: bool
    opens: bool
    parted: bool
    leads_in: str
    colon: bool
    answer: str


def find_headings(text: str, line: Line, around: Surroundings) -> Iterator[Heading]:
    """Yield the headings of a line, given what is around it."""
    lone = _lone_heading(text, line, around)
    if lone:
        yield lone
        return
    floor = last = line.start
    for closing in _CLOSING.finditer(text, line.start, line.end):
        heading = _heading_at(text, line, around, floor=floor, last=last, closing=closing)
        last = closing.end()
        if heading and (not line.row or _heads_row(text, line, heading)):
            yield heading
            floor = heading.end


def _heads_row(text: str, line: Line, heading: Heading) -> bool:
    """Tell "Allergies: | None" from labels in the cells of a table."""
    return heading.start == line.start and heading_name(text[heading.start : heading.stop]) is not None


def _lone_heading(text: str, line: Line, around: Surroundings) -> Heading | None:
    if line.end - line.start > _LONGEST_HEADING:
        return None
    written = text[line.start : line.end]
    words = written.strip("*_#=~- ").removesuffix(":")
    if not words or not (words[-1].isalnum() or words[-1] == ")"):
        return None
    is_closed = written.rstrip("*_ ").endswith(":")
    if not _stands_alone(words, line, around) or not (is_closed or line.hashes or _heads(text, words, around)):
        return None
    start = line.start + written.index(words)
    below = text[around.after.start : around.after.end] if around.after else ""
    return Heading(start, start + len(words), line.end, name_of(words, below))


def _stands_alone(words: str, line: Line, around: Surroundings) -> bool:
    known = heading_name(words) is not None
    if line.hashes:  # one alone is also the bullet of a list of problems
        return (known or line.hashes > 1 or around.above is None) and not any(mark in words for mark in ".:;?!")
    if line.marked:
        return False
    headed = isinstance(around.above, Heading)
    if known:
        return len(words) > 1 and (words.isupper() or (words[0].isupper() and (line.parted or not headed)))
    if not line.parted or headed or (around.shouted and around.above):
        return False
    return _CAPITALS.fullmatch(words) is not None


def _heads(text: str, words: str, around: Surroundings) -> bool:
    """Tell "OPERATIVE REPORT" from "NKDA", "STEMI / to cath lab", "PATIENT EXPIRED", and from a last line."""
    if heading_name(words):
        return True
    after = around.after
    if after is None or is_abbreviation(words) or _SAYS_SOMETHING.search(words):
        return False
    return after.parted or after.marked or not text[after.start].islower()


def _heading_at(
    text: str, line: Line, around: Surroundings, *, floor: int, last: int, closing: re.Match[str]
) -> Heading | None:
    stop = closing.start()
    earliest = max(last, stop - _LONGEST_HEADING)
    starts = [match.start() for match in _CAPITALISED.finditer(text, earliest, stop)]
    if earliest == line.start and line.start not in starts:
        starts.insert(0, line.start)
    for start in starts:
        candidate = _read_candidate(text, line, floor=floor, start=start, closing=closing)
        if _is_heading(text, candidate, around):
            words = candidate.words
            start = text.index(words, start)
            return Heading(start, start + len(words), stop + candidate.colon, name_of(words, candidate.answer))
    return None


def _read_candidate(text: str, line: Line, *, floor: int, start: int, closing: re.Match[str]) -> _Candidate:
    words = text[start : closing.start()].strip("*_ \t")
    before = text[max(floor, start - 24) : start]
    prose = before.rstrip(" ,*_")
    opens = prose.endswith(("!", "?")) or (prose.endswith(".") and ends_sentence(prose[:-1], words))
    parted = opens or not prose or prose.endswith((";", ")")) or before.endswith("  ")
    leads_in = before if before.endswith(" ") and prose == before.rstrip() else ""
    first = start == line.start and not (line.runs_on and _goes_on(text, line, words))
    answer = text[closing.end() : line.end]
    return _Candidate(words, line.marked, first, opens, parted, leads_in, closing[0] == ":", answer)


def _goes_on(text: str, line: Line, words: str) -> bool:
    """Tell "Total opioid since / surgery: oxycodone" from a nurse's line that begins "resp:" in lower case."""
    above = text[max(0, line.start - _LONGEST_INDENT) : line.start].rstrip()[-1:]
    return words[:1].islower() and len(words) > _LONGEST_ABBREVIATION and above.isalnum()


def _is_heading(text: str, candidate: _Candidate, around: Surroundings) -> bool:
    words, first = candidate.words, candidate.first
    if heading_name(words):
        if len(words) == 1:
            return first and not candidate.marked and words.isupper()
        if first or (candidate.parted and words[0].isupper()):
            return not _NAMED_AFTER_MODALITY.search(candidate.leads_in)
        return words.isupper() and not _is_named_with(candidate)
    if candidate.marked or not candidate.colon or _LABEL.fullmatch(words):
        return False
    capitals = _CAPITALS.fullmatch(words) is not None
    if _FIGURE.match(candidate.answer) and not _may_take_a_figure(words, capitals=capitals):
        return False
    if _is_label(text, candidate, around, capitals=capitals):
        return False
    if capitals:
        return first or candidate.opens
    return first and _TITLE.fullmatch(words) is not None


def _is_named_with(candidate: _Candidate) -> bool:
    """Tell "CT A/P:" and "ruled out for PE:" from a heading in the middle of a line."""
    if _NAMED_AFTER_MODALITY.search(candidate.leads_in):
        return True
    return len(candidate.words) <= _LONGEST_AMBIGUOUS and not candidate.parted and candidate.leads_in != ""


def _is_label(text: str, candidate: _Candidate, around: Surroundings, *, capitals: bool) -> bool:
    """Tell a label with its answer, or a line of a table of these, from an unknown heading."""
    if capitals and not around.shouted and not is_abbreviation(candidate.words):
        return False
    if _TITLES_A_SECTION.fullmatch(candidate.words):
        return False
    if is_answer(candidate.answer):
        return True
    below = around.after if around.after and not around.after.parted else None
    in_table = any(line is not None and is_labelled(text, line) for line in (around.before, below))
    return in_table and is_short(candidate.answer)


def _may_take_a_figure(words: str, *, capitals: bool) -> bool:
    """Tell "TOURNIQUET TIME: 31 minutes" and "Date of Birth: 3/4/50" from "Lisinopril: 10 mg"."""
    if capitals and (len(words) > 5 or " " in words):
        return True
    return _TAKES_A_FIGURE.fullmatch(words) is not None


def name_of(words: str, answer: str = "") -> str:
    """Return the normalised name of a heading; `answer`: what stands under it."""
    name = heading_name(words)
    if name and words.lower() in _EXAMINED and _MODALITY.search(answer, 0, _LONGEST_HEADING):
        return "imaging"
    return name or " ".join(words.lower().split())
