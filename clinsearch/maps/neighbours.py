"""What is nearest to each point of a map in the space that it was made from, which two dimensions cannot show."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from clinsearch.records import FloatArray

NEIGHBOURS = 5
# Every point is compared with every other: of more than these it would take minutes.
MOST_POINTS = 20_000
# So many cosines are held at once, 16 megabytes.
COSINES_AT_ONCE = 4_000_000


def nearest(vectors: FloatArray, k: int = NEIGHBOURS) -> tuple[NDArray[np.int64], FloatArray]:
    """Return the positions, (n, k), of the k vectors nearest to each but itself, the nearest first, and their cosines.

    Of k vectors or fewer the columns are fewer.
    """
    count = len(vectors)
    k = min(k, count - 1)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    units = (vectors / np.maximum(lengths, np.finfo(np.float32).tiny)).astype(np.float32)
    positions, cosines = np.empty((count, k), dtype=np.int64), np.empty((count, k), dtype=np.float32)
    rows = max(1, COSINES_AT_ONCE // count)
    for start in range(0, count, rows):
        block = units[start : start + rows] @ units.T
        own = np.arange(len(block))
        block[own, own + start] = -np.inf
        found = np.argpartition(-block, k - 1, axis=1)[:, :k] if k else np.empty((len(block), 0), dtype=np.int64)
        of_found = np.take_along_axis(block, found, axis=1)
        order = np.lexsort((found, -of_found), axis=1)
        positions[start : start + rows] = np.take_along_axis(found, order, axis=1)
        cosines[start : start + rows] = np.take_along_axis(of_found, order, axis=1)
    return positions, np.clip(cosines, -1, 1)
