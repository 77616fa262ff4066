"""What to do when a server goes away: ask again, and make each commit once, whatever became of the first try.

A server that is gone may be replaced by its replica within seconds. Who decides that is not our business: the address
names both, and the driver takes the one that is as wanted (`target_session_attrs`).
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol, TypeVar
from uuid import UUID, uuid4

import psycopg
from psycopg.errors import Diagnostic
from sqlalchemy import Connection
from sqlalchemy.exc import DBAPIError

# For how long a server that went away is waited for; how long after the second try, and after later ones at most. The
# second try is made at once.
WITHIN_S = 5.0
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.02, 0.25

# A cut network says nothing. These end a connection after three seconds: the keepalives while an answer is waited for,
# tcp_user_timeout (in ms) while something is sent; neither does both. An address may say otherwise.
LIVENESS = {
    "connect_timeout": "2",
    "keepalives_idle": "2",
    "keepalives_interval": "1",
    "keepalives_count": "2",
    "tcp_user_timeout": "3000",
}

# https://www.postgresql.org/docs/18/errcodes-appendix.html: the connection, the server shut down, crashed or starting,
# an idle session ended; a server that was a primary and is a standby now.
_GONE = ("08", "57P01", "57P02", "57P03", "57P05", "25006")
# What a second try may not meet: a conflict of transactions (on a standby with what it replays), a deadlock, too many
# connections, a lock that was not to be waited for.
_PASSING = ("40001", "40P01", "53300", "55P03")

R = TypeVar("R")
Begin = Callable[[], AbstractContextManager[Connection]]


class Tokens(Protocol):
    """Keeps a token in each commit, by which it is told later whether the commit was made."""

    def keep(self, connection: Connection, token: UUID) -> None:
        """Add the token to what is committed."""

    def find(self, connection: Connection, token: UUID) -> bool:
        """Tell whether the token is there, and mark it: after the writers' lock, and by a change of its row."""


def is_gone(error: BaseException) -> bool:
    """Tell whether the server, or the way to it, is gone, so that only a new connection can help."""
    error = _of_driver(error)
    if not isinstance(error, psycopg.OperationalError | psycopg.InterfaceError):
        return isinstance(error, psycopg.Error) and (error.sqlstate or "").startswith(_GONE)
    # What the driver itself finds out has no code.
    return error.sqlstate is None or error.sqlstate.startswith(_GONE)


def is_passing(error: BaseException) -> bool:
    """Tell whether the same may go well at the next try."""
    found = _of_driver(error)
    return is_gone(found) or (isinstance(found, psycopg.Error) and (found.sqlstate or "").startswith(_PASSING))


class Patience:
    """How long an outage is waited out. Raises the error it is given once that is over, or if waiting cannot help."""

    def __init__(self, within_s: float = WITHIN_S) -> None:
        self._within_s, self._until, self._pause = within_s, 0.0, 0.0

    def wait(self, error: BaseException) -> None:
        """Wait a moment before the next try. Raises the error."""
        now = time.monotonic()
        # From the first error on, not from the beginning: what was asked may take long by itself.
        self._until = self._until or now + self._within_s
        if not is_passing(error) or now > self._until:
            raise error
        time.sleep(self._pause)
        self._pause = min(max(2 * self._pause, FIRST_PAUSE_S), LONGEST_PAUSE_S)


def ask(begin: Begin, question: Callable[[Connection], R], within_s: float = WITHIN_S) -> R:
    """Ask something that changes nothing; ask again if the server goes away meanwhile. Raises the last error.

    Not for the first connection: that a password is wrong the driver tells no otherwise than that a server is away.
    """
    patience = Patience(within_s)
    while True:
        try:
            with begin() as connection:
                return question(connection)
        except (DBAPIError, psycopg.Error) as error:
            patience.wait(error)


def commit_once(begin: Begin, change: Callable[[Connection], R], tokens: Tokens, within_s: float = WITHIN_S) -> R:
    """Make a change in one transaction, once; return what `change` returns. Raises the last error.

    If the server goes away while it commits, a look for the token tells whether it has. The look is a commit itself, so
    that it waits for the same replicas, and what it saw is kept there as well.
    """
    token, patience = uuid4(), Patience(within_s)
    made: list[R] = []
    while True:
        try:
            if made and _is_made(begin, tokens, token):
                return made[-1]
            made.clear()
            _commit(begin, change, tokens, token, made)
        except (DBAPIError, psycopg.Error) as error:
            patience.wait(error)
        except NotReplicated:
            continue
        else:
            return made[-1]


def _is_made(begin: Begin, tokens: Tokens, token: UUID) -> bool:
    with _replicated(begin) as connection:
        return tokens.find(connection, token)


def _commit(begin: Begin, change: Callable[[Connection], R], tokens: Tokens, token: UUID, made: list[R]) -> None:
    """Commit. `made` gets the result before: from then on an error does not tell whether it was committed."""
    with _replicated(begin) as connection:
        result = change(connection)
        tokens.keep(connection, token)
        made.append(result)


class NotReplicated(Exception):
    """A commit was made on the primary alone: its wait for the replica was cancelled, which is only a warning."""


@contextmanager
def _replicated(begin: Begin) -> Iterator[Connection]:
    """Yield a connection in a transaction that is committed at the end. Raises NotReplicated."""
    heard: list[str] = []

    def hear(notice: Diagnostic) -> None:
        # The text is in the server's language; the function is not.
        if notice.source_function == "SyncRepWaitForLSN":
            heard.append(notice.sqlstate or "")

    driver: Any = None
    try:
        with begin() as connection:
            driver = connection.connection.dbapi_connection
            driver.add_notice_handler(hear)
            yield connection
    finally:
        if driver is not None:
            driver.remove_notice_handler(hear)
    if heard:
        raise NotReplicated


def _of_driver(error: BaseException) -> BaseException:
    return error.orig if isinstance(error, DBAPIError) and error.orig is not None else error
