"""Vectors like those of words, written in half precision or as codes of four bits, and what a search of them finds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from clinsearch.records import FloatArray
from clinsearch.records.keys import KeyArray
from clinsearch.storage.folder.spaces.codecs.four_bits import FourBits
from clinsearch.storage.folder.spaces.codecs.plain import HALF
from clinsearch.storage.folder.spaces.files import VectorFile
from tests.support.clusters import like_words

WIDTH = 32


def written(folder: Path, keys: KeyArray, vectors: FloatArray, files: int, code: FourBits | None) -> list[VectorFile]:
    parts = zip(np.array_split(keys, files), np.array_split(vectors, files), strict=True)
    return [(code or HALF).write(folder, "word", *part) for part in parts if len(part[0])]


@pytest.fixture(scope="module")
def code(few_cells: None) -> FourBits:
    return FourBits.learn(like_words(np.random.default_rng(5), 3500)[:2000])


@pytest.fixture(scope="module")
def rows() -> tuple[KeyArray, FloatArray]:
    """Keys and vectors like those that the code was learnt from, but not the same."""
    keys = np.random.default_rng(6).permutation(3000)[:1500].astype(np.int64)
    return keys, like_words(np.random.default_rng(5), 3500)[2000:]
