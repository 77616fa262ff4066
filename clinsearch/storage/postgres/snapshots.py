"""Reads a collection in PostgreSQL: catalog and vectors of a snapshot are of the same transaction."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext, suppress
from dataclasses import replace
from weakref import finalize

from sqlalchemy import ColumnElement, Connection, delete, func, select, text
from sqlalchemy.dialects.postgresql import insert

from clinsearch.encoder.threads import one_numpy_thread
from clinsearch.errors import CollectionDamaged, CollectionError, SearchNotFound
from clinsearch.records import CollectionStatus, Hit, LastSearch, MarkedText, WordHit
from clinsearch.records.locations import Database
from clinsearch.records.saved_searches import Milestone, SavedSearch
from clinsearch.storage import remembered, saved
from clinsearch.storage.catalog.counted import sees_some
from clinsearch.storage.postgres.database import notebook, open_engine, transaction
from clinsearch.storage.postgres.opened import Opened, OpenedSpaces, open_collection
from clinsearch.storage.postgres.questions import PostgresCatalog
from clinsearch.storage.postgres.queue import queue_counts
from clinsearch.storage.postgres.saving import save_search
from clinsearch.storage.postgres.server import server_status
from clinsearch.storage.postgres.tables import SCHEMA, last_searches, saved_searches
from clinsearch.storage.snapshot import Snapshot
from clinsearch.storage.values import EncoderIdentity

_ROLE = func.current_user()


class Reader:
    """Opens snapshots of a collection. Raises CollectionNotFound, CollectionVersion, CollectionError."""

    def __init__(self, database: Database) -> None:
        self.database = database
        self._engine = open_engine(database, writing=False)
        finalize(self, self._engine.dispose)
        self._opened: Opened | None = None
        with self.catalog():
            pass

    def held(self) -> AbstractContextManager[None]:
        """Do nothing: a connection that is held cannot be replaced by one to a server that takes over."""
        return nullcontext()

    @contextmanager
    def catalog(self) -> Iterator[tuple[PostgresCatalog, EncoderIdentity]]:
        """Yield the catalog as of the last commit, and the collection's encoder; opens no vectors."""
        with self._open() as (connection, opened):
            yield PostgresCatalog(connection), opened.encoder

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Yield a snapshot as of the last commit, unchanged until the `with` block ends."""
        with one_numpy_thread(), self._open() as (connection, opened):
            spaces = OpenedSpaces(connection, opened)
            yield Snapshot(PostgresCatalog(connection), opened.encoder, spaces, opened.corrections)

    @contextmanager
    def _open(self) -> Iterator[tuple[Connection, Opened]]:
        with transaction(self._engine, self.database) as connection:
            opened = self._opened = open_collection(connection, self.database, self._opened)
            yield connection, opened

    def remember(self, search: LastSearch) -> None:
        """Store a search with the collection, replacing the role's one before, if the database can be written to."""
        row = {"role": _ROLE, "content": remembered.written(search)}
        statement = insert(last_searches).values(row)
        statement = statement.on_conflict_do_update(
            index_elements=["role"], set_={"content": statement.excluded.content}
        )
        with suppress(CollectionError), notebook(self._engine, self.database) as connection:
            connection.execute(statement)

    def last_search(self) -> LastSearch:
        """Return the remembered search. Raises HitNotFound if there is none."""
        query = select(last_searches.c.content).where(last_searches.c.role == _ROLE)
        with transaction(self._engine, self.database) as connection:
            content = connection.scalar(query)
        return remembered.require_search(remembered.read(content or ""), self.database)

    def remembered(self, number: int) -> tuple[str | MarkedText, Hit | WordHit]:
        """Return the remembered search's query, and its hit with this number. Raises HitNotFound."""
        return remembered.hit_of(self.last_search(), number)

    def milestone(self) -> Milestone:
        """Return how far the collection has come."""
        with self.catalog() as (catalog, _):
            return catalog.milestone()

    def has_passed(self, milestone: Milestone) -> bool:
        """Tell whether this is the collection of a milestone, at that or further on."""
        with self.catalog() as (catalog, _):
            return catalog.has_passed(milestone)

    def saved_names(self) -> list[str]:
        """Return the names of all searches that the role has saved, in order."""
        with transaction(self._engine, self.database) as connection:
            return sorted(connection.scalars(select(saved_searches.c.name).where(saved_searches.c.role == _ROLE)))

    def saved_search(self, name: str) -> SavedSearch:
        """Return the saved search of this name. Raises SearchNotFound, CollectionDamaged."""
        query = select(saved_searches.c.content).where(*_named(name))
        with transaction(self._engine, self.database) as connection:
            content = connection.scalar(query)
        if content is None:
            raise saved.not_saved(name, self.saved_names())
        found = saved.read(name, content)
        if found is None:
            raise CollectionDamaged(
                f"The saved search {name} is not as clinsearch writes it. Save it anew under its name, or take it out "
                f"with `clinsearch saved --delete {name}`."
            )
        return found

    def save_search(self, search: SavedSearch) -> None:
        """Store a search under its name, replacing the one before. Raises InputError, CollectionError."""
        with notebook(self._engine, self.database) as connection:
            save_search(connection, search)

    def delete_saved(self, name: str) -> None:
        """Delete a saved search. Raises SearchNotFound, CollectionError."""
        with notebook(self._engine, self.database) as connection:
            if not connection.execute(delete(saved_searches).where(*_named(name))).rowcount:
                raise SearchNotFound(f"No search {name} is saved in this collection.")

    def status(self) -> CollectionStatus:
        """Return the collection's counts, its encoder, and how its vectors are searched."""
        with self.catalog() as (catalog, _):
            status = catalog.status(self.database, _bytes(catalog), server_status(catalog.connection))
            return replace(status, queue=None if sees_some(catalog.connection) else queue_counts(catalog.connection))


def _named(name: str) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions of the role's saved search of this name. Raises InputError."""
    return saved_searches.c.role == _ROLE, saved_searches.c.name == saved.require_name(name)


def _bytes(catalog: PostgresCatalog) -> int:
    """Return the size of all tables of the collection on the disk, indexes included."""
    query = (
        "SELECT coalesce(sum(pg_total_relation_size(c.oid)), 0)::bigint FROM pg_class AS c JOIN pg_namespace AS n "
        "ON n.oid = c.relnamespace WHERE n.nspname = :schema AND c.relkind = 'r'"
    )
    return int(catalog.connection.scalar(text(query), {"schema": SCHEMA}) or 0)
