"""Codes in cells as blocks of bytes, one for each cell and addition, for a storage that has no files.

A block is the keys of a cell's rows, int64, and their codes, in the same order. Scores are those of files of the same
codes; blocks of one cell can be joined.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import NamedTuple

import faiss
import numpy as np

from clinsearch.records import FloatArray
from clinsearch.records.keys import KeyArray, is_among
from clinsearch.storage.folder.spaces import lists
from clinsearch.storage.folder.spaces.codecs.cells import CellCodec, CellFile
from clinsearch.storage.folder.spaces.faiss_layout import require_known_layout
from clinsearch.storage.folder.spaces.files import all_but, only
from clinsearch.storage.values import damaged_vectors


class Block(NamedTuple):
    """Rows of a cell: their keys, little-endian int64, and their codes."""

    cell: int
    keys: bytes
    codes: bytes


def blocks_of(codec: CellCodec, keys: KeyArray, vectors: FloatArray) -> Iterator[Block]:
    """Code vectors (n, width) with their keys (n,); yield a block for each cell that has some, in order."""
    own = codec.lists_of(keys, vectors)
    for cell, keys_in_cell, codes in lists.each_list(own):
        yield Block(cell, keys_in_cell.astype("<i8").tobytes(), codes.tobytes())


def without(block: Block, code_size: int, deleted: KeyArray) -> Block | None:
    """Return a block without the rows of deleted keys, which are in order; None if nothing is left."""
    keys = np.frombuffer(block.keys, dtype="<i8")
    kept = ~is_among(keys, deleted)
    codes = np.frombuffer(block.codes, dtype=np.uint8).reshape(len(keys), code_size)
    return Block(block.cell, keys[kept].tobytes(), codes[kept].tobytes()) if kept.any() else None


class CodedBlocks(CellFile):
    """Blocks, opened as one file. Raises CollectionDamaged for blocks that no codes of this codec can be in."""

    def __init__(self, codec: CellCodec, blocks: Iterable[Block]) -> None:
        require_known_layout()
        own = lists.empty_lists(codec.count, codec.code_size)
        for block in blocks:
            rows = len(block.keys) // lists.KEY_BYTES
            is_whole = len(block.keys) == rows * lists.KEY_BYTES and len(block.codes) == rows * codec.code_size
            if not is_whole or not 0 <= block.cell < codec.count:
                raise damaged_vectors()
            if rows:
                keys = np.frombuffer(block.keys, dtype="<i8").astype(np.int64)
                codes = np.frombuffer(block.codes, dtype=np.uint8)
                own.add_entries(block.cell, rows, faiss.swig_ptr(keys), faiss.swig_ptr(codes))
        self.rows, self.width, self._codec = own.compute_ntotal(), codec.width, codec
        self.lists = own
        self._index = lists.given_to(codec.empty(), own)

    def rows_of_lists(self) -> tuple[KeyArray, FloatArray]:
        """Return all keys (n,), and their vectors (n, width), decoded, cell by cell."""
        keys = [np.empty(0, dtype=np.int64)]
        vectors = [np.empty((0, self.width), dtype=np.float32)]
        for cell, own, codes in lists.each_list(self.lists):
            keys.append(own.copy())
            vectors.append(self._codec.decoded(codes, np.full(len(own), cell)))
        return np.concatenate(keys), np.concatenate(vectors)

    def best(
        self, query: FloatArray, k: int, probes: int, *, among: KeyArray | None, deleted: KeyArray
    ) -> tuple[KeyArray, FloatArray]:
        """Find the best k codes for a turned query (width,) in so many cells: keys and scores, in no order.

        among: only these keys; without it, all but the deleted.
        """
        if not self.rows:
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
        allowed = all_but(deleted) if among is None else only(among)
        cells, near = self._codec.nearest(query[None], probes)
        keys, scores = self.search(query[None], min(k, self.rows), cells, near, allowed)
        return keys[keys >= 0], scores[keys >= 0]
