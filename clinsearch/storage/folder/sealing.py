"""Compares a catalog with its seal, when it is opened and when a writer begins and ends. See `seal`."""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import Connection, Engine

from clinsearch.errors import CollectionError
from clinsearch.storage.catalog.soundness import is_count
from clinsearch.storage.folder.database import CATALOG_FILE, damaged_catalog, transaction, truncate_log
from clinsearch.storage.folder.own_files import not_writable
from clinsearch.storage.folder.remains import Remains, mark_remains, remains_in
from clinsearch.storage.folder.schema import newest_schema, schema_of
from clinsearch.storage.folder.seal import Seal, close_seal, is_as_sealed, note_commits, open_seal, read_seal


class SealedCatalog:
    """A catalog's seal, as its readers and its writer use it: the checksum of each is compared once."""

    def __init__(self, folder: Path, engine: Engine) -> None:
        self._folder, self._engine = folder, engine
        self._seal: Seal | None = None

    def look(self) -> None:
        """Read the seal, before a transaction begins, and compare a checksum. Raises CollectionDamaged."""
        found = read_seal(self._folder)
        if found is not None and found != self._seal:
            self._require(found)
        self._seal = found

    def require_commits(self, connection: Connection) -> None:
        """Raise CollectionDamaged if a catalog of our schema has fewer commits than its seal."""
        if self._seal is not None and commits_of(connection) < self._seal.commits:
            raise damaged_catalog(self._folder, "has lost what was written last")

    def begin(self) -> None:
        """Check a catalog that is to be changed, and take its checksum away. Raises CollectionError."""
        self.look()
        try:
            open_seal(self._folder, self._seal.commits if self._seal else 0)
        except OSError as error:
            raise not_writable(self._folder, error) from None

    def end(self) -> None:
        """Empty the log, and note the checksum of the catalog's one file if that holds all."""
        if not truncate_log(self._engine, self._folder):
            return
        with transaction(self._engine, self._folder) as connection:
            commits = commits_of(connection)
            was_behind_log = remains_in(connection) is Remains.BEHIND_LOG
            if was_behind_log:
                mark_remains(connection, Remains.NOWHERE)
        if commits and (not was_behind_log or truncate_log(self._engine, self._folder)):
            close_seal(self._folder, self._folder / CATALOG_FILE, commits)

    def note(self, commits: int) -> None:
        """Note that so many commits are on the disk."""
        if commits and (self._seal is None or commits != self._seal.commits):
            note_commits(self._folder, commits)
            self._seal = Seal(commits)

    def _require(self, seal: Seal) -> None:
        try:
            is_as_written = is_as_sealed(self._folder / CATALOG_FILE, seal)
        except OSError as error:
            reason = (error.strerror or type(error).__name__).lower()
            raise CollectionError(f"The catalog in {self._folder} cannot be read: {reason}.") from None
        # A writer that has begun meanwhile took this seal away first; an older program does not know of it.
        if not is_as_written and read_seal(self._folder) == seal and not self._has_gone_on(seal):
            raise damaged_catalog(self._folder)

    def _has_gone_on(self, seal: Seal) -> bool:
        try:
            with transaction(self._engine, self._folder) as connection:
                return schema_of(connection) == newest_schema() and commits_of(connection) > seal.commits
        except CollectionError:
            return False


def commits_of(connection: Connection) -> int:
    """Return how many commits a catalog has; 0 before it has an owner, or tables."""
    if not connection.exec_driver_sql("SELECT 1 FROM sqlite_master WHERE name = 'collection'").first():
        return 0
    found = connection.exec_driver_sql("SELECT commits FROM collection").scalar()
    return int(found) if found is not None and is_count(found) else 0
