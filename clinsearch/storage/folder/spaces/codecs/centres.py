"""The centres of cells: where they lie is learned from vectors."""

from __future__ import annotations

from typing import Any

import faiss
import numpy as np

from clinsearch.records import FloatArray
from clinsearch.storage.folder.spaces.codecs.cells import Sample
from clinsearch.storage.folder.spaces.files import ROWS_PER_STEP

VECTORS_PER_CELL = 32
ROUNDS = 10


def sample_size(cells: int) -> int:
    """Return how many vectors to learn this number of cells from."""
    return VECTORS_PER_CELL * cells


def two_step_centres(vectors: Sample, count: int) -> tuple[FloatArray, FloatArray]:
    """Find centres (count, hidden_size), and centres of groups of these, by k-means in two steps.

    First sqrt(count) groups, then cells within each: as good here as in one step, which for 4,096 takes 40 s instead of
    2.
    """
    groups = _k_means(vectors[: sample_size(count) // 8], round(count**0.5))
    steps = np.array_split(vectors, -(-len(vectors) // ROWS_PER_STEP))
    nearest = np.concatenate([flat_index(groups).search(some.astype(np.float32), 1)[1][:, 0] for some in steps])
    sizes = np.bincount(nearest, minlength=len(groups))
    shares = np.diff(sizes.cumsum() * count // len(vectors), prepend=0)
    parts = [_k_means(vectors[nearest == n], share) for n, share in enumerate(shares) if share]
    return np.concatenate(parts), groups


def _k_means(vectors: Sample, count: int) -> FloatArray:
    settings = {"niter": ROUNDS, "spherical": True, "min_points_per_centroid": 1, "max_points_per_centroid": 1 << 20}
    clusters = faiss.Kmeans(vectors.shape[1], count, **settings)
    clusters.train(np.ascontiguousarray(vectors, dtype=np.float32))
    return np.asarray(clusters.centroids)


def refined(vectors: FloatArray, centres: FloatArray) -> FloatArray:
    """Move centres (count, width) for two more rounds of k-means over all of them; made in two steps they lie apart."""
    settings = {"niter": 2, "spherical": True, "min_points_per_centroid": 1, "max_points_per_centroid": 1 << 20}
    clusters = faiss.Kmeans(vectors.shape[1], len(centres), **settings)
    clusters.train(np.ascontiguousarray(vectors), init_centroids=np.ascontiguousarray(centres))
    return np.asarray(clusters.centroids)


def flat_index(vectors: FloatArray) -> Any:
    """Make an index of vectors (n, width) that is searched whole, by inner product."""
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    return index
