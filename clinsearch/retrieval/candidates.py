"""Candidates with the parts of their scores, all at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from clinsearch.readers.requests import Mode
from clinsearch.records import FloatArray, Said, ScoreParts, TermPart
from clinsearch.records.keys import KeyArray
from clinsearch.records.phrases import Phrase


@dataclass(frozen=True, slots=True, eq=False)
class Candidates:
    """Sentences or notes by key, (n,).

    sentences: (n,), the key of the one that is shown of each, and cosines: (n,), of its vector with the query's,
    NaN where vectors take no part.
    vector: (n,) and terms: (n, phrases), which add up to the score. weights: (phrases,), how much each can count.
    """

    keys: KeyArray
    sentences: KeyArray
    cosines: FloatArray
    vector: FloatArray
    terms: FloatArray
    phrases: tuple[Phrase, ...]
    weights: FloatArray

    @property
    def scores(self) -> FloatArray:
        """The scores, (n,)."""
        scores: FloatArray = self.vector + self.terms.sum(axis=1)
        return scores

    def having_terms(self) -> Candidates:
        """Return those that have any of the query's terms."""
        kept = self.terms.sum(axis=1) > 0
        return replace(
            self,
            keys=self.keys[kept],
            sentences=self.sentences[kept],
            cosines=self.cosines[kept],
            vector=self.vector[kept],
            terms=self.terms[kept],
        )

    def best(self, count: int) -> list[int]:
        """Return the rows of the best, best first; of equals the older first."""
        rows: list[int] = np.lexsort((self.keys, -self.scores))[:count].tolist()
        return rows

    def parts(self, row: int, assertion: float, otherwise: Mapping[str, Said]) -> ScoreParts:
        """Return what a candidate's score is made of.

        assertion: as in ScoreParts. otherwise: what is said of terms, but of those that are simply so.
        """
        of_terms = [
            term_part(phrase.written, float(score), otherwise.get(phrase.terms[-1], Said()))
            for phrase, score in zip(self.phrases, self.terms[row], strict=True)
            if score > 0
        ]
        return ScoreParts(
            cosine=None if np.isnan(self.cosines[row]) else float(self.cosines[row]),
            vector=float(self.vector[row]),
            keyword=float(self.terms[row].sum()),
            assertion=assertion,
            terms=tuple(sorted(of_terms, key=lambda part: -part.score)),
        )


def term_part(term: str, score: float, said: Said) -> TermPart:
    """Make a part of a score of a term and of what is said of it."""
    return TermPart(term, score, None if said.assertion == "affirmed" else said.assertion, said.of_other)


def weighed(
    mode: Mode, vector: FloatArray, terms: FloatArray, *, weight: float, least: float
) -> tuple[FloatArray, FloatArray]:
    """Weigh the scores by vectors (n,), from -1 to 1, and by keywords (n, phrases) that come together to a score.

    In hybrid search keywords count, `weight` times as much as a cosine, by their share of the second best
    candidate's, or of `least`: the best may be the query's own text, beside which nothing else would count.
    Of the other modes one of the two is left out.
    """
    if mode == "vector":
        return vector, np.zeros_like(terms)
    if mode == "keyword":
        return np.zeros_like(vector), terms
    sums = np.sort(terms.sum(axis=1))
    full = max(float(sums[-2]) if len(sums) > 1 else 0.0, least) or 1.0
    return vector / np.float32(1 + weight), terms * np.float32(weight / full / (1 + weight))


def union(*found: KeyArray | Sequence[int]) -> KeyArray:
    """Return every key once, in order."""
    return np.unique(np.concatenate([np.empty(0, dtype=np.int64), *found]).astype(np.int64))
