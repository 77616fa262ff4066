"""A byte and a bit per dimension, in cells: for the vectors of sentences, openings and notes if these are many.

A code does not depend on its cell: if the cells change, codes are moved without loss. After FAISS's lists a file holds
its keys in order, the position of each key's code, and its halves: see `halves`. What the codes find is ranked by both.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import faiss
import numpy as np
from numpy.typing import NDArray

from clinsearch.encoder.threads import processors
from clinsearch.records import FloatArray
from clinsearch.records.keys import KeyArray, is_among
from clinsearch.storage.folder.spaces import lists
from clinsearch.storage.folder.spaces.codecs import Codec, Found
from clinsearch.storage.folder.spaces.codecs.cells import CellCodec, CellFile, Sample
from clinsearch.storage.folder.spaces.codecs.centres import flat_index, sample_size, two_step_centres
from clinsearch.storage.folder.spaces.faiss_layout import require_mapped
from clinsearch.storage.folder.spaces.files import ROWS_PER_STEP, VectorFile, damaged, read_index
from clinsearch.storage.folder.spaces.lists import ALIGNMENT, KEY_BYTES, Part
from clinsearch.storage.values import Kind

# Exact search of this many takes 5 ms; beyond, it would be the larger part of a search.
LEAST_ROWS = 50_000
# Cells are rebuilt at this many times the vectors that they were made for.
GROWTH = 4
# Cells per square root of rows. Measured on 1 and 10 million: at four, centres and codes take about the same time.
CELLS_PER_ROOT = 4
# To assign a vector to its cell, the centres of this many groups are compared.
GROUPS_SEARCHED = 8
# Room beyond the smallest and largest value seen, as a share of the range.
MARGIN = 0.05
# Of a byte, from the smallest value to the largest.
STEPS = 255
# Of ten million vectors the nearest ten are among the 14 best codes, but only 98 % of them among the ten best.
CODES_BESIDE, CODES_PER_HIT = 10, 1.25


class EightBits(CellCodec):
    """The codec: a byte per dimension, in cells."""

    reads_by_key = is_learned_anew = True

    def __init__(self, index: Any, probes: Mapping[int, int] | None = None) -> None:
        super().__init__(index, probes)
        self.bytes_of_halves = -(-self.width // 8)

    @classmethod
    def learn(cls, vectors: Sample, count: int, codes_of: EightBits | None = None) -> EightBits:
        """Learn cells from vectors (n, width), and codes, too, unless `codes_of` has them."""
        faiss.omp_set_num_threads(processors())
        width = vectors.shape[1]
        centres, groups = two_step_centres(vectors, count)
        quantizer: Any = faiss.IndexIVFFlat(flat_index(groups), width, len(groups), faiss.METRIC_INNER_PRODUCT)
        quantizer.add(centres)
        quantizer.nprobe = GROUPS_SEARCHED
        kind = faiss.ScalarQuantizer.QT_8bit
        index: Any = faiss.IndexIVFScalarQuantizer(
            quantizer, width, len(centres), kind, faiss.METRIC_INNER_PRODUCT, False
        )
        if codes_of is None:
            index.sq.rangestat, index.sq.rangestat_arg = faiss.ScalarQuantizer.RS_minmax, MARGIN
            index.sq.train(np.stack([vectors.min(axis=0), vectors.max(axis=0)]).astype(np.float32))
        else:
            index.sq = codes_of.ivf.sq
        index.is_trained = True
        return cls(index)

    @classmethod
    def least_rows(cls) -> int:
        """Return the number of vectors from which on a kind is coded."""
        return LEAST_ROWS

    @classmethod
    def sample_size(cls, rows: int) -> int:
        """Return how many vectors to learn from, of `rows`."""
        return sample_size(cells_wanted(rows))

    @classmethod
    def learn_from(cls, sample: Sample, rows: int, former: CellCodec | None) -> EightBits:
        """Learn as many cells as this number of rows needs; codes stay the same."""
        return cls.learn(sample, cells_wanted(rows), former if isinstance(former, EightBits) else None)

    @classmethod
    def read(cls, path: Path, file: VectorFile, probes: Mapping[int, int]) -> EightBits:
        """Read cells from their file. Raises FileNotFoundError, CollectionDamaged."""
        index = read_index(path, file)
        if not _is_sound(index):
            raise damaged(path)
        return cls(index, probes)

    def codes_for(self, k: int) -> int:
        """Return how many of the best codes to rank again to find the k best."""
        return CODES_BESIDE + int(k * CODES_PER_HIT)

    def nearest(self, queries: FloatArray, probes: int) -> tuple[NDArray[np.int64], FloatArray]:
        """Return the cells to search for queries (n, width), (n, probes), with scores of zero; all in any order."""
        return Codec.nearest(self, queries, probes) if probes >= self.count else self.by_nearness(queries, probes)

    def by_nearness(self, queries: FloatArray, probes: int) -> tuple[NDArray[np.int64], FloatArray]:
        """Return the cells nearest to queries (n, width), nearest first, (n, probes), with scores of zero."""
        parameters: Any = faiss.SearchParametersIVF
        _, cells = self._centres.search(queries, probes, params=parameters(nprobe=self._centres.nlist))
        return cells, np.zeros(cells.shape, np.float32)

    def open(self, path: Path, file: VectorFile) -> EightBitFile:
        """Open a file. Raises FileNotFoundError if it is gone, CollectionDamaged if it is damaged."""
        return EightBitFile(path, file, self)

    def halves(self, vectors: FloatArray) -> NDArray[np.uint8]:
        """Return in which half of its byte's step each value of vectors (n, width) is, one bit each."""
        smallest, width = self.scales()
        # A dimension may be the same in all vectors, at least in half precision.
        steps = np.divide(vectors - smallest, width, out=np.zeros_like(vectors), where=width > 0) * STEPS
        return np.packbits(steps - self.ivf.sq.compute_codes(np.ascontiguousarray(vectors)) >= 0.5, axis=1)

    def scales(self) -> tuple[FloatArray, FloatArray]:
        """Return the smallest value and the range of each dimension, (width,) each."""
        smallest, width = faiss.vector_to_array(self.ivf.sq.trained).reshape(2, -1)
        return smallest, width

    def _write(self, folder: Path, kind: Kind, own: Any, keys: KeyArray, halves: NDArray[np.uint8]) -> VectorFile:
        part = Part(own, np.ones(len(keys), dtype=bool))
        return lists.write_lists(folder, kind, [part], _behind([part], [(keys, np.arange(len(keys)), halves)]))

    def _merged(
        self, folder: Path, kind: Kind, files: Sequence[Any], parts: Sequence[Part], deleted: KeyArray
    ) -> VectorFile:
        kept = [np.flatnonzero(~is_among(file.keys, deleted)) for file in files]
        halves = [(file.keys[own], own, file.halves) for file, own in zip(files, kept, strict=True)]
        return lists.write_lists(folder, kind, parts, _behind(parts, halves))


class EightBitFile(CellFile):
    """One file of inverted lists with what follows them, opened by memory map."""

    def __init__(self, path: Path, file: VectorFile, codec: EightBits) -> None:
        super().__init__(path, file, codec)
        self._path, self._code_size = path, codec.code_size
        size, behind = lists.data_bytes(file.rows, codec.code_size), file.rows * (2 * KEY_BYTES + codec.bytes_of_halves)
        end = size + -size % ALIGNMENT
        if not file.rows or lists.begin_of_codes(path) + end + behind != file.bytes:
            raise damaged(path)
        require_mapped(self.lists)
        content = lists.mapped(self.lists, end + behind)
        keys_and_places = content[end:][: 2 * KEY_BYTES * file.rows].view(np.int64)
        self.keys, self._places = keys_and_places.reshape(2, -1)
        self.halves = content[end:][2 * KEY_BYTES * file.rows :].reshape(file.rows, -1)
        self._bytes = content[:size]
        self._scales = codec.scales()

    def of(self, keys: KeyArray) -> Found:
        """Read vectors by key: which of these keys (n,) are in the file, and the vectors of those."""
        positions = np.searchsorted(self.keys, keys)
        here = np.take(self.keys, positions, mode="clip") == keys
        positions = positions[here]
        places = self._places[positions]
        rows = np.lib.stride_tricks.sliding_window_view(self._bytes, self._code_size)
        if not ((places >= 0) & (places < len(rows))).all():
            raise damaged(self._path)
        return here, decoded(rows[places], self.halves[positions], *self._scales)


def cells_wanted(rows: int) -> int:
    """Return the number of cells for `rows` vectors: a power of two, at most one per vector."""
    return min(1 << int(np.round(np.log2(CELLS_PER_ROOT * rows**0.5))), rows) if rows else 0


def decoded(codes: NDArray[np.uint8], halves: NDArray[np.uint8], smallest: FloatArray, width: FloatArray) -> FloatArray:
    """Decode codes to vectors (n, hidden_size): each value is the middle of its half of the byte's step."""
    vectors = codes.astype(np.float32)
    vectors += 0.25
    vectors += np.unpackbits(halves, axis=1, count=codes.shape[1]) * np.float32(0.5)
    vectors *= width / STEPS
    vectors += smallest
    return vectors


def _behind(
    parts: Sequence[Part], halves: Sequence[tuple[KeyArray, NDArray[np.int64], NDArray[np.uint8]]]
) -> Iterator[NDArray[Any]]:
    """Yield what follows lists that are made of parts: all keys in order, the positions of their codes, the halves.

    halves: each part's keys, the rows of their halves, and the array that these are in.
    """
    in_lists, places = _places(parts)
    by_key = np.argsort(in_lists)
    yield in_lists[by_key]
    yield places[by_key]
    order = np.argsort(np.concatenate([keys for keys, _, _ in halves]))
    owner = np.repeat(np.arange(len(halves)), [len(keys) for keys, _, _ in halves])[order]
    row = np.concatenate([rows for _, rows, _ in halves])[order]
    for start in range(0, len(order), ROWS_PER_STEP):
        some = slice(start, start + ROWS_PER_STEP)
        step = np.empty((len(order[some]), halves[0][2].shape[1]), dtype=np.uint8)
        for number, (_, _, source) in enumerate(halves):
            own = owner[some] == number
            step[own] = source[row[some][own]]
        yield step


def _places(parts: Sequence[Part]) -> tuple[KeyArray, NDArray[np.int64]]:
    """Return the keys of lists in the order of the file, and the position of each key's code, from the first code."""
    cells = np.concatenate([part.cells for part in parts])
    keys = np.concatenate([part.keys for part in parts])[np.argsort(cells, kind="stable")]
    code_size, sizes = parts[0].lists.code_size, np.bincount(cells)
    first_row = np.repeat(np.cumsum(sizes) - sizes, sizes)
    # FAISS writes list by list: a list's codes, then its keys.
    return keys, first_row * (code_size + KEY_BYTES) + (np.arange(len(keys)) - first_row) * code_size


def _is_sound(index: Any) -> bool:
    if not isinstance(index, faiss.IndexIVFScalarQuantizer) or not index.is_trained:
        return False
    centres = faiss.downcast_index(index.quantizer)
    is_code = index.sq.qtype == faiss.ScalarQuantizer.QT_8bit and index.code_size == index.d == index.sq.d
    if not isinstance(centres, faiss.IndexIVFFlat) or centres.d != index.d or not is_code:
        return False
    numbers = np.sort(lists.keys_in(centres.invlists))
    if not np.array_equal(numbers, np.arange(index.nlist)) or index.sq.trained.size() != 2 * index.d:
        return False
    values = [codes.view(np.float32) for _, _, codes in lists.each_list(centres.invlists)]
    values.append(faiss.vector_to_array(index.sq.trained))
    return all(bool(np.isfinite(some).all()) for some in values)
