"""What changes with the catalog in PostgreSQL: rows by COPY, keys that commits give, terms, and vectors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
from psycopg.sql import SQL
from sqlalchemy import Connection, Table, select, update

from clinsearch.records.keys import KeyArray
from clinsearch.storage.catalog.changes import Changes
from clinsearch.storage.catalog.tables import notes
from clinsearch.storage.postgres import keyword_changes, word_changes
from clinsearch.storage.postgres.staging import copied_into
from clinsearch.storage.postgres.tables import KEYED, next_keys, remains
from clinsearch.storage.postgres.vectors import delete_vectors, driver_connection
from clinsearch.storage.values import Kind, TextKind


class PostgresChanges(Changes):
    """The changes of a commit, in its transaction."""

    def __init__(self, connection: Connection, least_keys: Mapping[str | bytes, int] | None = None) -> None:
        super().__init__(connection, _Derived(connection))
        self.least_keys = least_keys or {}

    def insert_rows(self, table: Table, rows: Iterable[dict[str, Any]]) -> None:
        """Insert rows into a table, with keys that were never given where it has some."""
        listed = list(rows)
        if listed and table.name in KEYED:
            keys = self._new_keys(table.name, [self.least_keys.get(row[KEYED[table.name]], 0) for row in listed])
            listed = [{**row, "key": key} for row, key in zip(listed, keys, strict=True)]
        self.insert_keyed(table, listed)

    def insert_keyed(self, table: Table, rows: Iterable[dict[str, Any]]) -> None:
        """Insert rows into a table as they are, with the keys that they have."""
        listed = list(rows)
        if not listed:
            return
        columns = [table.c[name] for name in listed[0]]
        write = [
            column.type.dialect_impl(self.connection.dialect).bind_processor(self.connection.dialect)
            for column in columns
        ]
        names = [column.name for column in columns]
        with (
            driver_connection(self.connection).cursor() as cursor,
            copied_into(cursor, table.name, names) as into,
            cursor.copy(SQL("COPY {} FROM STDIN").format(into)) as copy,
        ):
            for row in listed:
                copy.write_row([one(value) if one else value for one, value in zip(write, row.values(), strict=True)])

    def _new_keys(self, name: str, least: Sequence[int]) -> list[int]:
        """Return keys, rising, each at least so much."""
        own = next_keys.c.name == name
        key = self.connection.scalar(select(next_keys.c.key).where(own).with_for_update())
        assert key is not None
        keys = []
        for one in least:
            keys.append(max(key, one))
            key = keys[-1] + 1
        self.connection.execute(update(next_keys).where(own).values(key=key))
        return keys


class _Derived:
    """What changes with the catalog, as `catalog.changes.Derived` describes it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add_terms(self, kind: TextKind, terms: Mapping[int, Sequence[str]]) -> int:
        """Add the terms of new sentences or notes, by key; return the number of terms."""
        return keyword_changes.add_terms(self._connection, kind, terms)

    def remove_terms(self, kind: TextKind, terms: Mapping[int, Sequence[str]]) -> int:
        """Remove the terms of sentences or notes, exactly as they were added; return the number of terms."""
        return keyword_changes.remove_terms(self._connection, kind, terms)

    def forget_all_terms(self) -> None:
        """Remove all terms, by whatever rules they were made."""
        keyword_changes.forget_all_terms(self._connection)

    def forget_vectors(self, kind: Kind, ranges: Sequence[tuple[int, int]]) -> None:
        """Delete vectors, given as (first key, number)."""
        if not ranges:
            return
        if kind == "word" or kind == "piece":
            word_changes.forget(self._connection, kind, ranges)
        else:
            delete_vectors(self._connection, kind, _keys(ranges))

    def mark_remains(self) -> None:
        """Record that text was deleted, of which the disk may still hold traces."""
        mark_remains(self._connection, True)


def has_remains(connection: Connection) -> bool:
    """Tell whether the disk may still hold traces of deleted text."""
    return bool(connection.scalar(select(remains.c.are_there)))


def mark_remains(connection: Connection, are_there: bool) -> None:
    """Record whether the disk may still hold traces of deleted text."""
    connection.execute(update(remains).values(are_there=are_there))


def newest_key(connection: Connection) -> int:
    """Return the highest key that a note was ever given, 0 before the first."""
    key = connection.scalar(select(next_keys.c.key).where(next_keys.c.name == notes.name))
    return (key or 1) - 1


def _keys(ranges: Sequence[tuple[int, int]]) -> KeyArray:
    return np.concatenate([np.arange(first, first + count, dtype=np.int64) for first, count in ranges])
