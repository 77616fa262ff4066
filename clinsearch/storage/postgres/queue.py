"""The queue of notes that wait to be encoded: leased to one worker each, and taken out by the commit that stores them.

A note is in it once, in the version that was read last. What its worker lost, by its own end or by an error, is tried
again, in ever smaller batches, so that a note that ends its worker is soon alone; after MOST_ATTEMPTS it is set aside.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from sqlalchemy import Connection, Engine, Row, delete, func, or_, select, update
from sqlalchemy.dialects.postgresql import insert

from clinsearch.records import Note
from clinsearch.records.digests import text_digest
from clinsearch.records.locations import Database
from clinsearch.records.queues import QueueCounts, QueueStatus, SetAside
from clinsearch.storage.catalog.notes import chunks
from clinsearch.storage.postgres.committing import persistently
from clinsearch.storage.postgres.leases import Lease, forget_the_gone
from clinsearch.storage.postgres.tables import queue, workers
from clinsearch.storage.sharing import QueuedNote, Replaced

MOST_ATTEMPTS = 5
# Of notes that were tried so many times already, a batch has at most one in so many of what it else has.
SMALLER = 8
MOST_LISTED = 1000
ROWS_AT_ONCE = 256
NOTE = tuple(Note.__dataclass_fields__)
# What a newer version of a note changes of its row; it is a new row to whoever had leased the old one.
REPLACED = (*NOTE, "digest", "replaces", "replaces_id", "replaces_digest")


class TableQueue:
    """The queue as one of its workers sees it, as `storage.sharing.Queue` describes it."""

    def __init__(self, engine: Engine, database: Database, lease: Lease) -> None:
        self._engine, self._database, self._lease = engine, database, lease

    def take(self, most: int) -> dict[int, QueuedNote]:
        """Lease notes to this writer, by their number in the queue: at most so many, fewer of those that failed."""

        def take(connection: Connection) -> list[Row[Any]]:
            forget_the_gone(connection)
            self._lease.renew(connection)
            for attempts in range(MOST_ATTEMPTS):
                limit = max(1, most // SMALLER**attempts)
                if rows := self._lease_some(connection, attempts, limit):
                    return rows
            return []

        rows = persistently(self._engine, self._database, take)
        return {row.number: _read(row) for row in sorted(rows, key=lambda row: row.number)}

    def _lease_some(self, connection: Connection, attempts: int, limit: int) -> list[Row[Any]]:
        free = (queue.c.attempts == attempts) & queue.c.worker.is_(None)
        some = select(queue.c.number).where(free).order_by(queue.c.number).limit(limit)
        chosen = some.with_for_update(skip_locked=True).cte("chosen").prefix_with("MATERIALIZED")
        values = {"worker": self._lease.worker, "attempts": queue.c.attempts + 1}
        statement = update(queue).where(queue.c.number.in_(select(chosen.c.number))).values(values)
        return list(connection.execute(statement.returning(queue)).all())

    def give_back(self, numbers: Sequence[int]) -> None:
        """Let others take what this writer has not begun."""
        self._set(numbers, worker=None, attempts=queue.c.attempts - 1)

    def fail(self, numbers: Sequence[int], error: str) -> None:
        """Let notes be tried again that failed; `error` is a code without text of a note."""
        self._set(numbers, worker=None, error=error)

    def _set(self, numbers: Sequence[int], **values: Any) -> None:
        own = queue.c.number.in_(numbers) & (queue.c.worker == self._lease.worker)
        statement = update(queue).where(own).values(**values)
        if numbers:
            persistently(self._engine, self._database, lambda connection: connection.execute(statement))

    def retry(self) -> int:
        """Let everything that was set aside be tried again; return how much."""
        statement = update(queue).where(_is_set_aside()).values(attempts=0, error=None)
        return persistently(self._engine, self._database, lambda connection: connection.execute(statement).rowcount)

    def status(self) -> QueueStatus:
        """Return what waits, what is leased, and what was set aside."""

        def ask(connection: Connection) -> QueueStatus:
            forget_the_gone(connection)
            return queue_status(connection)

        return persistently(self._engine, self._database, ask)


def queue_status(connection: Connection) -> QueueStatus:
    """Return what waits, what is leased, and what was set aside."""
    leased = queue.c.worker.is_not(None)
    counts = select(func.count().filter(leased), func.count().filter(~leased & ~_is_set_aside()))
    of_leased, of_waiting = connection.execute(counts.select_from(queue)).one()
    at_work = connection.scalar(select(func.count()).select_from(workers)) or 0
    columns = (queue.c.note_id, queue.c.source, queue.c.attempts, queue.c.error)
    listed = select(*columns).where(_is_set_aside()).order_by(queue.c.number).limit(MOST_LISTED)
    return QueueStatus(of_waiting, of_leased, at_work, tuple(SetAside(*row) for row in connection.execute(listed)))


def queue_counts(connection: Connection) -> QueueCounts:
    """Count what waits, is leased, and was set aside, and change nothing: who is gone has leased nothing."""
    at_work = workers.c.until >= func.clock_timestamp()
    leased = select(workers.c.worker).where(at_work, workers.c.worker == queue.c.worker).exists()
    tried = queue.c.attempts >= MOST_ATTEMPTS
    counts = select(
        func.count().filter(~leased & ~tried),
        func.count().filter(leased),
        select(func.count()).select_from(workers).where(at_work).scalar_subquery(),
        func.count().filter(~leased & tried),
    )
    return QueueCounts(*connection.execute(counts.select_from(queue)).one())


def put_queued(connection: Connection, notes: Sequence[QueuedNote]) -> None:
    """Put notes into the queue, each in place of what it has of the same id; the same version stays as it is."""
    for start in range(0, len(notes), ROWS_AT_ONCE):
        rows = [_row(one) for one in notes[start : start + ROWS_AT_ONCE]]
        given = insert(queue).values([{"attempts": 0, **row} for row in rows])
        new = {name: given.excluded[name] for name in REPLACED}
        fresh: dict[str, Any] = {"number": func.nextval(func.pg_get_serial_sequence("queue", "number"))}
        fresh |= {"worker": None, "attempts": 0, "error": None}
        is_other = or_(queue.c.digest != given.excluded.digest, queue.c.source.is_distinct_from(given.excluded.source))
        connection.execute(given.on_conflict_do_update(index_elements=["name"], set_={**new, **fresh}, where=is_other))


def take_out(connection: Connection, numbers: Collection[int], lease: Lease) -> dict[int, Replaced | None]:
    """Take out notes that are still leased to this writer; return the stored notes, by number, that they replace."""
    if not numbers:
        return {}
    own = queue.c.number.in_(numbers) & (queue.c.worker == lease.worker)
    columns = (queue.c.number, queue.c.replaces, queue.c.replaces_id, queue.c.replaces_digest)
    rows = connection.execute(delete(queue).where(own).returning(*columns))
    return {number: None if replaced[0] is None else (*replaced,) for number, *replaced in rows}


def drop_queued(connection: Connection, note_ids: Collection[str]) -> None:
    """Drop what is queued of these notes: it was read before what is stored of them now."""
    for some in chunks([_name(one) for one in note_ids]):
        connection.execute(delete(queue).where(queue.c.name.in_(some)))


def _is_set_aside() -> Any:
    return queue.c.worker.is_(None) & (queue.c.attempts >= MOST_ATTEMPTS)


def _name(note_id: str) -> bytes:
    return text_digest(note_id)


def _row(queued: QueuedNote) -> Mapping[str, Any]:
    key, note_id, digest = queued.replaces or (None, None, None)
    replaced = {"replaces": key, "replaces_id": note_id, "replaces_digest": digest}
    return {"name": _name(queued.note.note_id), **asdict(queued.note), "digest": queued.digest, **replaced}


def _read(row: Row[Any]) -> QueuedNote:
    note = Note(**{name: getattr(row, name) for name in NOTE})
    return QueuedNote(note, row.digest, attempts=row.attempts - 1)
