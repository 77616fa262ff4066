"""Reads the vectors of words in the order of their keys, coded or not: codes, which lie by cells, by ranges of keys."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection

from clinsearch.records import FloatArray
from clinsearch.records.keys import KeyArray, is_among
from clinsearch.storage.folder.spaces.codecs.four_bits import FourBits
from clinsearch.storage.postgres import word_cells
from clinsearch.storage.postgres.word_blocks import WordBlocks
from clinsearch.storage.values import WordKind, damaged_vectors

# The codes of so many keys are held at a time, in some 150 MB; for as many all blocks are read once.
KEYS_AT_ONCE = 1 << 22


class WordsInOrder:
    """Vectors of words, or of wordpieces, as of a connection's transaction; quick if keys are asked for in order."""

    def __init__(self, connection: Connection, kind: WordKind) -> None:
        self._connection, self._kind = connection, kind
        self._code = word_cells.read_code(connection, kind)
        self._first = -1
        self._keys: KeyArray = np.empty(0, dtype=np.int64)
        self._cells: KeyArray = self._keys
        self._codes: NDArray[np.uint8] = np.empty((0, 0), dtype=np.uint8)

    @property
    def is_coded(self) -> bool:
        """Whether there are codes in place of vectors."""
        return self._code is not None

    def there(self, keys: KeyArray) -> tuple[KeyArray, FloatArray]:
        """Read the vectors of those of these keys, in order, that are there: their keys (n,), and (n, width)."""
        if self._code is None:
            return WordBlocks(self._connection, self._kind).there(keys)
        found = [np.empty(0, dtype=np.int64)]
        rows = []
        for first in np.unique(keys // KEYS_AT_ONCE).tolist():
            self._hold(first, self._code)
            own = keys[keys // KEYS_AT_ONCE == first]
            own = own[is_among(own, self._keys)]
            at = np.searchsorted(self._keys, own)
            found.append(own)
            rows.append(self._code.restored(self._code.decoded(self._codes[at], self._cells[at])))
        return np.concatenate(found), np.concatenate(rows)

    def _hold(self, first: int, code: FourBits) -> None:
        """Read the codes of a range of keys, in order."""
        if first == self._first:
            return
        keys, cells, codes = [np.empty(0, dtype=np.int64)], [np.empty(0, dtype=np.int64)], []
        for block in word_cells.each_block(self._connection, self._kind):
            own = np.frombuffer(block.keys, dtype="<i8")
            if len(block.codes) != len(own) * code.code_size or not 0 <= block.cell < code.count:
                raise damaged_vectors()
            kept = own // KEYS_AT_ONCE == first
            keys.append(own[kept])
            cells.append(np.full(len(keys[-1]), block.cell))
            codes.append(np.frombuffer(block.codes, dtype=np.uint8).reshape(len(own), code.code_size)[kept])
        all_keys = np.concatenate(keys)
        order = np.argsort(all_keys)
        order = order[~is_among(all_keys[order], word_cells.read_deleted(self._connection, self._kind))]
        self._keys, self._cells = all_keys[order], np.concatenate(cells)[order]
        self._codes = np.concatenate(codes)[order] if codes else np.empty((0, code.code_size), dtype=np.uint8)
        self._first = first
