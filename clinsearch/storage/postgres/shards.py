"""A collection in several databases: which these are, and how it is opened.

The first database keeps the addresses of all, and each which one it is. What stands there may have been written by
anybody who may write to it: an address names a host, a database and a user, and all else, such as how the host is
known and the password, is as for the first.
"""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, replace

from sqlalchemy import Connection, delete, insert, select

from clinsearch.encoder.correction import Correction
from clinsearch.errors import CollectionDamaged, CollectionError, InputError
from clinsearch.records import FloatArray
from clinsearch.records.locations import Database, beside
from clinsearch.storage.catalog.corrections import keep_correction, read_corrections
from clinsearch.storage.catalog.notes import Catalog
from clinsearch.storage.port import QueueWriter, Reader, Writer
from clinsearch.storage.postgres import snapshots, writer
from clinsearch.storage.postgres.committing import commit
from clinsearch.storage.postgres.database import check_revision, migrate, open_engine, transaction
from clinsearch.storage.postgres.opened import Opened
from clinsearch.storage.postgres.spaces import TableSpaces
from clinsearch.storage.postgres.tables import last_searches, next_keys, shard, shard_addresses
from clinsearch.storage.postgres.upkeep import merge_all
from clinsearch.storage.sharded.snapshots import ShardedReader
from clinsearch.storage.sharded.writer import ShardedWriter
from clinsearch.storage.text_vectors import correct_anew, sample
from clinsearch.storage.values import Kind

MOST_SHARDS = 1000


@dataclass(frozen=True, slots=True)
class Membership:
    """Which shard of a collection a database is."""

    collection: str
    number: int
    count: int


def open_reader(database: Database) -> Reader:
    """Open a collection for reading, in one database or in several. Raises CollectionError, CollectionNotFound."""
    first = snapshots.Reader(database)
    with first.catalog() as (catalog, _):
        found = _members(catalog.connection, database)
    if not found:
        return first
    with ThreadPoolExecutor(len(found)) as threads:
        others = threads.map(lambda one: ShardReader(database, *one), list(found.items())[1:])
        return ShardedReader(str(database), [first, *others])


def open_writer(database: Database, *, create: bool) -> Writer:
    """Open a collection for changes, in one database or in several; `create` makes its tables if there are none."""
    with _asking(database, create=create) as connection:
        found = _members(connection, database) if check_revision(connection, database) else {}
    if not found:
        return writer.Writer(database, create=create)
    for one, expected in list(found.items())[1:]:
        with _asking(one, create=create) as connection:
            if not check_revision(connection, one):
                raise _another(database, one, expected)
            _require(connection, database, one, expected)
    return ShardedWriter([ShardWriter(one, create=create) for one in found])


def open_queue(database: Database, *, create: bool) -> QueueWriter:
    """Open a collection in one database, with its queue, for changes. Raises InputError for one in several."""
    with _reading(database) as connection:
        if check_revision(connection, database) and membership(connection):
            raise InputError(
                f"The collection at {database} is in several databases and has no queue. "
                "Index into it with `clinsearch index`, on as many machines as you like."
            )
    return writer.Writer(database, create=create)


def make_shards(databases: Sequence[Database]) -> None:
    """Make one collection of several empty databases, in this order. Raises InputError, CollectionError.

    Who was stopped meanwhile may do it again.
    """
    _require_addresses(databases)
    collection = secrets.token_hex(8)
    for number, database in enumerate(databases):
        with _changing(database) as connection:
            migrate(connection, database)
            known = membership(connection)
            collection = known.collection if known and not number else collection
            wanted = Membership(collection, number, len(databases))
            if Catalog(connection).encoder() or known not in (None, wanted):
                raise CollectionError(f"There is a collection at {database} already. Name databases without one.")
            connection.execute(delete(shard))
            connection.execute(insert(shard).values(collection=collection, number=number, count=len(databases)))
            if not number:
                connection.execute(delete(shard_addresses))
                rows = [{"number": of, "address": str(one)} for of, one in enumerate(databases)]
                connection.execute(insert(shard_addresses), rows)


def membership(connection: Connection) -> Membership | None:
    """Return which shard a database is; None if it is none."""
    row = connection.execute(select(shard.c.collection, shard.c.number, shard.c.count)).first()
    return Membership(*row) if row else None


def _require_addresses(databases: Sequence[Database]) -> None:
    if len(databases) < 2 or len(set(map(str, databases))) < len(databases):
        raise InputError("Name two databases or more, each once.")
    for one in databases:
        try:
            beside(one, str(one))
        except InputError:
            raise InputError(
                f"Name each database by host and name: postgresql://USER@HOST:PORT/DATABASE, not {one}."
            ) from None


def _members(connection: Connection, database: Database) -> dict[Database, Membership]:
    """Return all databases of the collection that one is the first of, in order; none if it is in that one alone.

    Raises CollectionError.
    """
    own = membership(connection)
    rows: dict[int, str] = dict(connection.execute(select(shard_addresses.c.number, shard_addresses.c.address)).all())
    if own is None:
        return {}
    if own.number:
        raise CollectionError(
            f"{database} is number {own.number + 1} of the {own.count} databases of a collection. "
            "Name the first of them."
        )
    try:
        if not 1 < own.count <= MOST_SHARDS or sorted(rows) != list(range(own.count)):
            raise ValueError
        found = [database, *(beside(database, str(rows[number])) for number in range(1, own.count))]
    except (InputError, ValueError):
        raise CollectionDamaged(
            f"The addresses of the databases of the collection at {database} are not as clinsearch writes them. "
            "Restore the database from a copy."
        ) from None
    return {one: replace(own, number=number) for number, one in enumerate(found)}


def _require(connection: Connection, first: Database, database: Database, expected: Membership) -> None:
    """Raise CollectionError for a database, with our tables, that is another than expected."""
    if membership(connection) != expected:
        raise _another(first, database, expected)


def _another(first: Database, database: Database, expected: Membership) -> CollectionError:
    return CollectionError(
        f"{database} is not number {expected.number + 1} of the {expected.count} databases of the collection at "
        f"{first}. Restore it from a copy, or correct its address there."
    )


@contextmanager
def _asking(database: Database, *, create: bool) -> Iterator[Connection]:
    if not create:
        with _reading(database) as connection:
            yield connection
        return
    with _changing(database) as connection:
        migrate(connection, database)
        yield connection


@contextmanager
def _reading(database: Database) -> Iterator[Connection]:
    engine = open_engine(database, writing=False)
    try:
        with transaction(engine, database) as connection:
            yield connection
    finally:
        engine.dispose()


@contextmanager
def _changing(database: Database) -> Iterator[Connection]:
    engine = open_engine(database, writing=True)
    try:
        with commit(engine, database) as connection:
            yield connection
    finally:
        engine.dispose()


class ShardReader(snapshots.Reader):
    """Opens snapshots of a shard other than the first. Raises CollectionError for a database that is not the one."""

    def __init__(self, first: Database, database: Database, expected: Membership) -> None:
        self._first, self._expected = first, expected
        super().__init__(database)

    @contextmanager
    def _open(self) -> Iterator[tuple[Connection, Opened]]:
        with super()._open() as (connection, opened):
            _require(connection, self._first, self.database, self._expected)
            yield connection, opened


class ShardWriter(writer.Writer):
    """The right to change a shard, as `sharded.corrections.ShardWriter` describes it."""

    def forget_last_search(self) -> None:
        """Delete the remembered searches, which may show what is about to be deleted."""

        def forget(connection: Connection) -> None:
            connection.execute(delete(last_searches))

        self._commit(forget)

    def next_keys(self) -> dict[str, int]:
        """Return the next key of `notes` and of `sentences`."""
        with self.catalog() as catalog:
            return dict(catalog.connection.execute(select(next_keys.c.name, next_keys.c.key)).all())

    def has_remains(self) -> bool:
        """Tell whether the disk may still hold traces of deleted text."""
        with self.catalog() as catalog:
            return catalog.has_remains()

    def corrections(self) -> Mapping[Kind, Correction]:
        """Return the corrections by kind, without kinds that had no vectors to fit one on yet."""
        with self.catalog() as catalog:
            return read_corrections(catalog.connection)

    def keep_fitted(self, kind: Kind, correction: Correction) -> None:
        """Keep the correction of a kind, unless there is one."""

        def keep(connection: Connection) -> None:
            if kind not in read_corrections(connection):
                keep_correction(connection, kind, correction)

        self._commit(keep)

    def correct_by(self, recipe: str | None, corrections: Mapping[Kind, Correction]) -> None:
        """Correct all vectors anew by these corrections, which are of this recipe; None for not at all."""
        self._commit(lambda connection: correct_anew(TableSpaces(connection), recipe, corrections))

    def rows(self, kind: Kind) -> int:
        """Count the vectors of a kind."""
        with self.catalog() as catalog:
            return TableSpaces(catalog.connection).live_rows(kind)

    def sample(self, kind: Kind, most: int) -> FloatArray:
        """Draw a sample of the vectors of a kind as the model gives them, (n, width)."""
        with self.catalog() as catalog:
            return sample(TableSpaces(catalog.connection), kind, most)

    # Corrections are fitted on vectors of all shards.

    def _forget_traces(self, connection: Connection) -> None:
        merge_all(connection)

    def _correct_if_outgrown(self, connection: Connection) -> None:
        pass
