"""The scope of each cue of a text."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import NamedTuple

from clinsearch.language.assertions.backward_scopes import Behind
from clinsearch.language.assertions.cues import ENDED_BY, POLARITY, Sense
from clinsearch.language.assertions.directions import directions, marks_stand_first
from clinsearch.language.assertions.lexicon import (
    ABOUT,
    ANNOUNCING,
    BECOMING,
    CHANGES,
    DAYS,
    DOUBTED,
    EARLIER,
    FINDINGS,
    FUNCTIONS,
    HANDLING,
    LASTING,
    OWN,
    SAME_PERSON,
    SHOWING,
    STATES,
    STAYS,
    SUBJECTS,
    UNDOING,
    VERBS,
)
from clinsearch.language.assertions.lists import LONGEST_ITEM, affirmed_item_follows, instruction_follows, list_goes_on
from clinsearch.language.assertions.marks import Sign, Words
from clinsearch.language.assertions.reading import BREAKS, JOINING, SEPARATORS, Match, Reading, read_cues
from clinsearch.language.assertions.verdicts import verdict_on

_CUT_BY_VERBS: frozenset[Sense] = frozenset({"negated", "possible", "historical"})

_COMMA, _COLON = Sign.COMMA.value, Sign.COLON.value
_OPENING, _CLOSING = Sign.OPENING.value, Sign.CLOSING.value
_EDGES = SEPARATORS | JOINING | {"of", "for", "to", "any", "which", "that"}
_RELATIVE = frozenset({"that", "which", "who", "where", "when", "what", "as"})

_BARE = frozenset({"not", "{not}"})
_PLAIN_DENIALS = ("no ", "without", "w/o", "w / o", "no")
_FAMILY = ("family", "fam", "fh")
_DENYING = frozenset({"denies", "denied"})
_MAY_BE_TIMED = ("{not", "denies that", "denied that")
_LONGEST_ANNOUNCING = 9
_LONGEST_LASTING = 5


class Scope(NamedTuple):
    """A cue's scope: the words from `first` to before `stop`."""

    first: int
    stop: int
    match: Match


def find_scopes(words: Words, begin: int = 0) -> Iterator[Scope]:
    """Yield the scopes of all cues from the word `begin` on; none is empty."""
    reading = read_cues(words.words, begin)
    marks_first = marks_stand_first(reading)
    for match in reading.beginning.values():
        if verdict := verdict_on(reading, match):
            first, stop = _Ahead(reading, match).scope()
            yield from _trimmed(reading, first, min(stop, verdict.first), verdict)
            continue
        if match.cue.sense not in ENDED_BY:
            continue
        forward, backward = directions(reading, match, marks_first=marks_first)
        if forward:
            scope = _Ahead(reading, match).scope()
            if not (_negates_time_or_manner(words.words, *scope, match) or _is_recent(words.words, *scope, match)):
                yield from _trimmed(reading, *scope, match)
        if backward:
            first, stop = Behind(reading, match).scope()
            yield from _trimmed(reading, first, stop, _once_seen(words.words, first, stop, match))


def _once_seen(words: list[str], first: int, stop: int, match: Match) -> Match:
    """Return a cue as it counts of what was seen earlier: "the previous effusion is not seen" says that it is over."""
    if match.cue.sense != "negated" or "{seen}" not in match.cue.phrase or EARLIER.isdisjoint(words[first:stop]):
        return match
    if not DOUBTED.isdisjoint(words[first:stop]):
        return match
    return Match(replace(match.cue, sense="historical"), match.first, match.stop)


def _negates_time_or_manner(words: list[str], first: int, stop: int, match: Match) -> bool:
    """Tell whether a negation is about when or how, not about what: "did not notice the wound until this morning"."""
    if match.cue.sense != "negated" or not match.cue.phrase.startswith(_MAY_BE_TIMED):
        return False
    held = words[first:stop]
    return not UNDOING.isdisjoint(held) or (match.cue.reach == "clause" and not BECOMING.isdisjoint(held))


def _is_recent(words: list[str], first: int, stop: int, match: Match) -> bool:
    """Tell whether a history is only days or weeks long: "history of cough for three days"."""
    if match.cue.sense != "historical" or "history" not in match.cue.phrase or not STAYS.isdisjoint(words[first:stop]):
        return False
    for at in range(first, min(len(words), stop + _LONGEST_LASTING)):
        if words[at] in BREAKS:
            return False
        if words[at] in DAYS and at > first and not LASTING.isdisjoint(words[max(first, at - _LONGEST_LASTING) : at]):
            return words[at + 1 : at + 2] != ["ago"]
    return False


class _Ahead:
    """Walks from a cue to the end of its scope."""

    def __init__(self, reading: Reading, match: Match) -> None:
        self.reading, self.cue = reading, match.cue
        self.ended_by = ENDED_BY.get(match.cue.sense, POLARITY)
        sign = reading.words[match.stop] if match.stop < len(reading.words) else ""
        self.first = match.stop + (sign in (_COLON, _COMMA))
        self.announced = sign == _COLON
        self.reach = "open" if sign == _COLON else "list" if match.repeats else match.cue.reach
        if match.cue.sense == "hypothetical" and (colon := _announced_list(reading.words, self.first)):
            self.first, self.reach = colon + 1, "open"
        self.boundary = self.depth = self.held = self.inside = 0
        self.either, self.handling = False, ""

    def scope(self) -> tuple[int, int]:
        """Return the first word of the scope, and the word after its last."""
        words = self.reading.words
        for at in range(self.first, len(words)):
            stop = self._stop_at_cue(at)
            if stop is None:
                stop = self._stop_at_word(at, words[at])
            if stop is not None:
                return self.first, stop
        return self.first, len(words)

    def _stop_at_cue(self, at: int) -> int | None:
        """Return where the scope ends if a cue that begins here ends it: here, or where the clause began."""
        other = self.reading.beginning.get(at)
        if other is None:
            return None
        if self.cue.sense == "negated" and self._shows_denied(other):
            self.handling = ""
            return None
        if self._is_ended_by(other):
            at_once = other.cue.sense == "stop" or self.either or self.cue.sense == "historical"
            return at if at_once else self.boundary or at
        if other.cue.sense != "verb":
            self.inside = other.stop
        elif self._shows_a_clause(at):
            return self.boundary
        return None

    def _is_ended_by(self, other: Match) -> bool:
        sense = other.cue.sense
        if sense == "stop" and self.cue.sense == "other" and self._is_same_person(other):
            return False
        if sense == "historical" and self.cue.sense == "negated":
            return self.reading.words[other.first - 1] == _COMMA and not self.either
        if sense == "affirmed" and not self.boundary and self._passes_affirmed():
            return False
        if self.cue.sense == "other" and sense in ("negated", "other"):
            return self._is_denial(other) if sense == "negated" else not self.cue.phrase.startswith(_FAMILY)
        return sense in self.ended_by and (self.held > 0 or sense == self.cue.sense)

    def _shows_denied(self, other: Match) -> bool:
        """Tell whether a cue says what the denied would show: "no warmth to suggest cellulitis"."""
        words = self.reading.words
        if not self.held or not self.cue.phrase.startswith(_PLAIN_DENIALS):
            return False
        if other.cue.phrase == "suggest":
            return words[other.first - 1] == "to"
        return words[other.first] in SHOWING and words[other.first - 1] != _COMMA and (self.either or not self.boundary)

    def _is_denial(self, other: Match) -> bool:
        """Tell whether the patient denies something after a comma: "mother had gout, denies pain"."""
        words = self.reading.words
        return not self.announced and words[other.first] in _DENYING and words[other.first - 1] == _COMMA

    def _passes_affirmed(self) -> bool:
        """Tell whether the scope goes on past an affirming cue: "ten years ago she was diagnosed with melanoma"."""
        return self.reach == "clause" or (self.cue.direction == "time" and self.held <= LONGEST_ITEM)

    def _is_same_person(self, other: Match) -> bool:
        """Tell whether the person stays the same after a stop: "her son is allergic to nuts and has eczema"."""
        words = self.reading.words[other.first : other.stop]
        if words[0] == "and":
            return words[1] in VERBS and self.cue.phrase != "{kins}"
        return words[0] in SAME_PERSON

    def _shows_a_clause(self, at: int) -> bool:
        """Tell whether a verb shows that a new clause began at the last comma or "and"."""
        if self.cue.sense not in _CUT_BY_VERBS or not self.boundary or self.either:
            return False
        return self.reading.words[at - 1] not in _RELATIVE

    def _stop_at_word(self, at: int, word: str) -> int | None:
        if word in BREAKS:
            return at
        self.depth += (word == _OPENING) - (word == _CLOSING)
        if self.depth < 0 or self._leaves_negated(at, word) or (word == "with" and self.held and self.reach == "noun"):
            return at
        if at >= self.inside and not self.depth and word in (_COMMA, "and", "&"):
            if word == _COMMA and not self._passes(at):
                return at
            self.boundary, self.either = at, False
        elif word in ("or", "nor", "/"):
            self.either = True
        self.held += word not in SEPARATORS
        return at if self.cue.limit is not None and self.held > self.cue.limit else None

    def _passes(self, comma: int) -> bool:
        if self.cue.sense == "hypothetical" and self.reach == "open":
            return not instruction_follows(self.reading, comma)
        return self.reach in ("open", "clause") or (self.reach == "list" and list_goes_on(self.reading, comma))

    def _leaves_negated(self, at: int, word: str) -> bool:
        """Tell whether the scope of a negation comes to something that is not negated."""
        if self.cue.sense != "negated":
            return False
        words = self.reading.words
        behind = words[at + 1] if at + 1 < len(words) else ""
        if word == "for" and self.held and self.cue.phrase in _BARE:
            return True
        if word in SUBJECTS and self.held and self.reach != "clause" and words[at - 1] not in _RELATIVE:
            return True
        if word == "with" and self.held and behind in STATES:
            return True
        if word in (_COMMA, "and") and not self.either and self.held and affirmed_item_follows(self.reading, at):
            return True
        if self.handling and word in ABOUT and behind != "suggest":
            return self.handling not in CHANGES or not FUNCTIONS.intersection((behind, *self._after_possessive(at)))
        if word in HANDLING:
            self.handling = word
        elif word in (_COMMA, "and", "or") or word in FINDINGS:
            self.handling = ""
        return False

    def _after_possessive(self, at: int) -> list[str]:
        """Return the word after the next one if the next is only "his" or "the"."""
        words = self.reading.words
        return words[at + 2 : at + 3] if words[at + 1 : at + 2] and words[at + 1] in OWN else []


def _announced_list(words: list[str], first: int) -> int | None:
    """Return the colon before a hypothetical list: "call if any of the following: bleeding, rash"."""
    for at in range(first, min(len(words), first + _LONGEST_ANNOUNCING)):
        if words[at] not in ANNOUNCING:
            return at if words[at] == _COLON and at > first else None
    return None


def _trimmed(reading: Reading, first: int, stop: int, match: Match) -> Iterator[Scope]:
    """Yield the scope without the punctuation and small words at its edges, if words are left."""
    words = reading.words
    while first < stop and words[first] in _EDGES:
        first += 1
    while first < stop and words[stop - 1] in _EDGES:
        stop -= 1
    if first < stop:
        yield Scope(first, stop, match)
