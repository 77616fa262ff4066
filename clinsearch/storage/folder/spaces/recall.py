"""Measures how many cells a search has to look into, on the collection's own vectors."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from clinsearch.encoder.threads import processors
from clinsearch.records import FloatArray
from clinsearch.storage.folder.spaces.space import Space
from clinsearch.storage.folder.vectors import Probes
from clinsearch.storage.recall import DEPTHS

QUERIES = 200
TARGET = 0.995


def measured_probes(opened: Space, queries: FloatArray) -> list[Probes]:
    """Find out in which cells the nearest to queries (n, width), as the codec turns them, lie.

    Returns for each depth the fewest cells, the nearest first, that hold TARGET of what is found in all of them.
    """
    depths = [depth for depth in DEPTHS if depth < opened.rows]
    if not depths:
        return []
    places = opened.places_of_best(queries, depths[-1], threads=processors())
    measured: list[Probes] = []
    for depth in depths:
        measured.append(_fewest(places[:, :depth], opened.cells, measured[-1].probes if measured else 1))
    return measured


def _fewest(places: NDArray[np.int64], cells: int, least: int) -> Probes:
    """Return how many cells, at least so many, have to be searched for each query's best; places: (n, depth)."""
    shares = np.bincount(places.ravel(), minlength=cells).cumsum() / places.size
    probes = max(least, int(np.argmax(shares >= TARGET)) + 1)
    return Probes(places.shape[1], probes, float(shares[probes - 1]))
