"""Why one is nearer than another: the difference of two scores, taken apart."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from clinsearch.display import Shown
from clinsearch.records.explanations import NoteExplanation, QueryExplanation, TextExplanation
from clinsearch.records.hits import ScoreParts


@dataclass(frozen=True, slots=True)
class WordDifference:
    """A word of what both are compared with, without regard to case, and what it adds to either score."""

    word: str
    nearer: float
    other: float

    @property
    def difference(self) -> float:
        """How much more it adds to the first score."""
        return self.nearer - self.other


@dataclass(frozen=True, slots=True, eq=False)
class Contrast(Shown):
    """Two explanations of the same note, or of the same query, and what sets their scores apart.

    nearer: why it is like one, and other: why like the other; both of notes, or both of hits of a query.
    """

    nearer: NoteExplanation | QueryExplanation
    other: NoteExplanation | QueryExplanation

    @property
    def difference(self) -> float:
        """How much higher the first score is."""
        return whole_score(self.nearer) - whole_score(self.other)

    @property
    def parts(self) -> Mapping[str, float]:
        """What the difference comes from, by part of the scores; these add up to it."""
        one, other = _parts(self.nearer), _parts(self.other)
        return {name: one.get(name, 0.0) - other.get(name, 0.0) for name in {**one, **other}}

    @property
    def by_sentence(self) -> NDArray[np.float64]:
        """What each sentence of the note that both are compared with adds to the difference, (n,); none of a query."""
        if isinstance(self.nearer, NoteExplanation) and isinstance(self.other, NoteExplanation):
            sums = [one.contributions.sum(axis=1, dtype=np.float64) for one in (self.nearer, self.other)]
            difference: NDArray[np.float64] = sums[0] - sums[1]
            return difference
        return np.empty(0)

    @property
    def elsewhere(self) -> float:
        """What is in no sentence: what any two notes have in common, and what belongs to no pair of sentences."""
        return self.difference - float(self.by_sentence.sum())

    @property
    def by_word(self) -> tuple[WordDifference, ...]:
        """What content words of the query, or of the note, add to either score, the largest difference first.

        Of a query: to the two cosines, which also have in them what any two sentences have in common. Of a note: to
        the scores by the pairs of sentences that are taken apart, and none where none is.
        """
        one, other = _words(self.nearer), _words(self.other)
        words = (WordDifference(word, one.get(word, 0.0), other.get(word, 0.0)) for word in {**one, **other})
        return tuple(sorted(words, key=lambda word: (-abs(word.difference), word.word)))


def whole_score(explanation: NoteExplanation | QueryExplanation) -> float:
    """Return the score that hits are ranked by: of a hit its own, not only its cosine."""
    if isinstance(explanation, QueryExplanation) and explanation.hit_score is not None:
        return explanation.hit_score
    return explanation.score


def _parts(explanation: NoteExplanation | QueryExplanation) -> dict[str, float]:
    """Return the parts of a score by name, which add up to it."""
    if isinstance(explanation, NoteExplanation):
        parts = explanation.parts
        return {"openings": parts.openings, "words": parts.words, "sentences": parts.sentences} if parts else {}
    return _parts_of_hit(explanation.parts) if explanation.parts else {"cosine": whole_score(explanation)}


def _parts_of_hit(parts: ScoreParts) -> dict[str, float]:
    by_term = {f'word "{term.term}"': term.score for term in parts.terms}
    left = parts.keyword - sum(by_term.values())
    asked = {name: part for name, part in (("values", parts.value), ("all asked for", parts.required)) if part}
    return {"vector": parts.vector, **by_term, "other words": left, **asked, "assertion": parts.assertion}


def _words(explanation: NoteExplanation | QueryExplanation) -> dict[str, float]:
    """Return what each content word of the first text adds to a score."""
    texts: list[tuple[TextExplanation, float]]
    if isinstance(explanation, NoteExplanation):
        texts = [(pair.text, pair.weight) for pair in explanation.pairs]
    else:
        texts = [(explanation.text, 1.0)]
    sums: dict[str, float] = {}
    for text, weight in texts:
        parts = text.content.shares.sum(axis=1, dtype=np.float64) * weight
        for at, part in zip(text.content.left, parts.tolist(), strict=True):
            form = text.left_words[at].text.casefold()
            sums[form] = sums.get(form, 0.0) + part
    return sums
