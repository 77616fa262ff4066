"""Opens a database of PostgreSQL: engine, transactions, migrations, and errors that quote none of its contents.

A server's own message may quote a text of a note or the value of a key, and libpq's may hold parts of an address: so
only what kind of error it is is passed on.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg
from psycopg.conninfo import conninfo_to_dict
from sqlalchemy import Connection, Engine, create_engine, event, text
from sqlalchemy.exc import SQLAlchemyError

from clinsearch.errors import (
    CollectionAway,
    CollectionBusy,
    CollectionDamaged,
    CollectionError,
    CollectionNotFound,
    CollectionVersion,
)
from clinsearch.records.locations import Database
from clinsearch.storage.catalog.soundness import UnsoundValue
from clinsearch.storage.postgres.outages import LIVENESS, is_gone
from clinsearch.storage.postgres.tables import SCHEMA, SCHEMA_REVISION

MOST_CONNECTIONS = 8
# pgvector before it: vacuuming could corrupt an HNSW index.
LEAST_PGVECTOR = (0, 8, 4)


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

    @event.listens_for(engine, "connect")
    def _configure(connection: Any, _record: Any) -> None:
        with connection.cursor() as cursor:
            # Not what others may have put into the schemas of everyone: pgvector's types, wherever it is, and no more.
            cursor.execute(
                "SELECT quote_ident(nspname) FROM pg_extension JOIN pg_namespace AS n ON n.oid = extnamespace "
                "WHERE extname = 'vector'"
            )
            found = cursor.fetchone()
            path = [SCHEMA, *([found[0]] if found else []), "pg_temp"]
            cursor.execute("SELECT set_config('search_path', %s, false)", (", ".join(path),))
            # What nobody waits for any more ends: the server looks so often whether the client is still there.
            cursor.execute("SELECT set_config('client_connection_check_interval', '1s', false)")
        connection.commit()

    return engine


def _connect(database: Database) -> psycopg.Connection[Any]:
    given = conninfo_to_dict(database.dsn)
    ours: dict[str, Any] = {name: value for name, value in LIVENESS.items() if name not in given}
    return psycopg.connect(database.dsn, client_encoding="utf8", fallback_application_name="clinsearch", **ours)


@contextmanager
def transaction(engine: Engine, database: Database) -> Iterator[Connection]:
    """Yield a connection in its own transaction: committed at the end, rolled back on any error."""
    with plain_errors(database), engine.connect() as connection, connection.begin():
        yield connection


def is_made(database: Database) -> bool:
    """Tell whether there is a collection. Raises CollectionError where the database cannot be asked."""
    engine = open_engine(database, writing=False)
    try:
        with transaction(engine, database) as connection:
            if connection.scalar(text("SELECT to_regclass('collection')")) is None:
                return False
            return bool(connection.scalar(text("SELECT count(*) = 1 FROM collection")))
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
    """Tell whether the database has tables of ours yet. Raises CollectionVersion for those of another program."""
    revision = _revision(connection)
    if revision is None:
        return False
    _refuse_unknown(revision, database)
    if revision != SCHEMA_REVISION:
        raise older(database)
    return True


def migrate(connection: Connection, database: Database) -> bool:
    """Bring the tables to the newest revision, in the connection's transaction; return whether they were older.

    Raises CollectionVersion for a revision that this program does not know.
    """
    from alembic import command

    revision = _revision(connection)
    if revision is not None:
        _refuse_unknown(revision, database)
    if revision == SCHEMA_REVISION:
        return False
    require_pgvector(connection, database)
    if revision is None:
        connection.execute(text(f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}"))
    command.upgrade(_alembic_config(connection), "head")
    return revision is not None


def require_pgvector(connection: Connection, database: Database) -> None:
    """Have pgvector in the database. Raises CollectionError if it is not there, or too old."""
    asked = text("SELECT extversion FROM pg_extension WHERE extname = 'vector'")
    version = connection.scalar(asked)
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


def _revision(connection: Connection) -> str | None:
    if connection.scalar(text(f"SELECT to_regclass('{SCHEMA}.alembic_version')")) is None:
        return None
    return str(connection.scalar(text(f"SELECT version_num FROM {SCHEMA}.alembic_version")))


def _refuse_unknown(revision: str, database: Database) -> None:
    if revision == SCHEMA_REVISION:
        return
    from alembic.script import ScriptDirectory

    scripts = ScriptDirectory.from_config(_alembic_config()).walk_revisions()
    if revision not in {script.revision for script in scripts}:
        raise CollectionVersion(
            f"The collection at {database} was made by a newer clinsearch. Update with `pip install -U clinsearch`."
        )


def _alembic_config(connection: Connection | None = None) -> Any:
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(_migrations_folder()).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _migrations_folder() -> Path:
    """Find the migrations: inside the package when installed from a wheel, beside it in a checkout."""
    package = Path(__file__).resolve().parents[2]
    installed = package / "migrations" / "postgres"
    return installed if installed.is_dir() else package.parent / "migrations" / "postgres"


@contextmanager
def plain_errors(database: Database) -> Iterator[None]:
    """Turn a database error into one line that names the database and says what to do."""
    try:
        yield
    except (SQLAlchemyError, psycopg.Error) as error:
        raise _plain(database, getattr(error, "orig", None) or error) from None
    except UnsoundValue:
        raise _damaged(database) from None


def _plain(database: Database, error: BaseException) -> CollectionError:
    state = getattr(error, "sqlstate", None) or ""
    kind = CollectionAway if is_gone(error) else CollectionError
    if line := next((line for start, line in _LINES.items() if state.startswith(start)), None):
        return kind(f"{line[0].format(database)} {line[1]}")
    match state[:2]:
        case "40" | "55":
            return CollectionBusy(f"The collection at {database} is being changed. Try again in a moment.")
        case "XX":
            return _damaged(database)
    if state in ("42P01", "42703", "42883"):  # no such table, column, function
        return _damaged(database)
    if isinstance(error, psycopg.OperationalError):
        return kind(f"The database {database} cannot be reached: {_reason(str(error))}.")
    if isinstance(error, psycopg.ProgrammingError) and not state:  # libpq's, of the address
        return CollectionError(
            f"The address of the database {database} has an option after its ? that PostgreSQL's client does not "
            "know, or one that makes no sense. Leave it out, or mend it."
        )
    return CollectionError(
        f"The collection at {database} cannot be used ({state or type(error).__name__}). "
        "Nothing that was committed is lost."
    )


# By the beginning of their SQLSTATE: what happened, and what to do.
_LINES = {
    "53100": ("The disk of the database {} is full.", "Nothing was lost; make room and run again."),
    "53300": ("The database {} takes no more connections.", "Try again later, or raise max_connections."),
    "25006": (
        "The database {} is a replica, which cannot be written to.",
        "Name the primary, or both with ?target_session_attrs=read-write.",
    ),
    "42501": ("The role may not do this in the database {}.", "Have its administrator grant it the right."),
    "57014": (
        "A query to the database {} was cancelled, as one is that takes longer than its statement_timeout.",
        "Nothing was lost.",
    ),
    "57P": (
        "The database {} is shutting down, or starting.",
        "Nothing that was committed is lost; try again in a moment.",
    ),
    "08": ("The connection to the database {} was lost.", "Nothing that was committed is lost; try again."),
}
# Parts of libpq's messages, which have no SQLSTATE.
_REASONS = {
    "password authentication failed": "the user or the password is wrong. A password comes from PGPASSWORD, a service "
    "file or ~/.pgpass",
    "no password supplied": "it asks for a password. Give one in PGPASSWORD, a service file or ~/.pgpass",
    "does not exist": "there is no such database or user",
    "refused": "nothing answers there",
    "timeout": "it takes too long to answer",
    "could not translate host name": "there is no such host",
    "failed to resolve host": "there is no such host",
    "certificate": "its certificate is not the expected one",
    "ssl": "the encrypted connection failed",
    "no pg_hba.conf entry": "it does not let this user in from here",
    "recovery": "it is starting, or recovering",
    "starting up": "it is starting, or recovering",
    "target_session_attrs": "none of the hosts is what target_session_attrs asks for",
    "read-write": "none of the hosts can be written to",
    "closed": "the connection was cut",
    "terminat": "the connection was cut",
}


def _reason(message: str) -> str:
    folded = message.casefold()
    return next((reason for part, reason in _REASONS.items() if part in folded), "the connection failed")


def _damaged(database: Database) -> CollectionDamaged:
    return CollectionDamaged(
        f"The collection at {database} is not as clinsearch writes it. Restore the database from a copy, or index the "
        "notes anew into another one."
    )
