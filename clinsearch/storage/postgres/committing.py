"""The transactions of writers: one commit after another, each made once, whatever becomes of the server meanwhile."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar
from uuid import UUID

from sqlalchemy import Connection, Engine, delete, func, insert, text, update
from sqlalchemy.exc import SQLAlchemyError

from clinsearch.records.locations import Database
from clinsearch.storage.postgres.database import transaction
from clinsearch.storage.postgres.database_errors import plain_errors
from clinsearch.storage.postgres.outages import Patience, ask, commit_once
from clinsearch.storage.postgres.tables import commit_tokens

# Of all programs that use this database, only clinsearch takes the lock of this number ("clinsearc").
COMMIT_LOCK = int.from_bytes(b"clinsear", "big")
# For how long a writer waits for a server that went away, and for how long it is known which commits were made.
WITHIN_S = 30.0
TOKENS_KEPT = "interval '1 day'"

R = TypeVar("R")


@contextmanager
def awaited_transaction(engine: Engine, database: Database) -> Iterator[Connection]:
    """Yield a connection as `transaction` does, for a writer that has had one before: it waits for a server."""
    with plain_errors(database), _connected(engine) as connection, connection.begin():
        yield connection


def _connected(engine: Engine) -> Connection:
    patience = Patience(WITHIN_S)
    while True:
        try:
            return engine.connect()
        except SQLAlchemyError as error:
            patience.wait(error)


@contextmanager
def commit(engine: Engine, database: Database) -> Iterator[Connection]:
    """Yield a connection in a transaction that no other writer's overlaps."""
    with transaction(engine, database) as connection:
        _take_turn(connection)
        yield connection


def commit_persistently(engine: Engine, database: Database, change: Callable[[Connection], R]) -> R:
    """Make a change in a transaction that no other writer's overlaps, once; return what `change` returns.

    A server that goes away is waited for, for WITHIN_S, and `change` called again if that is needed.
    """

    def in_turn(connection: Connection) -> R:
        _take_turn(connection)
        return change(connection)

    with plain_errors(database):
        return commit_once(engine.begin, in_turn, _Tokens(), WITHIN_S)


def persistently(engine: Engine, database: Database, change: Callable[[Connection], R]) -> R:
    """Make a change that may as well be made twice, in its own transaction; wait for a server that goes away."""
    with plain_errors(database):
        return ask(engine.begin, change, WITHIN_S)


class _Tokens:
    """Which commits were made, as `outages.Tokens` describes it."""

    def keep(self, connection: Connection, token: UUID) -> None:
        """Add the token to what is committed."""
        connection.execute(insert(commit_tokens).values(token=token))

    def find(self, connection: Connection, token: UUID) -> bool:
        """Tell whether the token is there, and mark it."""
        _take_turn(connection)
        found = update(commit_tokens).where(commit_tokens.c.token == token).values(was_looked_for=True)
        return bool(connection.execute(found).rowcount)


def forget_old_tokens(connection: Connection) -> None:
    """Delete the tokens that nobody can look for any more."""
    connection.execute(delete(commit_tokens).where(commit_tokens.c.made_at < func.now() - text(TOKENS_KEPT)))


def _take_turn(connection: Connection) -> None:
    connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": COMMIT_LOCK})
