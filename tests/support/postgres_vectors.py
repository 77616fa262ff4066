"""Tables of vectors in PostgreSQL for tests, and what looking at every row finds."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from sqlalchemy import Connection, Engine, create_engine
from sqlalchemy.engine import make_url

from clinsearch.records import FloatArray
from clinsearch.records.keys import KeyArray
from clinsearch.storage.postgres.vector_search import VectorTable, open_vectors
from clinsearch.storage.postgres.vectors import add_vectors, count_rows, create_vector_tables
from clinsearch.storage.values import Kind

WIDTH = 24


@contextmanager
def vector_database(dsn: str, width: int = WIDTH) -> Iterator[Engine]:
    """Give an engine of a database with empty tables of vectors."""
    url = make_url(dsn).set(drivername="postgresql+psycopg")
    engine = create_engine(url, connect_args={"options": "-c search_path=clinsearch,public"})
    try:
        with engine.begin() as connection:
            connection.exec_driver_sql("CREATE SCHEMA clinsearch")
            create_vector_tables(connection, width)
        yield engine
    finally:
        engine.dispose()


@contextmanager
def snapshot(engine: Engine) -> Iterator[Connection]:
    """Give a connection in a transaction that only reads, all as of its beginning."""
    with engine.connect() as connection:
        connection.execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True)
        with connection.begin():
            yield connection


def opened(connection: Connection, kind: Kind = "sentence") -> VectorTable:
    """Open the vectors of a kind."""
    return open_vectors(connection, kind, count_rows(connection, kind))


def add(engine: Engine, keys: KeyArray, rows: FloatArray, kind: Kind = "sentence") -> None:
    """Commit rows."""
    with engine.begin() as connection:
        add_vectors(connection, kind, keys, rows)


def unit_rows(rng: np.random.Generator, count: int, width: int = WIDTH) -> FloatArray:
    """Draw rows of unit length around some centres, as those of texts are."""
    centres = rng.normal(size=(max(1, count // 50), width))
    rows = centres[rng.integers(0, len(centres), count)] + 0.7 * rng.normal(size=(count, width))
    unit: FloatArray = (rows / np.linalg.norm(rows, axis=1, keepdims=True)).astype(np.float32)
    return unit


def stored(rows: FloatArray) -> FloatArray:
    """Round to half precision, as rows and queries are."""
    return rows.astype(np.float16).astype(np.float32)


def brute_force(keys: KeyArray, rows: FloatArray, query: FloatArray, k: int) -> tuple[KeyArray, FloatArray]:
    """Return the k best of rows (n, width): keys and scores, best first, equal ones in the order of their keys."""
    scores = stored(rows) @ stored(query)
    best = np.lexsort((keys, -scores))[:k]
    return keys[best], scores[best]


Ranking = tuple[KeyArray, FloatArray]


def assert_same_ranking(found: Ranking, expected: Ranking, within: float = 1e-5) -> None:
    """Assert that two rankings, keys and scores, are the same but for rounding, which may swap what scores the same."""
    np.testing.assert_allclose(found[1], expected[1], rtol=0, atol=within)
    assert len(np.unique(found[0])) == len(found[0])
    scores = dict(zip(expected[0].tolist(), expected[1].tolist(), strict=True))
    for key, score in zip(found[0].tolist(), found[1].tolist(), strict=True):
        # What the other ranking leaves out scores no more than its last.
        assert abs(score - scores.get(key, expected[1][-1])) <= 2 * within, f"{key} stands at another place"
