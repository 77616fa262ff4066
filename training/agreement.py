"""How far numbers agree with judgements: by order alone."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from clinsearch.records import FloatArray

Numbers = NDArray[np.float64]


def auc(values: FloatArray | Numbers, are_right: NDArray[np.bool_]) -> float:
    """Return how often a right one's value is above a wrong one's; an equal one counts half."""
    low = np.sort(values[~are_right])
    high = values[are_right]
    below = np.searchsorted(low, high, side="left") + np.searchsorted(low, high, side="right")
    return float(below.mean() / 2 / len(low))


def spearman(one: FloatArray | Numbers, other: FloatArray | Numbers) -> float:
    """Return the correlation of ranks (Spearman 1904); equal values share the mean of their ranks."""
    return float(np.corrcoef(_ranks(one), _ranks(other))[0, 1])


def _ranks(values: FloatArray | Numbers) -> Numbers:
    ordered = np.sort(values)
    ranks: Numbers = (np.searchsorted(ordered, values, "left") + np.searchsorted(ordered, values, "right")) / 2.0
    return ranks
