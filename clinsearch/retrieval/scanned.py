"""The nearest of all sentences that pass a filter, found by comparing with each: exact where search by cells is not."""

from __future__ import annotations

from collections.abc import Callable
from functools import cached_property

import numpy as np

from clinsearch.records import Filter, FloatArray
from clinsearch.records.keys import KeyArray
from clinsearch.retrieval.nearest import Nearest, Ranked
from clinsearch.storage.port import Snapshot

# Vectors that are read at a time. Some 200,000 are read and compared in a second.
ROWS = 20_000


def nearest_to(
    snapshot: Snapshot, queries: FloatArray | None, where: Filter, most: int
) -> tuple[Callable[[int, int], Ranked], bool]:
    """Return what finds the k nearest sentences to one of some vectors (n, hidden_size), by its number, and whether
    they are the very nearest.

    queries: None for no vectors, to which nothing is near. most: how many sentences are compared with each, where
    search would go by cells.
    """
    if queries is None:
        return lambda number, k: (np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)), True
    is_exact = snapshot.spaces["sentence"].is_exact
    if not is_exact:
        scanned = Scanned(snapshot, queries, where)
        if len(scanned.keys) <= most:
            return scanned.search, True
    nearest = Nearest(snapshot, "sentence", where)
    return lambda number, k: nearest.search(queries[number], k), is_exact


class Scanned:
    """All sentences that pass, compared with some vectors once. queries: (n, hidden_size)."""

    def __init__(self, snapshot: Snapshot, queries: FloatArray, where: Filter) -> None:
        self._snapshot, self._queries, self._where = snapshot, queries, where

    @cached_property
    def keys(self) -> KeyArray:
        """Their keys."""
        catalog = self._snapshot.catalog
        return (
            catalog.all_keys("sentence") if self._where == Filter() else catalog.keys_passing("sentence", self._where)
        )

    def search(self, number: int, k: int) -> Ranked:
        """Find the k nearest to a vector, by its number: their keys and scores, best first."""
        scores = self._scores[:, number]
        best = np.argpartition(-scores, k)[:k] if k < len(scores) else np.arange(len(scores))
        best = best[np.lexsort((self.keys[best], -scores[best]))]
        return self.keys[best], scores[best]

    @cached_property
    def _scores(self) -> FloatArray:
        found = np.empty((len(self.keys), len(self._queries)), dtype=np.float32)
        for at in range(0, len(self.keys), ROWS):
            rows = self._snapshot.vectors_of("sentence", self.keys[at : at + ROWS])
            found[at : at + ROWS] = rows @ self._queries.T
        return found
