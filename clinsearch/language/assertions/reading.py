"""The cues among the words of a text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cache

from clinsearch.language.assertions.cues import Cue, Node, Sense, cue_network
from clinsearch.language.assertions.lexicon import COMING, KNOWN, RECURRING, STAYS, SUBSTANCES, TAKING
from clinsearch.language.assertions.marks import Sign

_COMMA, _COLON = Sign.COMMA.value, Sign.COLON.value
BREAKS = frozenset({Sign.STOP.value, Sign.COLON.value, Sign.ASKED.value})
SEPARATORS = BREAKS | {_COMMA, Sign.OPENING.value, Sign.CLOSING.value}
JOINING = frozenset({"and", "or", "nor", "&", "/", "versus", "vs"})
_FURTHEST_VERB = 4
_FURTHEST_STAY = 10
_FURTHEST_QUESTION = 10
_FURTHEST_SUBSTANCE = 3
_REPEATED = frozenset({"no", "denies"})


@dataclass(slots=True)
class Match:
    """A cue found in a text: the words from `first` to before `stop`.

    repeats: whether it repeats the cue before it after a comma: "no cough, no fever".
    """

    cue: Cue
    first: int
    stop: int
    repeats: bool = False


@dataclass(slots=True)
class Reading:
    """A text's words and the cues in it, by their first word and by the word after their last."""

    words: list[str]
    beginning: dict[int, Match] = field(default_factory=dict)
    ending: dict[int, Match] = field(default_factory=dict)


def read_cues(words: list[str], begin: int = 0) -> Reading:
    """Find the longest cues that don't overlap, from left to right, from the word `begin` on."""
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
        meant = _in_context(words, match) if match else None
        if meant:
            yield meant
        at = match.stop if match else at + 1


def _longest(words: list[str], first: int, nodes: list[Node]) -> Match | None:
    """Return the longest cue that begins here; of equally long ones the first in the tables."""
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


def comes(words: list[str], stop: int, behind: str = "", coming: frozenset[str] = COMING) -> bool:
    """Tell whether a verb such as "occur" follows soon after a cue: "should bleeding occur", "were it to recur"."""
    near = words[stop + 1 : stop + 1 + _FURTHEST_VERB]
    return any(word in coming and behind in ("", before) for before, word in zip(["", *near], near, strict=False))


def begins(words: list[str], first: int) -> bool:
    """Tell whether a word begins the text or follows punctuation."""
    return first == 0 or words[first - 1] in SEPARATORS


def _in_context(words: list[str], match: Match) -> Match | None:
    """Return a cue as it counts in this context, None if it does not: see `Direction`.

    Without a verb such as "occur", "were" is only a verb, and other hypothetical cues don't count. A month counts only
    after a treatment: "was hospitalized for sepsis in January".
    """
    match match.cue.direction:
        case "wishing" if not (begins(words, match.first) and comes(words, match.stop, behind="to")):
            return Match(_instead(match.cue, "verb"), match.first, match.stop)
        case "since" if STAYS.isdisjoint(words[max(0, match.first - _FURTHEST_STAY) : match.first]):
            return None
        case "coming" if not comes(words, match.stop):
            return None
        case "awaiting" if not (begins(words, match.first) and comes(words, match.stop, coming=RECURRING)):
            return None
        case "opening" if match.cue.sense == "possible" and not begins(words, match.first):
            return None
        case "asked" if not _is_question(words, match.stop):
            return Match(_instead(match.cue, "verb"), match.first, match.stop)
        case "taking" if not _is_instruction(words, match):
            return None
        case "using" if not _is_answer(words, match):
            return _denied_use(words, match)
    return match


def _is_answer(words: list[str], match: Match) -> bool:
    """Tell whether a cue is all there is between a colon and the next punctuation."""
    ended = match.stop == len(words) or words[match.stop] in SEPARATORS
    return ended and match.first > 0 and words[match.first - 1] == _COLON


def _is_question(words: list[str], stop: int) -> bool:
    """Tell whether an unanswered question mark ends the clause."""
    near = words[stop : stop + _FURTHEST_QUESTION]
    return next((word for word in near if word in BREAKS), "") == Sign.ASKED.value


def _is_instruction(words: list[str], match: Match) -> bool:
    """Tell whether what to take follows: "for pain take oxycodone", but not "for his gout take colchicine"."""
    near = words[match.stop : match.stop + _FURTHEST_VERB + 1]
    return begins(words, match.first) and near[:1] != [] and near[0] not in KNOWN and not TAKING.isdisjoint(near[1:])


def _denied_use(words: list[str], match: Match) -> Match:
    """Return a cue without its last word, the use that it denies, if a substance follows; else it denies nothing."""
    if SUBSTANCES.isdisjoint(words[match.stop : match.stop + _FURTHEST_SUBSTANCE]):
        return Match(_instead(match.cue, "pseudo"), match.first, match.stop)
    return Match(match.cue, match.first, match.stop - 1)


@cache
def _instead(cue: Cue, sense: Sense) -> Cue:
    return replace(cue, sense=sense, direction="forward")
