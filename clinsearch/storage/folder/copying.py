"""A folder as the source, or the target, of a copy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sqlalchemy import Connection, select, text, update

from clinsearch.records import FloatArray
from clinsearch.records.keys import KeyArray
from clinsearch.records.saved_searches import SavedSearch
from clinsearch.storage.catalog.changes import Changes
from clinsearch.storage.catalog.tables import collection
from clinsearch.storage.folder.database import create_catalog_file, migrate
from clinsearch.storage.folder.keywords import KeywordIndex
from clinsearch.storage.folder.own_files import CATALOG_FILES, remove_vectors_but
from clinsearch.storage.folder.saved_searches import write_saved
from clinsearch.storage.folder.seal import remove_seal
from clinsearch.storage.folder.snapshots import Reader
from clinsearch.storage.folder.spaces.codecs.cells import CellCodec
from clinsearch.storage.folder.spaces.space import Space
from clinsearch.storage.folder.spaces.writer import SpaceWriter
from clinsearch.storage.folder.writer import Writer
from clinsearch.storage.values import KINDS, Kind, TextKind, WordKind


@dataclass(frozen=True, slots=True)
class StoredInFolder:
    """What a folder stores, as `storage.copied.Stored` describes it; `spaces`: opened for as long as this is used."""

    connection: Connection
    spaces: Mapping[Kind, Space]

    def keywords(self, kind: TextKind) -> KeywordIndex:
        """Return the keyword index of sentences, or of notes."""
        return KeywordIndex(self.connection, kind)

    def vectors(self, kind: Kind, keys: KeyArray) -> tuple[KeyArray, FloatArray]:
        """Read the vectors of those of these keys, in order, that are there: their keys (n,), and (n, width)."""
        if kind not in self.spaces or not len(keys):
            return keys[:0], np.empty((0, 0), dtype=np.float32)
        return self.spaces[kind].there(keys)

    def count_vectors(self, kind: Kind) -> int:
        """Count the vectors of a kind, deleted ones included where they are still stored."""
        return self.spaces[kind].rows if kind in self.spaces else 0

    def is_coded(self, kind: Kind) -> bool:
        """Tell whether codes are stored in place of vectors, which tell less than was given."""
        return kind in self.spaces and isinstance(self.spaces[kind].codec, CellCodec)

    def newest_word(self, kind: WordKind) -> int:
        """Return the highest key of the vectors of words, or wordpieces, that are there; -1 if there is none."""
        return int(self.spaces[kind].keys.max(initial=-1)) if kind in self.spaces else -1

    def newest_keys(self) -> dict[TextKind, int]:
        """Return the highest key that a sentence, and a note, was ever given; 0 before the first."""
        query = text("SELECT name, seq FROM sqlite_sequence")
        known: dict[str, int] = {row[0]: row[1] for row in self.connection.execute(query)}
        return {"sentence": known.get("sentences", 0), "note": known.get("notes", 0)}


@contextmanager
def opened(folder: Path) -> Iterator[tuple[Reader, StoredInFolder]]:
    """Open a folder as a source: a reader, and what is stored as of one commit."""
    reader = Reader(folder)
    with reader.opened() as (catalog, _, files):
        yield reader, StoredInFolder(catalog.connection, {kind: live.opened for kind, live in files.live.items()})


class Target(Writer):
    """Writes a copy to a folder, as `storage.copied.Target` describes it."""

    takes_unfinished = True

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, create=True)

    def clear(self) -> None:
        """Remove everything."""
        self._engine.dispose()
        remove_vectors_but(self.folder, set())
        remove_seal(self.folder)
        for name in CATALOG_FILES:
            (self.folder / name).unlink(missing_ok=True)
        create_catalog_file(self.folder)
        with self._transaction() as connection:
            migrate(connection, self.folder)

    @contextmanager
    def stored(self) -> Iterator[StoredInFolder]:
        """Yield what there is."""
        with self._transaction() as connection:
            spaces = self._spaces(connection)
            yield StoredInFolder(connection, {kind: spaces.opened(kind) for kind in KINDS})

    @contextmanager
    def parts(self) -> Iterator[tuple[Changes, SpaceWriter]]:
        """Yield what one commit changes; it is made at the end of the `with` block."""
        with self._transaction() as connection:
            yield self._changes(connection), self._spaces(connection)

    def prepare(self, connection: Connection, hidden_size: int) -> None:
        """Do nothing: files of vectors are made when there are some."""

    def give_keys_after(self, connection: Connection, newest: Mapping[TextKind, int]) -> None:
        """Have sentences and notes get higher keys than these from now on, in a commit."""
        for kind, key in newest.items():
            values = {"name": f"{kind}s", "key": key}
            connection.execute(text("DELETE FROM sqlite_sequence WHERE name = :name"), values)
            connection.execute(text("INSERT INTO sqlite_sequence(name, seq) VALUES (:name, :key)"), values)

    def settle(self) -> None:
        """Merge what many commits have left in pieces."""
        with self._transaction() as connection:
            commits = connection.scalar(select(collection.c.commits))
            for kind in KINDS:
                self._spaces(connection).compact(kind)
            # Until the copy is whole, nobody has to notice that files have changed; its source is known by this.
            connection.execute(update(collection).values(commits=commits))
        self._remove_superseded()

    def save_search(self, search: SavedSearch) -> None:
        """Store a search under its name, replacing the one before."""
        write_saved(self.folder, search)

    def build(self) -> None:
        """Code vectors, if there are many."""
        for kind in KINDS:
            with self._transaction() as connection:
                self._spaces(connection).learn(kind)
                self._spaces(connection).compact(kind)
        self._remove_superseded()
