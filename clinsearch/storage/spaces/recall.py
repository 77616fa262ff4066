"""Measures into how many cells a search has to look, on the collection's own vectors."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from clinsearch.encoder.pooling import unit
from clinsearch.encoder.threads import processors
from clinsearch.records import FloatArray
from clinsearch.storage.catalog.vectors import Probes
from clinsearch.storage.spaces.space import Space

# For the best so many each is measured; a search for more than the last looks into every cell.
DEPTHS = (10, 100, 300, 1000)
QUERIES = 200
TARGET = 0.995
# From one try to the next the cells looked into grow by so much, beginning at one in so many.
STEP = 1.25
FIRST_SHARE = 128


def measured_probes(opened: Space, queries: FloatArray) -> list[Probes]:
    """Look for the nearest to queries (n, width), as the codec turns them, in ever more cells.

    Returns for each depth the fewest that find TARGET of what is found in all of them.
    """
    depths = [depth for depth in DEPTHS if depth < opened.rows]
    if not depths:
        return []
    exact = _found(opened, queries, opened.cells)
    measured: list[Probes] = []
    probes = max(1, opened.cells // FIRST_SHARE)
    while len(measured) < len(depths):
        probes = min(probes, opened.cells)
        found = _found(opened, queries, probes)
        for depth in depths[len(measured) :]:
            recall = _share(found[:, :depth], exact[:, :depth])
            if recall < TARGET:
                break
            measured.append(Probes(depth, probes, recall))
        probes = int(probes * STEP) + 1
    return measured


def queries_between(vectors: FloatArray) -> FloatArray:
    """Make queries (n, hidden_size) that lie between each of the first and one of the last of vectors (2 n, ...).

    What a collection holds finds itself and its like too easily. Of real sentences that it does not hold slightly
    more were found than of these; see benchmarks/notes.md.
    """
    half = len(vectors) // 2
    return unit(vectors[:half] + vectors[half : 2 * half])


def _found(opened: Space, queries: FloatArray, probes: int) -> NDArray[np.int64]:
    """Return for each query the keys of the nearest, best first."""
    keys, scores = opened.search_cells(queries, min(DEPTHS[-1], opened.rows), probes, threads=processors())
    order = np.argsort(-scores, axis=1, kind="stable")[:, : DEPTHS[-1]]
    return np.take_along_axis(keys, order, axis=1)


def _share(found: NDArray[np.int64], exact: NDArray[np.int64]) -> float:
    """Return which part of the exact results is among those found, on average."""
    return float(np.mean([np.isin(best, some).mean() for some, best in zip(found, exact, strict=True)]))
