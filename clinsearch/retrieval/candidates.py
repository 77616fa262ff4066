"""Candidates with the parts of their scores, as arrays."""

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

    sentences: (n,), the key of the sentence to show for each, and cosines: (n,), of its vector with the query's, NaN if
    vectors are not used. vector: (n,) and terms: (n, phrases), which add up to the score. weights: (phrases,), the most
    that each can count.
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
        """Return the candidates that have any of the query's terms."""
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
        """Return the rows of the best, best first; equal scores in the order of their keys."""
        rows: list[int] = np.lexsort((self.keys, -self.scores))[:count].tolist()
        return rows

    def parts(self, row: int, assertion: float, otherwise: Mapping[str, Said]) -> ScoreParts:
        """Return the parts of a candidate's score.

        assertion: as in ScoreParts. otherwise: the assertions of terms other than affirmed.
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
    """Make the part of a score for a term, with what is asserted of it."""
    return TermPart(term, score, None if said.assertion == "affirmed" else said.assertion, said.of_other)


def weighed(
    mode: Mode, vector: FloatArray, terms: FloatArray, *, weight: float, least: float
) -> tuple[FloatArray, FloatArray]:
    """Weight scores by vectors (n,), from -1 to 1, and by keywords (n, phrases), so that they add up to a score.

    In hybrid search keyword scores are divided by the second best candidate's, or by `least` if that is more, and count
    `weight` times as much as a cosine. Not by the best: it may be the query's own text, next to which nothing else
    would count. The other modes leave out one of the two.
    """
    if mode == "vector":
        return vector, np.zeros_like(terms)
    if mode == "keyword":
        return np.zeros_like(vector), terms
    sums = np.sort(terms.sum(axis=1))
    full = max(float(sums[-2]) if len(sums) > 1 else 0.0, least) or 1.0
    return vector / np.float32(1 + weight), terms * np.float32(weight / full / (1 + weight))


def union(*found: KeyArray | Sequence[int]) -> KeyArray:
    """Return the distinct keys, in order."""
    return np.unique(np.concatenate([np.empty(0, dtype=np.int64), *found]).astype(np.int64))
