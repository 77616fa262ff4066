"""Candidates with the parts of their scores, as arrays."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np

from clinsearch.language.terms import terms_of
from clinsearch.readers.requests import Mode
from clinsearch.records import Evidence, FloatArray, Said, ScoreParts, TermPart, TreatmentStatus, ValuePart
from clinsearch.records.keys import KeyArray
from clinsearch.records.phrases import Phrase
from clinsearch.retrieval.keywords import Keywords

# Keywords count in full for a candidate that has so many times as much of them as the second best.
MOST_BESIDE_SECOND = 1.5


@dataclass(frozen=True, eq=False)
class Candidates:
    """Sentences or notes by key, (n,).

    sentences: (n,), the key of the sentence to show for each, and cosines: (n,), of its vector with the query's, NaN if
    vectors are not used. vector: (n,) and terms: (n, phrases), which add up to the score. weights: (phrases,), the most
    that each can count. values: what values add to each, where any are asked for. meant, and of each
    its wordings, required (n,) and evidence: as in ScoreParts.
    """

    keys: KeyArray
    sentences: KeyArray
    cosines: FloatArray
    vector: FloatArray
    terms: FloatArray
    phrases: tuple[Phrase, ...]
    weights: FloatArray
    meant: str | None = None
    wordings: Sequence[str | None] = ()
    values: Sequence[tuple[ValuePart, ...]] = ()
    required: FloatArray | None = None
    evidence: Sequence[tuple[Evidence, ...]] = ()

    @cached_property
    def scores(self) -> FloatArray:
        """The scores, (n,)."""
        scores: FloatArray = self.vector + self.terms.sum(axis=1)
        if self.values:
            scores = scores + np.array([sum(part.score for part in parts) for parts in self.values], dtype=np.float32)
        return scores if self.required is None else scores + self.required

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

    def parts(
        self, row: int, assertion: float, otherwise: Mapping[str, Said], treatment: TreatmentStatus | None = None
    ) -> ScoreParts:
        """Return the parts of a candidate's score.

        assertion, treatment: as in ScoreParts. otherwise: the assertions of terms other than affirmed.
        """
        of_terms = [
            term_part(phrase, float(score), otherwise)
            for phrase, score in zip(self.phrases, self.terms[row], strict=True)
            if score > 0
        ]
        values = self.values[row] if self.values else ()
        return ScoreParts(
            cosine=None if np.isnan(self.cosines[row]) else float(self.cosines[row]),
            vector=float(self.vector[row]),
            keyword=float(self.terms[row].sum()),
            assertion=assertion,
            terms=tuple(sorted(of_terms, key=lambda part: -part.score)),
            meant=self.meant,
            wording=self.wordings[row] if self.wordings else None,
            value=sum(part.score for part in values),
            values=values,
            required=0.0 if self.required is None else float(self.required[row]),
            evidence=self.evidence[row] if self.evidence else (),
            treatment=treatment,
        )


def term_part(phrase: Phrase, score: float, otherwise: Mapping[str, Said]) -> TermPart:
    """Make the part of a score for a phrase, with what is asserted of it, or of what it stands for."""
    own = terms_of(phrase.stands_for) or phrase.terms
    return with_said(TermPart(phrase.written, score, stands_for=phrase.stands_for or None), otherwise.get(own[-1]))


def with_said(part: TermPart, said: Said | None) -> TermPart:
    """Say of the part of a score what is asserted of its term, where that is not that it is so."""
    said = said or Said()
    return replace(part, assertion=None if said.assertion == "affirmed" else said.assertion, of_other=said.of_other)


def weighed(
    mode: Mode,
    vector: FloatArray,
    terms: FloatArray,
    *,
    weight: float,
    keywords: Keywords,
    full: float | None = None,
) -> tuple[FloatArray, FloatArray]:
    """Weight scores by vectors (n,), up to 1, and by keywords (n, phrases), so that they add up to a score up to 1.

    In hybrid search keyword scores are divided by MOST_BESIDE_SECOND times the second best candidate's, or the least
    that should count in full if that is more, and are at most 1; they count `weight` times as much as a cosine. Not by
    the best: it may be the query's own text, next to which nothing else would count. In keyword search they are divided
    by the most that there could be. The other mode leaves them out. full: what keyword scores are divided by in hybrid
    search, where that is known.
    """
    if mode == "vector":
        return vector, np.zeros_like(terms)
    if mode == "keyword":
        return np.zeros_like(vector), terms / np.float32(keywords.most)
    totals = terms.sum(axis=1)
    full = full_score(totals, keywords) if full is None else full
    scale = np.float32(weight) / (np.maximum(totals, full) * np.float32(1 + weight))
    return vector / np.float32(1 + weight), terms * scale[:, None]


def full_score(totals: FloatArray, keywords: Keywords) -> float:
    """Return the keyword score that counts in full in hybrid search; totals: of the candidates, (n,)."""
    second = float(np.partition(totals, -2)[-2]) if len(totals) > 1 else 0.0
    return MOST_BESIDE_SECOND * (max(second, keywords.least) or 1.0)


def union(*found: KeyArray | Sequence[int]) -> KeyArray:
    """Return the distinct keys, in order."""
    return np.unique(np.concatenate([np.empty(0, dtype=np.int64), *found]).astype(np.int64))
