"""Sealed ranges of vectors: graphs that the planner takes, whose recall is measured, beside readers and writers."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import numpy as np
import pytest
from sqlalchemy import Engine, text

from clinsearch.errors import CollectionDamaged
from clinsearch.storage.postgres.sealing import SEALING_LOCK, builds, seal, unseal
from clinsearch.storage.postgres.vectors import Segment, add_vectors, delete_vectors, read_recall, read_segments
from tests.support.postgres_vectors import (
    add,
    assert_same_ranking,
    brute_force,
    opened,
    snapshot,
    unit_rows,
    vector_database,
)

ROWS = 6000
LEAST = 1000


@pytest.fixture(scope="module")
def rows() -> np.ndarray:
    return unit_rows(np.random.default_rng(1), ROWS)


@pytest.fixture(autouse=True)
def few_queries(monkeypatch: pytest.MonkeyPatch) -> None:
    """Measure with fewer queries, to be quick."""
    monkeypatch.setattr("clinsearch.storage.postgres.sealing.QUERIES", 20)


@pytest.fixture
def engine(postgres_database: str) -> Iterator[Engine]:
    with vector_database(postgres_database) as engine:
        yield engine


KEYS = np.arange(10, 10 + ROWS, dtype=np.int64)
QUERIES = unit_rows(np.random.default_rng(2), 40)


def segments_of(engine: Engine) -> list[Segment]:
    with snapshot(engine) as connection:
        return read_segments(connection, "sentence")


def indexes(engine: Engine) -> set[str]:
    query = "SELECT indexname FROM pg_indexes WHERE tablename = 'sentence_vectors' AND indexdef LIKE '%hnsw%'"
    with engine.connect() as connection:
        return set(connection.scalars(text(query)))


def sealed_in_two(engine: Engine, rows: np.ndarray) -> None:
    """Seal most rows, then some more; leave a few open."""
    for first, last in ((0, 4500), (4500, 5800), (5800, ROWS)):
        add(engine, KEYS[first:last], rows[first:last])
        assert seal(engine, "sentence", least=LEAST) == (last < ROWS)


def test_few_rows_are_not_sealed(engine, rows):
    assert not seal(engine, "sentence", least=LEAST)
    add(engine, KEYS[: LEAST - 1], rows[: LEAST - 1])
    assert not seal(engine, "sentence", least=LEAST)
    assert not seal(engine, "sentence", least=LEAST, anew=True)
    assert segments_of(engine) == []
    assert indexes(engine) == set()


def test_search_goes_through_the_graphs_and_finds_what_was_measured(engine, rows):
    sealed_in_two(engine, rows)
    segments = segments_of(engine)
    assert [(one.first, one.end, one.rows) for one in segments] == [(0, 4510, 4500), (4510, 5810, 1300)]
    assert indexes(engine) == {segment.index for segment in segments}
    with snapshot(engine) as connection:
        table = opened(connection)
        assert not table.is_exact
        assert list(table.depths) == [10, 100, 300, 1000]
        for depth in table.depths:
            assert (table.recall_at(depth) or 0) > 0.98
            found = [np.isin(brute_force(KEYS, rows, q, depth)[0], table.search(q, depth)[0]).mean() for q in QUERIES]
            assert np.mean(found) > 0.97
        scores = table.search(QUERIES[0], 1000)[1]
        assert (np.diff(scores) <= 0).all()
        (part, values) = table._in_segment(segments[0], QUERIES[0], 10, 40)
        plan = [line for (line,) in table._graphs.rows("EXPLAIN " + part.as_string(table._connection), values)]
        assert any(f"Index Scan using {segments[0].index} " in line for line in plan)


def test_more_than_was_measured_is_exact(engine, rows):
    sealed_in_two(engine, rows)
    with snapshot(engine) as connection:
        for k in (1001, ROWS, ROWS + 1):
            assert_same_ranking(opened(connection).search(QUERIES[0], k), brute_force(KEYS, rows, QUERIES[0], k))


@pytest.mark.parametrize("count", [1, 20, 1500])
def test_search_among_some_of_sealed_rows_is_exact(engine, rows, count):
    sealed_in_two(engine, rows)
    chosen = np.sort(np.random.default_rng(count).choice(ROWS, count, replace=False))
    with snapshot(engine) as connection:
        for query in QUERIES[:10]:
            expected = brute_force(KEYS[chosen], rows[chosen], query, 10)
            assert_same_ranking(opened(connection).search(query, 10, KEYS[chosen]), expected)


def test_more_candidates_than_a_graph_is_asked_for_at_once_give_the_best_of_all(engine, rows):
    sealed_in_two(engine, rows)
    with snapshot(engine) as connection:
        table, segment = opened(connection), segments_of(engine)[0]
        is_in = np.arange(ROWS) < segment.rows
        keys, its = KEYS[is_in], rows[is_in]
        found = [table.search_segment(segment, query, 10, 2000) for query in QUERIES[:20]]
        (part, values) = table._in_segment(segment, QUERIES[0], 10, 2000)
        assert len(table._graphs.rows(part, values, 2000)) == 10
    expected = [brute_force(keys, its, query, 10)[0] for query in QUERIES[:20]]
    assert np.mean([np.isin(best, own).mean() for best, own in zip(expected, found, strict=True)]) > 0.99


def test_search_among_many_goes_through_the_graphs(engine, rows, monkeypatch):
    monkeypatch.setattr("clinsearch.storage.postgres.vector_search.FEW_KEYS", 100)
    sealed_in_two(engine, rows)
    shares = []
    with snapshot(engine) as connection:
        for share in (2, 10, 50):
            for query in QUERIES[:10]:
                found = opened(connection).search(query, 10, KEYS[::share])[0]
                assert len(found) == 10
                assert (KEYS[found - KEYS[0]] % share == KEYS[0] % share).all()
                shares.append(np.isin(brute_force(KEYS[::share], rows[::share], query, 10)[0], found).mean())
    assert np.mean(shares) > 0.97


def test_a_deleted_row_is_never_found_and_k_always_are(engine, rows):
    sealed_in_two(engine, rows)
    near = brute_force(KEYS, rows, QUERIES[0], 5700)[0]
    with engine.begin() as connection:
        delete_vectors(connection, "sentence", near)
    with snapshot(engine) as connection:
        left = ~np.isin(KEYS, near)
        for k in (10, 250):
            found = opened(connection).search(QUERIES[0], k)[0]
            assert len(found) == k
            assert np.isin(found, KEYS[left]).all()
        assert len(opened(connection).search(QUERIES[0], 400)[0]) == 300


def test_ranges_are_merged_while_they_are_alike(engine, rows):
    for first in range(0, ROWS, LEAST):
        add(engine, KEYS[first : first + LEAST], rows[first : first + LEAST])
        assert seal(engine, "sentence", least=LEAST)
        assert len(segments_of(engine)) <= 3
    segments = segments_of(engine)
    assert sum(segment.rows for segment in segments) == ROWS
    assert indexes(engine) == {segment.index for segment in segments}
    assert seal(engine, "sentence", least=LEAST, anew=True)
    (whole,) = segments_of(engine)
    assert (whole.first, whole.end, whole.rows) == (KEYS[0], KEYS[-1] + 1, ROWS)
    assert indexes(engine) == {whole.index}
    assert not seal(engine, "sentence", least=LEAST, anew=True)
    with engine.begin() as connection:
        delete_vectors(connection, "sentence", KEYS[:1])
    assert seal(engine, "sentence", least=LEAST, anew=True)
    assert [segment.rows for segment in segments_of(engine)] == [ROWS - 1]


def test_without_graphs_search_is_exact(engine, rows):
    sealed_in_two(engine, rows)
    unseal(engine, "sentence")
    assert segments_of(engine) == []
    assert indexes(engine) == set()
    with snapshot(engine) as connection:
        assert opened(connection).is_exact
        assert_same_ranking(opened(connection).search(QUERIES[0], 30), brute_force(KEYS, rows, QUERIES[0], 30))
    assert seal(engine, "sentence", least=LEAST)
    assert len(segments_of(engine)) == 1


def test_a_large_range_is_cut(engine, rows, monkeypatch):
    monkeypatch.setattr("clinsearch.storage.postgres.sealing.MOST_ROWS", 2500)
    add(engine, KEYS, rows)
    assert seal(engine, "sentence", least=LEAST, anew=True)
    segments = segments_of(engine)
    assert [segment.rows for segment in segments] == [2000, 2000, 2000]
    with snapshot(engine) as connection:
        found = [
            np.isin(brute_force(KEYS, rows, q, 10)[0], opened(connection).search(q, 10)[0]).mean() for q in QUERIES
        ]
    assert np.mean(found) > 0.98


def test_sealed_anew_few_rows_are_open_again(engine, rows):
    sealed_in_two(engine, rows)
    with engine.begin() as connection:
        delete_vectors(connection, "sentence", KEYS[100:])
    assert seal(engine, "sentence", least=LEAST, anew=True)
    assert segments_of(engine) == []
    assert indexes(engine) == set()
    with snapshot(engine) as connection:
        assert opened(connection).is_exact
        assert read_recall(connection, []) == {}


def test_rows_before_and_between_and_behind_segments_are_found(engine, rows):
    add(engine, KEYS[1000:5000], rows[1000:5000])
    assert seal(engine, "sentence", least=LEAST, anew=True)
    for some in (slice(0, 1000), slice(5000, ROWS)):
        add(engine, KEYS[some], rows[some])
    with snapshot(engine) as connection:
        for at in (3, 999, 2500, ROWS - 1):
            assert opened(connection).search(rows[at], 1)[0].tolist() == [KEYS[at]]


def test_readers_and_writers_go_on_while_a_graph_is_built(engine, rows):
    add(engine, KEYS[:5000], rows[:5000])
    with snapshot(engine) as before:
        opened(before)
        sealing = threading.Thread(target=seal, args=(engine, "sentence"), kwargs={"least": LEAST})
        sealing.start()
        # The build waits for this snapshot; meanwhile others read and write.
        add(engine, KEYS[5000:], rows[5000:])
        with snapshot(engine) as beside:
            assert opened(beside).search(rows[5500], 1)[0].tolist() == [KEYS[5500]]
        assert opened(before).search(rows[5500], 1)[0].tolist() != [KEYS[5500]]
        while not (shown := progress(engine)) and sealing.is_alive():
            pass
        assert {one.kind for one in shown} == {"sentence"}
        assert segments_of(engine) == []
    sealing.join()
    assert len(segments_of(engine)) == 1
    assert progress(engine) == []
    with snapshot(engine) as after:
        assert opened(after).search(rows[5500], 1)[0].tolist() == [KEYS[5500]]


def progress(engine: Engine) -> list:
    with engine.connect() as connection:
        return builds(connection)


def test_only_one_session_seals_a_kind(engine, rows):
    add(engine, KEYS, rows)
    with engine.connect() as other:
        other.execute(text("SELECT pg_advisory_lock(:lock, 0)"), {"lock": SEALING_LOCK})
        assert not seal(engine, "sentence", least=LEAST)
        other.execute(text("SELECT pg_advisory_unlock(:lock, 0)"), {"lock": SEALING_LOCK})
        other.rollback()
        assert seal(engine, "sentence", least=LEAST)


def test_what_an_interrupted_build_left_is_removed(engine, rows):
    sealed_in_two(engine, rows)
    with engine.begin() as connection:
        number = connection.scalar(text("SELECT nextval('vector_segment_numbers')"))
        left = f"CREATE INDEX sentence_vectors_{number} ON sentence_vectors USING hnsw (vector halfvec_ip_ops)"
        connection.execute(text(f"{left} WHERE key < 0"))
    assert len(indexes(engine)) == 3
    seal(engine, "sentence", least=LEAST)
    assert indexes(engine) == {segment.index for segment in segments_of(engine)}


def test_a_row_that_is_added_into_a_sealed_range_is_found(engine, rows):
    add(engine, KEYS[::2], rows[::2])
    assert seal(engine, "sentence", least=LEAST)
    add(engine, KEYS[1::2], rows[1::2])
    with snapshot(engine) as connection:
        found = [opened(connection).search(rows[at], 1)[0].tolist() == [KEYS[at]] for at in range(1, 200, 2)]
    assert np.mean(found) > 0.97


def test_segments_that_overlap_are_damage(engine, rows):
    sealed_in_two(engine, rows)
    with engine.begin() as connection:
        connection.execute(text('UPDATE vector_segments SET "end" = "end" + 5'))
    with snapshot(engine) as connection, pytest.raises(CollectionDamaged):
        opened(connection)


def test_another_transaction_adds_while_this_one_searches(engine, rows):
    sealed_in_two(engine, rows)
    with engine.begin() as writer, snapshot(engine) as reader:
        add_vectors(writer, "sentence", np.array([10**9], dtype=np.int64), QUERIES[:1])
        assert 10**9 not in opened(reader).search(QUERIES[0], 10)[0]
        assert opened(writer).search(QUERIES[0], 1)[0].tolist() == [10**9]
