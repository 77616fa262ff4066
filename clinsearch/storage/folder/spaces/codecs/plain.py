"""Uncoded values, in float32 or half precision, searched exactly."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import DTypeLike, NDArray

from clinsearch.records import FloatArray
from clinsearch.records.keys import KeyArray, is_among
from clinsearch.storage.folder.spaces import files as vector_files
from clinsearch.storage.folder.spaces.codecs import Codec, Found, OpenFile, Ranked
from clinsearch.storage.folder.spaces.files import VectorFile
from clinsearch.storage.values import Kind

# The exponent of infinities and NaN in half precision.
NO_NUMBER = np.uint16(0x7C00)


class Plain(Codec):
    """A codec that learns nothing. `dtype`: of the values in files; `make`: makes a FAISS index of a given width."""

    is_exact = True

    def __init__(self, dtype: DTypeLike, make: Callable[[int], Any]) -> None:
        self.dtype, self._make = np.dtype(dtype), make

    def write(self, folder: Path, kind: Kind, keys: KeyArray, vectors: FloatArray) -> VectorFile:
        """Write vectors (n, width) with their keys (n,) to a new file, in the order of the keys."""
        if (np.diff(keys) < 0).any():
            order = np.argsort(keys)
            keys, vectors = keys[order], vectors[order]
        index = faiss.IndexIDMap(self._make(vectors.shape[1]))
        index.add_with_ids(np.ascontiguousarray(vectors), np.ascontiguousarray(keys))
        return vector_files.write_index(folder, kind, len(keys), index)

    def open(self, path: Path, file: VectorFile) -> PlainFile:
        """Open a file. Raises FileNotFoundError if it is gone, CollectionDamaged if it is damaged."""
        index = vector_files.read_index(path, file)
        if not self._is_sound(index, file.rows):
            raise vector_files.damaged(path)
        return PlainFile(index, self.dtype)

    def merge(self, folder: Path, files: Sequence[VectorFile], deleted: KeyArray) -> tuple[VectorFile | None, KeyArray]:
        """Merge files into one without the deleted rows; return it, if any rows are left, and all their keys."""
        opened = [self.open(folder / file.name, file) for file in files]
        keys = np.concatenate([one.keys for one in opened])
        kept = np.unique(keys[~is_among(keys, deleted)])
        if not len(kept):
            return None, keys
        index = faiss.IndexIDMap(self._make(opened[0].width))
        for some in np.array_split(kept, -(-len(kept) // vector_files.ROWS_PER_STEP)):
            rows = np.empty((len(some), opened[0].width), dtype=np.float32)
            for one in opened:
                here, vectors = one.of(some)
                rows[here] = vectors
            index.add_with_ids(rows, some)
        return vector_files.write_index(folder, files[0].kind, len(kept), index), keys

    def _is_sound(self, index: Any, rows: int) -> bool:
        """Tell whether an index is this codec's and its counts agree, so that search cannot read past its end."""
        if not isinstance(index, faiss.IndexIDMap):
            return False
        expected: Any = self._make(1)
        inner: Any = faiss.downcast_index(index.index)
        if type(inner) is not type(expected) or inner.code_size != self.dtype.itemsize * inner.d:
            return False
        if hasattr(expected, "sq") and (inner.sq.qtype != expected.sq.qtype or inner.sq.d != inner.d):
            return False
        is_counted = index.ntotal == inner.ntotal == index.id_map.size() == rows and index.d == inner.d
        if not is_counted or inner.codes.size() != rows * inner.code_size:
            return False
        # Earlier files in half precision are not sorted.
        is_in_order = self is HALF or bool((np.diff(faiss.vector_to_array(index.id_map)) > 0).all())
        return is_in_order and _are_numbers(_rows(inner, self.dtype))


class PlainFile(OpenFile):
    """One file, opened by memory map."""

    def __init__(self, index: Any, dtype: np.dtype[Any]) -> None:
        self.rows, self.width = index.ntotal, index.d
        self._index = index
        self._values = _rows(faiss.downcast_index(index.index), dtype)
        self.keys = faiss.vector_to_array(index.id_map)
        self._order = None if (np.diff(self.keys) > 0).all() else np.argsort(self.keys, kind="stable")

    def search(self, queries: FloatArray, k: int, cells: NDArray[np.int64], near: FloatArray, allowed: Any) -> Ranked:
        """Find the k best for one query (1, width), and everything that ties with the last of them."""
        if not self.rows:
            return np.empty((1, 0), dtype=np.int64), np.empty((1, 0), dtype=np.float32)
        search_parameters: Any = faiss.SearchParameters
        parameters = None if allowed is None else search_parameters(sel=allowed)
        wanted = min(k + 1, self.rows)
        while True:
            scores, keys = self._index.search(queries, wanted, params=parameters)
            found = int((keys[0] >= 0).sum())
            is_all = wanted == self.rows or found < wanted
            if is_all or scores[0, found - 1] < scores[0, k - 1]:
                return keys[:, :found], scores[:, :found]
            wanted = min(wanted * 2, self.rows)

    def of(self, keys: KeyArray) -> Found:
        """Read vectors by key: which of these keys (n,) are in the file, and the vectors of those."""
        if not self.rows:
            return np.zeros(len(keys), dtype=bool), np.empty((0, self.width), dtype=np.float32)
        places = np.searchsorted(self.keys, keys, sorter=self._order)
        places = np.minimum(places, self.rows - 1) if self._order is None else self._order.take(places, mode="clip")
        here = self.keys[places] == keys
        return here, self._values[places[here]].astype(np.float32, copy=False)


def _rows(index: Any, dtype: np.dtype[Any]) -> NDArray[Any]:
    """View an index's vectors without copying them, (rows, width)."""
    view: NDArray[np.uint8] = faiss.rev_swig_ptr(index.codes.data(), index.codes.size())
    return view.view(dtype).reshape(-1, index.d)


def _are_numbers(rows: NDArray[Any]) -> bool:
    """Tell whether all values are finite: NaN would never be found, infinity always."""
    if rows.dtype == np.float16:
        return not bool(((rows.view(np.uint16) & NO_NUMBER) == NO_NUMBER).any())
    return bool(np.isfinite(rows.sum(dtype=np.float64)))  # a sum is not finite if one of its terms is not


FLAT = Plain(np.float32, faiss.IndexFlatIP)
HALF = Plain(
    np.float16,
    lambda width: faiss.IndexScalarQuantizer(width, faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT),
)
