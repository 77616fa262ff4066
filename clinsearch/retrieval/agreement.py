"""How far hits and the query agree in what they assert of the query's terms: "no fever" is not "fever"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import TypeAlias

from clinsearch.language.assertions import find_assertions, said_at
from clinsearch.language.questions import is_question
from clinsearch.language.terms import placed_terms
from clinsearch.records import AssertedSpan, Said, Status
from clinsearch.retrieval.keywords import ANYONE, STOP_TERMS
from clinsearch.retrieval.names import Names
from clinsearch.retrieval.question import Question

# The share of its score that a hit loses if it asserts the opposite of everything in the query.
MOST_LOST = 0.5
# How far apart two assertions are: negated is far from affirmed, historical and possible; these are near each other,
# while what may come some day ("return if fever") is not so.
FROM_NEGATED: Mapping[Status, float] = {"possible": 0.5, "hypothetical": 0.5}
FROM_AFFIRMED: Mapping[Status, float] = {"possible": 0.1, "historical": 0.1, "hypothetical": 0.5}
# To a question what may come is an answer like others.
IN_ANSWERS = 0.1
# A query with "rule out" or "family history" means it, whereas an affirmed one may just name a thing.
ASKED_ON_PURPOSE: Mapping[Status, float] = {"possible": 0.4, "hypothetical": 0.4, "historical": 0.3}
ASKED_OF_OTHER = 0.5
# What is someone else's is hardly meant where the patient's own is asked for; yet it is affirmed, or denied: nearer
# than MOST_APART.
FOUND_OF_OTHER = 0.49
# A sentence without any of the terms can mean them in other words: the assertions of its own terms count by half.
WITHOUT_TERMS = 0.5
# Assertions count for less, the more terms beyond so many a query has: of a question, which names much by the way, by
# the first power, of a statement by the second.
SHORT_QUERY = 4
OF_QUESTION, OF_STATEMENT = 2.0, 0.25
# If only affirmed, or only negated, hits are wanted: no farther apart than this.
MOST_APART = 0.5

# By stem of a term, everything that a text asserts of it.
SaidOf: TypeAlias = Mapping[str, frozenset[Said]]


def asked_of(asked: Question) -> SaidOf:
    """Return what a query asserts of its terms; if only affirmed or negated hits are wanted, that of each."""
    said = said_of(asked.text, find_assertions(asked.text))
    if asked.assertion in ("affirmed", "negated"):
        status = asked.assertion
        return {term: frozenset(Said(status, one.of_other) for one in of_term) for term, of_term in said.items()}
    return said


def said_of(text: str, spans: Sequence[AssertedSpan], section: str | None = None, heading: int = 0) -> SaidOf:
    """Return what a text asserts of each of its terms, except stop words and cues.

    What the section asserts holds for the text after its heading, which is the first `heading` characters.
    """
    found: dict[str, set[Said]] = {}
    by_section = said_at((), 0, 0, section)
    for term, start, end in placed_terms(text):
        if term in STOP_TERMS or term in ANYONE or any(span.cue_start < end and start < span.cue_end for span in spans):
            continue
        is_below = start >= heading
        # Most sentences have no span: then only the section decides.
        said = (
            said_at(spans, start, end, section if is_below else None) if spans else by_section if is_below else Said()
        )
        found.setdefault(term, set()).add(said)
    return {term: frozenset(said) for term, said in found.items()}


def disagreement(
    asked: SaidOf, said: SaidOf, weights: Mapping[str, float], *, is_answer: bool = False
) -> tuple[float, dict[str, Said]]:
    """Return how far a text disagrees with a query, from 0 to 1, and what it asserts of terms other than affirmed.

    `weights`: how much each of the query's terms counts. Terms that the text lacks don't count. is_answer: whether the
    query is a question.
    """
    shared = [term for term in asked if term in said]
    total = sum(weights.get(term, 0.0) for term in shared)
    if total <= 0:
        return WITHOUT_TERMS * _mean_apart(asked, said, is_answer=is_answer), {}
    apart = {term: _distance(asked[term], said[term], is_answer=is_answer) for term in shared}
    otherwise = {term: _nearest(asked[term], said[term]) for term in shared if said[term] != {Said()}}
    return sum(weights.get(term, 0.0) * apart[term] for term in shared) / total, otherwise


def by_other_names(said: SaidOf, names: Iterable[Names]) -> SaidOf:
    """Add what is asserted of the query's terms under other names; of a name of several terms that of the last."""
    found = dict(said)
    for one in names:
        own = [term for phrase in one.own for term in phrase.terms if term not in STOP_TERMS]
        others = [phrase.terms for phrase in one.others if said.keys() >= set(phrase.terms) - STOP_TERMS]
        terms = next(([term for term in other if term in said] for other in others), [])
        if terms and not all(term in said for term in own):
            found |= dict.fromkeys(own, said[terms[-1]])
    return found


def sureness(asked: SaidOf, text: str) -> float:
    """Return how likely it is that a query means its assertions, from 0 to 1: less for longer ones, and questions."""
    damping = OF_QUESTION if is_question(text) else OF_STATEMENT
    return float((SHORT_QUERY / max(len(asked), SHORT_QUERY)) ** damping)


def _nearest(asked: Iterable[Said], said: Iterable[Said]) -> Said:
    """Return the one in `said` that is nearest to `asked`."""
    return min(said, key=lambda one: (_distance(asked, [one]), one))


def _distance(asked: Iterable[Said], said: Iterable[Said], *, is_answer: bool = False) -> float:
    """Return how far apart the nearest two are."""
    return _least_apart(frozenset(asked), frozenset(said), is_answer)


@lru_cache(maxsize=1 << 12)
def _least_apart(asked: frozenset[Said], said: frozenset[Said], is_answer: bool) -> float:
    return min(_apart(one, other, is_answer) for one in asked for other in said)


def _apart(asked: Said, said: Said, is_answer: bool) -> float:
    """Return how far apart two are: in status or in whose it is, whichever is more."""
    whose = 0.0
    if asked.of_other != said.of_other:
        whose = ASKED_OF_OTHER if asked.of_other else FOUND_OF_OTHER
    return max(_status_apart(asked.assertion, said.assertion, is_answer), whose)


def _status_apart(asked: Status, said: Status, is_answer: bool) -> float:
    if asked == said:
        return 0.0
    if is_answer and (asked, said) == ("affirmed", "hypothetical"):
        return IN_ANSWERS
    if "negated" not in (asked, said):
        return FROM_AFFIRMED[said] if asked == "affirmed" else ASKED_ON_PURPOSE[asked]
    return FROM_NEGATED.get(said if asked == "negated" else asked, 1.0)


def _mean_apart(asked: SaidOf, said: SaidOf, *, is_answer: bool) -> float:
    """Return how far apart the assertions of two texts are on average."""
    pairs = [_distance(one, other, is_answer=is_answer) for one in asked.values() for other in said.values()]
    return sum(pairs) / len(pairs) if pairs else 0.0
