"""Opens a database of PostgreSQL: connections, transactions, and migrations."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import Connection, Engine, create_engine, func, select, text
from sqlalchemy.exc import SQLAlchemyError

from clinsearch.errors import CollectionError, CollectionNotFound, CollectionVersion, InputError
from clinsearch.records.locations import Database
from clinsearch.storage import migrations
from clinsearch.storage.postgres import schema
from clinsearch.storage.postgres.database_errors import damaged, plain_errors
from clinsearch.storage.postgres.outages import LIVENESS
from clinsearch.storage.postgres.tables import SCHEMA, SCHEMA_REVISION, shard

MOST_CONNECTIONS = 8
SETTINGS = {
    # What nobody waits for any more ends: the server looks so often whether the client is still there.
    "client_connection_check_interval": "1s",
    # Numbers in full, texts and times in the form that they are read in; policies are obeyed, not complained of.
    "extra_float_digits": "1",
    "bytea_output": "hex",
    "DateStyle": "ISO",
    "standard_conforming_strings": "on",
    "row_security": "on",
}
# pgvector before it: vacuuming could corrupt an HNSW index.
LEAST_PGVECTOR = (0, 8, 4)
# Before it, the parts of a schema are written otherwise, and `schema` could not tell that they are ours.
LEAST_SERVER = 18


def open_engine(database: Database, *, writing: bool) -> Engine:
    """Open a pool of connections to a database; nothing is read or created yet.

    A reader's transaction sees one commit, whatever is committed meanwhile; a writer's sees the latest at each step.
    """
    engine = create_engine(
        "postgresql+psycopg://",
        creator=lambda: _connect(database),
        hide_parameters=True,
        isolation_level="READ COMMITTED" if writing else "REPEATABLE READ",
        pool_size=MOST_CONNECTIONS,
        max_overflow=0,
        pool_pre_ping=True,
    )
    if not writing:
        engine = engine.execution_options(postgresql_readonly=True)

    return engine


def _connect(database: Database) -> psycopg.Connection[Any]:
    given = conninfo_to_dict(database.dsn)
    ours: dict[str, Any] = {name: value for name, value in LIVENESS.items() if name not in given}
    opened = psycopg.connect(database.dsn, client_encoding="utf8", fallback_application_name="clinsearch", **ours)
    try:
        _configure(opened)
    except BaseException:
        opened.close()
        raise
    return opened


def _configure(connection: psycopg.Connection[Any]) -> None:
    """Settle what a role, a database or its owner may have settled otherwise."""
    # First of all: a function that others put into a schema of everyone could be called in place of PostgreSQL's own.
    connection.execute("SET search_path = pg_catalog")
    for name, value in SETTINGS.items():
        connection.execute("SELECT set_config(%s, %s, false)", (name, value))
    # pgvector's types, wherever it is, and no more.
    found = connection.execute(
        "SELECT quote_ident(nspname) FROM pg_extension JOIN pg_namespace AS n ON n.oid = extnamespace "
        "WHERE extname = 'vector'"
    ).fetchone()
    path = [SCHEMA, *([found[0]] if found else []), "pg_temp"]
    connection.execute("SELECT set_config('search_path', %s, false)", (", ".join(path),))
    connection.commit()


@contextmanager
def transaction(engine: Engine, database: Database) -> Iterator[Connection]:
    """Yield a connection in its own transaction: committed at the end, rolled back on any error."""
    with plain_errors(database), engine.connect() as connection, connection.begin():
        yield connection


@contextmanager
def notebook(engine: Engine, database: Database) -> Iterator[Connection]:
    """Yield a connection of a reader's engine in a transaction that may write, as a role's own searches."""
    with plain_errors(database), engine.connect() as connection:
        # Of an engine made from the reader's with this option, both options would be set, and the last would win.
        connection.execution_options(postgresql_readonly=False)
        with connection.begin():
            yield connection


def is_made(database: Database) -> bool:
    """Tell whether there is a collection. Raises CollectionError where there is none that can be used."""
    engine = open_engine(database, writing=False)
    try:
        with transaction(engine, database) as connection:
            if not check_revision(connection, database):
                return False
            return bool(connection.scalar(text(f"SELECT count(*) = 1 FROM {SCHEMA}.collection")))
    finally:
        engine.dispose()


def nothing_at(database: Database) -> CollectionNotFound:
    """Return the error for a database without a collection."""
    return CollectionNotFound(
        f"No collection at {database}. Make one with `clinsearch index FOLDER --collection postgresql://…`."
    )


def older(database: Database) -> CollectionVersion:
    """Say that an older program made the collection."""
    return CollectionVersion(
        f"The collection at {database} was made by an older clinsearch. "
        "Bring it up to date with `clinsearch index` on its notes."
    )


def check_revision(connection: Connection, database: Database) -> bool:
    """Tell whether the database has tables of ours yet.

    Raises CollectionVersion for those of another program; CollectionDamaged for what no clinsearch makes.
    """
    revision = _revision(connection, database)
    if revision is None:
        return False
    migrations.refuse_unknown(revision, migrations.OF_POSTGRES, SCHEMA_REVISION, database)
    if revision != SCHEMA_REVISION:
        raise older(database)
    if not schema.is_ours(connection):
        raise damaged(database)
    return True


def migrate(connection: Connection, database: Database) -> bool:
    """Bring the tables to the newest revision, in the connection's transaction; return whether they were older.

    Raises CollectionVersion for a revision that this program does not know.
    """
    revision = _revision(connection, database)
    if revision is not None:
        migrations.refuse_unknown(revision, migrations.OF_POSTGRES, SCHEMA_REVISION, database)
    if revision == SCHEMA_REVISION:
        return not check_revision(connection, database)
    require_unicode(connection, database)
    require_pgvector(connection, database)
    make_tables(connection)
    schema.forget(connection)
    check_revision(connection, database)
    schema.forget(connection)  # what was made may yet be rolled back
    return revision is not None


def make_tables(connection: Connection) -> None:
    """Run the migrations that are missing, and check nothing; for `migrate`, after what it checks."""
    connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
    migrations.upgrade(connection, migrations.OF_POSTGRES)


def require_unicode(connection: Connection, database: Database) -> None:
    """Raise CollectionError for a database that does not take all characters, or takes what is none."""
    query = "SELECT pg_encoding_to_char(encoding) FROM pg_database WHERE datname = current_database()"
    encoding = connection.scalar(text(query))
    if encoding != "UTF8":
        raise CollectionError(
            f"The database {database} stores texts in {encoding}. Have its administrator make one for all characters: "
            "CREATE DATABASE … ENCODING 'UTF8' TEMPLATE template0;"
        )


def require_pgvector(connection: Connection, database: Database) -> None:
    """Have pgvector in the database. Raises CollectionError if it is not there, or it or the server is too old."""
    asked = text("SELECT extversion FROM pg_extension WHERE extname = 'vector'")
    version = connection.scalar(asked)
    server = str(connection.scalar(text("SHOW server_version")))
    if int(server.split(".")[0]) < LEAST_SERVER:
        raise CollectionError(
            f"The database {database} is of PostgreSQL {server}. clinsearch needs {LEAST_SERVER} or newer."
        )
    if version is None:
        try:
            with connection.begin_nested():
                connection.execute(text("CREATE EXTENSION vector SCHEMA public"))
        except SQLAlchemyError:
            raise CollectionError(
                f"The database {database} has no pgvector. Have its administrator install it there: "
                "CREATE EXTENSION vector;"
            ) from None
        version = connection.scalar(asked)
        connection.execute(text(f"SET search_path = {SCHEMA}, public, pg_temp"))
    if tuple(int(part) for part in str(version).split(".")[:3]) < LEAST_PGVECTOR:
        least = ".".join(map(str, LEAST_PGVECTOR))
        raise CollectionError(
            f"The database {database} has pgvector {version}, whose indexes may be corrupted by vacuuming. "
            f"Update it to {least} or newer: ALTER EXTENSION vector UPDATE;"
        )


def require_undivided(connection: Connection, database: Database, what: str) -> None:
    """Raise InputError, which says what cannot be done, for a collection in several databases."""
    if connection.scalar(select(func.count()).select_from(shard)):
        raise InputError(f"The collection at {database} is in several databases: {what} knows one alone.")


def _revision(connection: Connection, database: Database) -> str | None:
    try:
        if not schema.is_there(connection):
            return None
    except schema.ForeignSchema:
        raise damaged(database) from None
    found = connection.scalars(text(f"SELECT version_num FROM {SCHEMA}.alembic_version")).all()
    if len(found) != 1:
        raise damaged(database)
    return str(found[0])
