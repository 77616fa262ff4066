"""The ranking of words by comparing with every one."""

from __future__ import annotations

import re
from typing import Any

import numpy as np

from clinsearch.encoder.encoder import Encoder
from clinsearch.records import MarkedText, WordHit
from tests.support.made_up_notes import (
    Passes,
    Place,
    assert_ranked,
    everything,
)

MARKED = MarkedText("patient denies fever and cough at night", 15, 20)
# A word of a sentence: the sentence, and where the word stands in it.
Spot = tuple[str, int, int]


class AllWords:
    """Ranks by comparing with every word of every sentence, in double precision."""

    def __init__(self, encoder: Encoder, places: list[Place]) -> None:
        self.encoder, self.places = encoder, places
        self.words: dict[Spot, Any] = {}
        self.pieces: dict[Spot, Any] = {}
        texts = sorted({place.sentence for place in places})
        for text, kept in zip(texts, encoder.encode_words(texts)[1], strict=True):
            spans = [found.span() for found in re.finditer(r"[^\W_]+", text)]
            vectors = {span: row.astype(np.float64) for span, row in zip(spans, kept.words, strict=True)}
            self.words |= {(text, *span): vector for span, vector in vectors.items()}
            inside = {span: self._pieces(text, span) for span in spans}
            several = [piece for pieces in inside.values() if len(pieces) > 1 for piece in pieces]
            self.pieces |= {(text, *span): vectors[span] for span, pieces in inside.items() if len(pieces) == 1}
            self.pieces |= {
                (text, *piece): row.astype(np.float64) for piece, row in zip(several, kept.pieces, strict=True)
            }

    def _pieces(self, text: str, span: tuple[int, int]) -> list[tuple[int, int]]:
        tokens = self.encoder.tokenizer.tokens(text)
        return [(t.start, t.end) for t in tokens if t.start < t.end and span[0] <= t.start and t.end <= span[1]]

    def scores(self, marked: MarkedText, passes: Passes, same: bool | None, pieces: bool) -> dict[Spot, float]:
        query = self.encoder.embed_word(marked.text, marked.start, marked.end).vector.astype(np.float64)
        passing = {place.sentence for place in filter(passes, self.places)}
        word = marked.text[marked.start : marked.end].lower()
        return {
            (text, start, end): float(vector @ query)
            for (text, start, end), vector in (self.pieces if pieces else self.words).items()
            if text in passing and (same is None or (text[start:end].lower() == word) == same)
        }

    def assert_found(
        self,
        hits: list[WordHit],
        k: int,
        passes: Passes = everything,
        *,
        marked: MarkedText = MARKED,
        same: bool | None = None,
        pieces: bool = False,
    ) -> None:
        """Check that hits are the k best words there are, and that each stands where it is said to."""
        expected = self.scores(marked, passes, same, pieces)
        if marked.note_id:
            own = range(marked.start, marked.end)
            expected = {at: s for at, s in expected.items() if not (at[0] == marked.text and at[1] in own)}
        assert_ranked([((hit.marked.text, hit.marked.start, hit.marked.end), hit.score) for hit in hits], expected, k)
        for hit in hits:
            places = [place for place in filter(passes, self.places) if place.sentence == hit.marked.text]
            first = places[0]
            assert (hit.note_id, hit.patient_id, hit.note_type) == (first.note_id, first.patient_id, first.note_type)
            assert (hit.note_datetime, hit.section) == (first.note_datetime, first.section)
            # Between a heading and what it heads the note has two line breaks, the sentence one space.
            is_below = hit.marked.start > first.sentence.find(":")
            behind = first.start + (first.end - first.start - len(first.sentence)) * is_below
            assert (hit.start, hit.end) == (behind + hit.marked.start, behind + hit.marked.end)
            assert hit.word == hit.marked.text[hit.marked.start : hit.marked.end]
            assert hit.occurrences == len(places)
