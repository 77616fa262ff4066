"""How many there are of each of `tables.COUNTED`: of all, or of what a role sees that sees some notes alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from sqlalchemy import Connection, select

from clinsearch.storage.catalog.kept import kept
from clinsearch.storage.catalog.tables import counts

# The option of a connection whose role sees some notes alone: what counts these.
_OF_ROLE = "clinsearch_counts"

Count = Callable[[Connection], Mapping[str, int]]


def count_for_role(connection: Connection, count: Count) -> None:
    """Have a connection count by itself, once for each commit."""
    connection.execution_options(**{_OF_ROLE: count})


def sees_some(connection: Connection) -> bool:
    """Tell whether a connection's role sees some notes alone."""
    return _OF_ROLE in connection.get_execution_options()


def all_counts(connection: Connection) -> Mapping[str, int]:
    """Return all counts by name."""
    count: Count | None = connection.get_execution_options().get(_OF_ROLE)
    if count is not None:
        return kept(connection, _OF_ROLE, lambda: count(connection))
    return dict(connection.execute(select(counts.c.name, counts.c.rows)).all())


def count_of(connection: Connection, name: str) -> int:
    """Return one count, 0 if there is none."""
    if sees_some(connection):
        return all_counts(connection).get(name, 0)
    return connection.scalar(select(counts.c.rows).where(counts.c.name == name)) or 0
