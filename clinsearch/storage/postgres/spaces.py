"""Changes the vectors of a collection in PostgreSQL, in the transaction of a connection."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from sqlalchemy import Connection

from clinsearch.records import FloatArray
from clinsearch.records.keys import KeyArray, is_among
from clinsearch.storage.catalog.counted import count_of
from clinsearch.storage.catalog.notes import Catalog
from clinsearch.storage.postgres import vectors, word_changes
from clinsearch.storage.postgres.vector_search import open_vectors
from clinsearch.storage.postgres.word_search import open_words
from clinsearch.storage.values import COUNT_OF, Kind
from clinsearch.storage.writable import StoredVectors

# Vectors that are taken out in one step.
ROWS_TAKEN_AT_ONCE = 10_000


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
            return open_words(self._connection, kind)
        return open_vectors(self._connection, kind, self.live_rows(kind))

    def add(self, kind: Kind, keys: KeyArray, rows: FloatArray) -> None:
        """Add rows (n, width) with their keys (n,)."""
        if kind == "word" or kind == "piece":
            word_changes.add(self._connection, kind, keys, rows)
        else:
            vectors.add_vectors(self._connection, kind, keys, rows)

    def add_lacking(self, kind: Kind, keys: KeyArray, rows: FloatArray) -> None:
        """Add the rows whose keys are missing."""
        lacking = ~is_among(keys, np.sort(self.opened(kind).keys))
        self.add(kind, keys[lacking], rows[lacking])

    def lacking(self, kind: Kind) -> KeyArray:
        """Return the keys without a vector, in order; delete vectors that belong to nothing."""
        if kind == "word" or kind == "piece":
            return word_changes.lacking(self._connection, kind)
        live, there = np.sort(Catalog(self._connection).all_keys(kind)), self.opened(kind).keys
        vectors.delete_vectors(self._connection, kind, there[~is_among(there, live)])
        return live[~is_among(live, there)]

    def live_rows(self, kind: Kind) -> int:
        """Return how many vectors are in use."""
        return count_of(self._connection, COUNT_OF[kind])

    def taken(self, kind: Kind) -> Iterator[tuple[KeyArray, FloatArray]]:
        """Remove all vectors of a kind, and yield them, some at a time."""
        opened = self.opened(kind)
        keys = np.sort(opened.keys)
        for start in range(0, len(keys), ROWS_TAKEN_AT_ONCE):
            some = keys[start : start + ROWS_TAKEN_AT_ONCE]
            rows = opened.of(some)
            vectors.delete_vectors(self._connection, kind, some)
            yield some, rows

    def forget_all(self, kind: Kind) -> None:
        """Remove all vectors of a kind; deleted ones are gone already."""
        if kind == "word" or kind == "piece":
            word_changes.forget_all(self._connection, kind)
        else:
            vectors.delete_all_vectors(self._connection, kind)

    def learn(self, kind: Kind) -> None:
        """Code words if there are enough of them; other vectors get their graphs later, by `compact`."""
        if kind == "word":
            word_changes.learn(self._connection, self.live_rows(kind))
