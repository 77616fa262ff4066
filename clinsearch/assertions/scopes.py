"""How far each cue of a text reaches."""

from __future__ import annotations

from collections.abc import Iterator
from typing import NamedTuple

from clinsearch.assertions.cues import Sense
from clinsearch.assertions.reading import BREAKS, JOINING, SEPARATORS, Match, Reading, read_cues
from clinsearch.assertions.words import Sign, Words

_POLARITY: frozenset[Sense] = frozenset({"stop", "affirmed", "negated", "possible"})

# What ends the scope of a cue: a stop, and a cue that speaks of the same.
_ENDED_BY: dict[Sense, frozenset[Sense]] = {
    "negated": _POLARITY,
    "possible": _POLARITY,
    "historical": frozenset({"stop", "affirmed", "historical"}),
    "hypothetical": frozenset({"stop", "hypothetical"}),
    "other": frozenset({"stop", "other"}),
}
_CUT_BY_VERBS: frozenset[Sense] = frozenset({"negated", "possible", "historical"})

_COMMA, _COLON = Sign.COMMA.value, Sign.COLON.value
_OPENING, _CLOSING = Sign.OPENING.value, Sign.CLOSING.value
_EDGES = SEPARATORS | JOINING | {"of", "for", "to", "any", "which", "that"}
_RELATIVE = frozenset({"that", "which", "who", "where", "when", "what", "as"})

_LONGEST_ITEM = 6
_FURTHEST_ITEM = 40


class Scope(NamedTuple):
    """The words from `first` to before `stop`, and the cue that they are in the scope of."""

    first: int
    stop: int
    match: Match


def find_scopes(words: Words) -> Iterator[Scope]:
    """Yield the scopes of all cues, none empty."""
    reading = read_cues(words.words)
    for match in reading.beginning.values():
        if match.cue.sense not in _ENDED_BY:
            continue
        if match.forward:
            yield from _trimmed(reading, *_Ahead(reading, match).scope(), match)
        if match.backward:
            yield from _trimmed(reading, *_Behind(reading, match).scope(), match)


class _Ahead:
    """The walk from a cue to the end of its scope."""

    def __init__(self, reading: Reading, match: Match) -> None:
        self.reading, self.cue = reading, match.cue
        self.ended_by = _ENDED_BY[match.cue.sense]
        sign = reading.words[match.stop] if match.stop < len(reading.words) else ""
        self.first = match.stop + (sign in (_COLON, _COMMA))
        self.reach = "open" if sign == _COLON else "list" if match.repeats else match.cue.reach
        self.boundary = self.depth = self.held = self.inside = 0
        self.either = False

    def scope(self) -> tuple[int, int]:
        """Return the first word of the scope, and the one that it ends before."""
        words = self.reading.words
        for at in range(self.first, len(words)):
            stop = self._stop_at_cue(at)
            if stop is None:
                stop = self._stop_at_word(at, words[at])
            if stop is not None:
                return self.first, stop
        return self.first, len(words)

    def _stop_at_cue(self, at: int) -> int | None:
        """Return where the scope ends if a cue that begins here ends it: there, or at the clause's beginning."""
        other = self.reading.beginning.get(at)
        if other is None:
            return None
        if self._is_ended_by(other):
            return at if other.cue.sense == "stop" or self.either else self.boundary or at
        if other.cue.sense != "verb":
            self.inside = other.stop
        elif self._shows_a_clause(at):
            return self.boundary
        return None

    def _is_ended_by(self, other: Match) -> bool:
        sense = other.cue.sense
        if sense == "historical" and self.cue.sense == "negated":
            return self.reading.words[other.first - 1] == _COMMA and not self.either
        return sense in self.ended_by and (self.held > 0 or sense == self.cue.sense)

    def _shows_a_clause(self, at: int) -> bool:
        """Tell whether a verb shows that a new clause began at the last comma or "and"."""
        if self.cue.sense not in _CUT_BY_VERBS or not self.boundary or self.either:
            return False
        return self.reading.words[at - 1] not in _RELATIVE

    def _stop_at_word(self, at: int, word: str) -> int | None:
        if word in BREAKS:
            return at
        self.depth += (word == _OPENING) - (word == _CLOSING)
        if self.depth < 0:
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
        return self.reach == "open" or (self.reach == "list" and _list_goes_on(self.reading, comma))


def _list_goes_on(reading: Reading, comma: int) -> bool:
    """Tell whether short items follow a comma, the last of them behind "or" or "and"."""
    words, held = reading.words, 0
    for at in range(comma + 1, min(len(words), comma + 1 + _FURTHEST_ITEM)):
        word = words[at]
        if word in JOINING:
            return True
        if word in BREAKS or held > _LONGEST_ITEM or _ends_a_list(reading, at):
            return False
        held = 0 if word == _COMMA else held + 1
    return False


def _ends_a_list(reading: Reading, at: int) -> bool:
    other = reading.beginning.get(at)
    return other is not None and other.cue.sense in _POLARITY | {"verb"}


class _Behind:
    """The walk from a cue back to the beginning of its scope."""

    def __init__(self, reading: Reading, match: Match) -> None:
        self.reading, self.cue = reading, match.cue
        self.ended_by = _ENDED_BY[match.cue.sense]
        words = reading.words
        self.stop = match.first - (match.first > 0 and words[match.first - 1] in (_COLON, _OPENING))
        self.answers = self.stop < match.first and words[self.stop] == _COLON
        self.boundary = self.depth = self.held = 0
        self.listed = self.joined = False

    def scope(self) -> tuple[int, int]:
        """Return the first word of the scope, and the one that it ends before."""
        words = self.reading.words
        for at in range(self.stop, 0, -1):
            first = self._first_at_cue(at)
            if first is None:
                first = self._first_at_word(at, words[at - 1])
            if first is not None:
                return first, self.stop
        return 0, self.stop

    def _first_at_cue(self, at: int) -> int | None:
        other = self.reading.ending.get(at)
        if other is None:
            return None
        if other.cue.sense in self.ended_by and (self.held or other.cue.sense != "stop"):
            return at
        return self.boundary or None if other.cue.sense == "verb" else None

    def _first_at_word(self, at: int, word: str) -> int | None:
        self.depth += (word == _CLOSING) - (word == _OPENING)
        if word in BREAKS or self.depth < 0:
            return at
        if word in ("and", "or", "nor", "&"):
            self.joined = True
            self.boundary = at if word == "and" else self.boundary
        if word == _COMMA and not self.depth:
            if not (self.answers or self.joined or (self.listed and self.held <= _LONGEST_ITEM)):
                return at
            self.listed, self.boundary, self.joined, self.held = True, at, False, 0
        self.held += word not in SEPARATORS
        return at if self.cue.limit is not None and self.held > self.cue.limit else None


def _trimmed(reading: Reading, first: int, stop: int, match: Match) -> Iterator[Scope]:
    """Yield the scope without the punctuation and small words at its edges, if words are left."""
    words = reading.words
    while first < stop and words[first] in _EDGES:
        first += 1
    while first < stop and words[stop - 1] in _EDGES:
        stop -= 1
    if first < stop:
        yield Scope(first, stop, match)
