"""How far hits say of a query's terms what the query says of them: "no fever" is not "fever"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TypeAlias

from clinsearch.language.assertions import find_assertions, said_at
from clinsearch.language.terms import placed_terms
from clinsearch.records import AssertedSpan, Said, Status
from clinsearch.retrieval.keywords import SAYING_NOTHING
from clinsearch.retrieval.question import Question

# Which part of its score a hit loses that says the opposite of all that the query asks for.
MOST_LOST = 0.5
# How far two assertions are from each other: what is denied is far from what is so, was or may be; these are near.
FROM_NEGATED: Mapping[Status, float] = {"possible": 0.5, "hypothetical": 0.5}
OF_OTHER_KINDS = 0.1
# A query that says "rule out" or "family history" says so on purpose, where one that affirms may just name a thing.
ASKED_ON_PURPOSE: Mapping[Status, float] = {"possible": 0.4, "hypothetical": 0.4}
ASKED_OF_OTHER = 0.5
# A sentence that has none of the terms can mean them by other words: what it says of its own counts by half.
WITHOUT_TERMS = 0.5
SHORT_QUERY = 4
# Where only what affirms, or denies, is wanted: no further from it than this.
MOST_APART = 0.5

# By stem of a term, all that a text says of it somewhere.
SaidOf: TypeAlias = Mapping[str, frozenset[Said]]


def asked_of(asked: Question) -> SaidOf:
    """Read what a query says of its terms; where only what affirms or denies is wanted, that, of whom it says."""
    said = said_of(asked.text, find_assertions(asked.text))
    if asked.assertion in ("affirmed", "negated"):
        status = asked.assertion
        return {term: frozenset(Said(status, one.of_other) for one in of_term) for term, of_term in said.items()}
    return said


def said_of(text: str, spans: Sequence[AssertedSpan], section: str | None = None, heading: int = 0) -> SaidOf:
    """Read what a text says of each of its terms but those that say nothing and those of cues.

    What the section says goes for what stands under its heading, of which so many first characters of the text are.
    """
    found: dict[str, set[Said]] = {}
    by_section = said_at((), 0, 0, section)
    for term, start, end in placed_terms(text):
        if term in SAYING_NOTHING or any(span.cue_start < end and start < span.cue_end for span in spans):
            continue
        is_below = start >= heading
        # Most sentences have no span: the section alone says it then.
        said = (
            said_at(spans, start, end, section if is_below else None) if spans else by_section if is_below else Said()
        )
        found.setdefault(term, set()).add(said)
    return {term: frozenset(said) for term, said in found.items()}


def disagreement(asked: SaidOf, said: SaidOf, weights: Mapping[str, float]) -> tuple[float, dict[str, Said]]:
    """Return how far a text disagrees with a query, from 0 to 1, and of which terms it says what but that they are so.

    `weights`: how much each of the query's terms counts. Of terms that the text lacks nothing is known.
    """
    shared = [term for term in asked if term in said]
    total = sum(weights.get(term, 0.0) for term in shared)
    if total <= 0:
        return WITHOUT_TERMS * _apart_on_the_whole(asked, said), {}
    apart = {term: _distance(asked[term], said[term]) for term in shared}
    otherwise = {term: _nearest(asked[term], said[term]) for term in shared if said[term] != {Said()}}
    return sum(weights.get(term, 0.0) * apart[term] for term in shared) / total, otherwise


def sureness(asked: SaidOf) -> float:
    """Return how sure it is that a query means an assertion: the less, the more words it has beyond a few."""
    return (SHORT_QUERY / max(len(asked), SHORT_QUERY)) ** 2


def _nearest(asked: Iterable[Said], said: Iterable[Said]) -> Said:
    """Return what is said that is the nearest to what is asked."""
    return min(said, key=lambda one: (_distance(asked, [one]), one))


def _distance(asked: Iterable[Said], said: Iterable[Said]) -> float:
    """Return how far the nearest two are apart."""
    return _of_all(frozenset(asked), frozenset(said))


@lru_cache(maxsize=1 << 12)
def _of_all(asked: frozenset[Said], said: frozenset[Said]) -> float:
    return min(_apart(one, other) for one in asked for other in said)


def _apart(asked: Said, said: Said) -> float:
    """Return how far apart two are: in whether it is so or in whose it is, whichever is more."""
    whose = 0.0
    if asked.of_other != said.of_other:
        whose = ASKED_OF_OTHER if asked.of_other else OF_OTHER_KINDS
    return max(_status_apart(asked.assertion, said.assertion), whose)


def _status_apart(asked: Status, said: Status) -> float:
    if asked == said:
        return 0.0
    if "negated" not in (asked, said):
        return ASKED_ON_PURPOSE.get(asked, OF_OTHER_KINDS)
    return FROM_NEGATED.get(said if asked == "negated" else asked, 1.0)


def _apart_on_the_whole(asked: SaidOf, said: SaidOf) -> float:
    """Return how far apart what two texts say is on average."""
    pairs = [_distance(one, other) for one in asked.values() for other in said.values()]
    return sum(pairs) / len(pairs) if pairs else 0.0
