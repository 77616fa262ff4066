"""BM25 exactly as SQLite's FTS5 reckons it, to the last bit; so all storages give the same scores."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray

# The least idf, for terms in more than half of the texts.
LEAST_IDF = 1e-6
K1, B = 1.2, 0.75


def idf(size: int, frequency: int) -> float:
    """Return the idf of what so many of `size` texts have."""
    odds = (max(size, frequency) - frequency + 0.5) / (frequency + 0.5)
    return max(math.log(odds), LEAST_IDF)


def parts(counts: NDArray[Any], lengths: NDArray[Any], mean_length: float, of_idf: float) -> NDArray[np.float64]:
    """Return the part of a term in the scores of texts, (n,), without its idf.

    counts: (n,), how often each has it. lengths: (n,), how many terms each has.
    """
    # FTS5 multiplies by the idf first, which rounds otherwise.
    scores = of_idf * ((counts * (K1 + 1.0)) / (counts + K1 * (1 - B + B * lengths / (mean_length or 1.0))))
    found: NDArray[np.float64] = scores / of_idf
    return found


def counts(parts: NDArray[np.float64], lengths: NDArray[Any], mean_length: float) -> NDArray[np.float64]:
    """Return how often each of some texts has a phrase, (n,), from what `parts` made of it."""
    found: NDArray[np.float64] = parts * K1 * (1 - B + B * lengths / (mean_length or 1.0)) / (K1 + 1.0 - parts)
    return np.rint(found)
