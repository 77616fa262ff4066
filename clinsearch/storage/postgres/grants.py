"""Gives roles of the database rights to a collection, and takes them back; for the collection's owner."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from itertools import groupby
from operator import itemgetter

from psycopg.sql import SQL, Identifier
from sqlalchemy import Connection, text

from clinsearch.errors import CollectionError, InputError
from clinsearch.records.grants import Grant
from clinsearch.records.locations import Database
from clinsearch.storage.catalog.changes import count_commit
from clinsearch.storage.catalog.notes import Catalog
from clinsearch.storage.postgres.committing import commit
from clinsearch.storage.postgres.database import check_revision, nothing_at, open_engine, require_undivided
from clinsearch.storage.postgres.protection import FUNCTIONS, OF_GRANTS, OWN, PATIENT, READS, SOURCE, WRITES, protect
from clinsearch.storage.postgres.tables import SCHEMA
from clinsearch.storage.postgres.vectors import driver_connection

READING, CHANGING = "SELECT", "SELECT, INSERT, UPDATE, DELETE"
NOT_WRITTEN = (OF_GRANTS, "alembic_version")
# A role of which one of these is true, policies do not concern.
_UNBOUND = f"""SELECT rolsuper OR rolbypassrls OR pg_has_role(roles.oid, nspowner, 'USAGE')
    FROM pg_roles AS roles, pg_namespace WHERE rolname = :role AND nspname = '{SCHEMA}'"""


class Roles:
    """The roles of a database that were granted rights to its collection. Raises CollectionError if it has none."""

    def __init__(self, database: Database) -> None:
        self._database = database

    def listed(self) -> list[Grant]:
        """Return what roles may do, by role. Raises CollectionError for another role than the owner."""
        with _owned(self._database) as connection:
            return _read(connection)

    def grant(self, wanted: Grant) -> Grant:
        """Add to what a role may do; return all that it may do now. Raises InputError, CollectionError."""
        with _owned(self._database) as connection:
            _require_role(connection, self._database, wanted.role)
            now = _find(connection, wanted.role) or Grant(wanted.role)
            if now.sees_all and not (wanted.sees_all or wanted.writes):
                raise InputError(
                    f"The role {wanted.role} may read all notes already. To let it read some alone, take that back "
                    f"first: `clinsearch revoke {wanted.role}`."
                )
            return _replace(connection, wanted.role, {*_rows(now), *_rows(wanted)})

    def revoke(self, role: str, less: Grant | None = None) -> Grant:
        """Take back what a role may do, or a part; return what it still may do. Raises InputError, CollectionError."""
        with _owned(self._database) as connection:
            now = _find(connection, role)
            if now is None:
                raise InputError(f"The role {role} was granted nothing here. `clinsearch grant` lists who was.")
            if less and now.sees_all:
                raise InputError(f"The role {role} may read all notes. Take that back as a whole: leave out the notes.")
            return _replace(connection, role, {*_rows(now)} - {*_rows(less)} if less else set())


@contextmanager
def _owned(database: Database) -> Iterator[Connection]:
    """Yield a transaction of the collection's owner. Raises CollectionNotFound; CollectionError for another role."""
    engine = open_engine(database, writing=True)
    try:
        with commit(engine, database) as connection:
            if not check_revision(connection, database) or Catalog(connection).encoder() is None:
                raise nothing_at(database)
            require_owner(connection, database, "grant rights to it")
            require_undivided(connection, database, "`clinsearch grant`")
            yield connection
    finally:
        engine.dispose()


def is_owner(connection: Connection) -> bool:
    """Tell whether the connection's role owns the collection."""
    query = f"SELECT pg_has_role(nspowner, 'USAGE') FROM pg_namespace WHERE nspname = '{SCHEMA}'"
    return bool(connection.scalar(text(query)))


def require_owner(connection: Connection, database: Database, what: str) -> None:
    """Raise CollectionError, which says what only the owner may do, for another role."""
    if is_owner(connection):
        return
    query = f"SELECT pg_get_userbyid(nspowner) FROM pg_namespace WHERE nspname = '{SCHEMA}'"
    owner = connection.scalar(text(query))
    raise CollectionError(f"Only the owner of the collection at {database} may {what}: the role {owner}.")


def _require_role(connection: Connection, database: Database, role: str) -> None:
    is_unbound = connection.scalar(text(_UNBOUND), {"role": role})
    if is_unbound is None:
        raise InputError(f"There is no role {role} in {database}. Have its administrator make it: CREATE ROLE.")
    if is_unbound:
        raise InputError(
            f"The role {role} may do everything already: it owns the collection, or is above all rules. "
            "Grant rights to another."
        )


def _read(connection: Connection) -> list[Grant]:
    query = f"SELECT role, kind, value FROM {SCHEMA}.{OF_GRANTS} ORDER BY role, kind, value"
    rows = connection.execute(text(query)).all()
    return [_grant(role, [(kind, value) for _, kind, value in own]) for role, own in groupby(rows, itemgetter(0))]


def _find(connection: Connection, role: str) -> Grant | None:
    return next((one for one in _read(connection) if one.role == role), None)


def _grant(role: str, rows: Iterable[tuple[str, str]]) -> Grant:
    listed = sorted(rows)
    kinds = {kind for kind, _ in listed}
    of = {kind: tuple(value for each, value in listed if each == kind) for kind in (PATIENT, SOURCE)}
    return Grant(role, WRITES in kinds, bool(kinds & {READS, WRITES}), of[PATIENT], of[SOURCE])


def _rows(one: Grant) -> Iterator[tuple[str, str]]:
    """Yield a grant as kinds and values; a role that sees all needs no other."""
    if one.writes:
        yield WRITES, ""
    elif one.sees_all:
        yield READS, ""
    else:
        yield from ((PATIENT, patient) for patient in one.patients)
        yield from ((SOURCE, source) for source in one.sources)


def _replace(connection: Connection, role: str, rows: set[tuple[str, str]]) -> Grant:
    """Record what a role may do, and set its rights to tables."""
    now = _grant(role, _rows(_grant(role, rows)))
    connection.execute(text(f"DELETE FROM {SCHEMA}.{OF_GRANTS} WHERE role = :role"), {"role": role})
    into = f"INSERT INTO {SCHEMA}.{OF_GRANTS} (role, kind, value) VALUES (:role, :kind, :value)"
    if kept := [{"role": role, "kind": kind, "value": value} for kind, value in _rows(now)]:
        connection.execute(text(into), kept)
    _set_privileges(connection, now)
    if not kept:
        for table in OWN:
            connection.execute(text(f"DELETE FROM {SCHEMA}.{table} WHERE role = :role"), {"role": role})
    count_commit(connection)  # what readers remember may not be theirs to see any more
    return now


def _set_privileges(connection: Connection, one: Grant) -> None:
    """Set the rights to tables that a role needs for what it may do; policies say to which rows."""
    protect(connection)
    below, role = driver_connection(connection), Identifier(one.role)
    for kind in ("TABLES", "SEQUENCES", "FUNCTIONS"):
        below.execute(SQL(f"REVOKE ALL ON ALL {kind} IN SCHEMA {SCHEMA} FROM {{}}").format(role))
    below.execute(SQL(f"REVOKE ALL ON SCHEMA {SCHEMA} FROM {{}}").format(role))
    if not list(_rows(one)):
        return
    below.execute(SQL(f"GRANT USAGE ON SCHEMA {SCHEMA} TO {{}}").format(role))
    for table in connection.scalars(text("SELECT tablename FROM pg_tables WHERE schemaname = :s"), {"s": SCHEMA}).all():
        below.execute(SQL(f"GRANT {_rights(one, table)} ON {SCHEMA}.{{}} TO {{}}").format(Identifier(table), role))
    if one.writes:
        below.execute(SQL(f"GRANT USAGE ON ALL SEQUENCES IN SCHEMA {SCHEMA} TO {{}}").format(role))
    for function in FUNCTIONS:
        below.execute(SQL(f"GRANT EXECUTE ON FUNCTION {SCHEMA}.{function} TO {{}}").format(role))


def _rights(one: Grant, table: str) -> str:
    """Return what a role may do with a table; its policies say with which rows, maybe with none."""
    if table in OWN or (one.writes and table not in NOT_WRITTEN):
        return CHANGING
    return READING
