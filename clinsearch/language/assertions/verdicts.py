"""The result of looking for something: "screened for tuberculosis, all negative" negates it."""

from __future__ import annotations

from clinsearch.language.assertions.lexicon import TESTS, VERDICTS
from clinsearch.language.assertions.reading import Match, Reading

_FURTHEST_VERDICT = 16


def verdict_on(reading: Reading, match: Match) -> Match | None:
    """Return the cue that says that what `match` looks for was not found, None if there is none."""
    if not _looks_for_something(match):
        return None
    for at in range(match.stop, min(len(reading.words), match.stop + _FURTHEST_VERDICT)):
        other = reading.beginning.get(at)
        if other is None or other.cue.sense in ("verb", "stop", "pseudo"):
            continue
        if other.cue.sense == "affirmed" or _looks_for_something(other):
            return None
        if _is_verdict(other):
            return other
    return None


def _looks_for_something(match: Match) -> bool:
    words = match.cue.phrase.split()
    return match.cue.sense == "probe" or (words[-1] == "for" and not TESTS.isdisjoint(words[:-1]))


def _is_verdict(match: Match) -> bool:
    words = match.cue.phrase.split()
    return match.cue.sense == "negated" and words[-1] != "for" and not VERDICTS.isdisjoint(words)
