"""How vectors are stored in files: each codec writes, opens and merges files."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np
from numpy.typing import NDArray

from clinsearch.records import FloatArray
from clinsearch.records.keys import KeyArray
from clinsearch.storage.folder.spaces.files import VectorFile
from clinsearch.storage.values import Kind

# Which of the keys are there, and their vectors.
Found = tuple[NDArray[np.bool_], FloatArray]
# Keys and scores.
Ranked = tuple[KeyArray, FloatArray]


class OpenFile(ABC):
    """A file, opened by memory map: how many rows it has, their width, and their keys.

    It stays readable even if the file is renamed or removed.
    """

    rows: int
    width: int
    keys: KeyArray

    @abstractmethod
    def search(self, queries: FloatArray, k: int, cells: NDArray[np.int64], near: FloatArray, allowed: Any) -> Ranked:
        """Find the k best, or more, for each query (n, width) in its cells: keys, -1 for none, and scores.

        cells, near: each query's cells, and its scores with their centres, (n, probes); see `Codec.nearest`.
        """

    @abstractmethod
    def of(self, keys: KeyArray) -> Found:
        """Read vectors by key: which of these keys (n,) are in the file, and the vectors of those."""


class Codec(ABC):
    """How rows are stored in files.

    count: the number of cells. probes: how many of them to search for the k best, by k, if measured. width: the
    dimensions of a row, zero if the files tell. is_exact: whether search skips nothing. reads_by_key: whether reading
    and scoring a few rows by key is cheap.
    """

    count = 1
    width = 0
    probes: Mapping[int, int] = MappingProxyType({})
    is_exact = reads_by_key = False

    def probes_for(self, k: int) -> int:
        """Return how many cells to search for the k best."""
        return self.count

    def codes_for(self, k: int) -> int:
        """Return how many of the best codes to rank again for the k best; 0 for no ranking again."""
        return 0

    def turned(self, vectors: FloatArray) -> FloatArray:
        """Map vectors (n, width) to the dimensions of the stored rows."""
        return vectors

    def restored(self, rows: FloatArray) -> FloatArray:
        """Map stored rows (n, width) back to vectors, as far as the code knows them."""
        return rows

    def nearest(self, queries: FloatArray, probes: int) -> tuple[NDArray[np.int64], FloatArray]:
        """Return the cells to search for each query, nearest first, and the scores with their centres, (n, probes)."""
        cells = np.tile(np.arange(self.count), (len(queries), 1))
        return cells, np.zeros(cells.shape, np.float32)

    @abstractmethod
    def write(self, folder: Path, kind: Kind, keys: KeyArray, vectors: FloatArray) -> VectorFile:
        """Write vectors (n, width) with their keys (n,) to a new file."""

    @abstractmethod
    def open(self, path: Path, file: VectorFile) -> OpenFile:
        """Open a file. Raises FileNotFoundError if it is gone, CollectionDamaged if it is damaged."""

    @abstractmethod
    def merge(self, folder: Path, files: Sequence[VectorFile], deleted: KeyArray) -> tuple[VectorFile | None, KeyArray]:
        """Merge files into one without the deleted rows; return it, if any rows are left, and all their keys."""
