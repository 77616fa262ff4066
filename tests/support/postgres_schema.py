"""Writes clinsearch/storage/postgres/schema.txt, from a fresh database: `python -m tests.support.postgres_schema`."""

from __future__ import annotations

from sqlalchemy import Connection

from clinsearch.records.locations import database_at
from clinsearch.storage.postgres import database, schema
from clinsearch.storage.postgres.protection import protect
from clinsearch.storage.postgres.vectors import create_vector_tables
from clinsearch.storage.postgres.word_changes import create_word_tables
from tests.support.postgres import PostgresServer

WIDTH = 32


def make_tables(connection: Connection, dsn: str) -> None:
    """Make all tables of a collection."""
    database.require_pgvector(connection, database_at(dsn))
    database.make_tables(connection)
    create_vector_tables(connection, WIDTH)
    create_word_tables(connection)
    protect(connection)


def main() -> None:
    with PostgresServer.make() as server, server.database() as dsn:
        engine = database.open_engine(database_at(dsn), writing=True)
        with engine.begin() as connection:
            make_tables(connection, dsn)
            schema.LINES.write_text(schema.written(schema.parts_of(connection)), encoding="utf-8")
        engine.dispose()


if __name__ == "__main__":
    main()
