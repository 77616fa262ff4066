"""Files of words' vectors, many and therefore small: searched by codes of 64 bytes, ranked again by who asks.

While a collection is small its vectors lie in files of half precision. When there are enough of them, they teach
a code: a rotation (or projection) to CODE_DIMENSIONS, cells to look in (inverted lists), and how four bits stand
for each dimension. From then on a file holds the lists of its codes alone, and all files share the code, which
is a file of its own; files can thus be merged, and rows dropped, without loss.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from clinsearch.records import FloatArray
from clinsearch.storage.spaces.files import (
    SEARCH_THREADS,
    KeyArray,
    Kind,
    VectorFile,
    damaged,
    flag_selector,
    read_index,
    require_size,
    unreadable,
    write_file,
)
from clinsearch.storage.spaces.lists import (
    add_to_list,
    each_list,
    empty_lists,
    given_to,
    is_listed,
    keys_in,
    open_lists,
    taken_from,
    write_lists,
)

CODE_DIMENSIONS = 128
CELLS = 1024
# Measured on 197,000 words of clinical notes: the ten nearest are all but certain to be among the 30 best codes
# of an eighth of the cells. See benchmarks/README.md.
CELLS_SEARCHED = 128
ROWS_TO_LEARN_FROM = 50_000
# The exponent of what is infinite or no number, in half precision.
NO_NUMBER = np.uint16(0x7C00)

Allowed = NDArray[np.bool_]


class WordCode:
    """How vectors become codes. One code serves all files of a collection."""

    def __init__(self, index: Any) -> None:
        self._index = index
        self.cells: Any = faiss.downcast_index(faiss.extract_index_ivf(index))

    @classmethod
    def learn(cls, vectors: FloatArray) -> WordCode:
        """Learn a code from vectors (n, width), the more like those to come the better."""
        width = vectors.shape[1]
        turn = f"RR{width}" if width <= CODE_DIMENSIONS else f"PCAR{CODE_DIMENSIONS}"
        index = faiss.index_factory(width, f"{turn},IVF{CELLS},SQ4", faiss.METRIC_INNER_PRODUCT)
        cells: Any = faiss.downcast_index(faiss.extract_index_ivf(index))
        cells.cp.niter = 10
        # Four bits from the smallest to the largest value would be wasted on what is rare.
        cells.sq.rangestat, cells.sq.rangestat_arg = faiss.ScalarQuantizer.RS_quantiles, 0.01
        index.train(np.ascontiguousarray(vectors))
        return cls(index)

    @classmethod
    def read(cls, path: Path, file: VectorFile) -> WordCode:
        """Read a code from its file. Raises FileNotFoundError, CollectionDamaged."""
        require_size(path, file)
        try:
            index = faiss.read_index(str(path))
        except (RuntimeError, MemoryError):
            raise unreadable(path) from None
        if not _is_sound_code(index):
            raise damaged(path)
        return cls(index)

    def write(self, folder: Path, rows: int) -> VectorFile:
        """Write the code to a new file; `rows` says how many vectors it was learnt from."""
        return write_file(folder, "code", rows, lambda writer: faiss.write_index(self._index, writer))

    def turned(self, vectors: FloatArray) -> FloatArray:
        """Bring vectors (n, width) to the dimensions of the code, at most CODE_DIMENSIONS."""
        turned: FloatArray = self._index.chain.at(0).apply(np.ascontiguousarray(vectors))
        return turned

    def lists_of(self, keys: KeyArray, vectors: FloatArray) -> Any:
        """Make the lists of codes of vectors (n, width) under their keys (n,)."""
        faiss.omp_set_num_threads(SEARCH_THREADS)
        cells: Any = self.with_lists(empty_lists(CELLS, self.cells.code_size))
        cells.add_with_ids(self.turned(vectors), np.ascontiguousarray(keys))
        return taken_from(cells)

    def with_lists(self, lists: Any) -> Any:
        """Return a searchable index of these lists, which it owns from now on."""
        cells = given_to(faiss.clone_index(self.cells), lists)
        cells.nprobe = CELLS_SEARCHED
        return cells


def write_word_vectors(
    folder: Path, kind: Kind, keys: KeyArray, vectors: FloatArray, code: WordCode | None
) -> VectorFile:
    """Write vectors (n, width) under their keys (n,) to a new file: as codes, or in half precision without a code."""
    if code:
        return write_lists(folder, kind, code.lists_of(keys, vectors))
    flat = faiss.IndexScalarQuantizer(vectors.shape[1], faiss.ScalarQuantizer.QT_fp16, faiss.METRIC_INNER_PRODUCT)
    index = faiss.IndexIDMap(flat)
    index.add_with_ids(np.ascontiguousarray(vectors), np.ascontiguousarray(keys))
    return write_file(folder, kind, len(keys), lambda writer: faiss.write_index(index, writer))


def read_plain(path: Path, file: VectorFile) -> FloatArray:
    """Read the vectors of a file of half precision, (rows, width)."""
    index = _open_plain(path, file)
    vectors: FloatArray = index.index.reconstruct_n(0, index.ntotal)
    return vectors


def merge_word_files(
    folder: Path, files: Sequence[VectorFile], live: Allowed, code: WordCode | None
) -> VectorFile | None:
    """Write the live rows of files of one kind to one new file; None if none is left.

    live: by key, which rows are in use. With a code, rows of half precision become codes.
    """
    kind = files[0].kind
    plain = [_open_plain(folder / file.name, file) for file in files if not is_listed(file)]
    keys, vectors = _live_rows(plain, live)
    if code is None:
        return write_word_vectors(folder, kind, keys, vectors, None) if len(keys) else None
    merged = empty_lists(CELLS, code.cells.code_size)
    if len(keys):
        merged = code.lists_of(keys, vectors)
    for file in files:
        if is_listed(file):
            _add_live_codes(merged, _open_lists(folder / file.name, file, code), live)
    return write_lists(folder, kind, merged) if merged.compute_ntotal() else None


class WordVectorSet:
    """Some files of words' vectors of one kind, opened together by memory map and searched as one."""

    def __init__(self, folder: Path, files: Sequence[VectorFile], code: WordCode | None) -> None:
        """Open the files. Raises FileNotFoundError if one is gone, CollectionDamaged if one is not whole."""
        self._indexes: list[Any] = []
        self._code = code
        for file in files:
            path = folder / file.name
            if not is_listed(file):
                self._indexes.append(_open_plain(path, file))
            elif code is None:
                raise damaged(path)
            else:
                self._indexes.append(code.with_lists(_open_lists(path, file, code)))
        self.rows = sum(index.ntotal for index in self._indexes)
        self.is_coded = any(is_listed(file) for file in files)

    def keys(self) -> KeyArray:
        """Read the key of every row, in no particular order."""
        return np.concatenate([np.empty(0, dtype=np.int64), *map(_keys, self._indexes)])

    def search(self, query: FloatArray, k: int, allowed: Allowed | None = None) -> tuple[KeyArray, FloatArray]:
        """Find about the k rows nearest to the query (width,), best first; their scores are as near as codes are.

        With `allowed`, by key, as if no other rows were there; then every cell is searched, as where few hold too few.
        """
        faiss.omp_set_num_threads(SEARCH_THREADS)
        keys, scores = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.float32)]
        for index in self._indexes:
            found_scores, found_keys = self._search(index, query, min(k, index.ntotal), allowed)
            there = found_keys[0] >= 0
            keys.append(found_keys[0][there])
            scores.append(found_scores[0][there])
        all_keys, all_scores = np.concatenate(keys), np.concatenate(scores)
        best = np.lexsort((all_keys, -all_scores))[:k]
        return all_keys[best], all_scores[best]

    def _search(self, index: Any, query: FloatArray, k: int, allowed: Allowed | None) -> tuple[FloatArray, KeyArray]:
        selected: dict[str, Any] = {} if allowed is None else {"sel": flag_selector(allowed)}
        if isinstance(index, faiss.IndexIDMap) or self._code is None:
            parameters: Any = faiss.SearchParameters
            return index.search(query[None, :], k, params=parameters(**selected))  # type: ignore[no-any-return]
        parameters = faiss.SearchParametersIVF
        turned = self._code.turned(query[None, :])
        if not selected:
            scores, keys = index.search(turned, k, params=parameters(nprobe=CELLS_SEARCHED))
            if (keys >= 0).all():
                return scores, keys
        return index.search(turned, k, params=parameters(nprobe=CELLS, **selected))  # type: ignore[no-any-return]


def _open_plain(path: Path, file: VectorFile) -> Any:
    index = read_index(path, file)
    if not _is_sound(index, file.rows):
        raise damaged(path)
    return index


def _is_sound(index: Any, rows: int) -> bool:
    """Tell whether an index's counts agree, so that no search can read past its end."""
    if not isinstance(index, faiss.IndexIDMap):
        return False
    flat: Any = faiss.downcast_index(index.index)
    is_half = isinstance(flat, faiss.IndexScalarQuantizer) and flat.sq.qtype == faiss.ScalarQuantizer.QT_fp16
    is_counted = index.ntotal == flat.ntotal == index.id_map.size() == rows
    if not (is_half and is_counted and index.d == flat.d == flat.sq.d and flat.code_size == 2 * flat.d):
        return False
    halves = faiss.rev_swig_ptr(flat.codes.data(), flat.codes.size()).view(np.uint16)
    return not bool(((halves & NO_NUMBER) == NO_NUMBER).any())


def _is_sound_code(index: Any) -> bool:
    """Tell whether an index is a code such as `WordCode.learn` makes, whose parts go together."""
    chain: Any = getattr(index, "chain", None)
    if not isinstance(index, faiss.IndexPreTransform) or chain.size() != 1 or not index.is_trained:
        return False
    turn, cells = faiss.downcast_VectorTransform(chain.at(0)), faiss.downcast_index(index.index)
    if not isinstance(turn, faiss.LinearTransform) or not isinstance(cells, faiss.IndexIVFScalarQuantizer):
        return False
    centres = faiss.downcast_index(cells.quantizer)
    if not isinstance(centres, faiss.IndexFlat) or cells.sq.qtype != faiss.ScalarQuantizer.QT_4bit:
        return False
    is_shaped = turn.A.size() == turn.d_in * turn.d_out and turn.d_out == cells.d == centres.d == cells.sq.d
    is_counted = cells.nlist == centres.ntotal == CELLS and cells.sq.trained.size() == 2 * cells.d
    if not is_shaped or not is_counted or turn.b.size() not in (0, turn.d_out):
        return False
    values = (turn.A, turn.b, cells.sq.trained)
    return all(bool(np.isfinite(faiss.vector_to_array(some)).all()) for some in values)


def _open_lists(path: Path, file: VectorFile, code: WordCode) -> Any:
    return open_lists(path, file, CELLS, code.cells.code_size)


def _keys(index: Any) -> KeyArray:
    if isinstance(index, faiss.IndexIDMap):
        keys: KeyArray = faiss.vector_to_array(index.id_map)
        return keys
    return keys_in(index.invlists)


def _live_rows(indexes: Sequence[Any], live: Allowed) -> tuple[KeyArray, FloatArray]:
    """Read the live rows of files of half precision."""
    keys, vectors = [np.empty(0, dtype=np.int64)], []
    for index in indexes:
        own = _keys(index)
        kept = is_live(own, live)
        keys.append(own[kept])
        vectors.append(index.index.reconstruct_n(0, index.ntotal)[kept])
    return np.concatenate(keys), np.concatenate(vectors) if vectors else np.empty((0, 0), dtype=np.float32)


def is_live(keys: KeyArray, live: Allowed) -> NDArray[np.bool_]:
    """Tell of each key whether its row is in use."""
    is_known = (keys >= 0) & (keys < len(live))
    known_to_live: NDArray[np.bool_] = is_known & np.append(live, False)[np.where(is_known, keys, -1)]
    return known_to_live


def lost_keys(keys: KeyArray, live: Allowed) -> KeyArray:
    """Return the live keys, in order, that are not among these."""
    lost = live.copy()
    lost[keys[is_live(keys, live)]] = False
    return np.flatnonzero(lost)


def _add_live_codes(merged: Any, lists: Any, live: Allowed) -> None:
    for number, keys, codes in each_list(lists):
        kept = is_live(keys, live)
        add_to_list(merged, number, keys[kept], codes[kept])
