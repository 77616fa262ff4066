"""Cells: how a large collection's vectors become codes of a byte a dimension, and in which parts of it to look.

Vectors near each other lie in one cell, that of the nearest centre, and a search looks only into the cells whose
centres are the nearest to the query. A code does not depend on its cell: with other cells, or more, codes are moved
and nothing is lost. How many cells to look into is measured on the collection's own vectors.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any, TypeAlias

import faiss
import numpy as np
from numpy.typing import NDArray

from clinsearch.encoder.threads import processors
from clinsearch.records import FloatArray
from clinsearch.storage.spaces.files import KeyArray, Kind, VectorFile, damaged, read_index, write_file
from clinsearch.storage.spaces.lists import each_list, empty_lists, given_to, keys_in, taken_from

CELLS_OF: dict[Kind, Kind] = {"sentence": "sentence-cells", "note": "note-cells", "opening": "opening-cells"}
# Exact search of as many takes 5 ms; from here on it is the larger part of a search.
LEAST_ROWS = 50_000
# Cells are made anew when there are so many times the vectors that they were made for.
GROWTH = 4
# Measured on 1 and 10 million: with four times the square root the centres and the codes take about as long.
CELLS_PER_ROOT = 4
VECTORS_PER_CELL = 32
ROUNDS = 10
# When a vector is given its cell, the centres of so many groups of them are looked at.
GROUPS_SEARCHED = 8
# Room beyond the smallest and the largest value that was seen, in parts of the range.
MARGIN = 0.05
# A byte's, from the smallest value to the largest.
STEPS = 255
# Vectors are gone through by so many, that what is learned or written takes little memory beside.
ROWS_PER_STEP = 16_384

# Half precision is enough to learn from.
Sample: TypeAlias = NDArray[np.float16] | NDArray[np.float32]


class Cells:
    """Centres, and how values become bytes.

    probes: into how many cells to look for the k best, by k; all of them for more than the largest.
    """

    def __init__(self, index: Any, probes: Mapping[int, int] | None = None) -> None:
        self._index = index
        self._centres: Any = faiss.downcast_index(index.quantizer)
        self.probes = dict(probes or {})
        self.count: int = index.nlist
        self.code_size: int = index.code_size
        self.bytes_of_halves = -(-self.code_size // 8)

    @classmethod
    def learn(cls, vectors: Sample, count: int, codes_of: Cells | None = None) -> Cells:
        """Learn cells from vectors (n, hidden_size), and codes as well unless those of other cells are kept."""
        faiss.omp_set_num_threads(processors())
        width = vectors.shape[1]
        centres, groups = _centres(vectors, count)
        quantizer = faiss.IndexIVFFlat(_flat(groups), width, len(groups), faiss.METRIC_INNER_PRODUCT)
        quantizer.add(centres)
        quantizer.nprobe = GROUPS_SEARCHED
        index = _empty_index(quantizer, width, len(centres))
        if codes_of is None:
            index.sq.rangestat, index.sq.rangestat_arg = faiss.ScalarQuantizer.RS_minmax, MARGIN
            index.sq.train(np.stack([vectors.min(axis=0), vectors.max(axis=0)]).astype(np.float32))
        else:
            index.sq = codes_of._index.sq
        index.is_trained = True
        return cls(index)

    @classmethod
    def read(cls, path: Path, file: VectorFile, probes: Mapping[int, int]) -> Cells:
        """Read cells from their file. Raises FileNotFoundError, CollectionDamaged."""
        index = read_index(path, file)
        if not _is_sound(index):
            raise damaged(path)
        return cls(index, probes)

    def write(self, folder: Path, kind: Kind, rows: int) -> VectorFile:
        """Write the cells to a new file; `rows` says for how many vectors they were made."""
        return write_file(folder, CELLS_OF[kind], rows, lambda writer: faiss.write_index(self._index, writer))

    def lists_of(self, keys: KeyArray, vectors: FloatArray) -> Any:
        """Make the lists of codes of vectors (n, hidden_size) under their keys (n,)."""
        index = given_to(self.empty(), empty_lists(self.count, self.code_size))
        index.add_with_ids(np.ascontiguousarray(vectors), np.ascontiguousarray(keys))
        return taken_from(index)

    def halves(self, vectors: FloatArray) -> NDArray[np.uint8]:
        """Say of each value of vectors (n, hidden_size) in which half of its byte's step it lies, a bit each."""
        smallest, width = self.scales()
        # A dimension may be the same in all vectors, or so nearly that half precision does not tell.
        steps = np.divide(vectors - smallest, width, out=np.zeros_like(vectors), where=width > 0) * STEPS
        return np.packbits(steps - self._index.sq.compute_codes(np.ascontiguousarray(vectors)) >= 0.5, axis=1)

    def nearest(self, queries: FloatArray, probes: int) -> NDArray[np.int64]:
        """Return for queries (n, hidden_size) the cells to look into, nearest first, (n, probes)."""
        if probes >= self.count:
            return np.tile(np.arange(self.count), (len(queries), 1))
        every_group: Any = faiss.SearchParametersIVF
        _, cells = self._centres.search(queries, probes, params=every_group(nprobe=self._centres.nlist))
        found: NDArray[np.int64] = cells
        return found

    def probes_for(self, k: int) -> int:
        """Return into how many cells to look for the k best."""
        return min((probes for depth, probes in self.probes.items() if depth >= k), default=self.count)

    def empty(self) -> Any:
        """Make an index of these cells with nothing in it; it is of no use without them."""
        index = _empty_index(self._centres, self._index.d, self.count)
        index.sq, index.is_trained = self._index.sq, True
        return index

    def scales(self) -> tuple[FloatArray, FloatArray]:
        """Return for each dimension the smallest value and the width of its range, (hidden_size,) each."""
        smallest, width = faiss.vector_to_array(self._index.sq.trained).reshape(2, -1)
        return smallest, width


def cells_wanted(rows: int) -> int:
    """Return how many cells so many vectors should lie in: a power of two, at most one each."""
    return min(1 << int(np.round(np.log2(CELLS_PER_ROOT * rows**0.5))), rows) if rows else 0


def sample_size(cells: int) -> int:
    """Return how many vectors to learn so many cells from."""
    return VECTORS_PER_CELL * cells


def decoded(codes: NDArray[np.uint8], halves: NDArray[np.uint8], smallest: FloatArray, width: FloatArray) -> FloatArray:
    """Return the vectors (n, hidden_size) that codes stand for: the middle of that half of a byte's step."""
    vectors = codes.astype(np.float32)
    vectors += 0.25
    vectors += np.unpackbits(halves, axis=1, count=codes.shape[1]) * np.float32(0.5)
    vectors *= width / STEPS
    vectors += smallest
    return vectors


def _centres(vectors: Sample, count: int) -> tuple[FloatArray, FloatArray]:
    """Find centres (count, hidden_size), and centres of groups of these, by k-means in two steps.

    First into the square root of as many groups, then within each: as good here as all at once, which takes for
    4,096 of them 40 s instead of 2.
    """
    groups = _k_means(vectors[: sample_size(count) // 8], round(count**0.5))
    steps = np.array_split(vectors, -(-len(vectors) // ROWS_PER_STEP))
    nearest = np.concatenate([_flat(groups).search(some.astype(np.float32), 1)[1][:, 0] for some in steps])
    sizes = np.bincount(nearest, minlength=len(groups))
    shares = np.diff(sizes.cumsum() * count // len(vectors), prepend=0)
    parts = [_k_means(vectors[nearest == n], share) for n, share in enumerate(shares) if share]
    return np.concatenate(parts), groups


def _k_means(vectors: Sample, count: int) -> FloatArray:
    settings = {"niter": ROUNDS, "spherical": True, "min_points_per_centroid": 1, "max_points_per_centroid": 1 << 20}
    clusters = faiss.Kmeans(vectors.shape[1], count, **settings)
    clusters.train(np.ascontiguousarray(vectors, dtype=np.float32))
    return np.asarray(clusters.centroids)


def _flat(vectors: FloatArray) -> Any:
    index = faiss.IndexFlatIP(vectors.shape[1])
    index.add(vectors)
    return index


def _empty_index(quantizer: Any, width: int, cells: int) -> Any:
    kind = faiss.ScalarQuantizer.QT_8bit
    return faiss.IndexIVFScalarQuantizer(quantizer, width, cells, kind, faiss.METRIC_INNER_PRODUCT, False)


def _is_sound(index: Any) -> bool:
    if not isinstance(index, faiss.IndexIVFScalarQuantizer) or not index.is_trained:
        return False
    centres = faiss.downcast_index(index.quantizer)
    is_code = index.sq.qtype == faiss.ScalarQuantizer.QT_8bit and index.code_size == index.d == index.sq.d
    if not isinstance(centres, faiss.IndexIVFFlat) or centres.d != index.d or not is_code:
        return False
    numbers = np.sort(keys_in(centres.invlists))
    if not np.array_equal(numbers, np.arange(index.nlist)) or index.sq.trained.size() != 2 * index.d:
        return False
    values = [codes.view(np.float32) for _, _, codes in each_list(centres.invlists)]
    values.append(faiss.vector_to_array(index.sq.trained))
    return all(bool(np.isfinite(some).all()) for some in values)
