"""A query in several wordings, of which for each text the nearest counts."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from clinsearch.encoder.encoder import Encoder
from clinsearch.records import FloatArray
from clinsearch.records.keys import KeyArray
from clinsearch.records.phrases import Phrase
from clinsearch.retrieval.keywords import Keywords
from clinsearch.retrieval.question import Question

# How much the cosine with the query in other words counts.
OF_OTHER = 0.97


class Wordings:
    """The wordings of a query that can count in a collection, as it is meant first.

    texts: of each. A wording with an abbreviation counts for texts that have it: to the encoder its letters are near
    much that it doesn't mean.
    """

    def __init__(self, asked: Question, keywords: Keywords) -> None:
        columns = {phrase: number for number, phrase in enumerate(keywords.phrases)}
        others = [(one.text, one.having and columns.get(Phrase(one.having))) for one in asked.others]
        kept = [(text, column) for text, column in others if column is not None]
        self.texts = (asked.encoded, *(text for text, _ in kept))
        self._abbreviated = [(at, column) for at, (_, column) in enumerate(kept, start=1) if isinstance(column, int)]
        self._weights = np.array([1, *[OF_OTHER] * len(kept)], dtype=np.float32)

    def encoded(self, encoder: Encoder) -> FloatArray:
        """Encode them, (wordings, hidden_size)."""
        if len(self.texts) == 1:
            return encoder.encode_query(self.texts[0])[None]
        return encoder.encode(self.texts, bulk=True)

    def counting(self, has: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Return which of them count for each text, (n, wordings); has: which phrases of the keywords, (n, phrases)."""
        counting = np.ones((len(has), len(self.texts)), dtype=bool)
        for at, column in self._abbreviated:
            counting[:, at] = has[:, column] if has.shape[1] else False
        return counting

    def nearest(
        self, vectors: FloatArray, wordings: FloatArray, counting: NDArray[np.bool_] | None = None
    ) -> tuple[FloatArray, FloatArray, KeyArray]:
        """Return of vectors the cosine with the nearest wording, what counts of it, and which that is, (n,).

        vectors: (n, hidden_size); wordings: (wordings, hidden_size). counting: as `counting` gives; if it is not known
        which phrases the texts have, abbreviations don't count.
        """
        cosines = vectors @ wordings.T
        if self._abbreviated:
            counting = self.counting(np.zeros((1, 0), dtype=bool)) if counting is None else counting
            counted = np.where(counting, cosines * self._weights, -np.inf)
        else:
            counted = cosines * self._weights
        nearest, rows = counted.argmax(axis=1), np.arange(len(vectors))
        return cosines[rows, nearest], counted[rows, nearest], nearest

    def other(self, number: int) -> str | None:
        """Return one of the wordings but the first."""
        return self.texts[number] if number else None
