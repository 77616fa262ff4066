"""The vectors of words and wordpieces: in blocks of consecutive keys, in half precision, compared one by one.

A word takes 100 bytes so, not the several hundred of a row and its place in a graph.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from psycopg.rows import tuple_row
from sqlalchemy import Connection, text

from clinsearch.records import FloatArray
from clinsearch.records.keys import KeyArray, is_among
from clinsearch.storage.postgres.vectors import driver_connection
from clinsearch.storage.values import Kind, WordKind, damaged_vectors

ROWS_PER_BLOCK = 4096
BLOCKS_AT_ONCE = 16


def add(connection: Connection, kind: Kind, keys: KeyArray, rows: FloatArray) -> None:
    """Add rows (n, width) with their keys (n,), which must be new."""
    order = np.argsort(keys)
    keys, rows = keys[order], rows[order]
    cuts = np.flatnonzero(np.diff(keys) != 1) + 1
    blocks = []
    for run in np.split(np.arange(len(keys)), cuts):
        for start in range(0, len(run), ROWS_PER_BLOCK):
            own = run[start : start + ROWS_PER_BLOCK]
            vectors = rows[own].astype("<f2").tobytes()
            blocks.append({"kind": kind, "first": int(keys[own[0]]), "rows": len(own), "vectors": vectors})
    if blocks:
        statement = "INSERT INTO word_blocks (kind, first, rows, vectors) VALUES (:kind, :first, :rows, :vectors)"
        connection.execute(text(statement), blocks)


def forget(connection: Connection, kind: Kind, ranges: Sequence[tuple[int, int]]) -> None:
    """Delete rows, given as (first key, number): blocks are written anew without them."""
    gone = np.concatenate([np.arange(first, first + count, dtype=np.int64) for first, count in ranges])
    query = (
        "DELETE FROM word_blocks WHERE kind = :kind AND first <= :last AND first + rows > :first AND EXISTS "
        "(SELECT FROM unnest(CAST(:firsts AS bigint[]), CAST(:ends AS bigint[])) AS gone(first, past) "
        "WHERE gone.first < word_blocks.first + word_blocks.rows AND gone.past > word_blocks.first) "
        "RETURNING first, rows, vectors"
    )
    values = {
        "kind": kind,
        "first": int(gone.min()),
        "last": int(gone.max()),
        "firsts": [first for first, _ in ranges],
        "ends": [first + count for first, count in ranges],
    }
    gone.sort()
    for first, count, vectors in connection.execute(text(query), values).all():
        keys, rows = _block(first, count, vectors)
        kept = ~is_among(keys, gone)
        if kept.any():
            add(connection, kind, keys[kept], rows[kept])


def forget_all(connection: Connection, kind: Kind) -> None:
    """Delete all rows of a kind."""
    connection.execute(text("DELETE FROM word_blocks WHERE kind = :kind"), {"kind": kind})


class WordBlocks:
    """The vectors of words, or of wordpieces, as of a transaction."""

    is_exact = True
    cells = 1
    depths: Sequence[int] = ()

    def __init__(self, connection: Connection, kind: WordKind) -> None:
        self._connection, self._kind = connection, kind

    @property
    def rows(self) -> int:
        """How many there are."""
        query = "SELECT coalesce(sum(rows), 0)::bigint FROM word_blocks WHERE kind = :kind"
        return self._connection.scalar(text(query), {"kind": self._kind}) or 0

    @property
    def keys(self) -> KeyArray:
        """The key of each, in order."""
        query = text("SELECT first, rows FROM word_blocks WHERE kind = :kind ORDER BY first")
        blocks = self._connection.execute(query, {"kind": self._kind}).all()
        if not all(_is_run(first, n) for first, n in blocks):
            raise damaged_vectors()
        return np.concatenate([np.empty(0, dtype=np.int64), *(np.arange(first, first + n) for first, n in blocks)])

    @property
    def newest(self) -> int:
        """The highest key, -1 if there is none."""
        query = "SELECT first + rows - 1 FROM word_blocks WHERE kind = :kind ORDER BY first DESC LIMIT 1"
        newest = self._connection.scalar(text(query), {"kind": self._kind})
        return -1 if newest is None else newest

    def search(self, query: FloatArray, k: int, among: KeyArray | None = None) -> tuple[KeyArray, FloatArray]:
        """Find the k vectors with the highest inner product with the query (width,), best first.

        Exact; equal scores are in the order of their keys. `among`: only these keys, in order.
        """
        best_keys, best_scores = np.empty(0, dtype=np.int64), np.empty(0, dtype=np.float32)
        for keys, rows in self.each():
            scores = rows @ query
            if among is not None:
                kept = is_among(keys, among)
                keys, scores = keys[kept], scores[kept]
            keys, scores = np.concatenate([best_keys, keys]), np.concatenate([best_scores, scores])
            best = np.lexsort((keys, -scores))[:k]
            best_keys, best_scores = keys[best], scores[best]
        return best_keys, best_scores

    def of(self, keys: KeyArray) -> FloatArray:
        """Read the vectors of these keys, (n, width). Raises KeyError if one is missing."""
        there, rows = self.there(np.unique(keys))
        found = is_among(keys, there)
        if not found.all():
            raise KeyError(int(keys[~found][0]))
        return rows[np.searchsorted(there, keys)]

    def there(self, keys: KeyArray) -> tuple[KeyArray, FloatArray]:
        """Read the vectors of those of these keys, in order, that are there: their keys (n,), and (n, width)."""
        # Asked for by runs of keys: most of a sentence's words, and of its neighbours', are in one block.
        begins = np.flatnonzero(np.diff(keys, prepend=-2) != 1)
        firsts = keys[begins]
        lasts = keys[np.append(begins[1:], len(keys)) - 1] if len(keys) else firsts
        query = text(
            "SELECT DISTINCT ON (b.first) b.first, b.rows, b.vectors "
            "FROM unnest(CAST(:firsts AS bigint[]), CAST(:lasts AS bigint[])) "
            "AS run(first, last), LATERAL (SELECT * FROM word_blocks AS of_kind WHERE of_kind.kind = :kind "
            "AND of_kind.first <= run.last AND of_kind.first >= coalesce((SELECT max(before.first) FROM word_blocks "
            "AS before WHERE before.kind = :kind AND before.first <= run.first), run.first)) AS b ORDER BY b.first"
        )
        values = {"kind": self._kind, "firsts": firsts.tolist(), "lasts": lasts.tolist()}
        blocks = [_block(*block) for block in self._connection.execute(query, values)]
        if not blocks:
            return np.empty(0, dtype=np.int64), np.empty((0, 0), dtype=np.float32)
        there, rows = (np.concatenate(parts) for parts in zip(*blocks, strict=True))
        asked = is_among(there, keys)
        return there[asked], rows[asked]

    def each(self) -> Iterator[tuple[KeyArray, FloatArray]]:
        """Yield all rows, a block at a time: keys (n,) and vectors (n, width)."""
        query = "SELECT first, rows, vectors FROM word_blocks WHERE kind = %s ORDER BY first"
        below = driver_connection(self._connection)
        with below.cursor("word_blocks", row_factory=tuple_row) as cursor:
            cursor.itersize = BLOCKS_AT_ONCE
            for first, count, vectors in cursor.execute(query, (self._kind,)):
                yield _block(first, count, vectors)


def _is_run(first: int, count: int) -> bool:
    """Tell whether so many keys from a first one on can be a block."""
    return 1 <= count <= ROWS_PER_BLOCK and 0 <= first <= np.iinfo(np.int64).max - count


def _block(first: int, count: int, vectors: bytes) -> tuple[KeyArray, FloatArray]:
    if not _is_run(first, count) or not vectors or len(vectors) % (2 * count):
        raise damaged_vectors()
    rows = np.frombuffer(vectors, dtype="<f2").reshape(count, -1).astype(np.float32)
    return np.arange(first, first + count, dtype=np.int64), rows
