"""The scope of a cue that looks back."""

from __future__ import annotations

from clinsearch.language.assertions.cues import ENDED_BY
from clinsearch.language.assertions.lexicon import CLAUSAL, FOUND, FOUND_AT, INDEFINITE, PENDING
from clinsearch.language.assertions.lists import LONGEST_ITEM
from clinsearch.language.assertions.marks import Sign
from clinsearch.language.assertions.reading import BREAKS, SEPARATORS, Match, Reading

_COMMA, _COLON = Sign.COMMA.value, Sign.COLON.value
_LONGEST_TIMED = 8
_OPENING, _CLOSING = Sign.OPENING.value, Sign.CLOSING.value


def _passes_a_comma(match: Match) -> bool:
    return match.cue.direction in ("result", "time") or match.cue.sense == "possible"


class Behind:
    """Walks from a cue back to the beginning of its scope."""

    def __init__(self, reading: Reading, match: Match) -> None:
        self.reading, self.cue = reading, match.cue
        self.ended_by = ENDED_BY[match.cue.sense]
        words = reading.words
        marks = (_COLON, _OPENING, _COMMA) if _passes_a_comma(match) else (_COLON, _OPENING)
        self.stop = match.first - (match.first > 0 and words[match.first - 1] in marks)
        self.answers = self.stop < match.first and words[self.stop] == _COLON
        self.boundary = self.depth = self.held = 0
        self.listed = self.joined = False

    def scope(self) -> tuple[int, int]:
        """Return the first word of the scope, and the word after its last."""
        words = self.reading.words
        for at in range(self.stop, 0, -1):
            first = self._first_at_cue(at)
            if first is None:
                first = self._first_at_word(at, words[at - 1])
            if first is not None:
                return first, self.stop
            if self.cue.sense == "historical" and words[at - 1] in PENDING:
                return self.stop, self.stop
        return 0, self.stop

    def _first_at_cue(self, at: int) -> int | None:
        other = self.reading.ending.get(at)
        if other is None:
            return None
        if other.cue.sense in self.ended_by and (self.held or other.cue.sense != "stop"):
            return None if self._tells_apart(other) else at
        if other.cue.sense == "verb" and self.cue.direction == "result" and self.held:
            return at
        return self.boundary or None if other.cue.sense == "verb" else None

    def _tells_apart(self, other: Match) -> bool:
        """Tell whether a cue only says which finding before it is meant: "the effusion seen on CT has cleared"."""
        if self.listed or self.joined or self.cue.sense == "possible":
            return False
        if self.cue.sense == other.cue.sense == "historical":
            return other.cue.direction == "forward"
        return other.cue.phrase in FOUND and self.reading.words[other.stop] in FOUND_AT

    def _first_at_word(self, at: int, word: str) -> int | None:
        self.depth += (word == _CLOSING) - (word == _OPENING)
        if word in BREAKS or self.depth < 0 or self._ends_a_clause(at, word):
            return at
        if word in ("and", "or", "nor", "&"):
            self.joined = True
            self.boundary = at if word == "and" else self.boundary
        if word == _COMMA and not self.depth:
            if not (self.answers or self.joined or (self.listed and self.held <= LONGEST_ITEM)):
                return at
            self.listed, self.boundary, self.joined, self.held = True, at, False, 0
        self.held += word not in SEPARATORS
        return at if self.cue.limit is not None and self.held > self.cue.limit else None

    def _ends_a_clause(self, at: int, word: str) -> bool:
        """Tell whether another clause ended before this "and": "had an echo and her pain resolved"."""
        return word == "and" and (at == self.stop or self.reading.words[at] in CLAUSAL or self._is_one_of_many(at))

    def _is_one_of_many(self, at: int) -> bool:
        """Tell whether only the last item has an article and so the time: "with gout, asthma and a stroke in 2018"."""
        words = self.reading.words
        if self.cue.direction != "time" or words[at] not in INDEFINITE:
            return False
        return INDEFINITE.isdisjoint(words[max(0, at - _LONGEST_TIMED) : at])
