"""Four bits per dimension, in cells: for the vectors of words, which are many; the caller ranks them again.

What is learned: a rotation (or projection) to CODE_DIMENSIONS, cells, and the four-bit quantiser of each dimension. It
is learned once, and serves words and wordpieces.
"""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import faiss
import numpy as np

from clinsearch.encoder.threads import processors
from clinsearch.records import FloatArray
from clinsearch.storage.folder.spaces.codecs.cells import CellCodec, Sample
from clinsearch.storage.folder.spaces.codecs.centres import refined, two_step_centres
from clinsearch.storage.folder.spaces.files import VectorFile, damaged, require_size, unreadable
from clinsearch.storage.values import damaged_vectors

CODE_DIMENSIONS = 128
CELLS = 1024
# For earlier collections, where it was not measured. Measured on 197,000 words of clinical notes: the ten nearest are
# almost certainly among the 30 best codes of an eighth of the cells. See benchmarks/README.md.
CELLS_SEARCHED = 128
LEAST_ROWS = 50_000


class FourBits(CellCodec):
    """The codec of words' vectors."""

    is_learned_anew = False

    @classmethod
    def learn(cls, vectors: FloatArray) -> FourBits:
        """Learn a code from vectors (n, width), which should be like those to come."""
        faiss.omp_set_num_threads(processors())
        width = vectors.shape[1]
        kind = f"RR{width}" if width <= CODE_DIMENSIONS else f"PCAR{CODE_DIMENSIONS}"
        index: Any = faiss.index_factory(width, f"{kind},IVF{CELLS},SQ4", faiss.METRIC_INNER_PRODUCT)
        cells: Any = faiss.downcast_index(faiss.extract_index_ivf(index))
        vectors, turn = np.ascontiguousarray(vectors), index.chain.at(0)
        turn.train(vectors)
        turned = turn.apply(vectors)
        cells.quantizer.add(refined(turned, two_step_centres(turned, CELLS)[0]))
        # Four bits over the full range would be wasted on rare values.
        cells.sq.rangestat, cells.sq.rangestat_arg = faiss.ScalarQuantizer.RS_quantiles, 0.01
        index.train(vectors)  # only the scale of the codes is still to be learned
        return cls(index)

    @classmethod
    def least_rows(cls) -> int:
        """Return the number of vectors from which on words are coded."""
        return LEAST_ROWS

    @classmethod
    def sample_size(cls, rows: int) -> int:
        """Return how many vectors to learn from, of `rows`."""
        return 2 * LEAST_ROWS

    @classmethod
    def learn_from(cls, sample: Sample, rows: int, former: CellCodec | None) -> FourBits:
        """Learn a code; it never changes later."""
        return cls.learn(sample.astype(np.float32))

    @classmethod
    def read(cls, path: Path, file: VectorFile, probes: Mapping[int, int]) -> FourBits:
        """Read a code from its file. Raises FileNotFoundError, CollectionDamaged."""
        require_size(path, file)
        try:
            index = faiss.read_index(str(path))
        except (RuntimeError, MemoryError):
            raise unreadable(path, file) from None
        if not _is_sound(index):
            raise damaged(path)
        return cls(index, probes)

    @classmethod
    def from_bytes(cls, content: bytes, probes: Mapping[int, int]) -> FourBits:
        """Read a code from what `to_bytes` gave. Raises CollectionDamaged."""
        try:
            index = faiss.deserialize_index(np.frombuffer(content, dtype=np.uint8))
        except (RuntimeError, MemoryError):
            raise damaged_vectors() from None
        if not _is_sound(index):
            raise damaged_vectors()
        return cls(index, probes)

    def to_bytes(self) -> bytes:
        """Return what was learned, as a file of it has it."""
        return bytes(faiss.serialize_index(self._index))

    def probes_for(self, k: int) -> int:
        """Return how many cells to search for the k best."""
        return super().probes_for(k) if self.probes else min(CELLS_SEARCHED, self.count)

    def turned(self, vectors: FloatArray) -> FloatArray:
        """Map vectors (n, width) to the dimensions of the code, at most CODE_DIMENSIONS."""
        turned: FloatArray = self._index.chain.at(0).apply(np.ascontiguousarray(vectors))
        return turned

    def restored(self, rows: FloatArray) -> FloatArray:
        """Map stored rows (n, width) back to vectors; what was projected away is zero."""
        restored: FloatArray = self._index.chain.at(0).reverse_transform(np.ascontiguousarray(rows))
        return restored


def _is_sound(index: Any) -> bool:
    """Tell whether an index is one that `FourBits.learn` could have made, with consistent parts."""
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
    is_counted = cells.nlist == centres.ntotal > 0 and cells.sq.trained.size() == 2 * cells.d
    is_counted &= cells.code_size == -(-cells.d // 2)
    if not is_shaped or not is_counted or turn.b.size() not in (0, turn.d_out):
        return False
    values = [faiss.vector_to_array(some) for some in (turn.A, turn.b, cells.sq.trained)]
    values.append(centres.reconstruct_n(0, centres.ntotal))
    return all(bool(np.isfinite(some).all()) for some in values)
