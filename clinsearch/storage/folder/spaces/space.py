"""A space: rows of one kind with their keys, in files of one codec; opened together and searched as one.

A `SpaceKind` holds what differs between the vectors of sentences, openings, notes, words and wordpieces.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import copy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from clinsearch.records import FloatArray
from clinsearch.records.keys import KeyArray
from clinsearch.storage.folder.spaces import files as vector_files
from clinsearch.storage.folder.spaces.codecs import Codec, OpenFile
from clinsearch.storage.folder.spaces.codecs.cells import CellCodec, CellFile
from clinsearch.storage.folder.spaces.codecs.eight_bits import EightBits
from clinsearch.storage.folder.spaces.codecs.four_bits import FourBits
from clinsearch.storage.folder.spaces.codecs.plain import FLAT, HALF, Plain
from clinsearch.storage.folder.spaces.files import ROWS_PER_STEP, SEARCH_THREADS, VectorFile
from clinsearch.storage.folder.spaces.lists import is_listed
from clinsearch.storage.values import Kind

# From this many rows per key on, codes are read one by one; with fewer, the lists are scanned.
ROWS_PER_KEY_READ = 500


@dataclass(frozen=True, slots=True)
class SpaceKind:
    """How rows of a kind are stored: uncoded while they are few, then as codes.

    teaches: whether the codec learns from these rows.
    """

    plain: Plain
    coded: type[EightBits] | type[FourBits]
    teaches: bool = True


SPACES: dict[Kind, SpaceKind] = {
    "sentence": SpaceKind(FLAT, EightBits),
    "note": SpaceKind(FLAT, EightBits),
    "opening": SpaceKind(FLAT, EightBits),
    "word": SpaceKind(HALF, FourBits),
    "piece": SpaceKind(HALF, FourBits, teaches=False),
}


def read_codec(folder: Path, kind: Kind, learned: VectorFile | None, probes: Mapping[int, int]) -> Codec:
    """Return the codec of a kind's rows, from its learned file if there is one.

    Raises FileNotFoundError, CollectionDamaged.
    """
    if learned is None:
        return SPACES[kind].plain
    return SPACES[kind].coded.read(folder / learned.name, learned, probes)


class Space:
    """Files of one kind, opened together by memory map and searched as one.

    Stays readable even if the files are renamed or removed. No key is in it twice.
    """

    def __init__(self, folder: Path, files: Sequence[VectorFile], codec: Codec) -> None:
        """Open the files. Raises FileNotFoundError if one is gone, CollectionDamaged if one is damaged."""
        for file in files:
            if is_listed(file) != isinstance(codec, CellCodec):
                raise vector_files.damaged(folder / file.name)
        self.codec, self.cells, self.is_exact = codec, codec.count, codec.is_exact
        self._files: list[OpenFile] = [codec.open(folder / file.name, file) for file in files]
        self._others: Any = None

    @property
    def depths(self) -> Sequence[int]:
        """The values of k for which the recall of search was measured, in order."""
        return sorted(self.codec.probes)

    @property
    def rows(self) -> int:
        """How many vectors there are, including those of deleted keys."""
        return sum(file.rows for file in self._files)

    @property
    def widths(self) -> set[int]:
        """The different numbers of dimensions of the files' rows."""
        return {self.codec.width} if self.codec.width else {file.width for file in self._files}

    @property
    def keys(self) -> KeyArray:
        """The key of every row, in no particular order."""
        return np.concatenate([np.empty(0, dtype=np.int64), *(file.keys for file in self._files)])

    def without(self, deleted: KeyArray) -> Space:
        """Return the same files, searched as if these keys were not there."""
        changed = copy(self)
        changed._others = vector_files.all_but(deleted)
        return changed

    def search(self, query: FloatArray, k: int, among: KeyArray | None = None) -> tuple[KeyArray, FloatArray]:
        """Find the k vectors with the highest inner product with the query (width,), best first.

        Equal scores are in the order of their keys. Exact or, in cells, with the recall that was measured. `among`: as
        if there were no other keys, in all cells.
        """
        turned = self.codec.turned(query[None])
        if among is not None:
            if self.codec.reads_by_key and len(among) * ROWS_PER_KEY_READ < self.rows:
                return _best(*self._scored(turned[0], among), k)
            return self._ranked(turned, k, self.cells, vector_files.only(among))
        probes = self.codec.probes_for(k)
        keys, scores = self._ranked(turned, k, probes, self._others)
        if len(keys) < k and probes < self.cells:  # everything there is deleted, or there are too few
            return self._ranked(turned, k, self.cells, self._others)
        return keys, scores

    def _ranked(self, turned: FloatArray, k: int, probes: int, allowed: Any) -> tuple[KeyArray, FloatArray]:
        """Find the best in this many cells, and rank them again if the codec stores more than codes."""
        codes = min(self.codec.codes_for(k) or k, max(self.rows, 1))
        keys, scores = self.search_cells(turned, codes, probes, allowed)
        best = _best(keys.ravel(), scores.ravel(), codes)
        return _best(*self._scored(turned[0], best[0]), k) if self.codec.codes_for(k) else best

    def search_cells(
        self, turned: FloatArray, k: int, probes: int, allowed: Any = None, *, threads: int = SEARCH_THREADS
    ) -> tuple[KeyArray, FloatArray]:
        """Find the best k of each file in this many cells, for each query (n, width) in the codec's dimensions.

        Returns keys and scores, (n, files * k) each: padded with -1 and the lowest possible score.
        """
        faiss.omp_set_num_threads(threads)
        cells, near = self.codec.nearest(turned, probes)
        found = [file.search(turned, k, cells, near, allowed) for file in self._files]
        keys, scores = zip(*found, strict=True) if found else ([np.empty((len(turned), 0), np.int64)],) * 2
        return np.concatenate(keys, axis=1), np.concatenate(scores, axis=1).astype(np.float32)

    def places_of_best(self, turned: FloatArray, k: int, *, threads: int = SEARCH_THREADS) -> NDArray[np.int64]:
        """Find for each query (n, width), as the codec turns it, how near the cells are in which its k best codes lie.

        Returns (n, k), best first: 0 for what lies in the cell nearest to the query, 1 for the next. Of no fewer rows.
        """
        if not isinstance(self.codec, CellCodec):
            return np.zeros((len(turned), k), dtype=np.int64)
        faiss.omp_set_num_threads(threads)
        cells, near = self.codec.by_nearness(turned, self.cells)
        found = [file.cells_of_best(turned, k, cells, near) for file in self._files if isinstance(file, CellFile)]
        own, scores = (np.concatenate(some, axis=1) for some in zip(*found, strict=True))
        best = np.argsort(-scores, axis=1, kind="stable")[:, :k]
        return np.take_along_axis(np.argsort(cells, axis=1), np.take_along_axis(own, best, axis=1), axis=1)

    def of(self, keys: KeyArray) -> FloatArray:
        """Read the vectors of these keys, (n, width), in the codec's dimensions. Raises KeyError if one is missing."""
        found, rows = self._read(keys)
        if not found.all():
            raise KeyError(int(keys[~found][0]))
        return rows

    def there(self, keys: KeyArray) -> tuple[KeyArray, FloatArray]:
        """Read the vectors of those of these keys that are there, as they were given: their keys (n,), (n, width)."""
        found, rows = self._read(keys)
        return keys[found], self.codec.restored(rows[found])

    def each(self) -> Iterator[tuple[KeyArray, FloatArray]]:
        """Yield all rows, some at a time: keys (n,) and vectors (n, width)."""
        for file in self._files:
            for start in range(0, file.rows, ROWS_PER_STEP):
                keys = np.array(file.keys[start : start + ROWS_PER_STEP])
                yield keys, file.of(keys)[1]

    def _read(self, keys: KeyArray) -> tuple[NDArray[np.bool_], FloatArray]:
        found = np.zeros(len(keys), dtype=bool)
        rows = np.zeros((len(keys), max(self.widths, default=0)), dtype=np.float32)
        for file in self._files:
            here, vectors = file.of(keys)
            rows[here] = vectors
            found |= here
        return found, rows

    def _scored(self, turned: FloatArray, keys: KeyArray) -> tuple[KeyArray, FloatArray]:
        found, rows = self._read(keys)
        return keys[found], rows[found] @ turned


def _best(keys: KeyArray, scores: FloatArray, k: int) -> tuple[KeyArray, FloatArray]:
    """Return the k best, best first; equal scores in the order of their keys; a key of -1 is none."""
    best = np.lexsort((keys, -scores))
    best = best[keys[best] >= 0][:k]
    return keys[best], scores[best]
