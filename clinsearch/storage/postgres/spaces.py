"""Changes the vectors of a collection in PostgreSQL, in the transaction of a connection."""

from __future__ import annotations

import numpy as np
from sqlalchemy import Connection, select

from clinsearch.records import FloatArray
from clinsearch.records.keys import KeyArray, is_among
from clinsearch.storage.catalog.notes import Catalog
from clinsearch.storage.catalog.tables import counts
from clinsearch.storage.postgres import vectors, word_blocks
from clinsearch.storage.postgres.vector_search import open_vectors
from clinsearch.storage.values import COUNT_OF, Kind
from clinsearch.storage.writable import StoredVectors


class TableSpaces:
    """The vectors as tables, as `storage.writable.WritableSpaces` describes it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    @property
    def connection(self) -> Connection:
        """The connection."""
        return self._connection

    def opened(self, kind: Kind) -> StoredVectors:
        """Open all vectors of a kind."""
        if kind == "word" or kind == "piece":
            return word_blocks.WordBlocks(self._connection, kind)
        return open_vectors(self._connection, {kind: self.live_rows(kind)})[kind]

    def add(self, kind: Kind, keys: KeyArray, rows: FloatArray) -> None:
        """Add rows (n, width) with their keys (n,)."""
        add = word_blocks.add if kind in ("word", "piece") else vectors.add_vectors
        add(self._connection, kind, keys, rows)

    def add_lacking(self, kind: Kind, keys: KeyArray, rows: FloatArray) -> None:
        """Add the rows whose keys are missing."""
        lacking = ~is_among(keys, np.sort(self.opened(kind).keys))
        self.add(kind, keys[lacking], rows[lacking])

    def lacking(self, kind: Kind) -> KeyArray:
        """Return the keys without a vector, in order; delete vectors that belong to nothing."""
        if kind == "word" or kind == "piece":
            return word_blocks.lacking(self._connection, kind)
        live, there = np.sort(Catalog(self._connection).all_keys(kind)), self.opened(kind).keys
        vectors.delete_vectors(self._connection, kind, there[~is_among(there, live)])
        return live[~is_among(live, there)]

    def live_rows(self, kind: Kind) -> int:
        """Return how many vectors are in use."""
        return self._connection.scalar(select(counts.c.rows).where(counts.c.name == COUNT_OF[kind])) or 0

    def forget(self, kind: Kind) -> None:
        """Remove all vectors of a kind."""
        forget = word_blocks.forget_all if kind in ("word", "piece") else vectors.delete_all_vectors
        forget(self._connection, kind)

    def forget_all(self, kind: Kind) -> None:
        """Remove all vectors of a kind; deleted ones are gone already."""
        self.forget(kind)

    def learn(self, kind: Kind) -> None:
        """Do nothing: what is searched by graphs is indexed later, by `compact`."""
