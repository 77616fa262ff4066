"""A writer's sign of life: one row, renewed while it works, on which all that it has claimed or leased depends.

Whoever finds a row that was not renewed in time deletes it, and with it goes what that writer had claimed, so that
others can take it. A writer that was only slow loses nothing but the time for what others do again.
"""

from __future__ import annotations

import threading
from contextlib import suppress
from uuid import uuid4

from sqlalchemy import Connection, Engine, delete, func, text
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.exc import SQLAlchemyError

from clinsearch.storage.postgres.tables import workers

# How long a writer that says nothing is believed to be at work, and how often it says so.
LEASE_S = 60.0
RENEWALS = 4


class Lease:
    """A writer's own lease, renewed by a thread from the first claim on until `close`."""

    def __init__(self, engine: Engine) -> None:
        self.worker = uuid4()
        self._engine = engine
        self._stopped = threading.Event()
        self._thread: threading.Thread | None = None

    def renew(self, connection: Connection) -> None:
        """Renew the lease, and have it renewed from now on."""
        statement = insert(workers).values(worker=self.worker, until=_until())
        connection.execute(statement.on_conflict_do_update(index_elements=["worker"], set_={"until": _until()}))
        if self._thread is None:
            self._thread = threading.Thread(target=self._renew_always, name="lease", daemon=True)
            self._thread.start()

    def close(self) -> None:
        """Give everything up that is still claimed or leased."""
        self._stopped.set()
        if self._thread is None:
            return
        self._thread.join()
        with suppress(SQLAlchemyError), self._engine.begin() as connection:  # else the lease runs out by itself
            connection.execute(delete(workers).where(workers.c.worker == self.worker))

    def _renew_always(self) -> None:
        while not self._stopped.wait(LEASE_S / RENEWALS):
            with suppress(SQLAlchemyError), self._engine.begin() as connection:
                self.renew(connection)


def forget_the_gone(connection: Connection) -> None:
    """Delete the leases that ran out; what they held is free then."""
    gone = text(
        "DELETE FROM workers WHERE worker IN "
        "(SELECT worker FROM workers WHERE until < clock_timestamp() FOR UPDATE SKIP LOCKED)"
    )
    connection.execute(gone)


def _until() -> object:
    return func.clock_timestamp() + text(f"interval '{LEASE_S:f} seconds'")
