"""The vectors of one kind over all shards."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TypeAlias

import numpy as np

from clinsearch.records import FloatArray
from clinsearch.records.keys import KeyArray
from clinsearch.storage.port import Vectors
from clinsearch.storage.sharded.gathering import NO_KEYS, Shard, Shards

# Returns the first positions, in order, of what is the same, and the keys of these.
Distinct: TypeAlias = Callable[[KeyArray], tuple[KeyArray, KeyArray]]


class ShardedVectors:
    """The vectors of one kind that are in use. distinct: tells what stands in two shards, if that may be."""

    def __init__(self, shards: Shards[Vectors], distinct: Distinct | None = None) -> None:
        self._shards, self._distinct = shards, distinct

    @property
    def is_exact(self) -> bool:
        """Whether search is exact in all shards."""
        return all(shard.asked.is_exact for shard in self._shards.all)

    @property
    def depths(self) -> Sequence[int]:
        """The values of k for which the recall of search was measured in each shard that is not exact, in order."""
        measured = [set(shard.asked.depths) for shard in self._shards.all if not shard.asked.is_exact]
        return sorted(set.intersection(*measured)) if measured else []

    def search(self, query: FloatArray, k: int, among: KeyArray | None = None) -> tuple[KeyArray, FloatArray]:
        """Find the k vectors with the highest inner product with the query (width,), best first, equal ones by key."""
        numbers = None if among is None else among % len(self._shards.all)

        def ask(shard: Shard[Vectors]) -> tuple[KeyArray, FloatArray]:
            own = None if among is None else shard.own(among[numbers == shard.number])
            if own is not None and not len(own):
                return NO_KEYS, np.empty(0, dtype=np.float32)
            keys, scores = shard.asked.search(query, k, own)
            return shard.keys(keys), scores

        found = self._shards.each(ask)
        keys = np.concatenate([keys for keys, _ in found])
        scores = np.concatenate([scores for _, scores in found])
        best = np.lexsort((keys, -scores))
        keys, scores = keys[best], scores[best]
        if self._distinct:
            positions, keys = self._distinct(keys)
            scores = scores[positions]
        return keys[:k], scores[:k]

    def of(self, keys: KeyArray) -> FloatArray:
        """Read the vectors of these keys, (n, width), in the codec's dimensions. Raises KeyError if one is missing."""
        numbers = keys % len(self._shards.all)

        def read(shard: Shard[Vectors], _: list[int]) -> tuple[int, FloatArray]:
            return shard.number, shard.asked.of(shard.own(keys[numbers == shard.number]))

        # Without keys the first shard tells the width.
        parts = self._shards.by_key(np.unique(numbers).tolist() or [0], read)
        found = np.empty((len(keys), parts[0][1].shape[1]), dtype=np.float32)
        for number, rows in parts:
            found[numbers == number] = rows
        return found
