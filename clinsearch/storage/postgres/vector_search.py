"""Searches the vectors of a kind: sealed ranges by their graphs, the open one row by row, all in one statement."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

import numpy as np
from psycopg.sql import SQL, Composable, Composed, Identifier, Literal
from sqlalchemy import Connection

from clinsearch.records import Filter, FloatArray
from clinsearch.records.keys import KeyArray, is_among
from clinsearch.storage.catalog.counted import sees_some
from clinsearch.storage.catalog.notes import Catalog
from clinsearch.storage.postgres.halfvec import LARGEST, PgConnection, open_cursor
from clinsearch.storage.postgres.vectors import (
    TABLES,
    Recall,
    Segment,
    driver_connection,
    each_vector,
    keys_there,
    read_recall,
    read_segments,
    read_vectors,
    table_width,
)
from clinsearch.storage.values import Kind, TextKind, damaged_vectors

# The largest that pgvector allows; a graph is asked for more than this in steps.
MOST_AT_ONCE = 1000
# Reading and comparing so many rows by their keys takes about as long as looking through a graph for a thousand.
FEW_KEYS = 10_000
# Of the nearest, this many times as many as are wanted should be among those asked for, so that enough are.
ROOM = 1.5
# Compiling a scan's few expressions takes longer than it saves.
SETTINGS = {"hnsw.iterative_scan": "relaxed_order", "jit": "off"}


class Graphs:
    """The settings of a transaction that searches by graphs; one statement at a time, whichever thread asks."""

    def __init__(self, connection: PgConnection) -> None:
        if connection.autocommit:  # a setting would not last until the next statement
            raise ValueError("Vectors are searched within a transaction.")
        self._connection, self._lock = connection, threading.Lock()
        self._set: dict[str, str] = {}

    def rows(self, query: Composed, values: Sequence[Any], candidates: int = 0) -> list[tuple[Any, ...]]:
        """Return the rows of a query; its graphs look at so many candidates.

        Planned each time: a plan for any range of keys could use no segment's index.
        """
        wanted = dict(SETTINGS)
        if candidates:
            wanted["hnsw.ef_search"] = str(min(candidates, MOST_AT_ONCE))
        with self._lock, open_cursor(self._connection) as cursor:
            for name, value in wanted.items():
                if self._set.get(name) != value:
                    cursor.execute("SELECT set_config(%s, %s, true)", (name, value))
                    self._set[name] = value
            return cursor.execute(query, values, prepare=False).fetchall()


class VectorTable:
    """The vectors of one kind as of one transaction, which must last as long as this is used.

    Scores are inner products of vectors in half precision, the query's included. Rows of other transactions are never
    seen; a deleted row is never found.
    """

    def __init__(
        self,
        connection: PgConnection,
        kind: Kind,
        width: int,
        segments: Sequence[Segment],
        recall: Mapping[int, Sequence[Recall]],
        rows: int,
        graphs: Graphs | None = None,
        seen: Callable[[], KeyArray] | None = None,
    ) -> None:
        """Search the segments by what was measured of them; `rows`: about how many rows there are.

        seen: gives the keys, in order, of all that a role sees that sees some alone; graphs are of all rows.
        """
        self.kind, self.width, self.rows, self.segments = kind, width, rows, list(segments)
        self._connection, self._graphs = connection, graphs or Graphs(connection)
        self._table, self._seen = Identifier(TABLES[kind]), seen
        self._recall = [{one.depth: one for one in recall.get(part.number, ())} for part in segments]

    @property
    def is_exact(self) -> bool:
        """Whether search is exact: whether no range is sealed."""
        return not self.segments

    @property
    def depths(self) -> Sequence[int]:
        """The values of k for which the recall of search was measured in all segments, in order."""
        measured = [set(of_segment) for of_segment in self._recall]
        return sorted(set.intersection(*measured)) if measured else []

    def recall_at(self, depth: int) -> float | None:
        """Return the measured share of the `depth` nearest that a search finds, None if it was not measured."""
        rows = sum(segment.rows for segment in self.segments)
        if depth not in self.depths or not rows:
            return None
        parts = zip(self.segments, self._recall, strict=True)
        return sum(segment.rows * recall[depth].recall for segment, recall in parts) / rows

    def candidates_for(self, k: int) -> int | None:
        """Return how many candidates each graph looks at for the k best, None if that many were not measured."""
        depth = min((depth for depth in self.depths if depth >= k), default=None)
        return None if depth is None else max(k, *(recall[depth].candidates for recall in self._recall))

    def search(self, query: FloatArray, k: int, among: KeyArray | None = None) -> tuple[KeyArray, FloatArray]:
        """Find the k vectors with the highest inner product with the query (width,), best first.

        Equal scores are in the order of their keys. Exact, or with the recall that was measured; never fewer than k if
        there are as many. `among`: as if there were no other keys; in order.
        """
        asked = self._asked(query)
        if k <= 0:
            return _ranked([])
        if among is None and self._seen is not None and self.segments:
            among = self._seen()
        if among is not None:
            return self._search_among(asked, k, among)
        return self._nearest(asked, k)

    def of(self, keys: KeyArray) -> FloatArray:
        """Read the vectors of these keys, (n, width). Raises KeyError if one is missing, CollectionDamaged."""
        there, rows = read_vectors(self._connection, self.kind, np.unique(keys), self.width)
        found = is_among(keys, there)
        if not found.all():
            raise KeyError(int(keys[~found][0]))
        return rows[np.searchsorted(there, keys)]

    def each(self) -> Iterator[tuple[KeyArray, FloatArray]]:
        """Yield all rows, some at a time: keys (n,) and vectors (n, width)."""
        yield from each_vector(self._connection, self.kind, self.width)

    @property
    def keys(self) -> KeyArray:
        """The key of every row, in order."""
        return keys_there(self._connection, self.kind)

    def search_segment(self, segment: Segment, query: FloatArray, k: int, candidates: int) -> KeyArray:
        """Find the k best of one segment, looking at this many candidates; to measure it."""
        part, values = self._in_segment(segment, self._asked(query), k, candidates)
        return _ranked(self._graphs.rows(part, values, candidates))[0][:k]

    def _asked(self, query: FloatArray) -> FloatArray:
        if query.shape != (self.width,):
            raise damaged_vectors()
        return np.clip(query, -LARGEST, LARGEST).astype(np.float32)

    def _nearest(self, query: FloatArray, k: int) -> tuple[KeyArray, FloatArray]:
        candidates = self.candidates_for(k)
        if candidates is None:  # no segment, or none measured for so many
            return self._exact(query, k)
        parts = [self._in_segment(segment, query, k, candidates) for segment in self.segments]
        parts += [self._scan(where, query, k) for where in self._between()]
        keys, scores = self._united(parts, k, candidates)
        # A graph can lose what stands behind deleted rows. What a role does not see is no loss: see _search_among.
        return (keys, scores) if len(keys) == k or self._seen is not None else self._exact(query, k)

    def _exact(self, query: FloatArray, k: int) -> tuple[KeyArray, FloatArray]:
        return self._united([self._scan(SQL("true"), query, k)], k)

    def _search_among(self, query: FloatArray, k: int, among: KeyArray) -> tuple[KeyArray, FloatArray]:
        share = len(among) / max(self.rows, sum(segment.rows for segment in self.segments), 1)
        depth = min((depth for depth in self.depths if depth * share >= ROOM * k), default=None)
        if len(among) > FEW_KEYS and depth is not None:
            keys, scores = self._nearest(query, depth)
            passing = is_among(keys, among)
            if passing.sum() >= k:
                return keys[passing][:k], scores[passing][:k]
        wanted = np.ascontiguousarray(among, dtype=np.int64)
        return self._united([self._scan(SQL("key = ANY(%s)"), query, k, wanted)], k)

    def _in_segment(self, segment: Segment, query: FloatArray, k: int, candidates: int) -> tuple[Composed, list[Any]]:
        """Return a query that the planner answers by the segment's index, since it is in its order and condition."""
        limit = k if candidates <= MOST_AT_ONCE else max(k, candidates)
        ranked = SQL("SELECT key, -{distance} AS score FROM {table} WHERE {holds} ORDER BY {distance} LIMIT {limit}")
        part = ranked.format(distance=self._distance(), table=self._table, holds=segment.holds, limit=Literal(limit))
        if limit > k:  # what a later step finds may be better than what an earlier one did
            best = SQL("SELECT key, score FROM ({}) AS looked_at ORDER BY score DESC, key LIMIT {}")
            part = best.format(part, Literal(k))
        return part, [query, query]  # the score and the order

    def _scan(self, where: Composable, query: FloatArray, k: int, *values: Any) -> tuple[Composed, list[Any]]:
        """Return a query that compares all rows that pass: no graph has the order of its negated distances."""
        ranked = SQL("SELECT key, -{distance} AS score FROM {table} WHERE {where} ORDER BY score DESC, key LIMIT {k}")
        part = ranked.format(distance=self._distance(), table=self._table, where=where, k=Literal(k))
        return part, [query, *values]

    def _distance(self) -> Composable:
        """Return the distance by which the graphs are built: the negative inner product."""
        return SQL("(vector <#> %s::real[]::halfvec({}))").format(Literal(self.width))

    def _between(self) -> Iterator[Composable]:
        """Yield the conditions of the keys that are in no segment."""
        begin: int | None = None
        for segment in self.segments:
            if begin is None:
                yield SQL("key < {}").format(Literal(segment.first))
            elif begin < segment.first:
                yield SQL("key >= {} AND key < {}").format(Literal(begin), Literal(segment.first))
            begin = segment.end
        yield SQL("key >= {}").format(Literal(begin))

    def _united(
        self, parts: Sequence[tuple[Composed, list[Any]]], k: int, candidates: int = 0
    ) -> tuple[KeyArray, FloatArray]:
        query = SQL(" UNION ALL ").join(SQL("({})").format(part) for part, _ in parts)
        rows = self._graphs.rows(query, [value for _, values in parts for value in values], candidates)
        keys, scores = _ranked(rows)
        return keys[:k], scores[:k]


@dataclass(frozen=True, slots=True)
class Layout:
    """How the vectors of a kind lie: their width, the sealed ranges, and what was measured of these, by number."""

    width: int
    segments: list[Segment]
    recall: dict[int, list[Recall]]


def read_layout(connection: Connection, kind: Kind) -> Layout:
    """Read how the vectors of a kind lie. Raises CollectionDamaged."""
    segments = read_segments(connection, kind)
    return Layout(table_width(connection, kind), segments, read_recall(connection, segments))


def open_vectors(
    connection: Connection, kind: Kind, rows: int, layout: Layout | None = None, graphs: Graphs | None = None
) -> VectorTable:
    """Open the vectors of a kind as of the connection's transaction; `rows`: how many there are, about."""
    known = layout or read_layout(connection, kind)
    below = driver_connection(connection)
    of_kind: TextKind = "sentence" if kind == "sentence" else "note"
    seen = partial(Catalog(connection).keys_passing, of_kind, Filter()) if sees_some(connection) else None
    return VectorTable(below, kind, known.width, known.segments, known.recall, rows, graphs, seen)


def _ranked(rows: Sequence[tuple[Any, ...]]) -> tuple[KeyArray, FloatArray]:
    """Return keys and scores of rows (key, score), best first; equal scores in the order of their keys."""
    keys = np.fromiter((row[0] for row in rows), dtype=np.int64, count=len(rows))
    scores = np.fromiter((row[1] for row in rows), dtype=np.float32, count=len(rows))
    if not np.isfinite(scores).all():
        raise damaged_vectors()
    best = np.lexsort((keys, -scores))
    return keys[best], scores[best]
