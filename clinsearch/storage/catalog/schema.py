"""Tells whether a catalog's schema is ours to the letter, so that it has nothing that SQLite would run for others.

A trigger, a view, a default, a column that is worked out: whatever a catalog from elsewhere brings along is refused
before the first question is asked of it.
"""

from __future__ import annotations

import re
import sqlite3
from collections.abc import Iterator
from contextlib import closing
from functools import lru_cache
from typing import TypeAlias

from sqlalchemy import Column, Connection, MetaData, PrimaryKeyConstraint, String, Table
from sqlalchemy.dialects import sqlite
from sqlalchemy.schema import CreateIndex, CreateTable

from clinsearch.storage.catalog.tables import KEYWORD_INDEX, metadata

# What SQLite's own ANALYZE leaves; no statement can make a table of such a name otherwise.
STATISTICS = "sqlite_stat"
TOKEN = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|\w+|[^\s\w]""")

# Type, name, the table that it belongs to, and the statement that made it.
SchemaRow: TypeAlias = tuple[str, str, str, str | None]
# A statement's words, the parts of its brackets in an order of their own.
Statement: TypeAlias = tuple[tuple[str, ...], ...]
Schema: TypeAlias = frozenset[tuple[str, str, str, Statement]]

# Alembic's own table.
_REVISION = Table(
    "alembic_version",
    MetaData(),
    Column("version_num", String(32), nullable=False),
    PrimaryKeyConstraint("version_num", name="alembic_version_pkc"),
)


def schema_of(connection: Connection) -> Schema:
    """Read a catalog's schema; of each thing in it the statement that made it, not how that is laid out."""
    rows = connection.exec_driver_sql("SELECT type, name, tbl_name, sql FROM sqlite_master")
    return _schema(tuple((kind, name, of, sql) for kind, name, of, sql in rows))


@lru_cache(maxsize=1)
def newest_schema() -> Schema:
    """Return the schema of a catalog at the newest revision."""
    with closing(sqlite3.connect(":memory:")) as fresh:
        for statement in _statements():
            fresh.execute(statement)
        return _schema(tuple(fresh.execute("SELECT type, name, tbl_name, sql FROM sqlite_master")))


def _statements() -> Iterator[str]:
    dialect = sqlite.dialect()
    for table in [_REVISION, *metadata.sorted_tables]:
        yield str(CreateTable(table).compile(dialect=dialect))
        yield from (str(CreateIndex(index).compile(dialect=dialect)) for index in table.indexes)
    yield from KEYWORD_INDEX


@lru_cache(maxsize=8)
def _schema(rows: tuple[SchemaRow, ...]) -> Schema:
    return frozenset(
        (kind, name, of, _read(sql or "")) for kind, name, of, sql in rows if not name.startswith(STATISTICS)
    )


def _read(sql: str) -> Statement:
    """Read a statement: first what stands outside of its brackets, then what stands between their commas, sorted.

    Migrations add columns at the end, and put a name into quotes where a table was made anew.
    """
    outside: list[str] = []
    parts: list[list[str]] = [[]]
    depth = 0
    for token in TOKEN.findall(sql):
        depth -= token == ")"
        if depth == 1 and token == ",":
            parts.append([])
        else:
            (parts[-1] if depth else outside).append(token.strip('"'))
        depth += token == "("
    return tuple(outside), *sorted(map(tuple, parts))
