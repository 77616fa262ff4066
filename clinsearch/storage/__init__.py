"""The collection: notes, and the vectors made from them, behind the `port`.

A folder (`folder/`) keeps a SQLite catalog, which is the truth, and FAISS files, which are made from it. A
database of PostgreSQL keeps all in its tables (`postgres/`). Each is imported only when such a collection is opened,
since that takes a while.
"""

from __future__ import annotations

import importlib
from collections.abc import Callable, Sequence
from contextlib import AbstractContextManager, ExitStack
from pathlib import Path
from typing import TYPE_CHECKING

from clinsearch.errors import CollectionError, InputError
from clinsearch.records.locations import Database, Location

if TYPE_CHECKING:
    from clinsearch.records.backups import BackupReport
    from clinsearch.records.copies import CopyReport
    from clinsearch.records.verification import Verification
    from clinsearch.storage.copied import Stored, Target
    from clinsearch.storage.copying import Progress
    from clinsearch.storage.folder.rescuing import Remains
    from clinsearch.storage.port import QueueWriter, Reader, Writer
    from clinsearch.storage.postgres.grants import Roles
    from clinsearch.storage.values import Rules, TermsOf

__all__ = [
    "back_up",
    "copy_collection",
    "is_made",
    "make_shards",
    "open_queue",
    "open_reader",
    "open_writer",
    "read_remains",
    "roles_of",
    "trust",
    "trusting",
    "verify",
    "waiting",
]


def open_reader(location: Location) -> Reader:
    """Open a collection for reading. Raises CollectionNotFound, CollectionVersion, CollectionDamaged."""
    if isinstance(location, Database):
        _require_driver()
        from clinsearch.storage.postgres import shards

        return shards.open_reader(location)
    from clinsearch.storage.folder import snapshots

    return snapshots.Reader(location)


def open_writer(location: Location, *, create: bool = False) -> Writer:
    """Open a collection for changes, in a `with` block; `create` makes it if there is none.

    Raises CollectionNotFound, CollectionBusy, CollectionVersion, CollectionDamaged.
    """
    if isinstance(location, Database):
        _require_driver()
        from clinsearch.storage.postgres import shards

        return shards.open_writer(location, create=create)
    from clinsearch.storage.folder import writer

    return writer.Writer(location, create=create)


def open_queue(location: Location, *, create: bool = False) -> QueueWriter:
    """Open a collection that has a queue for changes, in a `with` block. Raises as `open_writer`, or InputError."""
    if not isinstance(location, Database):
        raise InputError(
            f"{location} is a folder, which has no queue: name a database with --collection, "
            "postgresql://USER@HOST/DATABASE."
        )
    _require_driver()
    from clinsearch.storage.postgres import shards

    return shards.open_queue(location, create=create)


def copy_collection(
    source: Location, target: Location, terms_of: TermsOf, progress: Progress, *, restart: bool = False
) -> CopyReport:
    """Copy a collection to another place, or go on with that, and compare the two; `terms_of` makes a text's terms.

    restart: begin anew in place of an unfinished copy. Raises CollectionNotFound, CollectionVersion, CollectionDamaged
    and, if the target holds anything else than an unfinished copy of the source as it is now, CollectionError.
    """
    from clinsearch.storage.copying import Copy

    with ExitStack() as stack:
        reader, stored = _open_source(source, stack)
        copy = Copy(reader, stored, _open_target(target, stack), (source, target), terms_of, progress)
        return copy.whole(restart=restart)


def _open_source(source: Location, stack: ExitStack) -> tuple[Reader, Stored]:
    if isinstance(source, Database):
        _require_driver()
        from clinsearch.storage.postgres import copying as of_postgres

        return stack.enter_context(of_postgres.opened(source))
    from clinsearch.storage.folder import copying

    return stack.enter_context(copying.opened(source))


def _open_target(target: Location, stack: ExitStack) -> Target:
    if isinstance(target, Database):
        _require_driver()
        from clinsearch.storage.postgres import copying as of_postgres

        into_database = of_postgres.Target(target)
        stack.enter_context(into_database)
        return into_database
    from clinsearch.storage.folder import copying

    into_folder = copying.Target(target)
    stack.enter_context(into_folder)
    return into_folder


def verify(location: Location, rules: Rules, *, full: bool) -> Verification:
    """Check a collection against itself; full: read all texts again. Raises CollectionError, InputError."""
    if isinstance(location, Database):
        raise InputError(
            "`clinsearch verify` is for folders. A database checks its own pages, with `pg_amcheck`; `clinsearch copy` "
            "to a folder compares every row and vector, and `clinsearch verify` looks into that: docs/server.md."
        )
    from clinsearch.storage.folder import verifying

    return verifying.verify(location, rules, full=full)


def back_up(location: Location, target: Path, rules: Rules) -> BackupReport:
    """Copy a collection, as of one commit, to a folder that is not there, and check it. Raises CollectionError."""
    if isinstance(location, Database):
        raise InputError(
            "`clinsearch backup` is for folders. Back a database up with `pg_dump` or its own backups, or have "
            "`clinsearch copy` write it to a folder: docs/server.md."
        )
    from clinsearch.storage.folder import backup

    return backup.back_up(location, target, rules)


def read_remains(location: Location, target: Path) -> Remains:
    """Read what is left of a damaged collection that is to be saved to a folder that is not there, or empty."""
    if isinstance(location, Database):
        raise InputError("`clinsearch rescue` is for folders. Restore a database from its backup: docs/server.md.")
    from clinsearch.storage.folder import backup, rescuing

    backup.require_free(target, location)
    return rescuing.read_remains(location)


def draft_of(target: Path) -> AbstractContextManager[Path]:
    """Yield a folder that becomes the target at the end of the `with` block, whole and on the disk, or goes."""
    from clinsearch.storage.folder import backup

    return backup.draft_of(target)


def is_made(location: Location) -> bool:
    """Tell whether there is a collection. Raises CollectionError where a database cannot be asked."""
    if isinstance(location, Database):
        _require_driver()
        from clinsearch.storage.postgres import database

        return database.is_made(location)
    from clinsearch.storage.folder.database import CATALOG_FILE

    return (location / CATALOG_FILE).exists()


def trust(location: Location) -> None:
    """Take a folder as it is for as long as this process runs, whoever can write to it."""
    if isinstance(location, Path):
        from clinsearch.storage.folder.trust import trust as trust_folder

        trust_folder(location)


def is_trusted(location: Location) -> bool:
    """Tell whether a folder is to be taken as it is."""
    if not isinstance(location, Path):
        return False
    from clinsearch.storage.folder.trust import is_trusted as is_trusted_folder

    return is_trusted_folder(location)


def trusting() -> AbstractContextManager[None]:
    """Take every folder as it is until the block ends."""
    from clinsearch.storage.folder import trust as of_folders

    return of_folders.trusting()


def waiting(seconds: float, tell: Callable[[str], None] | None = None) -> AbstractContextManager[None]:
    """Have what writes to a folder wait up to so long for another process that does, in this thread, in the block.

    tell: is given a line when a wait begins. Databases take many writers at once: nothing is waited for.
    Raises InputError.
    """
    from clinsearch.storage.folder import waiting as of_folders

    return of_folders.waiting(seconds, tell)


def roles_of(location: Location) -> Roles:
    """Open the rights that roles of a database have to its collection. Raises CollectionError for a folder."""
    if not isinstance(location, Database):
        raise CollectionError(
            f"{location} is a folder, which has no roles: who may read it is settled by the rights to its files."
        )
    _require_driver()
    from clinsearch.storage.postgres import grants

    return grants.Roles(location)


def make_shards(databases: Sequence[Database]) -> None:
    """Make one collection of several empty databases, in this order. Raises InputError, CollectionError."""
    _require_driver()
    from clinsearch.storage.postgres import shards

    shards.make_shards(databases)


def _require_driver() -> None:
    """Raise CollectionError without the extra."""
    try:
        importlib.import_module("psycopg")
    except ImportError:  # it is not there, or libpq is not
        raise CollectionError(
            'A collection in a database needs psycopg. Install it: pip install "clinsearch[postgres]"'
        ) from None
