"""Checks that a catalog's schema is exactly ours, so that SQLite runs nobody else's code.

A catalog from elsewhere may have triggers, views, defaults or generated columns: it is refused before the first query.
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

from clinsearch.storage.catalog.tables import metadata
from clinsearch.storage.folder.tables import KEYWORD_INDEX

# Tables of SQLite's own ANALYZE; no other statement can make a table with such a name.
STATISTICS = "sqlite_stat"
TOKEN = re.compile(r"""'(?:[^']|'')*'|"(?:[^"]|"")*"|\w+|[^\s\w]""")

# Type, name, table, and the statement that made it.
SchemaRow: TypeAlias = tuple[str, str, str, str | None]
# A statement's words, the parts of its brackets sorted.
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
    """Read a catalog's schema: the statement that made each part of it, without its layout."""
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
    """Parse a statement: first the words outside its brackets, then the parts between commas inside, sorted.

    Sorted and without quotes because migrations add columns at the end, and quote the names of rebuilt tables.
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
