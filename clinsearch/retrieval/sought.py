"""One thing that is sought in sentences: the best of them to any depth, and the most that any other can score."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from clinsearch.encoder.encoder import Encoder
from clinsearch.records.keys import KeyArray
from clinsearch.retrieval.candidates import Candidates, full_score, union, weighed
from clinsearch.retrieval.judging import Judge
from clinsearch.retrieval.keyword_search import KeywordSearch
from clinsearch.retrieval.measured import VALUES
from clinsearch.retrieval.question import KEYWORDS_OF_SENTENCE, Question
from clinsearch.retrieval.scanned import nearest_to
from clinsearch.retrieval.sentence_scores import SentenceScores, Weights
from clinsearch.retrieval.several import WORDS
from clinsearch.retrieval.stances import Stances
from clinsearch.retrieval.wordings import OF_OTHER
from clinsearch.storage.port import Snapshot

# So many sentences are compared with a query in half a second.
MOST_SCANNED = 100_000
# The cosine from which on a sentence is about what is sought without its words.
ABOUT = 0.8
# Scores are sums of 32-bit numbers.
ROUNDING = 1e-5


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """The best sentences, scored as if all agreed with the query, and the most that any other can score.

    bound: minus infinity if there is no other.
    """

    candidates: Candidates
    bound: float


class Sought:
    """A query, or one of several things that it asks for, in one snapshot.

    is_exact: whether bounds hold; they don't where so many vectors are searched in some of their cells only.
    """

    def __init__(
        self,
        snapshot: Snapshot,
        encoder: Encoder | None,
        asked: Question,
        *,
        is_part: bool = False,
        most_scanned: int = MOST_SCANNED,
    ) -> None:
        """encoder: None if vectors are not used. is_part: whether it is one of several things, scored as `several`.

        most_scanned: how many sentences are compared with each, rather than searched in some of their cells.
        """
        catalog, self.asked, self._is_part = snapshot.catalog, asked, is_part
        self._scores = SentenceScores(snapshot, encoder, asked)
        self._keywords, self._vectors = self._scores.keywords, self._scores.vectors
        self._nearest, self.is_exact = nearest_to(snapshot, self._vectors, asked.where, most_scanned)
        index, texts = catalog.keywords("sentence"), self._scores.texts
        self._by_words = KeywordSearch(index, self._keywords, asked.where, texts, is_exact=True)
        weights = self._keywords.weight_of_terms
        self.judge = Judge(catalog, asked, weights) if asked.weighs_assertions else None
        self.stances = Stances(catalog.texts, asked, weights)

    def found(self, depth: int) -> Found:
        """Find the best `depth` sentences by each way of ranking."""
        mode, words, most_words = self.asked.mode, np.empty(0, dtype=np.int64), 0.0
        if mode != "vector":
            words = self._by_words.best(depth)
            most_words = self._by_words.bound_of_others
        near, nearest = self._near(depth)
        keys = union(words, self._scores.measured.keys if self._scores.measured else [], *near)
        candidates = self.scored(keys)
        is_all = nearest is None if mode != "keyword" else most_words <= 0
        return Found(candidates, -np.inf if is_all else self._bound(nearest or 0.0, most_words))

    def scored(self, keys: KeyArray) -> Candidates:
        """Score sentences as `found` does."""
        return self._scores.of(keys, self._weights)

    def is_about(self, candidates: Candidates) -> NDArray[np.bool_]:
        """Tell which sentences speak of it, whatever they say of it, (n,).

        These are the ones that have all of its words, by whatever name, or are very near to it; if it asks for values,
        the ones that have such values.
        """
        if self._scores.measured:
            return np.array([len(one) > 0 and all(part.meets for part in one) for one in candidates.values], dtype=bool)
        found = np.zeros(len(candidates.keys), dtype=bool)
        if self.asked.mode != "vector":
            texts = self._scores.texts(candidates.keys)
            found |= self._keywords.have_all(texts[key] for key in candidates.keys.tolist())
        return found if self._vectors is None else found | (candidates.cosines >= ABOUT)

    def _near(self, depth: int) -> tuple[Sequence[KeyArray], float | None]:
        """Find the nearest sentences to each wording, and the most that the cosine of others counts, None if there are
        no others."""
        if self._vectors is None:
            return [], None
        found = [self._nearest(number, depth) for number in range(len(self._vectors))]
        if any(len(keys) < depth for keys, _ in found):
            return [keys for keys, _ in found], None
        counts = [1.0] + [OF_OTHER] * (len(found) - 1)
        most = max(float(scores[-1]) * count for (_, scores), count in zip(found, counts, strict=True))
        return [keys for keys, _ in found], most

    def _bound(self, nearest: float, words: float) -> float:
        vector, terms = np.array([nearest], dtype=np.float32), np.array([[words]], dtype=np.float32)
        weights = self._weights
        parts = weighed(
            self.asked.mode, vector, terms, weight=weights.keywords, keywords=self._keywords, full=weights.full
        )
        bound = float(parts[0][0] + parts[1][0, 0]) + ROUNDING
        return bound if self._scores.measured is None else bound / (1 + VALUES) + self._scores.measured.bound_of_others

    @cached_property
    def _weights(self) -> Weights:
        if self._is_part:
            return Weights(WORDS, self._keywords.least or 1.0)
        if self.asked.mode != "hybrid":
            return Weights()
        best = self._scores.texts(self._by_words.best(2))
        totals = self._keywords.scores(best.values()).sum(axis=1)
        return Weights(KEYWORDS_OF_SENTENCE, full_score(totals, self._keywords))
