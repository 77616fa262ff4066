"""Fast reading of many rows, and what SQLite and PostgreSQL spell differently."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from typing import Any, TypeVar

import numpy as np
from sqlalchemy import (
    ARRAY,
    BindParameter,
    ClauseElement,
    ColumnElement,
    Connection,
    Executable,
    Integer,
    LargeBinary,
    Select,
    Text,
    and_,
    any_,
    bindparam,
    func,
    literal,
    literal_column,
    select,
)
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.expression import FunctionElement

from clinsearch.records.keys import KeyArray
from clinsearch.storage.catalog.columns import INDEXED_CHARACTERS, start_of
from clinsearch.storage.catalog.soundness import require_sound

# SQLite takes 32,766 values in one statement, PostgreSQL 65,535.
VALUES_PER_STATEMENT = 10_000
ROWS_AT_ONCE = 1000
# More rows than these take some milliseconds to count, and at a hundred million notes minutes.
COUNTED_EXACTLY = 1000

T = TypeVar("T")


def is_postgres(connection: Connection) -> bool:
    """Tell whether a connection is to PostgreSQL, not to SQLite."""
    return connection.dialect.name == "postgresql"


def raw_rows(connection: Connection, query: Select[Any], **values: Any) -> list[tuple[Any, ...]]:
    """Return the rows of a query of plain numbers and texts as tuples; SQLAlchemy's rows take three times as long."""
    found = connection.execute(query, values)
    if is_postgres(connection):  # whose texts are not stored as they are
        return [tuple(row) for row in found]
    rows: list[tuple[Any, ...]] = list(found.cursor.fetchall()) if found.cursor else []
    return rows


def read_keys(connection: Connection, query: Select[Any]) -> KeyArray:
    """Return the keys that a query selects, (n,): concatenated by the database, which takes half as long as by row."""
    key = query.subquery().c[0]
    if is_postgres(connection):
        joined = select(func.string_agg(func.int8send(key), literal(b"", LargeBinary)))
        return np.frombuffer(connection.scalar(joined) or b"", dtype=">i8").astype(np.int64)
    listed, others = connection.execute(
        select(func.group_concat(key, " "), func.coalesce(func.sum(func.typeof(key) != "integer"), 0))
    ).one()
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


def one_of(column: ColumnElement[Any], values: Collection[Any] | str) -> Any:
    """Return the condition that a column has one of these values, or of those given by this name when it is run."""
    return _OneOf(*_conditions(column, values))


def one_of_texts(column: ColumnElement[Any], values: Collection[str]) -> Any:
    """Return the condition that a column has one of these texts, however long; PostgreSQL has an index of beginnings.

    A B-tree of it takes no value above 2,704 bytes, and to put the same value into an index by hash again and again
    takes longer each time.
    """
    singly, together = _conditions(column, values)
    starts = [start_of(value) for value in values]
    is_so = beginning(column) == any_(bindparam(None, starts, type_=ARRAY(Text)))
    # Shorter ones are the whole text: a second condition would have the planner expect far fewer rows.
    is_whole = all(len(start) < INDEXED_CHARACTERS for start in starts)
    return _OneOf(singly, is_so if is_whole else and_(is_so, together))


def beginning(column: ColumnElement[Any]) -> ColumnElement[Any]:
    """Return what PostgreSQL's index has of a column of texts."""
    return func.left(column, literal_column(str(INDEXED_CHARACTERS)), type_=Text())


def about_how_many(connection: Connection, query: Select[Any]) -> int:
    """Return how many rows a query selects; PostgreSQL's planner estimates that of more than COUNTED_EXACTLY."""
    if not is_postgres(connection):
        return connection.scalar(select(func.count()).select_from(query.subquery())) or 0
    few = query.limit(COUNTED_EXACTLY + 1).subquery()
    rows = connection.scalar(select(func.count()).select_from(few)) or 0
    return rows if rows <= COUNTED_EXACTLY else max(rows, int(planned(connection, query)["Plan Rows"]))


def planned(connection: Connection, query: Select[Any]) -> dict[str, Any]:
    """Return how PostgreSQL would answer a query, as its EXPLAIN says."""
    explained: Any = connection.scalar(_Explained(query))
    plan: dict[str, Any] = explained[0]["Plan"]
    return plan


def _conditions(column: ColumnElement[Any], values: Collection[Any] | str) -> tuple[Any, Any]:
    """Return the conditions for SQLite and for PostgreSQL."""
    singly: BindParameter[Any]
    together: BindParameter[Any]
    if isinstance(values, str):
        singly = bindparam(values, type_=column.type, expanding=True)
        together = bindparam(values, type_=ARRAY(column.type))
    else:
        singly = bindparam(None, list(values), type_=column.type, expanding=True)
        together = bindparam(None, list(values), type_=ARRAY(column.type))
    return column.in_(singly), column == any_(together)


def unindexed(column: ColumnElement[Any]) -> Any:
    """Return a column such that SQLite does not use its index; PostgreSQL knows better when to."""
    return _Unindexed(column)


def place_in(column: ColumnElement[bytes], part: ColumnElement[bytes]) -> ColumnElement[int]:
    """Return where in a column's bytes a part begins, from 1 on; 0 if it is not there."""
    return _PlaceIn(column, part)


class _OneOf(FunctionElement[Any]):
    """For SQLite a list of single values. For PostgreSQL one array: so that it reads the statement but once, however
    many values there are."""

    name = "one_of"
    inherit_cache = True  # without a type: SQLite would be asked whether a boolean is 1, and use no index


class _Explained(Executable, ClauseElement):
    inherit_cache = False

    def __init__(self, query: Select[Any]) -> None:
        self.query = query


class _Unindexed(FunctionElement[Any]):
    name = "unindexed"
    inherit_cache = True

    def __init__(self, column: ColumnElement[Any]) -> None:
        super().__init__(column)
        self.type = column.type


class _PlaceIn(FunctionElement[int]):
    name = "place_in"
    inherit_cache = True
    type = Integer()


@compiles(_OneOf)
def _(element: _OneOf, compiler: Any, **options: Any) -> str:
    singly, _together = element.clauses
    return str(compiler.process(singly, **options))


@compiles(_OneOf, "postgresql")
def _(element: _OneOf, compiler: Any, **options: Any) -> str:
    _singly, together = element.clauses
    return str(compiler.process(together, **options))


@compiles(_Explained, "postgresql")
def _(element: _Explained, compiler: Any, **options: Any) -> str:
    return f"EXPLAIN (FORMAT JSON) {compiler.process(element.query, **options)}"


@compiles(_Unindexed)
def _(element: _Unindexed, compiler: Any, **options: Any) -> str:
    return f"ifnull({compiler.process(element.clauses, **options)}, NULL)"


@compiles(_Unindexed, "postgresql")
def _(element: _Unindexed, compiler: Any, **options: Any) -> str:
    return str(compiler.process(element.clauses, **options))


@compiles(_PlaceIn)
def _(element: _PlaceIn, compiler: Any, **options: Any) -> str:
    return f"instr({compiler.process(element.clauses, **options)})"


@compiles(_PlaceIn, "postgresql")
def _(element: _PlaceIn, compiler: Any, **options: Any) -> str:
    column, part = (compiler.process(clause, **options) for clause in element.clauses)
    return f"position({part} in {column})"
