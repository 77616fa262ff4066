"""How far hits say of a query's terms what the query says of them: "no fever" is not "fever"."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from clinsearch.assertions import assertion_at, find_assertions, section_assertion
from clinsearch.records import AssertedSpan, Assertion, ScoreParts
from clinsearch.retrieval.candidates import Candidates
from clinsearch.retrieval.keywords import SAYING_NOTHING
from clinsearch.retrieval.question import Question
from clinsearch.storage.snapshots import Snapshot
from clinsearch.storage.text_catalog import TextCatalog
from clinsearch.terms import placed_terms

# Which part of its score a hit loses that says the opposite of all that the query asks for.
MOST_LOST = 0.5
# How far two assertions are from each other: what is denied is far from what is so, was or may be; these are near.
FROM_NEGATED: Mapping[Assertion, float] = {"possible": 0.5, "hypothetical": 0.5}
OF_OTHER_KINDS = 0.1
# A query that says "rule out" or "family history" says so on purpose, where one that affirms may just name a thing.
ASKED_ON_PURPOSE: Mapping[Assertion, float] = {"possible": 0.4, "hypothetical": 0.4, "other": 0.5}
# A sentence that has none of the terms can mean them by other words: what it says of its own counts by half.
WITHOUT_TERMS = 0.5
SHORT_QUERY = 4
# A query of more sentences is a text to find others like, and asks for nothing in particular.
MOST_SENTENCES = 3
# Where only what affirms, or denies, is wanted: no further from it than this.
MOST_APART = 0.5

# By stem of a term, each assertion that a text makes of it somewhere.
SaidOf = Mapping[str, frozenset[Assertion]]


@dataclass(frozen=True, slots=True)
class Agreed:
    """A candidate: its key, its sentence's, its score after what was lost, and what that is made of."""

    key: int
    sentence: int
    score: float
    parts: ScoreParts


def agreed(snapshot: Snapshot, asked: Question, candidates: Candidates, count: int) -> list[Agreed]:
    """Rank the best candidates, `count` of them, those lower that say of the query's terms what the query does not.

    Where only what affirms, or denies, is wanted, all are looked at, and what does not is left out.
    """
    scores = candidates.scores
    if asked.assertion == "any" or (asked.assertion == "match" and len(asked.sentences) > MOST_SENTENCES):
        return [_agreed(candidates, row, float(scores[row]), 0.0, {}) for row in candidates.best(count)]
    query = asked_of(asked)
    rows = candidates.best(len(scores) if asked.wants_some else count)
    said = _said(snapshot, asked, candidates.sentences[rows].tolist())
    weights, sure = _weights(candidates), _sureness(query)
    ranked = []
    for row in rows:
        apart, otherwise = disagreement(query, said[int(candidates.sentences[row])], weights)
        if not asked.wants_some or apart < MOST_APART:
            lost = MOST_LOST * sure * apart * max(float(scores[row]), 0.0)
            ranked.append((float(scores[row]) - lost, row, lost, otherwise))
    ranked.sort(key=lambda one: (-one[0], int(candidates.keys[one[1]])))
    return [_agreed(candidates, row, score, lost, otherwise) for score, row, lost, otherwise in ranked]


def _agreed(candidates: Candidates, row: int, score: float, lost: float, otherwise: Mapping[str, Assertion]) -> Agreed:
    key, sentence = int(candidates.keys[row]), int(candidates.sentences[row])
    return Agreed(key, sentence, score, candidates.parts(row, -lost, otherwise))


def _weights(candidates: Candidates) -> dict[str, float]:
    """Return how much each single term of the query counts."""
    weighed = zip(candidates.phrases, candidates.weights.tolist(), strict=True)
    return {phrase.terms[0]: weight for phrase, weight in weighed if len(phrase.terms) == 1}


def _said(snapshot: Snapshot, asked: Question, keys: Sequence[int]) -> dict[int, SaidOf]:
    """Read what sentences say, each at its first place."""
    places = snapshot.catalog.first_occurrences(keys, asked.where)
    spans = TextCatalog(snapshot.catalog.connection).assertions(keys)
    return {key: said_of(place.text, spans[key], place.section) for key, (place, _) in places.items()}


def asked_of(asked: Question) -> SaidOf:
    """Read what a query says of its terms, or what is wanted to be said of them."""
    said = said_of(asked.text, find_assertions(asked.text))
    if asked.assertion in ("affirmed", "negated"):
        return dict.fromkeys(said, frozenset({asked.assertion}))
    return said


def said_of(text: str, spans: Sequence[AssertedSpan], section: str | None = None) -> SaidOf:
    """Read what a text says of each of its terms but those that say nothing and those of cues.

    Where the text itself says nothing, the section does: of what stands under "family history" someone else had it.
    """
    otherwise: Assertion = section_assertion(section) or "affirmed"
    found: dict[str, set[Assertion]] = {}
    for term, start, end in placed_terms(text):
        if term in SAYING_NOTHING or any(span.cue_start < end and start < span.cue_end for span in spans):
            continue
        span = assertion_at(spans, start, end)
        found.setdefault(term, set()).add(span.assertion if span else otherwise)
    return {term: frozenset(assertions) for term, assertions in found.items()}


def disagreement(asked: SaidOf, said: SaidOf, weights: Mapping[str, float]) -> tuple[float, dict[str, Assertion]]:
    """Return how far a text disagrees with a query, from 0 to 1, and of which terms it says what but that they are so.

    `weights`: how much each of the query's terms counts. Of terms that the text lacks nothing is known.
    """
    shared = [term for term in asked if term in said]
    total = sum(weights.get(term, 0.0) for term in shared)
    if total <= 0:
        return WITHOUT_TERMS * _apart_on_the_whole(asked, said), {}
    apart = {term: _distance(asked[term], said[term]) for term in shared}
    otherwise = {term: _nearest(asked[term], said[term]) for term in shared if said[term] != {"affirmed"}}
    return sum(weights.get(term, 0.0) * apart[term] for term in shared) / total, otherwise


def _sureness(asked: SaidOf) -> float:
    """Return how sure it is that a query means an assertion: the less, the more words it has beyond a few."""
    return (SHORT_QUERY / max(len(asked), SHORT_QUERY)) ** 2


def _nearest(asked: Iterable[Assertion], said: Iterable[Assertion]) -> Assertion:
    """Return what is said that is the nearest to what is asked."""
    return min(said, key=lambda assertion: (_distance(asked, [assertion]), assertion))


def _distance(asked: Iterable[Assertion], said: Iterable[Assertion]) -> float:
    """Return how far the nearest two are apart."""
    return min(_apart(one, other) for one in asked for other in said)


def _apart(asked: Assertion, said: Assertion) -> float:
    if asked == said:
        return 0.0
    if "negated" not in (asked, said):
        return ASKED_ON_PURPOSE.get(asked, OF_OTHER_KINDS)
    return FROM_NEGATED.get(said if asked == "negated" else asked, 1.0)


def _apart_on_the_whole(asked: SaidOf, said: SaidOf) -> float:
    """Return how far apart the assertions of two texts are on average."""
    pairs = [_distance(one, other) for one in asked.values() for other in said.values()]
    return sum(pairs) / len(pairs) if pairs else 0.0
