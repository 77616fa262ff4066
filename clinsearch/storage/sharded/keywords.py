"""The keyword index over all shards: its BM25 is that of all texts together.

A sentence that stands in two shards is two texts to it, until `distinct` makes one of them.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from functools import cached_property

import numpy as np

from clinsearch.records import Filter
from clinsearch.records.keys import KeyArray
from clinsearch.records.phrases import Phrase
from clinsearch.storage.port import KeywordIndex
from clinsearch.storage.sharded.gathering import NO_KEYS, Shards, in_order
from clinsearch.storage.sharded.twins import Twins
from clinsearch.storage.values import Postings, TextKind


class ShardedKeywords:
    """Which terms are in which sentences, or notes."""

    def __init__(self, shards: Shards[KeywordIndex], kind: TextKind, twins: Twins) -> None:
        self._shards, self.kind, self._twins = shards, kind, twins

    def mean_length(self) -> float:
        """Return how many terms a text has on average."""
        return self._size_and_length[1]

    def size(self) -> int:
        """Return how many texts there are."""
        return self._size_and_length[0]

    @cached_property
    def _size_and_length(self) -> tuple[int, float]:
        sizes = self._shards.each(lambda shard: (shard.asked.size(), shard.asked.mean_length()))
        size = sum(texts for texts, _ in sizes)
        return size, sum(texts * length for texts, length in sizes) / max(size, 1)

    def frequency(self, phrase: Phrase) -> int:
        """Count the texts that have a phrase."""
        return sum(self._shards.each(lambda shard: shard.asked.frequency(phrase)))

    def frequencies(self, phrases: Collection[Phrase]) -> dict[Phrase, int]:
        """Count the texts that have each of these phrases."""
        of_each = self._shards.each(lambda shard: shard.asked.frequencies(phrases))
        return {phrase: sum(one[phrase] for one in of_each) for phrase in phrases}

    def postings(self, phrase: Phrase, frequency: int, mean_length: float | None = None) -> Postings:
        """Return the postings of a phrase, scored with the mean length of all shards' texts."""
        length = self.mean_length() if mean_length is None else mean_length
        # A part of a score is without its idf, and so needs no frequency of the whole.
        found = self._shards.each(lambda shard: (shard, shard.asked.postings(phrase, frequency, length)))
        keys = np.concatenate([NO_KEYS, *(shard.keys(of_shard.keys) for shard, of_shard in found)])
        parts = np.concatenate([np.empty(0), *(of_shard.parts for _, of_shard in found)])
        order = keys.argsort(kind="stable")
        return Postings(keys[order], parts[order])

    def having(self, phrase: Phrase, others: Sequence[Phrase]) -> KeyArray:
        """Return the keys of the texts that have a phrase and at least one of the others, in order."""
        return in_order(self._shards.each(lambda shard: shard.keys(shard.asked.having(phrase, others))))

    def distinct(self, keys: KeyArray) -> KeyArray:
        """Return the keys of these texts, each once, in their order."""
        return self._twins.distinct(keys) if self.kind == "sentence" else keys

    def few_passing(self, where: Filter, most: int) -> KeyArray | None:
        """Return the keys of all that pass, None if these are in more than `most` places."""
        found = self._shards.each(lambda shard: (shard, shard.asked.few_passing(shard.where(where), most)))
        some = [shard.keys(keys) for shard, keys in found if keys is not None]
        return in_order(some) if len(some) == len(found) and sum(map(len, some)) <= most else None

    def all_passing(self, where: Filter) -> KeyArray:
        """Return the keys of all that pass, in order."""
        return in_order(self._shards.each(lambda shard: shard.keys(shard.asked.all_passing(shard.where(where)))))

    def places_passing(self, where: Filter) -> int:
        """Estimate the number of places that pass, ignoring sections."""
        return sum(self._shards.each(lambda shard: shard.asked.places_passing(shard.where(where))))

    def passing(self, keys: Sequence[int], where: Filter) -> KeyArray:
        """Return those of these keys that pass, in order."""
        return in_order(
            self._shards.by_key(keys, lambda shard, own: shard.keys(shard.asked.passing(own, shard.where(where))))
        )
