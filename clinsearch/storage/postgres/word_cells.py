"""The codes of words' vectors, in cells: what was learned, the blocks of each cell, and which keys were deleted.

A row is one cell's part of one segment, keys and codes as bytes: a row for each word would take several times as much.
Deleted keys are noted, and leave when their segment is written again.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np
from sqlalchemy import Connection, text

from clinsearch.records.keys import KeyArray, is_among
from clinsearch.storage.folder.spaces.codecs.blocks import Block
from clinsearch.storage.folder.spaces.codecs.four_bits import FourBits
from clinsearch.storage.values import WORD_KINDS, WordKind, damaged_vectors

# The longest run of deleted keys that can be meant: more would be more than there are.
LONGEST_RUN = 1 << 20
BLOCKS_AT_ONCE = 64

TABLES = (
    """CREATE TABLE word_cells (
        kind text NOT NULL, cell integer NOT NULL, segment bigint NOT NULL,
        keys bytea STORAGE EXTERNAL NOT NULL, codes bytea STORAGE EXTERNAL NOT NULL,
        PRIMARY KEY (kind, cell, segment))""",
    "CREATE TABLE word_segments (kind text NOT NULL, segment bigint NOT NULL, rows bigint NOT NULL, "
    "PRIMARY KEY (kind, segment))",
    "CREATE SEQUENCE word_segment_numbers",
    "CREATE TABLE word_code (content bytea NOT NULL)",
    "CREATE TABLE word_probes (kind text NOT NULL, depth integer NOT NULL, probes integer NOT NULL, "
    "recall double precision NOT NULL, rows bigint NOT NULL, PRIMARY KEY (kind, depth))",
    "CREATE TABLE deleted_words (kind text NOT NULL, first bigint NOT NULL, rows bigint NOT NULL, "
    "PRIMARY KEY (kind, first))",
)

TAKEN = "WITH taken AS (DELETE FROM {} WHERE kind = :kind AND segment = ANY(:segments) RETURNING *) INSERT INTO {} "
JOIN = (
    TAKEN.format("word_cells", "word_cells")
    + """SELECT :kind, cell, :into, string_agg(keys, '' ORDER BY segment), string_agg(codes, '' ORDER BY segment)
        FROM taken GROUP BY cell""",
    TAKEN.format("word_segments", "word_segments") + "SELECT :kind, :into, sum(rows) FROM taken",
)


def create_word_cells(connection: Connection) -> None:
    """Create the tables of words' codes; they stay empty while words are few."""
    for statement in TABLES:
        connection.execute(text(statement))


def insert_blocks(connection: Connection, kind: WordKind, blocks: Sequence[Block]) -> None:
    """Add blocks, of different cells, as a new segment."""
    segment = connection.scalar(text("SELECT nextval('word_segment_numbers')"))
    of_segment = {"kind": kind, "segment": segment}
    rows = sum(len(block.keys) // 8 for block in blocks)
    connection.execute(text("INSERT INTO word_segments VALUES (:kind, :segment, :rows)"), of_segment | {"rows": rows})
    values = [of_segment | block._asdict() for block in blocks]
    connection.execute(text("INSERT INTO word_cells VALUES (:kind, :cell, :segment, :keys, :codes)"), values)


def read_blocks(
    connection: Connection, kind: WordKind, *, cells: Sequence[int] | None = None, segment: int | None = None
) -> Iterator[Block]:
    """Yield the blocks of a kind: of these cells, or of a segment, or all."""
    query = "SELECT cell, keys, codes FROM word_cells WHERE kind = :kind"
    query += " AND cell = ANY(:cells)" if cells is not None else ""
    query += " AND segment = :segment" if segment is not None else ""
    values = {"kind": kind, "cells": cells, "segment": segment}
    asked = {name: value for name, value in values.items() if f":{name}" in query}
    for cell, keys, codes in connection.execute(text(query), asked):
        yield Block(cell, keys, codes)


def each_block(connection: Connection, kind: WordKind) -> Iterator[Block]:
    """Yield all blocks of a kind, of which only some are in memory at a time."""
    query = text("SELECT cell, keys, codes FROM word_cells WHERE kind = :kind")
    options = {"yield_per": BLOCKS_AT_ONCE}
    for cell, keys, codes in connection.execute(query, {"kind": kind}, execution_options=options):
        yield Block(cell, keys, codes)


def read_segments(connection: Connection, kind: WordKind) -> dict[int, int]:
    """Return how many rows each segment has, by its number."""
    query = text("SELECT segment, rows FROM word_segments WHERE kind = :kind ORDER BY segment")
    return {row.segment: row.rows for row in connection.execute(query, {"kind": kind})}


def join_segments(connection: Connection, kind: WordKind, segments: Sequence[int]) -> None:
    """Make one segment of several; nothing of them leaves the server."""
    segment = connection.scalar(text("SELECT nextval('word_segment_numbers')"))
    values = {"kind": kind, "segments": list(segments), "into": segment}
    for statement in JOIN:
        connection.execute(text(statement), values)


def delete_blocks(connection: Connection, kind: WordKind, segment: int | None = None) -> None:
    """Delete the blocks of a segment, or all of a kind."""
    where = "kind = :kind" + (" AND segment = :segment" if segment is not None else "")
    values = {"kind": kind, "segment": segment} if segment is not None else {"kind": kind}
    for table in ("word_cells", "word_segments"):
        connection.execute(text(f"DELETE FROM {table} WHERE {where}"), values)


def has_code(connection: Connection) -> bool:
    """Tell whether words are coded."""
    return bool(connection.scalar(text("SELECT EXISTS (SELECT FROM word_code)")))


def keep_code(connection: Connection, code: FourBits) -> None:
    """Store a code, the only one."""
    connection.execute(text("INSERT INTO word_code VALUES (:content)"), {"content": code.to_bytes()})


def read_code(connection: Connection, kind: WordKind) -> FourBits | None:
    """Return the code of words, with what was measured of a kind, None if there is none. Raises CollectionDamaged."""
    content = connection.scalar(text("SELECT content FROM word_code LIMIT 1"))
    query = text("SELECT depth, probes FROM word_probes WHERE kind = :kind")
    probes = {row.depth: row.probes for row in connection.execute(query, {"kind": kind})}
    return None if content is None else FourBits.from_bytes(content, probes)


def mark_deleted(connection: Connection, kind: WordKind, ranges: Sequence[tuple[int, int]]) -> None:
    """Note that keys are deleted, given as (first key, number)."""
    values = [{"kind": kind, "first": first, "rows": rows} for first, rows in ranges]
    if values:
        connection.execute(text("INSERT INTO deleted_words VALUES (:kind, :first, :rows)"), values)


def read_deleted(connection: Connection, kind: WordKind) -> KeyArray:
    """Return the keys, in order, that are noted as deleted. Raises CollectionDamaged."""
    query = text("SELECT first, rows FROM deleted_words WHERE kind = :kind ORDER BY first")
    runs = connection.execute(query, {"kind": kind}).all()
    if any(first < 0 or not 0 < rows <= LONGEST_RUN for first, rows in runs):
        raise damaged_vectors()
    return np.concatenate([np.empty(0, dtype=np.int64), *(np.arange(first, first + rows) for first, rows in runs)])


def forget_deleted(connection: Connection, kind: WordKind) -> None:
    """Forget which keys were deleted, once nothing has them."""
    connection.execute(text("DELETE FROM deleted_words WHERE kind = :kind"), {"kind": kind})


def all_keys(connection: Connection, kind: WordKind) -> KeyArray:
    """Return the keys of all codes that are not deleted, in order."""
    keys = [np.frombuffer(block.keys, dtype="<i8") for block in read_blocks(connection, kind)]
    there = np.sort(np.concatenate([np.empty(0, dtype=np.int64), *keys]))
    return there[~is_among(there, read_deleted(connection, kind))]


def forget_cells(connection: Connection, kind: WordKind) -> None:
    """Delete all codes of a kind; with those of the last kind, what was learned."""
    delete_blocks(connection, kind)
    forget_deleted(connection, kind)
    connection.execute(text("DELETE FROM word_probes WHERE kind = :kind"), {"kind": kind})
    if not any(read_segments(connection, one) for one in WORD_KINDS):
        connection.execute(text("DELETE FROM word_code"))


def read_recall(connection: Connection, kind: WordKind) -> dict[int, tuple[int, float]]:
    """Return by depth how many cells a search looks into, and the share of the best codes that it finds."""
    query = text("SELECT depth, probes, recall FROM word_probes WHERE kind = :kind ORDER BY depth")
    return {row.depth: (row.probes, row.recall) for row in connection.execute(query, {"kind": kind})}


def rows_measured(connection: Connection, kind: WordKind) -> int:
    """Return how many rows there were when search was measured, 0 if it was not."""
    query = text("SELECT coalesce(max(rows), 0) FROM word_probes WHERE kind = :kind")
    return int(connection.scalar(query, {"kind": kind}) or 0)
