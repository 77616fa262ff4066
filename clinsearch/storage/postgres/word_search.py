"""Searches the vectors of words: uncoded ones one by one, codes by reading the cells nearest to the query."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property

import numpy as np
from sqlalchemy import Connection

from clinsearch.records import FloatArray
from clinsearch.records.keys import KeyArray, is_among
from clinsearch.storage.folder.spaces.codecs.blocks import CodedBlocks
from clinsearch.storage.folder.spaces.codecs.four_bits import FourBits
from clinsearch.storage.postgres import word_cells
from clinsearch.storage.postgres.word_blocks import WordBlocks
from clinsearch.storage.values import WordKind


def open_words(connection: Connection, kind: WordKind) -> WordBlocks | WordCells:
    """Open the vectors of words, or of wordpieces, as of the connection's transaction. Raises CollectionDamaged."""
    code = word_cells.read_code(connection, kind)
    return WordBlocks(connection, kind) if code is None else WordCells(connection, kind, code)


class WordCells:
    """Vectors of words as codes, as of a connection's transaction.

    Scores are approximate: the caller ranks what is found again.
    """

    is_exact = False

    def __init__(self, connection: Connection, kind: WordKind, code: FourBits) -> None:
        self._connection, self._kind, self._code = connection, kind, code

    @property
    def depths(self) -> Sequence[int]:
        """The values of k for which the recall of search was measured, in order."""
        return sorted(self._code.probes)

    @property
    def keys(self) -> KeyArray:
        """The key of every row, in order."""
        return word_cells.all_keys(self._connection, self._kind)

    @property
    def cells(self) -> int:
        """How many cells there are."""
        return self._code.count

    @property
    def rows(self) -> int:
        """How many rows there are."""
        return sum(word_cells.read_segments(self._connection, self._kind).values()) - len(self._deleted)

    def search(self, query: FloatArray, k: int, among: KeyArray | None = None) -> tuple[KeyArray, FloatArray]:
        """Find the k vectors with the highest inner product with the query (width,), best first.

        Equal scores are in the order of their keys. `among`: as if there were no other keys, in all cells; in order.
        """
        if k <= 0 or (among is not None and not len(among)):
            return np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
        turned, most = self._code.turned(query[None])[0], self._code.count
        probes = most if among is not None else self._code.probes_for(k)
        found = self._best_in(turned, k, probes, among)
        return found if len(found[0]) == k or probes >= most else self._best_in(turned, k, most, among)

    def of(self, keys: KeyArray) -> FloatArray:
        """Read the vectors of these keys, (n, width), in the code's dimensions. Raises KeyError if one is missing.

        Reads all rows; only for occasional reads.
        """
        rows: FloatArray | None = None
        found = np.zeros(len(keys), dtype=bool)
        for there, vectors in self.each():
            order = np.argsort(there)
            here = is_among(keys, there[order])
            rows = np.zeros((len(keys), vectors.shape[1]), dtype=np.float32) if rows is None else rows
            rows[here] = vectors[order[np.searchsorted(there[order], keys[here])]]
            found |= here
        if not found.all():
            raise KeyError(int(keys[~found][0]))
        return np.empty((0, 0), dtype=np.float32) if rows is None else rows

    def each(self) -> Iterator[tuple[KeyArray, FloatArray]]:
        """Yield all rows that are not deleted, a block at a time: keys (n,) and vectors (n, width)."""
        for segment in word_cells.read_segments(self._connection, self._kind):
            blocks = word_cells.read_blocks(self._connection, self._kind, segment=segment)
            opened = CodedBlocks(self._code, list(blocks))
            keys, vectors = opened.rows_of_lists()
            kept = ~is_among(keys, self._deleted)
            yield keys[kept], vectors[kept]

    @cached_property
    def _deleted(self) -> KeyArray:
        return word_cells.read_deleted(self._connection, self._kind)

    def _best_in(self, turned: FloatArray, k: int, probes: int, among: KeyArray | None) -> tuple[KeyArray, FloatArray]:
        cells = self._code.nearest(turned[None], probes)[0][0].tolist() if probes < self._code.count else None
        opened = CodedBlocks(self._code, word_cells.read_blocks(self._connection, self._kind, cells=cells))
        keys, scores = opened.best(turned, k, probes, among=among, deleted=self._deleted)
        best = np.lexsort((keys, -scores))[:k]
        return keys[best], scores[best]
