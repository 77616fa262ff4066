"""Fast reading of many rows: keys in chunks, and results without SQLAlchemy's row objects."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, TypeVar

import numpy as np
from sqlalchemy import ColumnElement, Connection, Select, func, null, select

from clinsearch.records.keys import KeyArray
from clinsearch.storage.catalog.soundness import require_sound

# SQLite takes 32,766 values in one statement.
VALUES_PER_STATEMENT = 10_000

T = TypeVar("T")


def raw_rows(connection: Connection, query: Select[Any], **values: Any) -> list[tuple[Any, ...]]:
    """Return the rows of a query of plain numbers and texts as tuples; SQLAlchemy's rows take three times as long."""
    cursor = connection.execute(query, values).cursor
    rows: list[tuple[Any, ...]] = list(cursor.fetchall()) if cursor else []
    return rows


def read_keys(connection: Connection, query: Select[Any]) -> KeyArray:
    """Return the keys that a query selects, (n,): concatenated by SQLite, which takes half as long as row by row."""
    key = query.subquery().c[0]
    joined = select(func.group_concat(key, " "), func.coalesce(func.sum(func.typeof(key) != "integer"), 0))
    listed, others = connection.execute(joined).one()
    require_sound(others == 0)
    return np.fromstring(listed or "", dtype=np.int64, sep=" ")


def in_both(some: Sequence[int] | KeyArray, all_keys: KeyArray) -> KeyArray:
    """Return the distinct keys in both, in order; `all_keys` must be sorted."""
    keys = np.unique(np.asarray(some, dtype=np.int64))
    return keys[all_keys.take(np.searchsorted(all_keys, keys), mode="clip") == keys] if len(all_keys) else all_keys


def chunks(values: Sequence[T]) -> Iterator[Sequence[T]]:
    """Split values into chunks that fit into one statement."""
    for start in range(0, len(values), VALUES_PER_STATEMENT):
        yield values[start : start + VALUES_PER_STATEMENT]


def unindexed(column: ColumnElement[Any]) -> Any:
    """Return a column such that SQLite does not use its index."""
    return func.ifnull(column, null(), type_=column.type)
