"""Corrects the vectors of a model that was never trained for similarity: centring and whitening.

The pooled vectors of such a model share a large part, so that any two texts have a cosine of 0.6 to 0.95, and a few
directions outweigh the rest. Taking the mean away and bringing every direction to the same spread (Su et al. 2021,
"Whitening Sentence Representations for Better Semantics and Faster Retrieval") needs no training, only vectors of
the very collection. It is linear, so a corrected vector is a sum of its tokens' parts like any other.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clinsearch.encoder.pooling import unit
from clinsearch.records import FloatArray

# Vectors corrected by different recipes cannot be compared: a change of anything here is a new recipe.
CORRECTION_RECIPE = "whitening-1"
# Of few vectors little is known. The mean counts as if as many more were zero; the covariance as if there were as
# many more as it has dimensions, alike in every direction, and a tenth of it always is so: what is nearly flat in
# the vectors seen must not be blown up.
MEAN_PRIOR = 20
LEAST_SHRINKAGE = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Correction:
    """An affine map of unit vectors: mean (hidden_size,), linear_map (hidden_size, hidden_size), invertible.

    fitted_on: of how many vectors it was learned.
    """

    mean: FloatArray
    linear_map: FloatArray
    fitted_on: int

    def applied(self, vectors: FloatArray) -> FloatArray:
        """Correct vectors of unit length, (..., hidden_size), to such again."""
        centred: FloatArray = vectors - self.mean
        return unit(centred @ self.linear_map)

    def undone(self, vectors: FloatArray) -> FloatArray:
        """Return the unit vectors that these, (n, hidden_size), were before.

        Their length went when they were corrected, and follows from that they had length one: of the line through
        the mean in the direction of the vector, mapped back, one point before the mean has it and one behind.
        """
        directions = np.linalg.solve(self.linear_map.astype(np.float64).T, vectors.T.astype(np.float64)).T
        along = directions @ self.mean
        squares = np.maximum((directions**2).sum(axis=1), np.finfo(np.float64).tiny)
        rest = 1 - float(self.mean.astype(np.float64) @ self.mean)
        scales = (np.sqrt(along**2 + squares * rest) - along) / squares
        uncorrected: FloatArray = (directions * scales[:, None] + self.mean).astype(np.float32)
        return unit(uncorrected)

    def parts(self, parts: FloatArray, shares: FloatArray) -> FloatArray:
        """Return tokens' parts in the corrected vector, (tokens, hidden_size), up to its length.

        parts: those in the pooled vector, which sum to it. shares: (tokens, 1 or hidden_size), how much of each
        dimension of the pooled vector a token stands for, summing to one: it bears as much of the mean.
        """
        length = float(np.linalg.norm(parts.sum(axis=0))) or 1.0
        corrected: FloatArray = (parts / np.float32(length) - shares * self.mean) @ self.linear_map
        return corrected


def fit_correction(vectors: FloatArray) -> Correction:
    """Learn from vectors of unit length, (n, hidden_size), how to centre and whiten such."""
    count, width = vectors.shape
    mean = vectors.sum(axis=0, dtype=np.float64) / (count + MEAN_PRIOR)
    centred = vectors - vectors.mean(axis=0)
    covariance = centred.T.astype(np.float64) @ centred / max(count, 1)
    spread = np.trace(covariance) / width or 1.0
    shrinkage = 1 - (1 - LEAST_SHRINKAGE) * count / (count + width)
    variances, directions = np.linalg.eigh((1 - shrinkage) * covariance / spread + shrinkage * np.eye(width))
    linear_map = (directions / np.sqrt(variances)) @ directions.T
    return Correction(mean.astype(np.float32), linear_map.astype(np.float32), count)
