"""Where rows are copied to: PostgreSQL copies none into a table whose policies concern the role that does it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from weakref import WeakKeyDictionary

from psycopg.sql import SQL, Composable, Identifier

from clinsearch.storage.postgres.tables import SCHEMA

# Whether a connection's role may copy into the collection's tables.
_MAY_COPY: WeakKeyDictionary[Any, bool] = WeakKeyDictionary()


@contextmanager
def copied_into(cursor: Any, table: str, columns: Sequence[str]) -> Iterator[Composable]:
    """Yield where to copy rows to, `table (columns)`; at the end they are in the table.

    The owner's rows go there at once, another role's by a temporary table of the transaction.
    """
    listed = SQL(", ").join(map(Identifier, columns))
    if _may_copy(cursor.connection):
        yield SQL("{} ({})").format(Identifier(table), listed)
        return
    into, staged = Identifier(SCHEMA, table), Identifier("pg_temp", f"staged_{table}")
    cursor.execute(SQL("DROP TABLE IF EXISTS {}").format(staged))
    like = SQL("CREATE TEMPORARY TABLE {} ON COMMIT DROP AS SELECT {} FROM {} WITH NO DATA")
    cursor.execute(like.format(Identifier(f"staged_{table}"), listed, into))
    yield SQL("{} ({})").format(staged, listed)
    cursor.execute(SQL("INSERT INTO {} ({}) SELECT {} FROM {}").format(into, listed, listed, staged))


def _may_copy(connection: Any) -> bool:
    if connection not in _MAY_COPY:
        with connection.cursor(binary=False) as cursor:
            # Policies concern a role in all tables or in none.
            found = cursor.execute(f"SELECT row_security_active(to_regclass('{SCHEMA}.notes'))").fetchone()
        _MAY_COPY[connection] = not (found and found[0])
    return _MAY_COPY[connection]
