"""Whatever a server says, one line of ours is shown: without texts, values, passwords, or the server's own words."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

import psycopg
import pytest
from sqlalchemy import Connection, text

from clinsearch.errors import ClinsearchError, CollectionBusy, CollectionError
from clinsearch.records.locations import database_at
from clinsearch.storage import is_made, open_writer
from clinsearch.storage.postgres.binary import binary_cursor
from clinsearch.storage.postgres.database import notebook, open_engine, transaction
from clinsearch.storage.postgres.vectors import driver_connection
from tests.support.postgres import PostgresServer

SECRET = "Xylophonia of the left ear"

# How a statement may be run: by SQLAlchemy, by psycopg below it, by the cursor of arrays.
Run = Callable[[Connection, str], object]


def by_sqlalchemy(connection: Connection, statement: str) -> object:
    return connection.execute(text(statement.replace(":", r"\:")))


def by_psycopg(connection: Connection, statement: str) -> object:
    return driver_connection(connection).execute(statement)


def by_binary_cursor(connection: Connection, statement: str) -> object:
    with binary_cursor(connection) as cursor:
        return cursor.execute(statement)


WAYS = (by_sqlalchemy, by_psycopg, by_binary_cursor)


@pytest.fixture(scope="module")
def own(postgres_server: PostgresServer) -> Iterator[str]:
    with postgres_server.database() as dsn, psycopg.connect(dsn) as connection:
        connection.execute("CREATE TABLE public.said (said text PRIMARY KEY CHECK (length(said) < 100))")
        connection.execute("INSERT INTO public.said VALUES (%s)", (SECRET,))
        connection.commit()
        yield dsn


def said_by(run: Run, dsn: str, *statements: str, writing: bool = True) -> ClinsearchError:
    engine = open_engine(database_at(dsn), writing=writing)

    def run_all() -> None:
        with transaction(engine, database_at(dsn)) as connection:
            for statement in statements:
                run(connection, statement)

    with pytest.raises(ClinsearchError) as caught:
        run_all()
    engine.dispose()
    assert caught.value.__cause__ is None
    assert caught.value.__suppress_context__
    assert SECRET not in repr(caught.value)
    assert "\n" not in str(caught.value)
    return caught.value


@pytest.mark.parametrize("run", WAYS)
@pytest.mark.parametrize(
    "statement",
    [
        f"INSERT INTO public.said VALUES ('{SECRET}')",
        f"INSERT INTO public.said VALUES (repeat('{SECRET}', 9))",
        f"SELECT '{SECRET}'::integer",
        f"SELECT ('{SECRET}' || now())::date",
        f'SELECT "{SECRET}" FROM public.said',
        f'SELECT 1 FROM "{SECRET}"',
        f"this is no SQL: {SECRET}",
    ],
)
def test_what_a_statement_or_a_row_holds_is_not_said(own: str, run: Run, statement: str, caplog, capfd) -> None:
    caplog.set_level(logging.DEBUG)
    error = said_by(run, own, f"DO $$BEGIN RAISE WARNING '{SECRET}'; END$$", statement)
    assert isinstance(error, CollectionError)
    assert SECRET not in caplog.text
    assert SECRET not in "".join(capfd.readouterr())


@pytest.mark.parametrize("run", WAYS)
@pytest.mark.parametrize(
    ("state", "said"),
    [
        ("53100", "is full"),
        ("53200", "cannot be used (53200)"),
        ("53300", "takes no more connections"),
        ("25006", "is a replica"),
        ("42501", "may not do this"),
        ("57014", "was cancelled"),
        ("57P01", "ended the connection"),
        ("08006", "was lost"),
        ("40001", "is being changed"),
        ("40P01", "is being changed"),
        ("55P03", "is being changed"),
        ("XX001", "not as clinsearch writes it"),
        ("23505", "cannot be used (23505)"),
        ("P0001", "cannot be used (P0001)"),
        ("58030", "cannot be"),
    ],
)
def test_each_kind_of_error_has_its_line(own: str, run: Run, state: str, said: str) -> None:
    raised = (
        f"DO $$BEGIN RAISE EXCEPTION '{SECRET}' USING ERRCODE = '{state}', DETAIL = '{SECRET}', HINT = '{SECRET}', "
        f"SCHEMA = '{SECRET}', TABLE = '{SECRET}', COLUMN = '{SECRET}', CONSTRAINT = '{SECRET}'; END$$"
    )
    assert said in str(said_by(run, own, raised))


@pytest.mark.parametrize("run", WAYS)
def test_real_ones_have_theirs(own: str, run: Run) -> None:
    cancelled = said_by(run, own, "SET LOCAL statement_timeout = 20", "SELECT pg_sleep(9)")
    assert "was cancelled" in str(cancelled)
    ended = str(said_by(run, own, "SELECT pg_terminate_backend(pg_backend_pid())"))
    assert "ended the connection" in ended or ended.endswith("the connection was cut.")
    assert "is a replica" in str(said_by(run, own, "DELETE FROM public.said", writing=False))
    assert "may not do this" in str(said_by(run, own, "SELECT * FROM pg_authid"))


def test_a_lock_that_is_held_is_waited_for_no_longer_than_the_role_waits(own: str) -> None:
    with psycopg.connect(own) as other:
        other.execute("LOCK TABLE public.said")
        error = said_by(by_sqlalchemy, own, "SET LOCAL lock_timeout = 20", "SELECT * FROM public.said")
    assert isinstance(error, CollectionBusy)


def test_a_role_without_connections_left_is_told_so(postgres_server: PostgresServer, own: str) -> None:
    postgres_server.make_role("crowd")
    try:
        postgres_server.execute("ALTER ROLE crowd CONNECTION LIMIT 0")
        with pytest.raises(CollectionError, match="it takes no more connections") as caught:
            is_made(database_at(postgres_server.dsn(own.rpartition("/")[2], role="crowd")))
        assert postgres_server.passwords["crowd"] not in repr(caught.value)
    finally:
        postgres_server.execute("DROP ROLE crowd")


def test_a_database_of_another_encoding_is_refused(postgres_server: PostgresServer) -> None:
    postgres_server.execute(
        "CREATE DATABASE old ENCODING 'SQL_ASCII' TEMPLATE template0 LOCALE 'C' LOCALE_PROVIDER libc OWNER clinsearch"
    )
    try:
        with pytest.raises(CollectionError, match="stores texts in SQL_ASCII"):
            open_writer(database_at(postgres_server.dsn("old")), create=True).__enter__()
        said_by(by_sqlalchemy, postgres_server.dsn("old"), r"SELECT convert_from('\xff', 'SQL_ASCII')")
    finally:
        postgres_server.drop_database("old")


def test_a_reader_writes_in_its_notebook_alone(own: str) -> None:
    engine = open_engine(database_at(own), writing=False)
    with notebook(engine, database_at(own)) as connection:
        connection.execute(text("CREATE TABLE public.noted (n int)"))
    with pytest.raises(CollectionError, match="is a replica"), transaction(engine, database_at(own)) as connection:
        connection.execute(text("DROP TABLE public.noted"))
    engine.dispose()
