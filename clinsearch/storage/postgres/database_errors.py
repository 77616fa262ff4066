"""Turns the errors of a database into lines that quote none of its contents.

A server's own message may quote a text of a note or the value of a key, and libpq's may hold parts of an address: so
only what kind of error it is is passed on.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import psycopg
from sqlalchemy.exc import PendingRollbackError, SQLAlchemyError

from clinsearch.errors import CollectionAway, CollectionBusy, CollectionDamaged, CollectionError
from clinsearch.records.locations import Database
from clinsearch.storage.catalog.soundness import UnsoundValue
from clinsearch.storage.postgres.outages import is_gone


@contextmanager
def plain_errors(database: Database) -> Iterator[None]:
    """Turn a database error into one line that names the database and says what to do."""
    try:
        yield
    except (SQLAlchemyError, psycopg.Error) as error:
        raise _plain(database, getattr(error, "orig", None) or error) from None
    except (UnsoundValue, UnicodeDecodeError):  # the latter of texts that the server did not check
        raise damaged(database) from None


def _plain(database: Database, error: BaseException) -> CollectionError:
    state = getattr(error, "sqlstate", None) or ""
    # Asked again on a connection that was cut meanwhile; or an answer that the driver had no part of when it was cut.
    if isinstance(error, PendingRollbackError) or (not state and "didn't produce" in str(error)):
        return CollectionAway(f"The database {database} cannot be reached: the connection was cut.")
    kind = CollectionAway if is_gone(error) else CollectionError
    if line := next((line for start, line in _LINES.items() if state.startswith(start)), None):
        return kind(f"{line[0].format(database)} {line[1]}")
    match state[:2]:
        case "40" | "55":
            return CollectionBusy(f"The collection at {database} is being changed. Try again in a moment.")
        case "XX":
            return damaged(database)
    if state in ("42P01", "42703", "42883"):  # no such table, column, function
        return damaged(database)
    if isinstance(error, psycopg.OperationalError) and state[:2] in ("", "28"):  # 28: who asks is not let in
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
    "57P01": (
        "The server of the database {} ended the connection.",
        "Nothing that was committed is lost; try again in a moment.",
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
    "root certificate file": "the file that sslrootcert names, or ~/.postgresql/root.crt, is not there",
    "does not exist": "there is no such database or user",
    "refused": "nothing answers there",
    "timeout": "it takes too long to answer",
    "could not translate host name": "there is no such host",
    "failed to resolve host": "there is no such host",
    "certificate": "its certificate is not the expected one",
    "ssl": "the encrypted connection failed",
    "no pg_hba.conf entry": "it does not let this user in from here",
    "too many": "it takes no more connections",
    "connection slots": "it takes no more connections",
    "recovery": "it is starting, or recovering",
    "starting up": "it is starting, or recovering",
    "target_session_attrs": "none of the hosts is what target_session_attrs asks for",
    "read-write": "none of the hosts can be written to",
    "closed": "the connection was cut",
    "lost": "the connection was cut",
    "terminat": "the connection was cut",
}


def _reason(message: str) -> str:
    folded = message.casefold()
    return next((reason for part, reason in _REASONS.items() if part in folded), "the connection failed")


def damaged(database: Database) -> CollectionDamaged:
    """Return the error for a database that is not as clinsearch writes it."""
    return CollectionDamaged(
        f"The collection at {database} is not as clinsearch writes it. Restore the database from a copy, or index the "
        "notes anew into another one."
    )
