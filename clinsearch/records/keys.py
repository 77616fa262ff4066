"""Keys: int64 that the storage gives to notes, sentences and words, and never uses again."""

from __future__ import annotations

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

KeyArray: TypeAlias = NDArray[np.int64]


def is_among(keys: KeyArray, others: KeyArray) -> NDArray[np.bool_]:
    """Tell of each key whether it is among others, which are in order."""
    if not len(others):
        return np.zeros(len(keys), dtype=bool)
    found: NDArray[np.bool_] = np.take(others, np.searchsorted(others, keys), mode="clip") == keys
    return found
