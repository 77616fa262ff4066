"""The tables of vectors: one row of half precision for each sentence, note and opening that has a vector.

A kind has one table, which commits append to. Ranges of its keys are sealed: each has an HNSW index of its own, a
partial one, which `sealing` builds beside readers and writers, and `vector_search` goes through. Keys behind the last
sealed range are open: they are compared one by one. So adding rows never waits for a graph, and merging ranges moves no
row. Values are stored in the rows themselves, never out of line: a search reads many of them.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from psycopg.sql import SQL, Composable, Identifier, Literal
from sqlalchemy import Connection, text

from clinsearch.records import FloatArray
from clinsearch.records.keys import KeyArray
from clinsearch.storage.postgres.halfvec import LARGEST, PgConnection, copy_in, copy_out, open_cursor, vectors_from
from clinsearch.storage.values import VECTOR_KINDS, Kind, damaged_vectors

TABLES: dict[Kind, str] = {kind: f"{kind}_vectors" for kind in VECTOR_KINDS}
# The table of what has a vector of each kind.
OWNERS: dict[Kind, str] = {"sentence": "sentences", "note": "notes", "opening": "notes"}
# What an HNSW index of halfvec takes.
MOST_DIMENSIONS = 4000
SEGMENT_TABLES = (
    "CREATE SEQUENCE vector_segment_numbers",
    """CREATE TABLE vector_segments (
        kind text NOT NULL, first bigint NOT NULL, "end" bigint NOT NULL, rows bigint NOT NULL,
        number bigint NOT NULL UNIQUE, PRIMARY KEY (kind, first), CHECK (first < "end"))""",
    """CREATE TABLE vector_recall (
        number bigint NOT NULL REFERENCES vector_segments (number) ON DELETE CASCADE, depth integer NOT NULL,
        candidates integer NOT NULL, recall double precision NOT NULL, PRIMARY KEY (number, depth))""",
)


@dataclass(frozen=True, slots=True)
class Segment:
    """A sealed range of keys, [first, end), and how many rows it had; `number` names its index."""

    kind: Kind
    first: int
    end: int
    rows: int
    number: int

    @property
    def index(self) -> str:
        """The name of its index."""
        return f"{TABLES[self.kind]}_{self.number:d}"

    @property
    def holds(self) -> Composable:
        """The condition of its index; with literals, so that the planner knows the index by it."""
        return SQL("key >= {} AND key < {}").format(Literal(self.first), Literal(self.end))


@dataclass(frozen=True, slots=True)
class Recall:
    """How many candidates of the graph to look at for the `depth` best, and the share of these that this finds."""

    depth: int
    candidates: int
    recall: float


def create_vector_tables(connection: Connection, hidden_size: int) -> None:
    """Create the tables of a collection's vectors; needs the extension `vector`."""
    if not 1 <= hidden_size <= MOST_DIMENSIONS:
        raise ValueError(f"Vectors of {hidden_size} dimensions cannot be indexed; {MOST_DIMENSIONS} are the most.")
    for name in TABLES.values():
        columns = f"key bigint PRIMARY KEY, vector halfvec({hidden_size:d}) STORAGE PLAIN NOT NULL"
        connection.execute(text(f"CREATE TABLE {name} ({columns})"))
    for statement in SEGMENT_TABLES:
        connection.execute(text(statement))


def driver_connection(connection: Connection) -> PgConnection:
    """Return the connection of psycopg below; what it does belongs to the same transaction."""
    if not connection.in_transaction():  # as with the connection's own statements
        connection.begin()
    below: PgConnection = connection.connection.driver_connection  # type: ignore[assignment]
    return below


def table_width(connection: Connection, kind: Kind) -> int:
    """Return how many dimensions the vectors of a kind have by their table."""
    query = "SELECT atttypmod FROM pg_attribute WHERE attrelid = to_regclass(:name) AND attname = 'vector'"
    width = connection.scalar(text(query), {"name": TABLES[kind]})
    if width is None or not 1 <= width <= MOST_DIMENSIONS:
        raise damaged_vectors()
    return int(width)


def add_vectors(connection: Connection, kind: Kind, keys: KeyArray, rows: FloatArray) -> None:
    """Add rows (n, hidden_size) with their keys (n,), which must be new."""
    if not len(keys):
        return
    if not (np.abs(rows) <= LARGEST).all():  # NaN, too
        raise ValueError("Vectors must be finite, in half precision too.")
    copy_in(open_cursor(driver_connection(connection)), TABLES[kind], keys, rows)


def delete_vectors(connection: Connection, kind: Kind, keys: KeyArray) -> None:
    """Delete the rows of these keys; keys without a row do no harm."""
    if len(keys):
        query = SQL("DELETE FROM {} WHERE key = ANY(%s)").format(Identifier(TABLES[kind]))
        open_cursor(driver_connection(connection)).execute(query, (keys,))


def delete_all_vectors(connection: Connection, kind: Kind) -> None:
    """Delete all rows of a kind; its segments stay, and are empty."""
    connection.execute(text(f"DELETE FROM {TABLES[kind]}"))


def lacking(connection: Connection, kind: Kind, keys: KeyArray) -> KeyArray:
    """Return those of these keys, in order, that have no row."""
    query = SQL("SELECT key FROM unnest(%s) AS asked(key) WHERE NOT EXISTS ({}) ORDER BY key").format(
        SQL("SELECT FROM {} AS there WHERE there.key = asked.key").format(Identifier(TABLES[kind]))
    )
    cursor = open_cursor(driver_connection(connection))
    return _keys(cursor.execute(query, (np.asarray(keys, dtype=np.int64),)).fetchall())


def keys_there(connection: PgConnection, kind: Kind) -> KeyArray:
    """Return the keys of all rows of a kind, in order."""
    query = SQL("SELECT key FROM {} ORDER BY key").format(Identifier(TABLES[kind]))
    return _keys(open_cursor(connection).execute(query).fetchall())


def count_rows(connection: Connection, kind: Kind) -> int:
    """Count the rows of a kind; reads the whole table's index."""
    return int(connection.scalar(text(f"SELECT count(*) FROM {TABLES[kind]}")) or 0)


def read_vectors(connection: PgConnection, kind: Kind, keys: KeyArray, width: int) -> tuple[KeyArray, FloatArray]:
    """Read the rows of these keys that are there: their keys (m,), in order, and vectors (m, width)."""
    query = SQL("SELECT key, vector FROM {} WHERE key = ANY(%s) ORDER BY key").format(Identifier(TABLES[kind]))
    rows = open_cursor(connection).execute(query, (np.asarray(keys, dtype=np.int64),)).fetchall()
    return _keys(rows), vectors_from([row[1] for row in rows], width)


def each_vector(
    connection: PgConnection, kind: Kind, width: int, segment: Segment | None = None
) -> Iterator[tuple[KeyArray, FloatArray]]:
    """Yield all rows of a kind, or of a segment, some at a time: keys (n,) and vectors (n, width)."""
    query = SQL("SELECT key, vector FROM {} WHERE {}")
    where = segment.holds if segment else SQL("true")
    yield from copy_out(open_cursor(connection), query.format(Identifier(TABLES[kind]), where), width)


def read_segments(connection: Connection, kind: Kind) -> list[Segment]:
    """Return the sealed ranges of a kind, in the order of their keys. Raises CollectionDamaged if two overlap."""
    columns = 'first, "end", rows, number'
    query = text(f"SELECT {columns} FROM vector_segments WHERE kind = :kind ORDER BY first")
    segments = [Segment(kind, *row) for row in connection.execute(query, {"kind": kind})]
    if any(one.end > other.first for one, other in pairwise(segments)):
        raise damaged_vectors()
    return segments


def read_recall(connection: Connection, segments: Sequence[Segment]) -> dict[int, list[Recall]]:
    """Return what was measured of these segments, by number, in order of depth."""
    query = "SELECT number, depth, candidates, recall FROM vector_recall WHERE number = ANY(:numbers) ORDER BY depth"
    found: dict[int, list[Recall]] = {segment.number: [] for segment in segments}
    for number, *measured in connection.execute(text(query), {"numbers": list(found)}):
        found[number].append(Recall(*measured))
    return found


def _keys(rows: Sequence[tuple[int, ...]]) -> KeyArray:
    return np.fromiter((row[0] for row in rows), dtype=np.int64, count=len(rows))
