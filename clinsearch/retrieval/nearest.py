"""The nearest vectors of what passes a filter: exact, or in a large collection as good as search is without one."""

from __future__ import annotations

from functools import cached_property

import numpy as np

from clinsearch.records import Filter, FloatArray
from clinsearch.storage.snapshots import Snapshot, damaged_vectors
from clinsearch.storage.spaces.files import KeyArray, Kind
from clinsearch.storage.spaces.recall import DEPTHS

# One, and room for rounding.
HIGHEST_COSINE = 1.01
# So many times as many as are wanted should pass of those that are looked at, or they are not worth a look.
ROOM = 3


class Nearest:
    """Searches the vectors of a kind, in a snapshot, of what passes a filter."""

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
        """Return how deep to look, without the filter, for k that pass it; not at all where few do.

        Of a large collection it takes longer to read all keys that pass than to look at the nearest, best first.
        """
        share = self._catalog.share_of_notes(self._where)
        return [depth for depth in DEPTHS if depth * share >= ROOM * k]

    @cached_property
    def _among(self) -> KeyArray:
        return self._catalog.keys_passing("sentence" if self._kind == "sentence" else "note", self._where)
