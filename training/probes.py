"""Asks vectors which texts speak of one thing and say the same of it; concepts and wordings unseen in training."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from clinsearch.records import FloatArray


def probe(
    vectors: FloatArray, concepts: Sequence[str], assertions: Sequence[str], others: Sequence[Sequence[str]]
) -> Mapping[str, float]:
    """Return three shares of all comparisons, each 0.5 for vectors that know nothing of it.

    assertion: a text of the same concept and class is nearer than one of the same concept in another class.
    concept: a text of the same concept in another class is nearer than one of another concept in the same class.
    both: a text of the same concept and class is nearer than one of another concept in the same class.
    Texts that speak of several things are left out.
    """
    alone = np.array([not beside for beside in others])
    vectors = vectors[alone]
    concept, assertion = _numbers(concepts)[alone], _numbers(assertions)[alone]
    cosines = vectors @ vectors.T
    same_concept, same_class = concept[:, None] == concept, assertion[:, None] == assertion
    same_both = same_concept & same_class & ~np.eye(len(vectors), dtype=bool)
    turned, foreign = same_concept & ~same_class, ~same_concept & same_class
    return {
        "assertion": _above(cosines, same_both, turned),
        "concept": _above(cosines, turned, foreign),
        "both": _above(cosines, same_both, foreign),
    }


def _above(cosines: FloatArray, right: NDArray[np.bool_], wrong: NDArray[np.bool_]) -> float:
    """Return the mean over texts of how often a right one is nearer than a wrong one."""
    shares = []
    for row, is_right, is_wrong in zip(cosines, right, wrong, strict=True):
        if is_right.any() and is_wrong.any():
            low = np.sort(row[is_wrong])
            shares.append(float(np.searchsorted(low, row[is_right]).mean() / len(low)))
    return float(np.mean(shares))


def _numbers(labels: Sequence[str]) -> NDArray[np.int64]:
    return np.unique(np.array(labels), return_inverse=True)[1]
