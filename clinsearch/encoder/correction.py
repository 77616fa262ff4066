"""Corrects the vectors of a model that was never trained for similarity: centring and whitening.

The pooled vectors of such a model have a large part in common, so that any two texts have a cosine of 0.6 to 0.95,
and a few directions outweigh the rest. Subtracting the mean and giving every direction the same variance (Su et al.
2021, "Whitening Sentence Representations for Better Semantics and Faster Retrieval") needs no training, only vectors
of the collection itself. It is linear, so a corrected vector is still a sum of its tokens' parts.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from clinsearch.encoder.pooling import unit
from clinsearch.records import FloatArray

# Vectors corrected by different recipes cannot be compared: a change of anything here is a new recipe.
CORRECTION_RECIPE = "whitening-1"
# A few vectors say little, so both estimates are shrunk. The mean: as if MEAN_PRIOR more vectors were zero. The
# covariance: as if there were as many more vectors as dimensions, isotropic; and a tenth of it always is isotropic, so
# that directions that are nearly flat in the sample are not blown up.
MEAN_PRIOR = 20
LEAST_SHRINKAGE = 0.1


@dataclass(frozen=True, slots=True, eq=False)
class Correction:
    """An affine map of unit vectors: mean (hidden_size,), linear_map (hidden_size, hidden_size), invertible.

    fitted_on: the number of vectors that it was fitted on.
    """

    mean: FloatArray
    linear_map: FloatArray
    fitted_on: int

    def applied(self, vectors: FloatArray) -> FloatArray:
        """Correct vectors of unit length, (..., hidden_size); the result has unit length."""
        centred: FloatArray = vectors - self.mean
        return unit(centred @ self.linear_map)

    def undone(self, vectors: FloatArray) -> FloatArray:
        """Return the unit vectors, (n, hidden_size), that these were before correction.

        Correction discards the length; it follows from the originals having unit length. The line through the mean in
        the direction of the vector, mapped back, meets the unit sphere on both sides of the mean.
        """
        directions = np.linalg.solve(self.linear_map.astype(np.float64).T, vectors.T.astype(np.float64)).T
        along = directions @ self.mean
        squares = np.maximum((directions**2).sum(axis=1), np.finfo(np.float64).tiny)
        rest = 1 - float(self.mean.astype(np.float64) @ self.mean)
        scales = (np.sqrt(along**2 + squares * rest) - along) / squares
        uncorrected: FloatArray = (directions * scales[:, None] + self.mean).astype(np.float32)
        return unit(uncorrected)

    def parts(self, parts: FloatArray, shares: FloatArray) -> FloatArray:
        """Return tokens' parts in the corrected vector, (tokens, hidden_size), before it is scaled to unit length.

        parts: the tokens' parts in the pooled vector, which sum to it. shares: (tokens, 1 or hidden_size), each token's
        share of each dimension of the pooled vector, summing to one: it bears the same share of the mean.
        """
        length = float(np.linalg.norm(parts.sum(axis=0))) or 1.0
        corrected: FloatArray = (parts / np.float32(length) - shares * self.mean) @ self.linear_map
        return corrected


def fit_correction(vectors: FloatArray) -> Correction:
    """Fit a correction to vectors of unit length, (n, hidden_size)."""
    count, width = vectors.shape
    mean = vectors.sum(axis=0, dtype=np.float64) / (count + MEAN_PRIOR)
    centred = vectors - vectors.mean(axis=0)
    covariance = centred.T.astype(np.float64) @ centred / max(count, 1)
    spread = np.trace(covariance) / width or 1.0
    shrinkage = 1 - (1 - LEAST_SHRINKAGE) * count / (count + width)
    variances, directions = np.linalg.eigh((1 - shrinkage) * covariance / spread + shrinkage * np.eye(width))
    linear_map = (directions / np.sqrt(variances)) @ directions.T
    return Correction(mean.astype(np.float32), linear_map.astype(np.float32), count)
