"""The cues among the words of a text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from clinsearch.assertions.cues import Cue, Node, cue_network
from clinsearch.assertions.words import Sign

_COMMA = Sign.COMMA.value
BREAKS = frozenset({Sign.STOP.value, Sign.COLON.value, Sign.ASKED.value})
SEPARATORS = BREAKS | {_COMMA, Sign.OPENING.value, Sign.CLOSING.value}
JOINING = frozenset({"and", "or", "nor", "&", "/", "versus", "vs"})
_REPEATED = frozenset({"no", "denies"})


@dataclass(slots=True)
class Match:
    """A cue among the words of a text: the words from `first` to before `stop`.

    repeats: whether it says again, behind a comma, what the cue before it said: "no cough, no fever".
    """

    cue: Cue
    first: int
    stop: int
    repeats: bool = False


@dataclass(slots=True)
class Reading:
    """A text's words and the cues among them, by where they begin and where they end."""

    words: list[str]
    beginning: dict[int, Match] = field(default_factory=dict)
    ending: dict[int, Match] = field(default_factory=dict)


def read_cues(words: list[str], begin: int = 0) -> Reading:
    """Find the longest cues from left to right, apart from each other, from the word `begin` on."""
    reading = Reading(words)
    for match in _find_cues(words, begin):
        reading.beginning[match.first] = reading.ending[match.stop] = match
    before: Match | None = None
    for match in reading.beginning.values():
        if before and words[match.first] in _REPEATED and words[match.first - 1] == _COMMA:
            match.repeats = words[before.first] == words[match.first]
        if match.cue.sense != "verb":
            before = match
    return reading


def _find_cues(words: list[str], at: int) -> Iterator[Match]:
    roots, count = cue_network().onward, len(words)
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
