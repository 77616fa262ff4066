"""Coded vectors, of large collections: found through cells, or exactly, and read back by key.

Behind FAISS's lists a file holds its keys in order, where the code of each stands, and its halves: see `Cells.halves`.
What the codes find is ranked by both.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from clinsearch.encoder.threads import processors
from clinsearch.records import FloatArray
from clinsearch.storage.spaces.cells import ROWS_PER_STEP, Cells, decoded
from clinsearch.storage.spaces.files import (
    ALIGNMENT,
    SEARCH_THREADS,
    KeyArray,
    Kind,
    VectorFile,
    damaged,
    key_selector,
    other_than,
)
from clinsearch.storage.spaces.layout import require_known_layout, require_mapped
from clinsearch.storage.spaces.lists import (
    KEY_BYTES,
    add_to_list,
    data_bytes,
    each_list,
    empty_lists,
    given_to,
    open_lists,
    taken_from,
    write_lists,
)

# Of fewer keys than one in so many the codes are read one by one, of more the lists are gone through.
ROWS_PER_KEY_READ = 500
# What kind of lists they are, how many and of which codes: four signs, two numbers, four signs.
SIZES_AT = 4 + 2 * KEY_BYTES + 4
# Of ten million vectors the nearest ten are among the 14 best codes, but only 98 of 100 among the ten best.
CODES_BESIDE, CODES_PER_HIT = 10, 1.25


def write_coded(folder: Path, kind: Kind, keys: KeyArray, vectors: FloatArray, cells: Cells) -> VectorFile:
    """Write vectors (n, hidden_size) under their keys (n,) to a new file, as codes."""
    faiss.omp_set_num_threads(SEARCH_THREADS)
    return _write(folder, kind, cells.lists_of(keys, vectors), keys, cells.halves(vectors))


def write_in_cells(folder: Path, kind: Kind, rows: Iterable[tuple[KeyArray, FloatArray]], cells: Cells) -> VectorFile:
    """Write rows to one new file, as codes; what was decoded becomes the codes it came from."""
    faiss.omp_set_num_threads(processors())
    index = given_to(cells.empty(), empty_lists(cells.count, cells.code_size))
    all_keys, halves = [np.empty(0, dtype=np.int64)], [np.empty((0, cells.bytes_of_halves), dtype=np.uint8)]
    for keys, vectors in rows:
        index.add_with_ids(np.ascontiguousarray(vectors), np.ascontiguousarray(keys))
        all_keys.append(keys)
        halves.append(cells.halves(vectors))
    return _write(folder, kind, taken_from(index), np.concatenate(all_keys), np.concatenate(halves))


def merge_coded(
    folder: Path, files: Sequence[VectorFile], cells: Cells, dead: KeyArray
) -> tuple[VectorFile | None, KeyArray]:
    """Write the rows of files to one new file, without the dead; return it, if there are any, and all their keys."""
    merged: Any = empty_lists(cells.count, cells.code_size)
    opened = [_CodedFile(folder / file.name, file, cells) for file in files]
    for file in opened:
        for number, keys, codes in each_list(file.lists):
            kept = np.isin(keys, dead, invert=True)
            add_to_list(merged, number, keys[kept], codes[kept])
    keys, halves = (np.concatenate([getattr(file, name) for file in opened]) for name in ("keys", "halves"))
    kept = np.isin(keys, dead, invert=True)
    written = _write(folder, files[0].kind, merged, keys[kept], halves[kept]) if kept.any() else None
    return written, keys


class CodedVectorSet:
    """Some files of coded vectors of one kind, opened together by memory map and searched as one."""

    is_exact = False

    def __init__(self, folder: Path, files: Sequence[VectorFile], cells: Cells) -> None:
        """Open the files. Raises FileNotFoundError if one is gone, CollectionDamaged if one is not whole."""
        self._cells = cells
        self._files = [_CodedFile(folder / file.name, file, cells) for file in files]
        self._others: Any = None

    @property
    def cells(self) -> int:
        """How many cells there are."""
        return self._cells.count

    @property
    def rows(self) -> int:
        """How many vectors there are, those of deleted keys among them."""
        return sum(file.rows for file in self._files)

    @property
    def widths(self) -> set[int]:
        """How many dimensions the vectors have."""
        return {self._cells.code_size}

    @property
    def keys(self) -> KeyArray:
        """The key of every row, in no particular order."""
        return np.concatenate([np.empty(0, dtype=np.int64), *(file.keys for file in self._files)])

    def without(self, dead: KeyArray) -> CodedVectorSet:
        """Return the same files, searched as if these keys were not there."""
        changed = object.__new__(CodedVectorSet)
        changed._cells, changed._files = self._cells, self._files
        changed._others = other_than(key_selector(dead)) if len(dead) else None
        return changed

    def search(self, query: FloatArray, k: int, among: KeyArray | None = None) -> tuple[KeyArray, FloatArray]:
        """Find the k vectors with the highest inner product with the query (hidden_size,), best first.

        With as many of them among the true k best as was measured when the cells were made; with `among` as if no other
        keys were there, and of all cells.
        """
        if among is not None and len(among) * ROWS_PER_KEY_READ < self.rows:
            return _best(*self._scored(query, among), k)
        if among is not None:
            return self._ranked(query, k, self._cells.count, key_selector(among))
        probes = self._cells.probes_for(k)
        keys, scores = self._ranked(query, k, probes, self._others)
        if len(keys) < k and probes < self._cells.count:  # all that lies there is dead, or there is too little
            return self._ranked(query, k, self._cells.count, self._others)
        return keys, scores

    def _ranked(self, query: FloatArray, k: int, probes: int, allowed: Any) -> tuple[KeyArray, FloatArray]:
        """Find the best codes in so many cells, and rank these by all that is known of them."""
        codes = min(CODES_BESIDE + int(k * CODES_PER_HIT), max(self.rows, 1))
        keys, scores = self.search_cells(query[None], codes, probes, allowed)
        return _best(*self._scored(query, _best(keys.ravel(), scores.ravel(), codes)[0]), k)

    def search_cells(
        self, queries: FloatArray, k: int, probes: int, allowed: Any = None, *, threads: int = SEARCH_THREADS
    ) -> tuple[KeyArray, FloatArray]:
        """Find for each query (n, hidden_size) the best k of each file, in so many cells: (n, files * k) each.

        Where there are fewer, keys are -1 and scores the lowest there are.
        """
        faiss.omp_set_num_threads(threads)
        cells = self._cells.nearest(queries, probes)
        found = [file.search(queries, k, cells, allowed) for file in self._files]
        keys, scores = zip(*found, strict=True) if found else ([np.empty((len(queries), 0), np.int64)],) * 2
        return np.concatenate(keys, axis=1), np.concatenate(scores, axis=1).astype(np.float32)

    def of(self, keys: KeyArray) -> FloatArray:
        """Read the vectors under these keys, (n, hidden_size). Raises KeyError if one is not there."""
        found, rows = self._read(keys)
        if not found.all():
            raise KeyError(int(keys[~found][0]))
        return rows

    def each(self) -> Iterator[tuple[KeyArray, FloatArray]]:
        """Give all rows, some at a time: keys (n,) and vectors (n, hidden_size)."""
        for file in self._files:
            for start in range(0, file.rows, ROWS_PER_STEP):
                keys = np.array(file.keys[start : start + ROWS_PER_STEP])
                yield keys, file.of(keys)[1]

    def _read(self, keys: KeyArray) -> tuple[NDArray[np.bool_], FloatArray]:
        found = np.zeros(len(keys), dtype=bool)
        rows = np.zeros((len(keys), self._cells.code_size), dtype=np.float32)
        for file in self._files:
            here, vectors = file.of(keys)
            rows[here] = vectors
            found |= here
        return found, rows

    def _scored(self, query: FloatArray, keys: KeyArray) -> tuple[KeyArray, FloatArray]:
        found, rows = self._read(keys)
        return keys[found], rows[found] @ query


class _CodedFile:
    """One file, opened by memory map."""

    def __init__(self, path: Path, file: VectorFile, cells: Cells) -> None:
        require_known_layout()
        self.rows, self._path = file.rows, path
        self.lists = open_lists(path, file, cells.count, cells.code_size)
        self._code_size = cells.code_size
        size, behind = data_bytes(file.rows, cells.code_size), file.rows * (2 * KEY_BYTES + cells.bytes_of_halves)
        end = size + -size % ALIGNMENT
        if not file.rows or _begin_of_codes(path) + end + behind != file.bytes:
            raise damaged(path)
        require_mapped(self.lists)
        content = _mapped(self.lists, end + behind)
        keys_and_places = content[end:][: 2 * KEY_BYTES * file.rows].view(np.int64)
        self.keys, self._places = keys_and_places.reshape(2, -1)
        self.halves = content[end:][2 * KEY_BYTES * file.rows :].reshape(file.rows, -1)
        self._bytes = content[:size]
        self._scales = cells.scales()
        self._index = given_to(cells.empty(), self.lists)

    def search(
        self, queries: FloatArray, k: int, cells: NDArray[np.int64], allowed: Any
    ) -> tuple[KeyArray, FloatArray]:
        """Find the k best of each query (n, hidden_size) in its cells (n, probes): keys, -1 for none, and scores."""
        keys = np.empty((len(queries), k), dtype=np.int64)
        scores = np.empty((len(queries), k), dtype=np.float32)
        parameters: Any = faiss.SearchParametersIVF
        chosen = parameters(nprobe=cells.shape[1], **({"sel": allowed} if allowed is not None else {}))
        arrays = [np.ascontiguousarray(array) for array in (queries, cells, np.zeros(cells.shape, np.float32))]
        query, where, distances = (faiss.swig_ptr(array) for array in arrays)
        found = faiss.swig_ptr(scores), faiss.swig_ptr(keys)
        self._index.search_preassigned_c(len(queries), query, k, where, distances, *found, False, chosen)
        return keys, scores

    def of(self, keys: KeyArray) -> tuple[NDArray[np.bool_], FloatArray]:
        """Read vectors by key: which of these keys (n,) are here, and the vectors of those that are."""
        positions = np.searchsorted(self.keys, keys)
        here = np.take(self.keys, positions, mode="clip") == keys
        positions = positions[here]
        places = self._places[positions]
        rows = np.lib.stride_tricks.sliding_window_view(self._bytes, self._code_size)
        if not ((places >= 0) & (places < len(rows))).all():
            raise damaged(self._path)
        return here, decoded(rows[places], self.halves[positions], *self._scales)


def _begin_of_codes(path: Path) -> int:
    """Return where the first code stands in a file of FAISS's lists: behind what they are, and the size of each."""
    sizes = int(np.fromfile(path, dtype="<u8", count=1, offset=SIZES_AT)[0])
    return SIZES_AT + (1 + sizes) * KEY_BYTES


def _mapped(lists: Any, size: int) -> NDArray[np.uint8]:
    """View what FAISS has mapped of a file, from the first list's first code on, as long as the lists are there."""
    first = next(number for number in range(lists.nlist) if lists.list_size(number))
    view: NDArray[np.uint8] = faiss.rev_swig_ptr(lists.get_codes(first), size)
    return view


def _best(keys: KeyArray, scores: FloatArray, k: int) -> tuple[KeyArray, FloatArray]:
    """Return the k best, best first; equal scores in the order of their keys, which are -1 where there is none."""
    best = np.lexsort((keys, -scores))
    best = best[keys[best] >= 0][:k]
    return keys[best], scores[best]


def _write(folder: Path, kind: Kind, lists: Any, keys: KeyArray, halves: NDArray[np.uint8]) -> VectorFile:
    require_known_layout()
    in_lists, places = _places(lists)
    by_key, order = np.argsort(in_lists), np.argsort(keys)
    return write_lists(folder, kind, lists, (in_lists[by_key], places[by_key], halves[order]))


def _places(lists: Any) -> tuple[KeyArray, NDArray[np.int64]]:
    """Return the keys of lists, and where the code of each stands, from the first list's first byte on."""
    sizes = np.array([lists.list_size(number) for number in range(lists.nlist)], dtype=np.int64)
    keys = [np.empty(0, dtype=np.int64)]
    for number in np.flatnonzero(sizes).tolist():
        keys.append(faiss.rev_swig_ptr(lists.get_ids(number), int(sizes[number])).copy())
    # FAISS writes list by list, the codes of one and then its keys.
    first_byte = np.cumsum(sizes * (lists.code_size + KEY_BYTES)) - sizes * (lists.code_size + KEY_BYTES)
    first_row = np.cumsum(sizes) - sizes
    rows = np.arange(sizes.sum()) - np.repeat(first_row, sizes)
    return np.concatenate(keys), np.repeat(first_byte, sizes) + rows * lists.code_size
