"""Codes in cells: nearby vectors share a cell, and search looks only into the cells nearest to the query.

The common part of the codecs with a byte and with four bits per dimension. How many cells to search is measured on the
collection's own vectors. All files of a kind share the centres of its cells, which have their own file: files can be
merged, and rows dropped, without loss.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from functools import cached_property
from itertools import chain
from pathlib import Path
from typing import Any, TypeAlias

import faiss
import numpy as np
from numpy.typing import NDArray

from clinsearch.encoder.threads import processors
from clinsearch.records import FloatArray
from clinsearch.records.keys import KeyArray, is_among
from clinsearch.storage.folder.spaces import lists
from clinsearch.storage.folder.spaces.codecs import Codec, Found, OpenFile, Ranked
from clinsearch.storage.folder.spaces.faiss_layout import require_known_layout
from clinsearch.storage.folder.spaces.files import SEARCH_THREADS, VectorFile, write_index
from clinsearch.storage.values import Kind

# Half precision is enough for learning.
Sample: TypeAlias = NDArray[np.float16] | NDArray[np.float32]
# Rows are coded this many at a time; more go to several files until these are merged.
ROWS_PER_FILE = 1 << 18
# FAISS writes a place as the number of a cell, in the upper bits, and of a row in it.
CELL_SHIFT = 32


class CellCodec(Codec):
    """Centres, and how values are coded, as in FAISS's `index`; `ivf` is the part of it with the cells.

    probes: how many cells to search for the k best, by k; all of them beyond the largest k.
    """

    def __init__(self, index: Any, probes: Mapping[int, int] | None = None) -> None:
        self._index = index
        ivf: Any = faiss.downcast_index(faiss.extract_index_ivf(index))
        self.ivf = ivf
        self._centres: Any = faiss.downcast_index(ivf.quantizer)
        self.probes = dict(probes or {})
        self.count, self.width = ivf.nlist, ivf.d
        self.code_size: int = ivf.code_size

    def save(self, folder: Path, kind: Kind, rows: int) -> VectorFile:
        """Write what was learned to a new file of that kind; `rows`: for how many vectors."""
        return write_index(folder, kind, rows, self._index)

    def probes_for(self, k: int) -> int:
        """Return how many cells to search for the k best."""
        return min((probes for depth, probes in self.probes.items() if depth >= k), default=self.count)

    def nearest(self, queries: FloatArray, probes: int) -> tuple[NDArray[np.int64], FloatArray]:
        """Return the cells to search for queries (n, width) and the scores of their centres, (n, probes) each."""
        return self.by_nearness(queries, probes)

    def by_nearness(self, queries: FloatArray, probes: int) -> tuple[NDArray[np.int64], FloatArray]:
        """Return the cells nearest to queries (n, width), nearest first, and the scores of their centres."""
        near, cells = self._centres.search(np.ascontiguousarray(queries), min(probes, self.count))
        return cells, near

    def lists_of(self, keys: KeyArray, vectors: FloatArray) -> Any:
        """Make inverted lists of the codes of vectors (n, width), with their keys (n,)."""
        index = lists.given_to(self.empty(), lists.empty_lists(self.count, self.code_size))
        index.add_with_ids(np.ascontiguousarray(self.turned(vectors)), np.ascontiguousarray(keys))
        return lists.taken_from(index)

    def empty(self) -> Any:
        """Make an empty index with these cells; it must not outlive them."""
        own = self.ivf
        index: Any = faiss.IndexIVFScalarQuantizer(
            self._centres, own.d, own.nlist, own.sq.qtype, faiss.METRIC_INNER_PRODUCT, own.by_residual
        )
        index.sq, index.is_trained = own.sq, True
        return index

    def halves(self, vectors: FloatArray) -> NDArray[np.uint8]:
        """Return what is stored of vectors in addition to their codes, (n, bytes): nothing."""
        return np.empty((len(vectors), 0), dtype=np.uint8)

    def write(self, folder: Path, kind: Kind, keys: KeyArray, vectors: FloatArray) -> VectorFile:
        """Write vectors (n, width) with their keys (n,) to a new file, as codes."""
        require_known_layout()
        faiss.omp_set_num_threads(SEARCH_THREADS)
        return self._write(folder, kind, self.lists_of(keys, vectors), keys, self.halves(vectors))

    def write_all(self, folder: Path, kind: Kind, rows: Iterable[tuple[KeyArray, FloatArray]]) -> VectorFile | None:
        """Write rows to one new file, if there are any; decoded vectors get the same codes again."""
        files = [self._write(folder, kind, *group) for group in self._groups(rows)]
        if len(files) < 2:
            return files[0] if files else None
        merged, _ = self.merge(folder, files, np.empty(0, dtype=np.int64))
        for file in files:
            (folder / file.name).unlink()
        return merged

    def _groups(self, rows: Iterable[tuple[KeyArray, FloatArray]]) -> Iterator[tuple[Any, KeyArray, NDArray[np.uint8]]]:
        """Yield the lists, keys and halves of rows, of slightly more than ROWS_PER_FILE at a time."""
        require_known_layout()
        faiss.omp_set_num_threads(processors())
        steps = iter(rows)
        while first := next(steps, None):
            index = lists.given_to(self.empty(), lists.empty_lists(self.count, self.code_size))
            all_keys, halves = [], []
            for keys, vectors in chain([first], steps):
                index.add_with_ids(np.ascontiguousarray(self.turned(vectors)), np.ascontiguousarray(keys))
                all_keys.append(keys)
                halves.append(self.halves(vectors))
                if index.ntotal >= ROWS_PER_FILE:
                    break
            yield lists.taken_from(index), np.concatenate(all_keys), np.concatenate(halves)

    def _write(self, folder: Path, kind: Kind, own: Any, keys: KeyArray, halves: NDArray[np.uint8]) -> VectorFile:
        return lists.write_lists(folder, kind, [lists.Part(own, np.ones(len(keys), dtype=bool))])

    def open(self, path: Path, file: VectorFile) -> CellFile:
        """Open a file. Raises FileNotFoundError if it is gone, CollectionDamaged if it is damaged."""
        return CellFile(path, file, self)

    def merge(self, folder: Path, files: Sequence[VectorFile], deleted: KeyArray) -> tuple[VectorFile | None, KeyArray]:
        """Merge files into one without the deleted rows; return it, if any rows are left, and all their keys."""
        opened = [self.open(folder / file.name, file) for file in files]
        keys = [lists.keys_in(file.lists) for file in opened]
        parts = [lists.Part(file.lists, ~is_among(own, deleted)) for file, own in zip(opened, keys, strict=True)]
        is_any = any(part.kept.any() for part in parts)
        merged = self._merged(folder, files[0].kind, opened, parts, deleted) if is_any else None
        return merged, np.concatenate(keys)

    def _merged(
        self, folder: Path, kind: Kind, files: Sequence[Any], parts: Sequence[lists.Part], deleted: KeyArray
    ) -> VectorFile:
        return lists.write_lists(folder, kind, parts)

    def decoded(self, codes: NDArray[np.uint8], cells: NDArray[np.int64]) -> FloatArray:
        """Decode codes (n, code_size) in these cells (n,) to vectors (n, width)."""
        vectors: FloatArray = self.ivf.sq.decode(np.ascontiguousarray(codes))
        if self.ivf.by_residual:
            vectors += self._centre_rows[cells]
        return vectors

    @cached_property
    def _centre_rows(self) -> FloatArray:
        rows: FloatArray = self._centres.reconstruct_n(0, self.count)
        return rows


class CellFile(OpenFile):
    """One file of inverted lists, opened by memory map."""

    def __init__(self, path: Path, file: VectorFile, codec: CellCodec) -> None:
        require_known_layout()
        self.rows, self.width, self._codec = file.rows, codec.width, codec
        self.lists = lists.open_lists(path, file, codec.count, codec.code_size)
        self._index = lists.given_to(codec.empty(), self.lists)

    @cached_property
    def keys(self) -> KeyArray:  # type: ignore[override]  # there it can be set, too
        """Read the key of every row, list by list."""
        return lists.keys_in(self.lists)

    @cached_property
    def _order(self) -> NDArray[np.int64]:
        return np.argsort(self.keys)

    @cached_property
    def _ends(self) -> NDArray[np.int64]:
        """How many rows there are in the lists up to each, that included."""
        return lists.list_sizes(self.lists).cumsum()

    def search(self, queries: FloatArray, k: int, cells: NDArray[np.int64], near: FloatArray, allowed: Any) -> Ranked:
        """Find the k best for each query (n, width) in its cells: keys, -1 for none, and scores, (n, k) each."""
        return self._search(queries, k, cells, near, allowed, tells_places=False)

    def cells_of_best(self, queries: FloatArray, k: int, cells: NDArray[np.int64], near: FloatArray) -> Ranked:
        """Find the k best as `search` does: the numbers of their cells, -1 for none, and scores, (n, k) each."""
        places, scores = self._search(queries, k, cells, near, None, tells_places=True)
        return places >> CELL_SHIFT, scores

    def _search(
        self,
        queries: FloatArray,
        k: int,
        cells: NDArray[np.int64],
        near: FloatArray,
        allowed: Any,
        *,
        tells_places: bool,
    ) -> Ranked:
        keys = np.empty((len(queries), k), dtype=np.int64)
        scores = np.empty((len(queries), k), dtype=np.float32)
        parameters: Any = faiss.SearchParametersIVF
        chosen = parameters(nprobe=cells.shape[1], **({"sel": allowed} if allowed is not None else {}))
        arrays = [np.ascontiguousarray(array) for array in (queries, cells, near)]
        query, where, distances = (faiss.swig_ptr(array) for array in arrays)
        found = faiss.swig_ptr(scores), faiss.swig_ptr(keys)
        self._index.search_preassigned_c(len(queries), query, k, where, distances, *found, tells_places, chosen)
        return keys, scores

    def of(self, keys: KeyArray) -> Found:
        """Read vectors by key: which of these keys (n,) are here, and the vectors of those that are.

        Reads, and sorts, all keys of the file the first time.
        """
        own = self.keys
        places = self._order.take(np.searchsorted(own, keys, sorter=self._order), mode="clip")
        here = own[places] == keys
        cells = np.searchsorted(self._ends, places[here], side="right")
        within = places[here] - np.append(0, self._ends)[cells]
        return here, self._codec.decoded(lists.rows_at(self.lists, cells, within), cells)
