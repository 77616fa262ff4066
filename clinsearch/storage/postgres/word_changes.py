"""Changes the vectors of words: adds and deletes them, codes them once there are enough, keeps their segments few."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence

import numpy as np
from sqlalchemy import Connection, text

from clinsearch.records import FloatArray
from clinsearch.records.keys import KeyArray, is_among
from clinsearch.storage.catalog.words import WordCatalog
from clinsearch.storage.folder.spaces.codecs.blocks import CodedBlocks, blocks_of, without
from clinsearch.storage.folder.spaces.codecs.four_bits import FourBits
from clinsearch.storage.folder.spaces.compaction import FANOUT, MOST_DEAD_SHARE
from clinsearch.storage.postgres import word_blocks, word_cells
from clinsearch.storage.postgres.word_blocks import WordBlocks
from clinsearch.storage.postgres.word_search import WordCells, open_words
from clinsearch.storage.recall import DEPTHS, queries_between
from clinsearch.storage.values import WORD_KINDS, WordKind, drawn

ROWS_PER_SEGMENT = 1 << 18
# Search is measured again at this many times as many rows.
GROWTH = 4
QUERIES = 100
TARGET = 0.995


def create_word_tables(connection: Connection) -> None:
    """Create the tables of words' codes."""
    word_cells.create_word_cells(connection)


def add(connection: Connection, kind: WordKind, keys: KeyArray, rows: FloatArray) -> None:
    """Add rows (n, width) with their keys (n,), which must be new: as codes if there is a code."""
    code = word_cells.read_code(connection, kind)
    if code is None:
        word_blocks.add(connection, kind, keys, rows)
    elif len(keys):
        word_cells.insert_blocks(connection, kind, list(blocks_of(code, keys, rows)))


def forget(connection: Connection, kind: WordKind, ranges: Sequence[tuple[int, int]]) -> None:
    """Delete rows that are there, given as (first key, number); codes leave the disk with the next `compact`."""
    if word_cells.has_code(connection):
        word_cells.mark_deleted(connection, kind, ranges)
    elif ranges:
        word_blocks.forget(connection, kind, ranges)


def forget_all(connection: Connection, kind: WordKind) -> None:
    """Delete all rows of a kind; with the last kind the code, too."""
    word_blocks.forget_all(connection, kind)
    word_cells.forget_cells(connection, kind)


def lacking(connection: Connection, kind: WordKind) -> KeyArray:
    """Return the keys in use that have no row, in order; delete rows of keys that are not in use."""
    live, there = WordCatalog(connection).live(kind), open_words(connection, kind).keys
    forget(connection, kind, [(int(key), 1) for key in there[~is_among(there, live)]])
    return live[~is_among(live, there)]


def learn(connection: Connection, rows: int, *, least: int | None = None) -> bool:
    """Code all rows if there are at least so many words, unless they are coded; return whether they were.

    rows: how many words there are.
    """
    if rows < (FourBits.least_rows() if least is None else least) or word_cells.has_code(connection):
        return False
    words = WordBlocks(connection, "word")
    code = FourBits.learn_from(words.of(drawn(words.keys, FourBits.sample_size(rows))), rows, None)
    word_cells.keep_code(connection, code)
    for kind in WORD_KINDS:
        for keys, vectors in _joined(WordBlocks(connection, kind).each()):
            word_cells.insert_blocks(connection, kind, list(blocks_of(code, keys, vectors)))
        word_blocks.forget_all(connection, kind)
        measure(connection, kind)
    return True


def compact(connection: Connection, kind: WordKind, *, anew: bool = False) -> None:
    """Join segments of about the same size; drop deleted rows if these are many, and measure search if rows have grown.

    anew: drop deleted rows and measure search in any case.
    """
    code = word_cells.read_code(connection, kind)
    if code is None:
        return
    segments = word_cells.read_segments(connection, kind)
    deleted = word_cells.read_deleted(connection, kind)
    if len(deleted) > (0 if anew else MOST_DEAD_SHARE * sum(segments.values())):
        _drop_deleted(connection, kind, code, deleted)
        segments = word_cells.read_segments(connection, kind)
    tiers: dict[int, list[int]] = defaultdict(list)
    for segment, rows in segments.items():
        tiers[int(np.log(max(rows, 1)) / np.log(FANOUT))].append(segment)
    for tier in tiers.values():
        if len(tier) >= FANOUT:
            word_cells.join_segments(connection, kind, tier)
    if anew or sum(segments.values()) >= GROWTH * word_cells.rows_measured(connection, kind):
        measure(connection, kind)


def measure(connection: Connection, kind: WordKind) -> None:
    """Measure and store how many cells a search has to look into, on the codes of the collection itself."""
    code = word_cells.read_code(connection, kind)
    connection.execute(text("DELETE FROM word_probes WHERE kind = :kind"), {"kind": kind})
    if code is None:
        return
    words = WordCells(connection, kind, code)
    depths = [depth for depth in DEPTHS if depth < words.rows]
    if not depths:
        return
    queries = queries_between(words.of(drawn(words.keys, 2 * QUERIES)))
    places = np.empty((len(queries), 0), dtype=np.int64)
    scores = np.empty((len(queries), 0), dtype=np.float32)
    cells, near = code.by_nearness(queries, code.count)
    for segment in word_cells.read_segments(connection, kind):
        opened = CodedBlocks(code, word_cells.read_blocks(connection, kind, segment=segment))
        own, found = opened.cells_of_best(queries, min(depths[-1], opened.rows), cells, near)
        places, scores = np.concatenate([places, own], axis=1), np.concatenate([scores, found], axis=1)
    best = np.argsort(-scores, axis=1, kind="stable")[:, : depths[-1]]
    nearness = np.take_along_axis(np.argsort(cells, axis=1), np.take_along_axis(places, best, axis=1), axis=1)
    least = 1
    for depth in depths:
        shares = np.bincount(nearness[:, :depth].ravel(), minlength=code.count).cumsum() / nearness[:, :depth].size
        least = max(least, int(np.argmax(shares >= TARGET)) + 1)
        connection.execute(
            text("INSERT INTO word_probes VALUES (:kind, :depth, :probes, :recall, :rows)"),
            {"kind": kind, "depth": depth, "probes": least, "recall": float(shares[least - 1]), "rows": words.rows},
        )


def _joined(runs: Iterator[tuple[KeyArray, FloatArray]]) -> Iterator[tuple[KeyArray, FloatArray]]:
    """Yield rows by as many as a segment should have."""
    keys: list[KeyArray] = []
    rows: list[FloatArray] = []
    for own, vectors in runs:
        keys.append(own)
        rows.append(vectors)
        if sum(map(len, keys)) >= ROWS_PER_SEGMENT:
            yield np.concatenate(keys), np.concatenate(rows)
            keys, rows = [], []
    if keys:
        yield np.concatenate(keys), np.concatenate(rows)


def _drop_deleted(connection: Connection, kind: WordKind, code: FourBits, deleted: KeyArray) -> None:
    """Write the segments that have deleted rows again, without them."""
    for segment in word_cells.read_segments(connection, kind):
        blocks = list(word_cells.read_blocks(connection, kind, segment=segment))
        left = [some for block in blocks if (some := without(block, code.code_size, deleted))]
        if sum(len(block.keys) for block in left) < sum(len(block.keys) for block in blocks):
            word_cells.delete_blocks(connection, kind, segment)
            if left:
                word_cells.insert_blocks(connection, kind, left)
    word_cells.forget_deleted(connection, kind)
