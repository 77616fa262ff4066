"""Searches of vectors by scoring every row, to compare with what is found in files of them."""

from __future__ import annotations

import numpy as np

from clinsearch.records import FloatArray
from clinsearch.records.keys import KeyArray
from clinsearch.storage.folder.spaces.space import Space

Found = tuple[list[int], list[float]]


def brute_force(keys: KeyArray, vectors: FloatArray, query: FloatArray, k: int, among: KeyArray | None = None) -> Found:
    """Score every row that is allowed, sort by score and then key, and keep the first k."""
    allowed = np.ones(len(keys), dtype=bool) if among is None else np.isin(keys, among)
    scores = vectors[allowed].astype(np.float64) @ query.astype(np.float64)
    order = np.lexsort((keys[allowed], -scores))[:k]
    return keys[allowed][order].tolist(), scores[order].tolist()


def searched(opened: Space, query: FloatArray, k: int, among: KeyArray | None = None) -> Found:
    keys, scores = opened.search(query, k, among)
    return keys.tolist(), scores.tolist()
