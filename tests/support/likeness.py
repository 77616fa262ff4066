"""How alike notes are by the formula alone: each note compared with each, in double precision."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

from clinsearch.language.terms import terms_of
from clinsearch.retrieval.stop_words import STOP_WORDS

Vector: TypeAlias = NDArray[np.float64]
# A term, or a pair of neighbours.
Word: TypeAlias = str | tuple[str, str]

STOP_TERMS = STOP_WORDS.union(*map(terms_of, STOP_WORDS))
K1, B, K3 = 1.2, 0.75, 8
PAIR = 0.65


@dataclass(frozen=True)
class Alike:
    """How alike two notes are in three ways, each from 0 to 1."""

    openings: float
    words: float
    sentences: float

    @property
    def score(self) -> float:
        return (self.openings + self.words + 0.1 * self.sentences) / 2.1


class Likeness:
    """Notes by id: their texts; their sentences in order, of those that have any; vectors of openings and sentences."""

    def __init__(
        self,
        texts: Mapping[str, str],
        sentences: Mapping[str, Sequence[str]],
        openings: Mapping[str, Vector],
        vectors: Mapping[str, Vector],
    ) -> None:
        self._sentences, self._openings, self._vectors = sentences, openings, vectors
        self._terms = {note_id: terms_of(text) for note_id, text in texts.items()}
        self._counts = {note_id: counted(terms) for note_id, terms in self._terms.items()}
        self._mean_length = sum(map(len, self._terms.values())) / len(texts)
        self._having = Counter(term for terms in self._terms.values() for term in set(terms))
        self._notes_with = Counter(sentence for own in sentences.values() for sentence in set(own))

    def of(self, one: str, other: str) -> Alike:
        """Return how alike the second note is to the first."""
        most = max(self._bm25(one, one), self._bm25(one, other))
        return Alike(
            openings=min(max(float(self._openings[one] @ self._openings[other]), 0.0), 1.0),
            words=math.sqrt(self._bm25(one, other) / most) if most else 0.0,
            sentences=self._aligned(one, other),
        )

    def rarity(self, sentence: str) -> float:
        """Return how much a sentence counts."""
        notes, having = len(self._terms), self._notes_with[sentence]
        return min(max(math.log((notes + 1) / (having + 0.5)) / math.log(notes + 1), 0.02), 1) ** 2

    def common_words(self, one: str, other: str, part: float) -> float:
        """Return what of `words` is of words that at least such a part of all notes have."""
        scores = self._by_word(one, other)
        common = {
            what for what in scores if min(map(self._having.__getitem__, terms_in(what))) >= part * len(self._terms)
        }
        whole = sum(scores.values())
        share = sum(scores[what] for what in common) / whole if whole else 0.0
        return self.of(one, other).words * share

    def _bm25(self, asking: str, asked: str) -> float:
        """Return the score of the second note for all the words of the first."""
        return sum(self._by_word(asking, asked).values())

    def _by_word(self, asking: str, asked: str) -> dict[Word, float]:
        has, length = self._counts[asked], len(self._terms[asked]) / self._mean_length
        scores = {}
        for what, count in self._counts[asking].items():
            idf = np.mean([self._idf(term) for term in terms_in(what)])
            weight = (PAIR if isinstance(what, tuple) else 1) * idf**2 * (K3 + 1) * count / (K3 + count)
            scores[what] = float(weight) * has[what] * (K1 + 1) / (has[what] + K1 * (1 - B + B * length))
        return scores

    def _idf(self, term: str) -> float:
        having = self._having[term]
        return math.log(1 + (len(self._terms) - having + 0.5) / (having + 0.5))

    def _aligned(self, one: str, other: str) -> float:
        """Return the mean cosine of each sentence of either note and its best partner, by how rare they are."""
        sides = [self._sentences[one], self._sentences[other]]
        cosines = np.array([[float(self._vectors[a] @ self._vectors[b]) for b in sides[1]] for a in sides[0]])
        rare = [np.array([self.rarity(sentence) for sentence in side]) for side in sides]
        means = [np.average(cosines.max(axis=1 - axis), weights=rare[axis]) for axis in (0, 1)]
        return min(max(float(np.mean(means)), 0.0), 1.0)


def counted(terms: Sequence[str]) -> Counter[Word]:
    """Count what a text has: its terms and pairs of neighbours, stop words left out."""
    meant = [term for term in terms if term not in STOP_TERMS]
    return Counter([*meant, *pairwise(meant)])


def terms_in(word: Word) -> tuple[str, ...]:
    return word if isinstance(word, tuple) else (word,)
