"""Vectors drawn around centres, most of them near others, as those of texts lie."""

from __future__ import annotations

import numpy as np

from clinsearch.records import FloatArray


def clustered(
    rng: np.random.Generator, rows: int, width: int, *, clusters: int = 12, spread: float = 0.4
) -> FloatArray:
    """Draw vectors of unit length."""
    centres = rng.normal(size=(clusters, width))
    vectors = centres[rng.integers(clusters, size=rows)] + spread * rng.normal(size=(rows, width))
    return (vectors / np.linalg.norm(vectors, axis=1, keepdims=True)).astype(np.float32)


def like_words(rng: np.random.Generator, rows: int, width: int = 32, *, clusters: int = 40) -> FloatArray:
    """Draw vectors that lie as words do: around many centres, some near and some far apart."""
    return clustered(rng, rows, width, clusters=clusters, spread=0.5)
