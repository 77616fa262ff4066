"""The cues among the words of a text, and where each of them looks."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from clinsearch.assertions.cues import Cue, Node, cue_network
from clinsearch.assertions.words import Sign

_COMMA, _COLON, _STOP, _OPENING = Sign.COMMA.value, Sign.COLON.value, Sign.STOP.value, Sign.OPENING.value
BREAKS = frozenset({_STOP, _COLON})
SEPARATORS = frozenset({_STOP, _COLON, _COMMA, _OPENING, Sign.CLOSING.value})
JOINING = frozenset({"and", "or", "nor", "&", "/", "versus", "vs"})
_ASIDE = frozenset(
    {"on", "at", "in", "by", "today", "throughout", "bilaterally", "this", "x", "since", "as", "per", "with", "#"}
)
_REPEATED = frozenset({"no", "denies"})

_LONGEST_LABEL = 4


@dataclass(slots=True)
class Match:
    """A cue among the words of a text: the words from `first` to before `stop`, and where it looks.

    repeats: whether it says again, behind a comma, what the cue before it said: "no cough, no fever".
    """

    cue: Cue
    first: int
    stop: int
    forward: bool = False
    backward: bool = False
    repeats: bool = False


@dataclass(slots=True)
class Reading:
    """A text's words and the cues among them, by where they begin and where they end."""

    words: list[str]
    beginning: dict[int, Match] = field(default_factory=dict)
    ending: dict[int, Match] = field(default_factory=dict)


def read_cues(words: list[str]) -> Reading:
    """Find the longest cues from left to right, apart from each other."""
    reading = Reading(words)
    for match in _find_cues(words):
        reading.beginning[match.first] = reading.ending[match.stop] = match
    marks_first = _marks_first(reading)
    before: Match | None = None
    for match in reading.beginning.values():
        match.forward, match.backward = _directions(reading, match, marks_first=marks_first)
        if before and words[match.first] in _REPEATED and words[match.first - 1] == _COMMA:
            match.repeats = words[before.first] == words[match.first]
        if match.cue.sense != "verb":
            before = match
    return reading


def _find_cues(words: list[str]) -> Iterator[Match]:
    roots = cue_network().onward
    at, count = 0, len(words)
    while at < count:
        nodes = roots.get(words[at])
        match = _longest(words, at, nodes) if nodes else None
        if match:
            yield match
        at = match.stop if match else at + 1


def _longest(words: list[str], first: int, nodes: list[Node]) -> Match | None:
    """Return the longest cue that begins here, of equal ones that of the earliest line."""
    match, at = None, first
    while nodes:
        at += 1
        cues = [node.cue for node in nodes if node.cue]
        if cues:
            match = Match(min(cues, key=lambda cue: cue.rank), first, at)
        if at == len(words):
            break
        word = words[at]
        nodes = [follower for node in nodes for follower in node.onward.get(word, ())]
    return match


def _marks_first(reading: Reading) -> bool:
    """Tell whether marks stand before what they mark: "(+) fever (-) cough", not "fever (+) cough (-)"."""
    first = next((match.first for match in reading.beginning.values() if match.cue.direction == "mark"), 0)
    return first == 0 or reading.words[first - 1] in SEPARATORS


def _directions(reading: Reading, match: Match, *, marks_first: bool) -> tuple[bool, bool]:
    """Return whether a cue looks forward, and whether it looks back."""
    words, first, stop = reading.words, match.first, match.stop
    match match.cue.direction:
        case "mark":
            forward = _mark_looks_forward(words, first, stop, marks_first=marks_first)
        case "time":
            forward = first == 0 or words[first - 1] in SEPARATORS
        case "label":
            return _label_directions(words, first, stop)
        case "answer":
            forward = _answer_looks_forward(reading, first, stop)
        case direction:
            return direction in ("forward", "both"), direction in ("backward", "both")
    return forward, not forward


def _mark_looks_forward(words: list[str], first: int, stop: int, *, marks_first: bool) -> bool:
    if stop == len(words) or words[stop] in SEPARATORS:
        return False
    return first == 0 or words[first - 1] in SEPARATORS or marks_first


def _label_directions(words: list[str], first: int, stop: int) -> tuple[bool, bool]:
    parted = first > 0 and words[first - 1] in SEPARATORS
    if stop < len(words) and words[stop] not in SEPARATORS | JOINING:
        return True, False
    if parted and (stop == len(words) or words[stop] != _COLON):
        return False, True
    return first == 0 or parted, False


def _answer_looks_forward(reading: Reading, first: int, stop: int) -> bool:
    words = reading.words
    before = words[first - 1] if first else _STOP
    after = words[stop] if stop < len(words) else _STOP
    if after == _COLON:
        return before in SEPARATORS
    if (after in SEPARATORS and after != _OPENING) or _stops(reading, stop):
        return False
    if before == _COLON and _is_label(words, stop):
        return False
    return before in BREAKS or not (after in _ASIDE or after == _OPENING)


def _stops(reading: Reading, at: int) -> bool:
    match = reading.beginning.get(at)
    return match is not None and match.cue.sense == "stop"


def _is_label(words: list[str], first: int) -> bool:
    """Tell whether the words are those before the next colon: of "fever: no chills: no", the "chills"."""
    for word in words[first : first + _LONGEST_LABEL + 1]:
        if word in SEPARATORS:
            return word == _COLON
    return False
