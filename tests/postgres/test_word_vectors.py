"""Vectors of words in PostgreSQL: exact while they are few, then by the same codes as in files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
from sqlalchemy import Engine, text

from clinsearch.errors import CollectionDamaged
from clinsearch.records.locations import database_at
from clinsearch.storage.folder.spaces.codecs.blocks import CodedBlocks
from clinsearch.storage.folder.spaces.lists import Part, write_lists
from clinsearch.storage.folder.spaces.space import Space
from clinsearch.storage.postgres import word_cells, word_changes
from clinsearch.storage.postgres.database import open_engine
from clinsearch.storage.postgres.questions import PostgresCatalog
from clinsearch.storage.postgres.word_search import open_words
from clinsearch.storage.postgres.writer import Writer
from clinsearch.storage.values import EncoderIdentity, WordKind
from tests.support.postgres_vectors import assert_same_ranking, snapshot, unit_rows

ROWS, WIDTH, CELLS = 4000, 16, 32
ROUNDING = 1e-5


@pytest.fixture(autouse=True)
def few_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("clinsearch.storage.folder.spaces.codecs.four_bits.CELLS", CELLS)
    monkeypatch.setattr("clinsearch.storage.postgres.word_changes.ROWS_PER_SEGMENT", 1500)


@pytest.fixture
def engine(postgres_database: str) -> Iterator[Engine]:
    database = database_at(postgres_database)
    with Writer(database, create=True) as writer:
        writer.claim(EncoderIdentity("a model", "mean", "abc", 8), created_by="a test")
    engine = open_engine(database, writing=True)
    yield engine
    engine.dispose()


@pytest.fixture(scope="module")
def rows() -> np.ndarray:
    return unit_rows(np.random.default_rng(3), ROWS, WIDTH)


# Some keys were never used.
KEYS = np.concatenate([np.arange(5, 1505), np.arange(2000, 2000 + ROWS - 1500)]).astype(np.int64)
QUERIES = unit_rows(np.random.default_rng(4), 10, WIDTH)


def added(engine: Engine, rows: np.ndarray, kind: WordKind = "word") -> None:
    with engine.begin() as connection:
        for some in np.array_split(np.arange(ROWS), 3):
            word_changes.add(connection, kind, KEYS[some], rows[some])


def coded(engine: Engine, rows: np.ndarray) -> None:
    added(engine, rows)
    added(engine, rows, "piece")
    with engine.begin() as connection:
        assert open_words(connection, "word").is_exact
        assert not word_changes.learn(connection, ROWS, least=ROWS + 1)
        assert word_changes.learn(connection, ROWS, least=ROWS)
        assert not word_changes.learn(connection, ROWS, least=ROWS)


def test_codes_find_what_the_same_codes_in_files_find(engine, rows, tmp_path: Path):
    coded(engine, rows)
    with snapshot(engine) as connection:
        code = word_cells.read_code(connection, "word")
        assert code
        words = open_words(connection, "word")
        assert not words.is_exact
        shown = [one for one in PostgresCatalog(connection).search_quality() if one.vectors in ("word", "piece")]
        assert [(one.rows, one.cells) for one in shown] == [(ROWS, CELLS), (ROWS, CELLS)]
        assert all(one.recall > 0.99 for one in shown)
        assert words.keys.tolist() == KEYS.tolist()
        blocks = CodedBlocks(code, list(word_cells.read_blocks(connection, "word")))
        part = Part(blocks.lists, np.ones(ROWS, dtype=bool))
        in_files = Space(tmp_path, [write_lists(tmp_path, "word", [part])], code)
        assert list(words.depths) == [10, 100, 300, 1000]
        for query in QUERIES:
            for k in (1, 10, 300, 2000):
                assert_same_ranking(words.search(query, k), in_files.search(query, k))
            assert_same_ranking(words.search(query, 7, KEYS[::11]), in_files.search(query, 7, KEYS[::11]))
        np.testing.assert_allclose(words.of(KEYS[:50]), in_files.of(KEYS[:50]), atol=ROUNDING)
        # Coded at once rather than some at a time, a row on the border of two codes can get the other one.
        halves = rows.astype(np.float16).astype(np.float32)
        at_once = Space(tmp_path, [code.write(tmp_path, "word", KEYS, halves)], code).of(KEYS)
        assert np.isclose(words.of(KEYS), at_once, atol=ROUNDING).all(axis=1).mean() > 0.99


def test_codes_are_joined_without_a_change_and_deleted_ones_leave(engine, rows):
    coded(engine, rows)
    new = np.arange(10_000, 10_000 + 80, dtype=np.int64)
    with engine.begin() as connection:
        for number in range(8):
            word_changes.add(connection, "word", new[number::8], rows[number:80:8])
        before = [open_words(connection, "word").search(query, 50) for query in QUERIES]
        segments = word_cells.read_segments(connection, "word")
        word_changes.compact(connection, "word")
        assert len(word_cells.read_segments(connection, "word")) == len(segments) - 7
        assert sum(word_cells.read_segments(connection, "word").values()) == ROWS + 80
        for query, (keys, scores) in zip(QUERIES, before, strict=True):
            found, again = open_words(connection, "word").search(query, 50)
            np.testing.assert_allclose(again, scores, atol=ROUNDING)
            assert set(found) == set(keys)
        gone = np.sort(np.unique(np.concatenate([keys for keys, _ in before])))
        word_changes.forget(connection, "word", [(int(key), 1) for key in gone])
    with engine.begin() as connection:
        for drop in (False, True):
            word_changes.compact(connection, "word", anew=drop)
            assert len(word_cells.read_deleted(connection, "word")) == (0 if drop else len(gone))
            for query in QUERIES:
                assert not np.isin(open_words(connection, "word").search(query, 50)[0], gone).any()
        left = ROWS + 80 - len(gone)
        assert sum(word_cells.read_segments(connection, "word").values()) == left
        assert word_cells.rows_measured(connection, "word") == left


def test_search_is_measured_again_when_the_words_have_grown(engine, rows):
    coded(engine, rows)
    with engine.begin() as connection:
        for times in range(1, 4):
            word_changes.compact(connection, "word")
            assert word_cells.rows_measured(connection, "word") == ROWS
            word_changes.add(connection, "word", KEYS + times * 10_000, rows)
        word_changes.compact(connection, "word")
        assert word_cells.rows_measured(connection, "word") == 4 * ROWS


def test_with_the_last_words_the_code_is_forgotten(engine, rows):
    coded(engine, rows)
    with engine.begin() as connection:
        word_changes.forget_all(connection, "word")
        assert open_words(connection, "word").search(QUERIES[0], 5)[0].tolist() == []
        assert len(open_words(connection, "piece").search(QUERIES[0], 5)[0]) == 5
        word_changes.forget_all(connection, "piece")
        assert open_words(connection, "word").is_exact


def test_a_snapshot_sees_no_words_of_later(engine, rows):
    coded(engine, rows)
    with snapshot(engine) as before:
        words = open_words(before, "word")
        with engine.begin() as connection:
            word_changes.add(connection, "word", np.array([99_999], dtype=np.int64), QUERIES[:1])
            assert open_words(connection, "word").search(QUERIES[0], 1)[0].tolist() == [99_999]
        assert 99_999 not in words.search(QUERIES[0], 5)[0]


@pytest.mark.drawn(2)
@pytest.mark.parametrize(
    "harm",
    [
        "UPDATE word_code SET content = substr(content, 1, 3000)",
        "UPDATE word_code SET content = ''",
        "UPDATE word_cells SET codes = substr(codes, 2)",
        "UPDATE word_cells SET keys = substr(keys, 2)",
        "UPDATE word_cells SET cell = cell + 1000",
        "INSERT INTO deleted_words VALUES ('word', 0, 4000000000)",
    ],
)
def test_damaged_codes_are_told(engine, rows, harm):
    coded(engine, rows)
    with engine.begin() as connection:
        connection.execute(text(harm))
    with snapshot(engine) as connection, pytest.raises(CollectionDamaged):
        open_words(connection, "word").search(QUERIES[0], ROWS + 1)
