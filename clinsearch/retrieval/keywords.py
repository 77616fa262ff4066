"""Keyword scores: BM25 by term and by pair of neighbouring terms.

In hybrid search three things differ from standard BM25, all measured in docs/ranking.md: rarity counts for more, pairs
of neighbours count in addition, and scores are relative to the second best candidate's.
"""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import compress, pairwise

import numpy as np
from numpy.typing import NDArray

from clinsearch.language.assertions import find_assertions
from clinsearch.language.requirements import SAYS_NOTHING
from clinsearch.language.terms import placed_terms, stem, terms_of
from clinsearch.records import FloatArray
from clinsearch.records.expansions import Expansion
from clinsearch.records.phrases import Phrase
from clinsearch.retrieval.names import NameColumns, Names, read_names
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
# What any sentence is about.
ANYONE = frozenset({"patient", "pt"})
# What notes need not say of what they have.
SAYS_LITTLE = frozenset(
    {
        "required",
        "require",
        "requiring",
        "needed",
        "need",
        "needing",
        "received",
        "receive",
        "receiving",
        "given",
        "got",
    }
    | {"taking", "take", "taken", "took", "treated", "treatment", "use", "used", "using", "therapy", "presented"}
)
STOP_TERMS = STOP_WORDS | {stem(word) for word in STOP_WORDS}


class Keywords:
    """A query's terms and phrases, weighted by how rare they are among sentences or among notes.

    frequencies: how many of these have each of its terms and quoted phrases, and at most how many each other name of
    them. size: how many there are.
    phrases: its terms and quoted phrases, their other names, then pairs of terms with only stop words between them.
    weights: (phrases,), how much each counts.
    """

    def __init__(self, index: KeywordIndex, query: str, expansions: Sequence[Expansion] = ()) -> None:
        self._mean_length = max(index.mean_length(), 1.0)
        read, names = read_names(query, expansions)
        meant = _without_stop_words(read)
        counted, pairs = Counter(meant), _pairs(meant)
        self.size = index.size()
        self.frequencies, others = _frequencies(index, counted, names)
        self._rarity = {phrase: _idf(self.size, self.frequencies[phrase]) for phrase in counted}
        self._rarity |= {phrase: _idf(self.size, count) for phrase, count in _of_things(names, self.frequencies)}
        self.phrases = (*counted, *others, *pairs)
        self._pairs = {(pair.terms[0], pair.terms[1]): None for pair in pairs}
        self._single = [
            (phrase, phrase.terms[0] if phrase.is_term and not phrase.is_meant else None) for phrase in self.frequencies
        ]
        self._asked = {term for phrase in self.frequencies for term in phrase.terms}
        self._in_query = np.array([*counted.values(), *[1] * len(others), *pairs.values()], dtype=np.float32)
        single = [self._rarity[phrase] ** RARITY for phrase in counted]
        paired = [PAIRS * self._pair_rarity(pair) ** RARITY for pair in pairs]
        self._once = np.array([*single, *[0] * len(others), *paired], dtype=np.float32)
        self._names = self._columns(names, others)
        unsaid = SAYS_NOTHING | SAYS_LITTLE | _cues_in(query)
        self._own = [at for at, phrase in enumerate(counted) if not unsaid.issuperset(phrase.terms)]
        self.weights: FloatArray = self._once * _repeated(self._in_query)

    def _columns(self, names: Sequence[Names], others: Collection[Phrase]) -> list[NameColumns]:
        """Return where the names of each thing stand; weigh other names by what the query's own come to."""
        column = {phrase: number for number, phrase in enumerate(self.phrases)}
        found = []
        for one in names:
            terms = [phrase.terms[0] for phrase in one.own if phrase.is_term]
            pairs = [Phrase(pair) for pair in pairwise(terms) if pair in self._pairs]
            own = [column[phrase] for phrase in [*one.own, *pairs] if phrase in column]
            at = [column[phrase] for phrase in one.others if phrase in others]
            if own and at:
                weights = np.array([weight for phrase, weight in one.others.items() if phrase in others])
                self._once[at] = np.maximum(self._once[at], weights * self._once[own].sum())
                found.append(NameColumns(np.array(own), np.array(at)))
        return found

    @property
    def least(self) -> float:
        """The score that the best candidate has to reach for its keywords to count in full."""
        rarest = sorted(self._rarity.values(), reverse=True)[:2]
        return LEAST_SHARE_OF_RAREST * (K1 + 1) * sum(rarity**RARITY for rarity in rarest)

    @property
    def most(self) -> float:
        """The most that a text could score."""
        own = [
            weight for phrase, weight in zip(self.phrases, self.weights.tolist(), strict=True) if not phrase.stands_for
        ]
        return MOST_OF_PHRASE * sum(own) or 1.0

    @property
    def weight_of_terms(self) -> dict[str, float]:
        """How much each single term of the query counts."""
        weighed = zip(self.phrases, self.weights.tolist(), strict=True)
        return {p.terms[0]: weight for p, weight in weighed if len(p.terms) == 1 and not p.stands_for}

    @property
    def has_names(self) -> bool:
        """Whether anything has other names, so that the scores of phrases do not just add up."""
        return bool(self._names)

    def texts_with(self, phrase: Phrase) -> int:
        """Count the texts with a phrase; of a pair of neighbours those with the rarer of its terms."""
        counts = [self.frequencies[phrase]] if phrase in self.frequencies else []
        return min(counts or [self.frequencies[Phrase((term,))] for term in phrase.terms])

    @cached_property
    def singles(self) -> dict[Phrase, float]:
        """How much each phrase of the query counts, and each other name, without pairs."""
        return dict(zip(self.frequencies, self.weights[: len(self.frequencies)].tolist(), strict=True))

    @cached_property
    def pairs(self) -> list[tuple[Phrase, Phrase, float]]:
        """The two terms of each pair of neighbours, and how much it counts."""
        weights = self.weights[len(self.frequencies) :].tolist()
        terms = [(Phrase((one,)), Phrase((other,))) for one, other in self._pairs]
        return [(one, other, weight) for (one, other), weight in zip(terms, weights, strict=True)]

    def scores(self, texts: Iterable[str]) -> FloatArray:
        """Return what each phrase adds to the score of each text, (texts, phrases)."""
        return self.scores_of(self.saturation(texts))

    def scores_of(self, saturation: FloatArray) -> FloatArray:
        """Return what each phrase adds to scores, from what it adds per weight, (texts, phrases)."""
        scores: FloatArray = self.weights * saturation
        for names in self._names:
            names.only_best(scores)
        return scores

    def have_all(self, texts: Iterable[str]) -> NDArray[np.bool_]:
        """Tell which texts have every term and phrase of the query, or another name of it, (texts,)."""
        return self.are_all(self.saturation(texts) > 0)

    def are_all(self, has: NDArray[np.bool_]) -> NDArray[np.bool_]:
        """Tell of which texts (texts, phrases) have every term and phrase of the query, or another name, (texts,)."""
        by_other_name = np.zeros(has.shape, dtype=bool)
        for names in self._names:
            by_other_name[:, names.own] |= has[:, names.others].any(axis=1, keepdims=True)
        found: NDArray[np.bool_] = np.logical_and.reduce((has | by_other_name)[:, self._own], axis=1)
        return found if self._own else np.zeros(len(has), dtype=bool)

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


def _frequencies(
    index: KeywordIndex, counted: Collection[Phrase], names: Sequence[Names]
) -> tuple[dict[Phrase, int], list[Phrase]]:
    """Count the texts that have each phrase, and at most how many each other name that stands in any; return these too.

    To count a name of several terms would take reading where they stand.
    """
    others = dict.fromkeys(phrase for one in names for phrase in one.others if phrase not in counted)
    terms = {Phrase((term,)) for phrase in others for term in phrase.terms}
    known = index.frequencies([*counted, *terms])
    most = {phrase: min(known[Phrase((term,))] for term in phrase.terms) for phrase in others}
    found = [phrase for phrase in others if most[phrase]]
    return {phrase: known[phrase] for phrase in counted} | {phrase: most[phrase] for phrase in found}, found


def _cues_in(query: str) -> frozenset[str]:
    """Return the terms by which a query says that something is not so, only possible and the like."""
    cues = [(span.cue_start, span.cue_end) for span in find_assertions(query)]
    return frozenset(term for term, start, end in placed_terms(query) if any(low <= start < high for low, high in cues))


def _of_things(names: Sequence[Names], frequencies: Mapping[Phrase, int]) -> Iterator[tuple[Phrase, int]]:
    """Give each abbreviation with the number of texts that have the thing by any name, at most."""
    for one in names:
        if one.is_abbreviation and len(one.own) == 1:
            (own,) = one.own
            yield own, frequencies.get(own, 0) + sum(frequencies.get(other, 0) for other in one.others)


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
    return math.log1p((max(size, frequency) - frequency + 0.5) / (frequency + 0.5))


def _without_stop_words(phrases: Sequence[Phrase]) -> list[Phrase]:
    """Leave out stop words, unless there is nothing else."""
    return [phrase for phrase in phrases if not STOP_TERMS.issuperset(phrase.terms)] or list(phrases)


def _pairs(meant: Sequence[Phrase]) -> Counter[Phrase]:
    """Return the pairs of neighbouring single terms."""
    single = [phrase for phrase in meant if phrase.is_term]
    pairs = pairwise(single)
    return Counter(Phrase(a.terms + b.terms, written=f"{a.written} {b.written}") for a, b in pairs)
