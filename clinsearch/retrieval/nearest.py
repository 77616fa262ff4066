"""The nearest vectors among those that pass a filter: exact, or in a large collection as good as without a filter."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property, partial
from typing import TypeAlias

import numpy as np

from clinsearch.records import Filter, FloatArray
from clinsearch.records.keys import KeyArray
from clinsearch.storage.port import Snapshot
from clinsearch.storage.values import Kind, damaged_vectors

Ranked: TypeAlias = tuple[KeyArray, FloatArray]

# One, with room for rounding.
HIGHEST_COSINE = 1.01
# Searching without the filter first is worth it only if this many times as many as are wanted should pass.
ROOM = 1.5


class Nearest:
    """Searches the vectors of one kind in a snapshot, among those that pass a filter."""

    def __init__(self, snapshot: Snapshot, kind: Kind, where: Filter) -> None:
        self._catalog, self._where, self._kind = snapshot.catalog, where, kind
        self._vectors = snapshot.spaces[kind]

    def search(self, query: FloatArray, k: int) -> Ranked:
        """Find the k nearest to a vector (hidden_size,): their keys and scores, best first.

        Raises CollectionDamaged for a score that no two vectors of unit length can have.
        """
        return self.begin(query, k)()

    def begin(self, query: FloatArray, k: int) -> Callable[[], Ranked]:
        """Start to search on a thread of its own; return what gives the result, to be called on this one.

        Meanwhile this one can ask the catalog, which takes about as long.
        """
        depths = self._depths(k)
        first = _on_a_thread(partial(self._vectors.search, query, depths[0])) if depths else None

        def finish() -> Ranked:
            keys, scores = self._found(query, k, depths, first)
            if not (np.abs(scores) < HIGHEST_COSINE).all():
                raise damaged_vectors()
            return keys, scores

        return finish

    def _found(self, query: FloatArray, k: int, depths: Sequence[int], first: Callable[[], Ranked] | None) -> Ranked:
        for depth in depths:
            keys, scores = first() if first and depth == depths[0] else self._vectors.search(query, depth)
            if self._where == Filter():
                return keys, scores
            passing = np.isin(keys, self._catalog.passing(keys.tolist(), self._where))
            if passing.sum() >= k:
                return keys[passing][:k], scores[passing][:k]
        return self._vectors.search(query, k, self._among)

    def _depths(self, k: int) -> list[int]:
        """Return how many of the nearest to look at before the filter, for k that pass; empty if few pass.

        In a large collection reading all keys that pass takes longer than filtering the nearest.
        """
        if self._where == Filter():
            return [k]
        if self._vectors.is_exact or self._kind != "sentence":
            return []
        share = self._catalog.share_of_notes(self._where)
        return [depth for depth in self._vectors.depths if depth * share >= ROOM * k]

    @cached_property
    def _among(self) -> KeyArray:
        return self._catalog.keys_passing("sentence" if self._kind == "sentence" else "note", self._where)


def _on_a_thread(work: Callable[[], Ranked]) -> Callable[[], Ranked]:
    """Start work on a thread that ends with it; return what waits for its result."""
    pool = ThreadPoolExecutor(max_workers=1)
    result = pool.submit(work).result
    pool.shutdown(wait=False)
    return result
