"""Scores sentences for a query: by the cosine of their vectors, by its words, by what they measure, or by all of it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from clinsearch.encoder.encoder import Encoder
from clinsearch.records.keys import KeyArray
from clinsearch.retrieval.candidates import Candidates, weighed
from clinsearch.retrieval.hits import require_all
from clinsearch.retrieval.keywords import Keywords
from clinsearch.retrieval.measured import Measured
from clinsearch.retrieval.question import KEYWORDS_OF_SENTENCE, Question
from clinsearch.retrieval.wordings import Wordings
from clinsearch.storage.port import Snapshot


@dataclass(frozen=True, slots=True)
class Weights:
    """How much keywords count relative to a cosine, and which keyword score counts in full, where that is known."""

    keywords: float = KEYWORDS_OF_SENTENCE
    full: float | None = None


class SentenceScores:
    """Scores sentences by the parts that the mode uses, and reads nothing for the others.

    vectors: (wordings, hidden_size), of the query's wordings; None if they are not used.
    """

    def __init__(self, snapshot: Snapshot, encoder: Encoder | None, asked: Question) -> None:
        self._snapshot, self._asked = snapshot, asked
        self.keywords = Keywords(snapshot.catalog.keywords("sentence"), asked.text, asked.expansions)
        self.wordings = Wordings(asked, self.keywords)
        self.vectors = snapshot.corrected("sentence", self.wordings.encoded(encoder)) if encoder else None

    @cached_property
    def measured(self) -> Measured | None:
        """What sentences measure of what is asked for, if that is anything."""
        asked = self._asked
        return Measured(self._snapshot.catalog, asked.conditions, asked.where) if asked.conditions else None

    def of(self, keys: KeyArray, weights: Weights | None = None) -> Candidates:
        """Score the sentences of these keys. Raises CollectionDamaged if one is not there."""
        weights, mode, keywords = weights or Weights(), self._asked.mode, self.keywords
        saturation = keywords.no_scores(len(keys))
        if mode != "vector":
            texts = self.texts(keys)
            require_all(keys, texts)
            saturation = keywords.saturation(texts[key] for key in keys.tolist())
        cosines = nearness = np.full(len(keys), np.nan, dtype=np.float32)
        wordings: list[str | None] = []
        if self.vectors is not None:
            vectors, counting = self._snapshot.vectors_of("sentence", keys), self.wordings.counting(saturation > 0)
            cosines, nearness, nearest = self.wordings.nearest(vectors, self.vectors, counting)
            wordings = list(map(self.wordings.other, nearest.tolist()))
        terms = keywords.scores_of(saturation)
        vector, terms = weighed(mode, nearness, terms, weight=weights.keywords, keywords=keywords, full=weights.full)
        phrases, told = (keywords.phrases, keywords.weights), self._asked.told
        candidates = Candidates(keys, keys, cosines, vector, terms, *phrases, meant=told, wordings=wordings)
        return self.measured.added_to(candidates) if self.measured else candidates

    def texts(self, keys: KeyArray) -> dict[int, str]:
        """Return the texts of sentences."""
        return self._snapshot.catalog.sentence_texts(keys.tolist())
