"""Ranks candidates by their scores and their assertions, at the place where these agree best with the query.

The same sentence may be under different headings in different notes, and a heading asserts something of it: so every
place is judged by its own section. Places in another language than English are not judged.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from clinsearch.language.assertions import section_assertion
from clinsearch.language.questions import is_question
from clinsearch.records import AssertedSpan, Said, ScoreParts, TreatmentStatus
from clinsearch.retrieval.agreement import (
    MOST_APART,
    MOST_LOST,
    asked_of,
    by_other_names,
    disagreement,
    said_of,
    sureness,
)
from clinsearch.retrieval.candidates import Candidates
from clinsearch.retrieval.question import Question
from clinsearch.storage.port import Catalog
from clinsearch.storage.values import Occurrence, Standing, damaged_vectors

# How many more candidates are judged at a time, until no other can be among the best.
STEP = 8


@dataclass(frozen=True, slots=True)
class Judged:
    """A sentence at the place that agrees best with a query; `apart`: how far they disagree there, from 0 to 1.

    otherwise: the assertions of terms there other than affirmed. treatment: what it says of a treatment, where that is
    something else than is asked. places: how many of its places count.
    """

    place: Occurrence
    places: int
    apart: float
    otherwise: Mapping[str, Said]
    treatment: TreatmentStatus | None = None


@dataclass(frozen=True, slots=True)
class Agreed:
    """A candidate: its key, its sentence's, its score after the loss for disagreement, and the parts of the score.

    judged: where it agrees best; None if no place was judged.
    """

    key: int
    sentence: int
    score: float
    parts: ScoreParts | None = None
    judged: Judged | None = None


class Judge:
    """Judges how far the assertions at places agree with the query's.

    weights: how much each of the query's terms counts. If only affirmed, or only negated, hits are wanted, other places
    don't count.
    """

    def __init__(self, catalog: Catalog, asked: Question, weights: Mapping[str, float]) -> None:
        self.wants_one_assertion = asked.wants_one_assertion
        self._where, self._weights = asked.where, weights
        self._query = asked_of(asked)
        self._sure, self._is_question = sureness(self._query, asked.text), is_question(asked.text)
        self._names, self._treatment = asked.names, asked.treatment
        self._places, self._texts = catalog.places, catalog.texts

    def sentences(self, keys: Sequence[int]) -> dict[int, Judged]:
        """Judge sentences at all their places that pass; those without a place that counts are left out."""
        standings, spans = self._places.standings(keys, self._where), self._texts.assertions(keys)
        judged = {key: self._best(standings[key], spans[key]) for key in keys if key in standings}
        return {key: one for key, one in judged.items() if one}

    def in_notes(self, pairs: Sequence[tuple[int, int]]) -> dict[tuple[int, int], Judged]:
        """Judge sentences at their places in one note each; pairs: (note key, sentence key)."""
        standings = self._places.standings_in_notes(pairs, self._where)
        spans = self._texts.assertions([sentence for _, sentence in pairs])
        judged = {pair: self._best(standings[pair], spans[pair[1]]) for pair in pairs if pair in standings}
        return {pair: one for pair, one in judged.items() if one}

    def at_places(self, places: Sequence[Occurrence]) -> list[Judged]:
        """Judge each place by itself; those that do not count are left out."""
        spans = self._texts.assertions(list({place.sentence_key for place in places}))
        judged = (self._best([Standing(place, 1)], spans[place.sentence_key]) for place in places)
        return [one for one in judged if one]

    def lost(self, judged: Judged, score: float) -> float:
        """Return how much of a score is lost."""
        return MOST_LOST * self._sure * judged.apart * max(score, 0.0)

    def _best(self, standings: Sequence[Standing], spans: Sequence[AssertedSpan]) -> Judged | None:
        """Return the place that agrees best, the first of equal ones; None if none counts."""
        kinds = [(section_assertion(standing.first.section), standing.first.is_read) for standing in standings]
        found = {}
        for kind, standing in zip(kinds, standings, strict=True):
            if kind not in found:
                found[kind] = self._apart(standing.first, spans)
        apart = [found[kind] for kind in kinds]
        counting = [at for at, (far, *_) in enumerate(apart) if far < MOST_APART or not self.wants_one_assertion]
        if not counting:
            return None
        best = min(counting, key=lambda at: apart[at][0])
        return Judged(standings[best].first, sum(standings[at].places for at in counting), *apart[best])

    def _apart(
        self, place: Occurrence, spans: Sequence[AssertedSpan]
    ) -> tuple[float, Mapping[str, Said], TreatmentStatus | None]:
        """Return how far a place disagrees with the query, and what it says otherwise: as in Judged."""
        if not place.is_read:
            return float(self.wants_one_assertion), {}, None
        said = said_of(place.text, spans, place.section, place.heading)
        said = by_other_names(said, self._names)
        apart, otherwise = disagreement(self._query, said, self._weights, is_answer=self._is_question)
        far, status = self._treatment.apart(place.text, place.section) if self._treatment else (0.0, None)
        return max(apart, far), otherwise, status


def agreed(
    candidates: Candidates, count: int, judge: Judge | None, *, wanted: int | None = None, in_notes: bool = False
) -> list[Agreed]:
    """Rank the `count` best candidates anew, lower if their assertions disagree with the query's.

    If only affirmed, or only negated, hits are wanted, all candidates are judged, and the others left out. wanted: how
    many to return; None for all. in_notes: whether the candidates are notes, each judged by the places of its sentence
    in it. Without a judge the scores stay as they are.
    """
    scores = candidates.scores
    if judge is None:
        rows = candidates.best(count if wanted is None else min(count, wanted))
        return [_agreed(candidates, row, float(scores[row]), 0.0, None) for row in rows]
    rows = candidates.best(len(scores) if judge.wants_one_assertion else count)
    most = len(rows) if wanted is None or judge.wants_one_assertion else wanted
    judged: dict[int, Judged] = {}
    ranked: list[tuple[float, int, int]] = []
    at, step = 0, most
    # Judging only lowers scores, so the unjudged score of the next candidate bounds all that follow.
    while at < len(rows) and not (len(ranked) >= most and scores[rows[at]] < -ranked[most - 1][0]):
        some = _judged(judge, candidates, rows[at : at + step], in_notes=in_notes)
        if len(some) < len(rows[at : at + step]) and not judge.wants_one_assertion:
            raise damaged_vectors()
        judged |= some
        at, step = at + step, STEP
        ranked = sorted(
            (judge.lost(one, float(scores[row])) - float(scores[row]), int(candidates.keys[row]), row)
            for row, one in judged.items()
        )
    best = [(row, judge.lost(judged[row], float(scores[row]))) for _, _, row in ranked[:most]]
    return [_agreed(candidates, row, float(scores[row]) - lost, lost, judged[row]) for row, lost in best]


def _judged(judge: Judge, candidates: Candidates, rows: Sequence[int], *, in_notes: bool) -> dict[int, Judged]:
    """Judge the candidates in these rows; those that do not count are left out."""
    keys, sentences = candidates.keys[rows].tolist(), candidates.sentences[rows].tolist()
    if in_notes:
        pairs = list(zip(keys, sentences, strict=True))
        of_pairs = judge.in_notes(pairs)
        return {row: of_pairs[pair] for row, pair in zip(rows, pairs, strict=True) if pair in of_pairs}
    of_sentences = judge.sentences(sentences)
    return {row: of_sentences[key] for row, key in zip(rows, sentences, strict=True) if key in of_sentences}


def _agreed(candidates: Candidates, row: int, score: float, lost: float, judged: Judged | None) -> Agreed:
    key, sentence = int(candidates.keys[row]), int(candidates.sentences[row])
    parts = candidates.parts(row, -lost, judged.otherwise if judged else {}, judged.treatment if judged else None)
    return Agreed(key, sentence, score, parts, judged)
