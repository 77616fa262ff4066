"""How vectors lie in files: each codec writes files of them, opens these, and makes one file of several."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clinsearch.records import FloatArray
from clinsearch.storage.spaces.files import KeyArray, Kind, VectorFile

# Which of some values there are, and those.
Found = tuple[NDArray[np.bool_], FloatArray]
# The keys and scores of what was found.
Ranked = tuple[KeyArray, FloatArray]


class OpenFile(ABC):
    """A file, opened by memory map: how many rows it has, their width, and the key of each.

    It stays whole whatever happens to the file's name.
    """

    rows: int
    width: int
    keys: KeyArray

    @abstractmethod
    def search(self, queries: FloatArray, k: int, cells: NDArray[np.int64], near: FloatArray, allowed: Any) -> Ranked:
        """Find the k best, and maybe more, of each query (n, width) in its cells: keys, -1 for none, and scores.

        cells, near: of each query the cells, and its scores with their centres, (n, probes); see `Codec.nearest`.
        """

    @abstractmethod
    def of(self, keys: KeyArray) -> Found:
        """Read vectors by key: which of these keys (n,) are here, and the vectors of those that are."""


class Codec(ABC):
    """How rows lie in files.

    count: in how many cells. width: the dimensions of a row, zero where files tell. is_exact: whether search skips
    nothing. reads_by_key: whether it takes little to read and score a few rows by their keys.
    """

    count = 1
    width = 0
    is_exact = reads_by_key = False

    def probes_for(self, k: int) -> int:
        """Return into how many cells to look for the k best."""
        return self.count

    def codes_for(self, k: int) -> int:
        """Return how many of the best codes to rank again for the k best; none if they are not to be ranked again."""
        return 0

    def turned(self, vectors: FloatArray) -> FloatArray:
        """Bring vectors (n, width) to the dimensions that rows are kept in."""
        return vectors

    def nearest(self, queries: FloatArray, probes: int) -> tuple[NDArray[np.int64], FloatArray]:
        """Return for queries the cells to look into, nearest first, and the scores with their centres, (n, probes)."""
        cells = np.tile(np.arange(self.count), (len(queries), 1))
        return cells, np.zeros(cells.shape, np.float32)

    @abstractmethod
    def write(self, folder: Path, kind: Kind, keys: KeyArray, vectors: FloatArray) -> VectorFile:
        """Write vectors (n, width) under their keys (n,) to a new file."""

    @abstractmethod
    def open(self, path: Path, file: VectorFile) -> OpenFile:
        """Open a file. Raises FileNotFoundError if it is gone, CollectionDamaged if it is not whole."""

    @abstractmethod
    def merge(self, folder: Path, files: Sequence[VectorFile], deleted: KeyArray) -> tuple[VectorFile | None, KeyArray]:
        """Write rows to one new file, without the deleted; return it, if there are any, and the keys of all."""
