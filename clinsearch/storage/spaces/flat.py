"""Flat vectors: every value as it is, searched exactly; and which vectors, flat or coded, a kind's files hold."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, TypeAlias

import faiss
import numpy as np

from clinsearch.records import FloatArray
from clinsearch.storage.spaces.cells import ROWS_PER_STEP, Cells
from clinsearch.storage.spaces.coded import CodedVectorSet, write_coded
from clinsearch.storage.spaces.files import (
    SEARCH_THREADS,
    KeyArray,
    Kind,
    VectorFile,
    damaged,
    key_selector,
    other_than,
    read_index,
    write_file,
)

Vectors: TypeAlias = "VectorSet | CodedVectorSet"


def open_vectors(folder: Path, files: Sequence[VectorFile], cells: Cells | None) -> Vectors:
    """Open files of one kind. Raises FileNotFoundError if one is gone, CollectionDamaged if one is not whole."""
    return CodedVectorSet(folder, files, cells) if cells else VectorSet(folder, files)


def write_vectors(
    folder: Path, kind: Kind, keys: KeyArray, vectors: FloatArray, cells: Cells | None = None
) -> VectorFile:
    """Write vectors (n, hidden_size) under their keys (n,) to a new file: in cells, or flat without any."""
    if cells:
        return write_coded(folder, kind, keys, vectors, cells)
    if (np.diff(keys) < 0).any():
        order = np.argsort(keys)
        keys, vectors = keys[order], vectors[order]
    index = faiss.IndexIDMap(faiss.IndexFlatIP(vectors.shape[1]))
    index.add_with_ids(np.ascontiguousarray(vectors), np.ascontiguousarray(keys))
    return write_file(folder, kind, len(keys), lambda writer: faiss.write_index(index, writer))


class VectorSet:
    """Some files of flat vectors, opened together by memory map and searched as one.

    Stays whole whatever happens to the files' names after it is opened. No key stands in it twice.
    """

    is_exact = True

    def __init__(self, folder: Path, files: Sequence[VectorFile]) -> None:
        """Open the files. Raises FileNotFoundError if one is gone, CollectionDamaged if one is not whole."""
        self._indexes = [_open(folder / file.name, file) for file in files]
        self._keys: list[KeyArray] = [faiss.vector_to_array(index.id_map) for index in self._indexes]
        self._others: Any = None

    @property
    def rows(self) -> int:
        """How many vectors there are, those of deleted keys among them."""
        return sum(len(keys) for keys in self._keys)

    @property
    def widths(self) -> set[int]:
        """How many dimensions the vectors have, by file."""
        return {index.d for index in self._indexes}

    @property
    def keys(self) -> KeyArray:
        """The key of every row, in no particular order."""
        return np.concatenate([np.empty(0, dtype=np.int64), *self._keys])

    def without(self, dead: KeyArray) -> VectorSet:
        """Return the same files, searched as if these keys were not there."""
        changed = object.__new__(VectorSet)
        changed._indexes, changed._keys = self._indexes, self._keys
        changed._others = other_than(key_selector(dead)) if len(dead) else None
        return changed

    def search(self, query: FloatArray, k: int, among: KeyArray | None = None) -> tuple[KeyArray, FloatArray]:
        """Find the k vectors with the highest inner product with the query (hidden_size,), best first.

        Exact; equal scores stand in the order of their keys. With `among`, as if no other keys were there.
        """
        faiss.omp_set_num_threads(SEARCH_THREADS)
        allowed = self._others if among is None else key_selector(among)
        keys, scores = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.float32)]
        for index in self._indexes:
            found_keys, found_scores = _best(index, query, k, allowed)
            keys.append(found_keys)
            scores.append(found_scores)
        all_keys, all_scores = np.concatenate(keys), np.concatenate(scores)
        best = np.lexsort((all_keys, -all_scores))[:k]
        return all_keys[best], all_scores[best]

    def each(self) -> Iterator[tuple[KeyArray, FloatArray]]:
        """Give all rows, some at a time: keys (n,) and vectors (n, hidden_size)."""
        for index, keys in zip(self._indexes, self._keys, strict=True):
            for start in range(0, len(keys), ROWS_PER_STEP):
                some = slice(start, start + ROWS_PER_STEP)
                yield keys[some], _rows(index)[some]

    def of(self, keys: KeyArray) -> FloatArray:
        """Read the vectors under these keys, (n, hidden_size). Raises KeyError if one is not there."""
        found = np.zeros(len(keys), dtype=bool)
        rows = np.empty((len(keys), self._indexes[0].d if self._indexes else 0), dtype=np.float32)
        for index, own_keys in zip(self._indexes, self._keys, strict=True):
            positions = np.searchsorted(own_keys, keys)
            here = np.take(own_keys, positions, mode="clip") == keys if len(own_keys) else found & False
            rows[here] = _rows(index)[positions[here]]
            found |= here
        if not found.all():
            raise KeyError(int(keys[~found][0]))
        return rows


def _open(path: Path, file: VectorFile) -> Any:
    index = read_index(path, file)
    if not _is_sound(index, file.rows):
        raise damaged(path)
    return index


def _is_sound(index: Any, rows: int) -> bool:
    """Tell whether an index's counts agree, so that no search can read past its end, and its keys are in order."""
    if not isinstance(index, faiss.IndexIDMap) or not isinstance(faiss.downcast_index(index.index), faiss.IndexFlatIP):
        return False
    keys = faiss.vector_to_array(index.id_map)
    is_counted = index.ntotal == index.index.ntotal == len(keys) == rows and index.d == index.index.d
    # What is no number would never be found, or always; a sum is none if one of its terms is none.
    return is_counted and bool((np.diff(keys) > 0).all()) and bool(np.isfinite(_rows(index).sum(dtype=np.float64)))


def _rows(index: Any) -> FloatArray:
    """View an index's vectors without copying them, (rows, hidden_size)."""
    flat: Any = faiss.downcast_index(index.index)
    view: FloatArray = faiss.rev_swig_ptr(flat.get_xb(), flat.ntotal * flat.d).reshape(flat.ntotal, flat.d)
    return view


def _best(index: Any, query: FloatArray, k: int, allowed: Any) -> tuple[KeyArray, FloatArray]:
    """Search one index for its k best and whatever ties with the last of them."""
    search_parameters: Any = faiss.SearchParameters
    parameters = None if allowed is None else search_parameters(sel=allowed)
    wanted = min(k + 1, index.ntotal)
    while True:
        scores, keys = index.search(query[None, :], wanted, params=parameters)
        hits = keys[0] >= 0
        found_keys, found_scores = keys[0][hits], scores[0][hits]
        is_all = wanted == index.ntotal or len(found_keys) < wanted
        if is_all or found_scores[-1] < found_scores[k - 1]:
            return found_keys, found_scores
        wanted = min(wanted * 2, index.ntotal)
