"""Seals ranges of keys: builds their graphs beside readers and writers, and measures what search finds by them.

A graph is built once for many rows, in memory, which takes about a millisecond of CPU time a row: a seventh of what it
takes to encode a sentence with its words. So rows wait, compared one by one, until they are many, and a range is merged
with the one before it only if it has become as large: while a collection grows to a million a row goes into two graphs,
to ten million into two or three, and these are one to six. `optimize` makes one of them, up to MOST_ROWS.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import TypeAlias

import numpy as np
from psycopg.sql import SQL, Identifier, Literal
from sqlalchemy import Connection, Engine, text

from clinsearch.encoder.threads import one_numpy_thread
from clinsearch.records import FloatArray
from clinsearch.records.keys import KeyArray
from clinsearch.storage.postgres.halfvec import PgConnection, open_cursor
from clinsearch.storage.postgres.vector_search import MOST_AT_ONCE, VectorTable
from clinsearch.storage.postgres.vectors import (
    TABLES,
    Recall,
    Segment,
    driver_connection,
    each_vector,
    read_segments,
    read_vectors,
    table_width,
)
from clinsearch.storage.recall import DEPTHS, queries_between
from clinsearch.storage.values import Kind

# Comparing so many rows one by one takes 24 ms of one processor, at 384 dimensions.
LEAST_ROWS = 200_000
# As long as more is written: 240 ms. A graph costs about an eighth of what it takes to encode its rows, each time.
LEAST_WHILE_WRITTEN = 2_000_000
# A graph of so many takes 4 GB of memory to build, at 384 dimensions.
MOST_ROWS = 4_000_000
# A range is merged with the one before it unless that is more than so many times as large.
RATIO = 1
# pgvector's own choices; see docs/server.md for others.
LINKS, CANDIDATES_TO_BUILD = 16, 64
# What a row adds to a graph that is being built, beside its vector.
BYTES_OF_LINKS = 500
QUERIES = 200
# Real sentences from elsewhere find more than these queries do: of a million rows 0.9905 of the ten nearest by 600
# candidates and 0.9925 by 1,000, where these find 0.959 and 0.978. What 200 queries find is that of others to within
# 0.005 or so. More candidates than MOST, or than twice what is wanted, would take longer than they are worth.
TARGET = 0.985
# Past 1,000 a graph is asked a second time, for as many again, which takes twice as long (98 ms where it was 47): only
# where the first time finds less than this. More than 1,250 then finds little more.
ENOUGH = 0.95
LADDER = (40, 100, 200, 400, 600, 800, 1000, 1250, 2000)
MOST = 2000
KEPT_AT_ONCE = 20_000
SEED = 0
# The first part of the number of the lock that one session holds while it seals.
SEALING_LOCK = 0x5EA1
# The memory for a build, in KiB: as much as it needs, up to twice the shared buffers, or what the server is set to.
MEMORY = """SELECT set_config('maintenance_work_mem', greatest(
    least(:wanted, 2 * pg_size_bytes(current_setting('shared_buffers')) / 1024),
    pg_size_bytes((SELECT reset_val || unit FROM pg_settings WHERE name = 'maintenance_work_mem')) / 1024
    )::text || 'kB', false)"""

# The first key, the end, and how many rows there are between.
Range: TypeAlias = tuple[int, int, int]


@dataclass(frozen=True, slots=True)
class Building:
    """How far the graph of a kind is: done of total, which are blocks of the table, of one phase."""

    kind: Kind
    phase: str
    done: int
    total: int


def seal(engine: Engine, kind: Kind, *, anew: bool = False, least: int = LEAST_ROWS) -> bool:
    """Build graphs for the open keys of a kind if they are at least so many, or, if `anew`, for all keys.

    `anew` builds none again that has exactly its rows, as many as a graph should have.

    Returns whether the sealed ranges have changed. Takes connections of its own; readers and writers go on. The caller
    must hold no open transaction: a build waits for all that began before it. Does nothing if another session is
    sealing this kind. What an interrupted build left is removed by the next.
    """
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        with _lock(connection, kind) as is_held:
            if not is_held:
                return False
            _drop_forgotten(connection, kind)
            covered, ranges = _planned(connection, kind, anew, least)
            if not covered and not ranges:
                return False
            segments = [_built(connection, kind, *some) for some in ranges]
            with engine.begin() as transaction:
                measured = [measured_recall(transaction, segment) for segment in segments]
            with engine.begin() as transaction:
                _replace(transaction, covered, segments, measured)
            _drop_forgotten(connection, kind)
            return True


def unseal(engine: Engine, kind: Kind) -> None:
    """Drop the graphs of a kind, so that its table can be written again without building them: `seal` does it better.

    Until then its rows are compared one by one. Does nothing while another session is sealing it.
    """
    with engine.connect() as connection:
        connection.execution_options(isolation_level="AUTOCOMMIT")
        with _lock(connection, kind) as is_held:
            if is_held:
                connection.execute(text("DELETE FROM vector_segments WHERE kind = :kind"), {"kind": kind})
                _drop_forgotten(connection, kind)


def builds(connection: Connection) -> list[Building]:
    """Return the graphs that are being built now, by any session that this role may see."""
    query = """SELECT relid::regclass::text, phase, blocks_done, blocks_total FROM pg_stat_progress_create_index
        WHERE relid = ANY(ARRAY(SELECT to_regclass(name) FROM unnest(CAST(:names AS text[])) AS name))"""
    kinds = {name: kind for kind, name in TABLES.items()}
    rows = connection.execute(text(query), {"names": list(kinds)})
    return [Building(kinds[name.rpartition(".")[2]], phase, done, total) for name, phase, done, total in rows]


@contextmanager
def _lock(connection: Connection, kind: Kind) -> Iterator[bool]:
    number = {"lock": SEALING_LOCK, "kind": list(TABLES).index(kind)}
    is_held = bool(connection.scalar(text("SELECT pg_try_advisory_lock(:lock, :kind)"), number))
    # However long a build takes.
    connection.execute(text("SELECT set_config('statement_timeout', '0', false)"))
    try:
        yield is_held
    finally:
        if not connection.invalidated:
            connection.execute(text("RESET statement_timeout"))
            connection.execute(text("RESET maintenance_work_mem"))
        if is_held and not connection.invalidated:
            connection.execute(text("SELECT pg_advisory_unlock(:lock, :kind)"), number)


def _planned(connection: Connection, kind: Kind, anew: bool, least: int) -> tuple[list[Segment], list[Range]]:
    """Return ranges to seal, and the segments whose place they take."""
    segments = read_segments(connection, kind)
    if anew:
        ranges = _all_ranges(connection, kind, least)
        is_so = [one.rows for one in segments] == [rows for _, _, rows in ranges] and _are_in(ranges, segments)
        return ([], []) if is_so else (segments, ranges)
    begin = segments[-1].end if segments else 0
    query = text(f"SELECT count(*), coalesce(max(key), 0) FROM {TABLES[kind]} WHERE key >= :begin")
    rows, last = connection.execute(query, {"begin": begin}).one()
    if rows < least:
        return [], []
    covered: list[Segment] = []
    while segments and segments[-1].rows <= RATIO * rows and segments[-1].rows + rows <= MOST_ROWS:
        covered.insert(0, segments.pop())
        rows += covered[0].rows
    return covered, [(covered[0].first if covered else begin, last + 1, rows)]


def _are_in(ranges: Sequence[Range], segments: Sequence[Segment]) -> bool:
    both = zip(ranges, segments, strict=True)
    return all(segment.first <= first and end <= segment.end for (first, end, _), segment in both)


def _all_ranges(connection: Connection, kind: Kind, least: int) -> list[Range]:
    """Return ranges of all keys, with about the same number of rows, MOST_ROWS or fewer; none for too few rows."""
    rows = int(connection.scalar(text(f"SELECT count(*) FROM {TABLES[kind]}")) or 0)
    if rows < max(least, 1):
        return []
    numbered = f"SELECT key, ntile(:parts) OVER (ORDER BY key) AS part FROM {TABLES[kind]}"
    query = f"SELECT min(key), max(key) + 1, count(*) FROM ({numbered}) AS numbered GROUP BY part ORDER BY part"
    parts = -(-rows // MOST_ROWS)
    return [(first, end, count) for first, end, count in connection.execute(text(query), {"parts": parts})]


def _built(connection: Connection, kind: Kind, first: int, end: int, rows: int) -> Segment:
    """Build the graph of a range, without waiting for a lock that others hold."""
    number = connection.scalar(text("SELECT nextval('vector_segment_numbers')"))
    segment = Segment(kind, first, end, rows, int(number or 0))
    bytes_needed = rows * (2 * table_width(connection, kind) + BYTES_OF_LINKS)
    connection.execute(text(MEMORY), {"wanted": bytes_needed // 1024})
    build = SQL("CREATE INDEX CONCURRENTLY {} ON {} USING hnsw (vector halfvec_ip_ops) WITH ({}) WHERE {}").format(
        Identifier(segment.index),
        Identifier(TABLES[kind]),
        SQL("m = {}, ef_construction = {}").format(Literal(LINKS), Literal(CANDIDATES_TO_BUILD)),
        segment.holds,
    )
    driver_connection(connection).execute(build)
    return segment


def _replace(
    connection: Connection, covered: Sequence[Segment], segments: Sequence[Segment], measured: Sequence[list[Recall]]
) -> None:
    """Record segments, and what was measured of them, in place of others."""
    numbers = [segment.number for segment in covered]
    connection.execute(text("DELETE FROM vector_segments WHERE number = ANY(:numbers)"), {"numbers": numbers})
    into = 'INSERT INTO vector_segments(kind, first, "end", rows, number) VALUES (:kind, :first, :end, :rows, :number)'
    recall_into = "INSERT INTO vector_recall(number, depth, candidates, recall) "
    for segment, found in zip(segments, measured, strict=True):
        connection.execute(text(into), asdict(segment))
        for one in found:
            values = {"number": segment.number, **asdict(one)}
            connection.execute(text(recall_into + "VALUES (:number, :depth, :candidates, :recall)"), values)


def _drop_forgotten(connection: Connection, kind: Kind) -> None:
    """Drop graphs that no segment has: of ranges that were merged, and of builds that were interrupted."""
    query = """SELECT name.relname FROM pg_index AS own JOIN pg_class AS name ON name.oid = own.indexrelid
        JOIN pg_am ON pg_am.oid = name.relam
        WHERE own.indrelid = to_regclass(:table) AND pg_am.amname = 'hnsw'"""
    known = {segment.index for segment in read_segments(connection, kind)}
    for name in connection.scalars(text(query), {"table": TABLES[kind]}).all():
        if name not in known:
            driver_connection(connection).execute(SQL("DROP INDEX CONCURRENTLY IF EXISTS {}").format(Identifier(name)))


def measured_recall(connection: Connection, segment: Segment) -> list[Recall]:
    """Measure, on a segment's own vectors, how many candidates a search has to look at.

    Returns for each depth the fewest of LADDER that find TARGET of the truly nearest, or ENOUGH of them where more
    would have the graph asked again, or the most there are.
    """
    below, width = driver_connection(connection), table_width(connection, segment.kind)
    depths = [depth for depth in DEPTHS if depth < segment.rows]
    queries = _queries(below, segment, width)
    if not depths or not len(queries):
        return []
    with one_numpy_thread():
        nearest = _nearest(below, segment, queries, depths[-1])
    table = VectorTable(below, segment.kind, width, [segment], {}, segment.rows)
    found: list[Recall] = []
    for depth in depths:
        least = max(depth, found[-1].candidates if found else 0)
        ladder = [candidates for candidates in LADDER if least <= candidates <= max(MOST, 2 * depth)]
        for candidates in ladder:
            keys = [table.search_segment(segment, query, depth, candidates) for query in queries]
            share = [np.isin(true[:depth], own).mean() for true, own in zip(nearest, keys, strict=True)]
            recall = float(np.mean(share))
            aim = TARGET if candidates < MOST_AT_ONCE else ENOUGH
            if recall >= aim or candidates == ladder[-1]:
                found.append(Recall(depth, candidates, recall))
                break
    return found


def _queries(connection: PgConnection, segment: Segment, width: int) -> FloatArray:
    """Return queries between vectors of a segment, (n, width); see `queries_between`."""
    table = Identifier(TABLES[segment.kind])
    keys = SQL("SELECT key FROM {} WHERE {} ORDER BY key").format(table, segment.holds)
    all_keys = np.array(open_cursor(connection).execute(keys).fetchall(), dtype=np.int64).ravel()
    drawn = np.random.default_rng(SEED).choice(all_keys, min(2 * QUERIES, len(all_keys)), replace=False)
    _, vectors = read_vectors(connection, segment.kind, np.sort(drawn), width)
    return queries_between(np.random.default_rng(SEED).permutation(vectors))


def _nearest(connection: PgConnection, segment: Segment, queries: FloatArray, k: int) -> KeyArray:
    """Return the keys of the k truly nearest of a segment to each query, (n, k), best first."""
    asked = queries.astype(np.float16).astype(np.float32)
    keys = np.empty((len(asked), 0), dtype=np.int64)
    scores = np.empty((len(asked), 0), dtype=np.float32)
    for some, vectors in each_vector(connection, segment.kind, queries.shape[1], segment):
        keys = np.concatenate([keys, np.broadcast_to(some, (len(asked), len(some)))], axis=1)
        scores = np.concatenate([scores, asked @ vectors.T], axis=1)
        if keys.shape[1] > KEPT_AT_ONCE:
            keys, scores = _kept(keys, scores, k)
    keys, scores = _kept(keys, scores, k)
    return np.take_along_axis(keys, np.argsort(-scores, axis=1, kind="stable"), axis=1)


def _kept(keys: KeyArray, scores: FloatArray, k: int) -> tuple[KeyArray, FloatArray]:
    if keys.shape[1] <= k:
        return keys, scores
    best = np.argpartition(-scores, k - 1, axis=1)[:, :k]
    return np.take_along_axis(keys, best, axis=1), np.take_along_axis(scores, best, axis=1)
