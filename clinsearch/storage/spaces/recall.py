"""Measures how many cells a search has to look into, on the collection's own vectors."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from clinsearch.encoder.pooling import unit
from clinsearch.encoder.threads import processors
from clinsearch.records import FloatArray
from clinsearch.storage.catalog.vectors import Probes
from clinsearch.storage.spaces.space import Space

# The numbers of best vectors that are measured; a search for more than the last looks into every cell.
DEPTHS = (10, 100, 300, 1000)
QUERIES = 200
TARGET = 0.995
# The growth of the number of cells from one try to the next, and the divisor of all cells for the first try.
STEP = 1.25
FIRST_SHARE = 128


def measured_probes(opened: Space, queries: FloatArray) -> list[Probes]:
    """Search for queries (n, width), in the codec's dimensions, in more and more cells.

    Returns, for each depth, the fewest cells that find TARGET of what all cells find.
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
    """Make queries (n, hidden_size) between each of the first and one of the last of vectors (2 n, hidden_size).

    Vectors of the collection itself would find themselves and their like too easily. With real sentences from
    elsewhere recall was slightly higher than with these; see benchmarks/notes.md.
    """
    half = len(vectors) // 2
    return unit(vectors[:half] + vectors[half : 2 * half])


def _found(opened: Space, queries: FloatArray, probes: int) -> NDArray[np.int64]:
    """Return the keys of the nearest for each query, best first."""
    keys, scores = opened.search_cells(queries, min(DEPTHS[-1], opened.rows), probes, threads=processors())
    order = np.argsort(-scores, axis=1, kind="stable")[:, : DEPTHS[-1]]
    return np.take_along_axis(keys, order, axis=1)


def _share(found: NDArray[np.int64], exact: NDArray[np.int64]) -> float:
    """Return the share of the exact results that was found, on average."""
    return float(np.mean([np.isin(best, some).mean() for some, best in zip(found, exact, strict=True)]))
