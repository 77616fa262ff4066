"""Vectors in PostgreSQL: searched row by row they are what looking at every row finds, whoever else writes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
import pytest
from sqlalchemy import Engine, text

from clinsearch.errors import CollectionDamaged
from clinsearch.storage.postgres.vectors import (
    add_vectors,
    count_rows,
    create_vector_tables,
    delete_all_vectors,
    delete_vectors,
    lacking,
)
from clinsearch.storage.values import VECTOR_KINDS
from tests.support.postgres_vectors import (
    WIDTH,
    add,
    assert_same_ranking,
    brute_force,
    opened,
    snapshot,
    stored,
    unit_rows,
    vector_database,
)

ROWS = 3000


@pytest.fixture
def engine(postgres_database: str) -> Iterator[Engine]:
    with vector_database(postgres_database) as engine:
        yield engine


@pytest.fixture
def rng() -> np.random.Generator:
    return np.random.default_rng(5)


def test_search_is_what_looking_at_every_row_finds(engine, rng):
    keys, rows = rng.permutation(10 * ROWS)[:ROWS].astype(np.int64), unit_rows(rng, ROWS)
    add(engine, keys, rows)
    with snapshot(engine) as connection:
        table = opened(connection)
        assert table.is_exact
        assert list(table.depths) == []
        for query in unit_rows(rng, 20):
            for k in (1, 10, 1500, ROWS, ROWS + 5):
                found, scores = table.search(query, k)
                assert_same_ranking((found, scores), brute_force(keys, rows, query, k))
                assert (found.dtype, scores.dtype) == (np.int64, np.float32)


def test_equal_scores_are_in_the_order_of_their_keys(engine, rng):
    row = unit_rows(rng, 1)
    keys = rng.permutation(400).astype(np.int64)
    add(engine, keys, np.repeat(row, 400, axis=0))
    with snapshot(engine) as connection:
        assert opened(connection).search(row[0], 30)[0].tolist() == list(range(30))
        some = np.array([7, 3, 300, 201, 12], dtype=np.int64)
        assert opened(connection).search(row[0], 4, np.sort(some))[0].tolist() == [3, 7, 12, 201]


@pytest.mark.parametrize("count", [0, 1, 5, 700, ROWS])
def test_search_among_some_is_as_if_there_were_no_others(engine, rng, count):
    keys, rows = np.arange(ROWS, dtype=np.int64) * 3, unit_rows(rng, ROWS)
    add(engine, keys, rows)
    chosen = np.sort(rng.choice(ROWS, count, replace=False))
    among = np.sort(np.concatenate([keys[chosen], np.array([1, 4, 10**12])]))  # three that are not there
    with snapshot(engine) as connection:
        for query in unit_rows(rng, 5):
            expected = brute_force(keys[chosen], rows[chosen], query, 10)
            assert_same_ranking(opened(connection).search(query, 10, among), expected)


def test_rows_are_read_as_they_were_written_but_for_half_precision(engine, rng):
    keys, rows = np.arange(1, 10_001, dtype=np.int64), unit_rows(rng, 10_000)
    rows[0] = 0
    rows[1, :3] = 65504.0, -65504.0, 2.0**-24
    add(engine, keys[:6000], rows[:6000])
    add(engine, keys[6000:], rows[6000:])
    with snapshot(engine) as connection:
        asked = np.array([9000, 1, 2, 9000, 6001], dtype=np.int64)
        np.testing.assert_array_equal(opened(connection).of(asked), stored(rows)[asked - 1])
        assert opened(connection).of(asked[:0]).shape == (0, WIDTH)
        there, read = zip(*opened(connection).each(), strict=True)
        order = np.argsort(np.concatenate(there))
        np.testing.assert_array_equal(np.concatenate(there)[order], keys)
        np.testing.assert_array_equal(np.concatenate(read)[order], stored(rows))
        assert opened(connection).keys.tolist() == keys.tolist()
        assert count_rows(connection, "sentence") == 10_000


def test_a_missing_key_is_named(engine, rng):
    add(engine, np.array([1, 2], dtype=np.int64), unit_rows(rng, 2))
    with snapshot(engine) as connection, pytest.raises(KeyError, match="17"):
        opened(connection).of(np.array([2, 17], dtype=np.int64))


def test_the_kinds_are_apart(engine, rng):
    for key, kind in enumerate(VECTOR_KINDS, start=1):
        add(engine, np.array([key], dtype=np.int64), unit_rows(rng, 1), kind)
    with snapshot(engine) as connection:
        found = [opened(connection, kind).search(unit_rows(rng, 1)[0], 5)[0].tolist() for kind in VECTOR_KINDS]
    assert found == [[1], [2], [3]]


def test_a_deleted_row_is_never_found(engine, rng):
    keys, rows = np.arange(100, dtype=np.int64), unit_rows(rng, 100)
    add(engine, keys, rows)
    with engine.begin() as connection:
        delete_vectors(connection, "sentence", np.array([*range(0, 100, 2), 5000], dtype=np.int64))
        delete_vectors(connection, "sentence", keys[:0])
    with snapshot(engine) as connection:
        assert_same_ranking(opened(connection).search(rows[0], 100), brute_force(keys[1::2], rows[1::2], rows[0], 100))
        assert opened(connection).search(rows[4], 5, keys[:5])[0].tolist() in ([1, 3], [3, 1])
        assert lacking(connection, "sentence", keys[:6]).tolist() == [0, 2, 4]
        assert lacking(connection, "sentence", keys[:0]).tolist() == []
    with engine.begin() as connection:
        delete_all_vectors(connection, "sentence")
        assert count_rows(connection, "sentence") == 0
        assert opened(connection).search(rows[0], 5)[0].tolist() == []


def test_a_snapshot_sees_no_later_commit_and_no_open_transaction(engine, rng):
    rows = unit_rows(rng, 4)
    add(engine, np.array([1, 2], dtype=np.int64), rows[:2])
    with snapshot(engine) as before:
        assert count_rows(before, "sentence") == 2  # the first statement is when a snapshot begins
        with engine.begin() as writer:
            add_vectors(writer, "sentence", np.array([3, 4], dtype=np.int64), rows[2:])
            delete_vectors(writer, "sentence", np.array([1], dtype=np.int64))
            with snapshot(engine) as beside:
                assert sorted(opened(beside).search(rows[0], 9)[0].tolist()) == [1, 2]
            assert sorted(opened(writer).search(rows[0], 9)[0].tolist()) == [2, 3, 4]
        assert sorted(opened(before).search(rows[0], 9)[0].tolist()) == [1, 2]
        assert lacking(before, "sentence", np.array([1, 3], dtype=np.int64)).tolist() == [3]
    with snapshot(engine) as after:
        assert sorted(opened(after).search(rows[0], 9)[0].tolist()) == [2, 3, 4]


@pytest.mark.parametrize("is_kept", [False, True])
def test_what_is_added_is_committed_or_rolled_back_with_the_rest(engine, rng, is_kept):
    with engine.connect() as connection:
        add_vectors(connection, "sentence", np.array([1, 2], dtype=np.int64), unit_rows(rng, 2))
        (connection.commit if is_kept else connection.rollback)()
    with snapshot(engine) as connection:
        assert count_rows(connection, "sentence") == 2 * is_kept


@pytest.mark.parametrize("value", [np.nan, np.inf, 1e30])
def test_what_is_no_number_in_half_precision_is_refused(engine, rng, value):
    rows = unit_rows(rng, 2)
    rows[1, 3] = value
    with pytest.raises(ValueError, match="finite"), engine.begin() as connection:
        add_vectors(connection, "sentence", np.array([1, 2], dtype=np.int64), rows)


@pytest.mark.parametrize("width", [WIDTH - 1, WIDTH + 1])
def test_vectors_of_another_width_are_damage(engine, rng, width):
    add(engine, np.array([1], dtype=np.int64), unit_rows(rng, 1))
    with snapshot(engine) as connection, pytest.raises(CollectionDamaged):
        opened(connection).search(unit_rows(rng, 1, width)[0], 5)
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE sentence_vectors ALTER vector TYPE halfvec"))
        array = "array_fill(0.5, ARRAY[CAST(:width AS integer)])::real[]::halfvec"
        connection.execute(text(f"INSERT INTO sentence_vectors VALUES (2, {array})"), {"width": width})
    with snapshot(engine) as connection, pytest.raises(CollectionDamaged):
        opened(connection)


def test_a_row_of_another_width_is_damage(engine, rng):
    add(engine, np.array([1], dtype=np.int64), unit_rows(rng, 1))
    with snapshot(engine) as connection:
        table = opened(connection)
        table.width = WIDTH + 1
        with pytest.raises(CollectionDamaged):
            table.of(np.array([1], dtype=np.int64))
        with pytest.raises(CollectionDamaged):
            list(table.each())


@pytest.mark.parametrize("width", [0, 4001])
def test_a_width_that_no_graph_takes_is_refused(engine, width):
    with pytest.raises(ValueError, match="dimensions"), engine.begin() as connection:
        create_vector_tables(connection, width)
