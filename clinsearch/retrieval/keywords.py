"""Keyword scores: BM25 by term and by pair of neighbouring terms.

In hybrid search three things differ from standard BM25, all measured in docs/ranking.md: rarity counts for more, pairs
of neighbours count in addition, and scores are relative to the second best candidate's.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from functools import cached_property
from itertools import compress, pairwise

import numpy as np

from clinsearch.language.terms import phrases_of, stem, terms_of
from clinsearch.records import FloatArray
from clinsearch.records.phrases import Phrase
from clinsearch.retrieval.stop_words import STOP_WORDS
from clinsearch.storage.port import KeywordIndex

# Robertson and Zaragoza 2009, with the constants of Lucene and FTS5. K3: how much a repeated word in the query adds.
K1, B, K3 = 1.2, 0.75, 8.0
RARITY = 2
PAIRS = 0.65
# A text with the two rarest terms gets about this share of the most it can score, however few texts have one.
LEAST_SHARE_OF_RAREST = 0.5
# The most that a phrase adds, per weight.
MOST_OF_PHRASE = K1 + 1
STOP_TERMS = STOP_WORDS | {stem(word) for word in STOP_WORDS}


class Keywords:
    """A query's terms and phrases, weighted by how rare they are among sentences or among notes.

    frequencies: how many of these have each of its terms and quoted phrases. size: how many there are.
    phrases: its terms and quoted phrases, then pairs of terms with only stop words between them.
    weights: (phrases,), how much each counts.
    """

    def __init__(self, index: KeywordIndex, query: str) -> None:
        self._mean_length = max(index.mean_length(), 1.0)
        meant = _without_stop_words(phrases_of(query))
        counted = Counter(meant)
        self.frequencies = index.frequencies(counted)
        self.size = index.size()
        self._rarity = {phrase: _idf(self.size, count) for phrase, count in self.frequencies.items()}
        pairs = _pairs(meant)
        self.phrases = (*counted, *pairs)
        self._pairs = {(pair.terms[0], pair.terms[1]): None for pair in pairs}
        self._single = [(phrase, phrase.terms[0] if phrase.is_term else None) for phrase in counted]
        self._asked = {term for phrase in counted for term in phrase.terms}
        single = [self._rarity[phrase] ** RARITY for phrase in counted]
        paired = [PAIRS * self._pair_rarity(pair) ** RARITY for pair in pairs]
        self._once = np.array([*single, *paired], dtype=np.float32)
        self._in_query = np.array([*counted.values(), *pairs.values()], dtype=np.float32)
        self.weights: FloatArray = self._once * _repeated(self._in_query)

    @property
    def least(self) -> float:
        """The score that the best candidate has to reach for its keywords to count in full."""
        rarest = sorted(self._rarity.values(), reverse=True)[:2]
        return LEAST_SHARE_OF_RAREST * (K1 + 1) * sum(rarity**RARITY for rarity in rarest)

    @property
    def weight_of_terms(self) -> dict[str, float]:
        """How much each single term counts."""
        weighed = zip(self.phrases, self.weights.tolist(), strict=True)
        return {phrase.terms[0]: weight for phrase, weight in weighed if len(phrase.terms) == 1}

    def texts_with(self, phrase: Phrase) -> int:
        """Count the texts with a phrase; of a pair of neighbours those with the rarer of its terms."""
        counts = [self.frequencies[phrase]] if phrase in self.frequencies else []
        return min(counts or [self.frequencies[Phrase((term,))] for term in phrase.terms])

    @cached_property
    def singles(self) -> dict[Phrase, float]:
        """How much each phrase of the query counts, without pairs."""
        return dict(zip(self.frequencies, self.weights[: len(self.frequencies)].tolist(), strict=True))

    @cached_property
    def pairs(self) -> list[tuple[Phrase, Phrase, float]]:
        """The two terms of each pair of neighbours, and how much it counts."""
        weights = self.weights[len(self.frequencies) :].tolist()
        terms = [(Phrase((one,)), Phrase((other,))) for one, other in self._pairs]
        return [(one, other, weight) for (one, other), weight in zip(terms, weights, strict=True)]

    def scores(self, texts: Iterable[str]) -> FloatArray:
        """Return what each phrase adds to the score of each text, (texts, phrases)."""
        scores: FloatArray = self.weights * self.saturation(texts)
        return scores

    def saturation(self, texts: Iterable[str]) -> FloatArray:
        """Return what each phrase adds per weight, from 0 to MOST_OF_PHRASE, (texts, phrases)."""
        listed = [terms_of(text) for text in texts]
        if not listed:
            return self.no_scores(0)
        counted = np.array([self._counts(terms) for terms in listed], dtype=np.float32)
        lengths = [[K1 * (1 - B + B * len(terms) / self._mean_length)] for terms in listed]
        saturation: FloatArray = counted * (K1 + 1) / (counted + np.array(lengths, dtype=np.float32))
        return saturation

    def weights_without(self, parts: Sequence[str]) -> FloatArray:
        """Return what the weights are if the query lacks one of its parts, (parts, phrases)."""
        counted = np.array([self._counts(terms_of(part)) for part in parts], dtype=np.float32)
        weights: FloatArray = self._once * _repeated(np.maximum(self._in_query - counted, 0))
        return weights

    def no_scores(self, count: int) -> FloatArray:
        """Return zero scores for `count` texts, (texts, phrases), for search without keywords."""
        return np.zeros((count, len(self.phrases)), dtype=np.float32)

    def _counts(self, terms: Sequence[str]) -> list[int]:
        """Return how often each phrase occurs in the terms of a text."""
        places = list(compress(range(len(terms)), map(self._asked.__contains__, terms)))
        of_term = Counter([terms[place] for place in places])
        counts = [of_term.get(term, 0) if term else _count(phrase, terms, of_term) for phrase, term in self._single]
        if self._pairs and len(of_term) > 1:
            of_pair = Counter(filter(self._pairs.__contains__, _neighbours(terms, places)))
            counts += [of_pair.get(pair, 0) for pair in self._pairs]
        return counts + [0] * (len(self.phrases) - len(counts))

    def _pair_rarity(self, pair: Phrase) -> float:
        """Return the mean rarity of a pair's terms: to count the pair itself would take reading all their places."""
        return sum(self._rarity[Phrase((term,))] for term in pair.terms) / len(pair.terms)


def _repeated(counts: FloatArray) -> FloatArray:
    """Return the weights of phrases that a query has so many times: 1 for once."""
    weights: FloatArray = np.float32(K3 + 1) * counts / (np.float32(K3) + counts)
    return weights


def _count(phrase: Phrase, terms: Sequence[str], of_term: Counter[str]) -> int:
    """Return how often a phrase of several terms, or with a prefix, occurs."""
    return phrase.count_in(terms) if of_term.keys() >= set(phrase.terms[:-1]) else 0


def _neighbours(terms: Sequence[str], places: Iterable[int]) -> Iterator[tuple[str, str]]:
    """Yield the terms at these places with the next of each, skipping stop words."""
    for place in places:
        after = place + 1
        while after < len(terms) and terms[after] in STOP_TERMS:
            after += 1
        if after < len(terms) and terms[place] not in STOP_TERMS:
            yield terms[place], terms[after]


def _idf(size: int, frequency: int) -> float:
    """Return Lucene's inverse document frequency, above zero even for a term in every text."""
    return math.log1p((size - frequency + 0.5) / (frequency + 0.5))


def _without_stop_words(phrases: Sequence[Phrase]) -> list[Phrase]:
    """Leave out stop words, unless there is nothing else."""
    return [phrase for phrase in phrases if not STOP_TERMS.issuperset(phrase.terms)] or list(phrases)


def _pairs(meant: Sequence[Phrase]) -> Counter[Phrase]:
    """Return the pairs of neighbouring single terms."""
    single = [phrase for phrase in meant if phrase.is_term]
    pairs = pairwise(single)
    return Counter(Phrase(a.terms + b.terms, written=f"{a.written} {b.written}") for a, b in pairs)
