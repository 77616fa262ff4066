"""The nearest vectors among those that pass a filter: exact, or in a large collection as good as without a filter."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from clinsearch.records import Filter, FloatArray
from clinsearch.records.keys import KeyArray
from clinsearch.storage.port import Snapshot
from clinsearch.storage.values import Kind, damaged_vectors

# One, with room for rounding.
HIGHEST_COSINE = 1.01
# Searching without the filter first is worth it only if this many times as many as are wanted should pass.
ROOM = 3


class Nearest:
    """Searches the vectors of one kind in a snapshot, among those that pass a filter."""

    def __init__(self, snapshot: Snapshot, kind: Kind, where: Filter) -> None:
        self._catalog, self._where, self._kind = snapshot.catalog, where, kind
        self._vectors = snapshot.spaces[kind]

    def search(self, query: FloatArray, k: int) -> tuple[KeyArray, FloatArray]:
        """Find the k nearest to a vector (hidden_size,): their keys and scores, best first.

        Raises CollectionDamaged for a score that no two vectors of unit length can have.
        """
        keys, scores = self._found(query, k)
        if not (np.abs(scores) < HIGHEST_COSINE).all():
            raise damaged_vectors()
        return keys, scores

    def _found(self, query: FloatArray, k: int) -> tuple[KeyArray, FloatArray]:
        if self._where == Filter():
            return self._vectors.search(query, k)
        if not self._vectors.is_exact and self._kind == "sentence":
            for depth in self._depths(k):
                keys, scores = self._vectors.search(query, depth)
                passing = np.isin(keys, self._catalog.passing(keys.tolist(), self._where))
                if passing.sum() >= k:
                    return keys[passing][:k], scores[passing][:k]
        return self._vectors.search(query, k, self._among)

    def _depths(self, k: int) -> list[int]:
        """Return how many of the nearest to look at, without the filter, for k that pass; empty if few pass.

        In a large collection reading all keys that pass takes longer than filtering the nearest.
        """
        share = self._catalog.share_of_notes(self._where)
        return [depth for depth in self._vectors.depths if depth * share >= ROOM * k]

    @cached_property
    def _among(self) -> KeyArray:
        return self._catalog.keys_passing("sentence" if self._kind == "sentence" else "note", self._where)
