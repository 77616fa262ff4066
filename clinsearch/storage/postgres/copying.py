"""A database as the source, or the target, of a copy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import numpy as np
from sqlalchemy import Connection, select, text, update

from clinsearch.errors import CollectionError
from clinsearch.records import FloatArray
from clinsearch.records.keys import KeyArray
from clinsearch.records.locations import Database
from clinsearch.records.saved_searches import SavedSearch
from clinsearch.storage.catalog.changes import Changes
from clinsearch.storage.postgres import schema
from clinsearch.storage.postgres.changes import PostgresChanges
from clinsearch.storage.postgres.committing import commit
from clinsearch.storage.postgres.database import migrate, transaction
from clinsearch.storage.postgres.database_errors import plain_errors
from clinsearch.storage.postgres.keyword_changes import merge_terms, merge_terms_if_due
from clinsearch.storage.postgres.keywords import KeywordIndex
from clinsearch.storage.postgres.protection import protect
from clinsearch.storage.postgres.saving import save_search
from clinsearch.storage.postgres.sealing import seal
from clinsearch.storage.postgres.shards import membership
from clinsearch.storage.postgres.snapshots import Reader
from clinsearch.storage.postgres.spaces import TableSpaces
from clinsearch.storage.postgres.tables import SCHEMA, next_keys
from clinsearch.storage.postgres.vectors import (
    count_rows,
    create_vector_tables,
    driver_connection,
    read_vectors,
    table_width,
)
from clinsearch.storage.postgres.word_blocks import WordBlocks
from clinsearch.storage.postgres.word_changes import create_word_tables
from clinsearch.storage.postgres.word_search import open_words
from clinsearch.storage.postgres.words_in_order import WordsInOrder
from clinsearch.storage.postgres.writer import Writer
from clinsearch.storage.values import VECTOR_KINDS, Kind, TextKind, WordKind


class StoredInDatabase:
    """What a database stores, as `storage.copied.Stored` describes it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._words: dict[Kind, WordsInOrder] = {}

    @property
    def connection(self) -> Connection:
        """The connection to its catalog."""
        return self._connection

    def keywords(self, kind: TextKind) -> KeywordIndex:
        """Return the keyword index of sentences, or of notes."""
        return KeywordIndex(self.connection, kind)

    def vectors(self, kind: Kind, keys: KeyArray) -> tuple[KeyArray, FloatArray]:
        """Read the vectors of those of these keys, in order, that are there: their keys (n,), and (n, width)."""
        if not len(keys):
            return keys, np.empty((0, 0), dtype=np.float32)
        if kind == "word" or kind == "piece":
            return self._in_order(kind).there(keys)
        width = table_width(self.connection, kind)
        return read_vectors(driver_connection(self.connection), kind, keys, width)

    def count_vectors(self, kind: Kind) -> int:
        """Count the vectors of a kind."""
        if kind == "word" or kind == "piece":
            return open_words(self.connection, kind).rows
        return count_rows(self.connection, kind)

    def is_coded(self, kind: Kind) -> bool:
        """Tell whether codes are stored in place of vectors, which tell less than was given."""
        return (kind == "word" or kind == "piece") and self._in_order(kind).is_coded

    def _in_order(self, kind: WordKind) -> WordsInOrder:
        if kind not in self._words:
            self._words[kind] = WordsInOrder(self.connection, kind)
        return self._words[kind]

    def newest_word(self, kind: WordKind) -> int:
        """Return the highest key of the vectors of words, or wordpieces, that are there; -1 if there is none."""
        return WordBlocks(self.connection, kind).newest

    def newest_keys(self) -> dict[TextKind, int]:
        """Return the highest key that a sentence, and a note, was ever given; 0 before the first."""
        known = dict(self.connection.execute(select(next_keys.c.name, next_keys.c.key)).all())
        return {"sentence": known["sentences"] - 1, "note": known["notes"] - 1}


@contextmanager
def opened(database: Database) -> Iterator[tuple[Reader, StoredInDatabase]]:
    """Open a database as a source: a reader, and what is stored as of one commit."""
    reader = Reader(database)
    with reader.catalog() as (catalog, _):
        _require_one(catalog.connection, database)
        yield reader, StoredInDatabase(catalog.connection)


def _require_one(connection: Connection, database: Database) -> None:
    """Raise CollectionError for one of several databases that keep a collection: a part would pass for the whole."""
    if membership(connection):
        raise CollectionError(
            f"The collection at {database} is in several databases, and such a one cannot be copied. "
            "Index its notes into another with `clinsearch index`."
        )


class Target(Writer):
    """Writes a copy to a database, as `storage.copied.Target` describes it."""

    takes_unfinished = True

    def __init__(self, database: Database) -> None:
        super().__init__(database, create=True)

    def clear(self) -> None:
        """Remove everything."""
        with commit(self._engine, self.database) as connection:
            connection.execute(text(f"DROP SCHEMA {SCHEMA} CASCADE"))
            schema.forget(connection)
            migrate(connection, self.database)

    @contextmanager
    def stored(self) -> Iterator[StoredInDatabase]:
        """Yield what there is."""
        with transaction(self._engine, self.database) as connection:
            _require_one(connection, self.database)
            yield StoredInDatabase(connection)

    @contextmanager
    def parts(self) -> Iterator[tuple[Changes, TableSpaces]]:
        """Yield what one commit changes; it is made at the end of the `with` block."""
        with commit(self._engine, self.database) as connection:
            yield PostgresChanges(connection), TableSpaces(connection)

    def prepare(self, connection: Connection, hidden_size: int) -> None:
        """Make the tables of vectors, and have no role see what is not granted to it, in a commit."""
        create_vector_tables(connection, hidden_size)
        create_word_tables(connection)
        protect(connection)

    def give_keys_after(self, connection: Connection, newest: Mapping[TextKind, int]) -> None:
        """Have sentences and notes get higher keys than these from now on, in a commit."""
        for kind, key in newest.items():
            connection.execute(update(next_keys).where(next_keys.c.name == f"{kind}s").values(key=key + 1))

    def settle(self) -> None:
        """Merge what many commits have left in pieces, and have the planner know how much there is."""
        with commit(self._engine, self.database) as connection:
            merge_terms_if_due(connection)
        query = "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = :schema ORDER BY tablename"
        with transaction(self._engine, self.database) as connection:
            for name in list(connection.scalars(text(query), {"schema": SCHEMA})):
                connection.exec_driver_sql(f"ANALYZE {SCHEMA}.{name}")

    def save_search(self, search: SavedSearch) -> None:
        """Store a search under its name, replacing the one before."""
        with commit(self._engine, self.database) as connection:
            save_search(connection, search)

    def build(self) -> None:
        """Build graphs, and code words, if there are many."""
        with commit(self._engine, self.database) as connection:
            merge_terms(connection)
            TableSpaces(connection).learn("word")
        with plain_errors(self.database):
            for kind in VECTOR_KINDS:
                seal(self._engine, kind)
