"""Changes a collection in PostgreSQL, batch by batch, each all or nothing; any number of writers at once.

Notes are read and encoded outside of transactions. A commit is one short transaction, of which there is one at a time:
so whatever is derived, from counts to keywords, is derived from all commits before. What another writer did since a
batch was made is found out in the transaction: a note that is there already is not stored twice.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from types import TracebackType

import numpy as np
from sqlalchemy import Connection, delete, text

from clinsearch.encoder.words import TextWords
from clinsearch.errors import CollectionBusy
from clinsearch.records import FloatArray
from clinsearch.records.keys import KeyArray, is_among
from clinsearch.records.locations import Database
from clinsearch.storage.batches import Batch
from clinsearch.storage.catalog.changes import count_commit, insert_owner
from clinsearch.storage.catalog.corrections import correction_recipe
from clinsearch.storage.catalog.notes import Catalog
from clinsearch.storage.catalog.rereading import is_up_to_date, read_anew
from clinsearch.storage.catalog.text_repair import mend_texts
from clinsearch.storage.commits import apply
from clinsearch.storage.postgres import word_changes
from clinsearch.storage.postgres.changes import PostgresChanges, has_remains, mark_remains
from clinsearch.storage.postgres.database import (
    check_revision,
    commit,
    migrate,
    nothing_at,
    older,
    open_engine,
    plain_errors,
    transaction,
)
from clinsearch.storage.postgres.keyword_changes import merge_terms, merge_terms_if_due
from clinsearch.storage.postgres.questions import PostgresCatalog
from clinsearch.storage.postgres.sealing import seal, unseal
from clinsearch.storage.postgres.spaces import TableSpaces
from clinsearch.storage.postgres.tables import SCHEMA, last_searches
from clinsearch.storage.postgres.vectors import create_vector_tables
from clinsearch.storage.text_vectors import add_notes, add_texts, correct_anew, has_outgrown_correction
from clinsearch.storage.values import (
    VECTOR_KINDS,
    WORD_KINDS,
    EncoderIdentity,
    NoteReader,
    SentenceReader,
    TermsOf,
    require_encoder,
)
from clinsearch.storage.word_vectors import add_words, keep_words, lacking_words


class Writer:
    """The right to change a collection, in a `with` block; `create` makes it if there is none."""

    def __init__(self, database: Database, *, create: bool = False) -> None:
        self.database = database
        self._creates = create
        self._engine = open_engine(database, writing=True)

    def __enter__(self) -> Writer:
        try:
            with self._commit() as connection:
                if self._creates:
                    migrate(connection, self.database)
                elif not check_revision(connection, self.database):
                    raise nothing_at(self.database)
                if not self._creates:
                    self._require_owner(connection)
        except BaseException:
            self._engine.dispose()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._engine.dispose()

    def _require_owner(self, connection: Connection) -> None:
        if Catalog(connection).encoder() is None:
            raise nothing_at(self.database)
        if not is_up_to_date(connection):
            raise older(self.database)

    @contextmanager
    def catalog(self) -> Iterator[PostgresCatalog]:
        """Yield the catalog as it is now."""
        with transaction(self._engine, self.database) as connection:
            yield PostgresCatalog(connection)

    def claim(
        self, encoder: EncoderIdentity, created_by: str, words: str | None = None, correction: str | None = None
    ) -> None:
        """Record that a new collection belongs to this encoder; see `keep_words`, `keep_correction`.

        Raises ModelMismatch if it belongs to another encoder.
        """
        with self._commit() as connection:
            owner = Catalog(connection).encoder()
            if owner is None:
                insert_owner(connection, encoder, created_by, words=words, correction=correction)
                create_vector_tables(connection, encoder.hidden_size)
                word_changes.create_word_tables(connection)
            else:
                require_encoder(owner, encoder, self.database)

    def commit(self, batch: Batch, terms_of: TermsOf) -> None:
        """Make the changes of a batch, all or none. `terms_of` makes the terms of deleted texts again.

        Raises CollectionBusy if another writer deleted a sentence that the batch did not encode.
        """
        with self._commit() as connection:
            if batch.removed:
                connection.execute(delete(last_searches))
            apply(self._as_of_now(connection, batch), PostgresChanges(connection), TableSpaces(connection), terms_of)

    def _as_of_now(self, connection: Connection, batch: Batch) -> Batch:
        """Leave out what another writer has stored since the batch was made; replace its versions of other notes."""
        catalog = Catalog(connection)
        there = {note.note_id: note for note in catalog.stored_notes("note_id", [i.note.note_id for i in batch.added])}
        removed = set(batch.removed)
        added = []
        for item in batch.added:
            known = there.get(item.note.note_id)
            if known is None or known.note_key in removed:
                added.append(item)
            elif known.digest != item.digest:
                removed.add(known.note_key)
                added.append(item)
        digests = {sentence.digest for item in added for sentence in item.sentences}
        keys = catalog.sentence_keys_of(list(digests))
        if not digests <= keys.keys() | batch.sentences.keys():
            raise CollectionBusy(
                f"Another process deleted from the collection at {self.database} meanwhile. "
                "Run again; nothing was lost."
            )
        ids = {item.note.note_id for item in added}
        new = digests - keys.keys()
        return replace(
            batch,
            added=added,
            removed=sorted(removed),
            sentences={digest: one for digest, one in batch.sentences.items() if digest in new},
            vectors={digest: one for digest, one in batch.vectors.items() if digest in new},
            words={digest: one for digest, one in batch.words.items() if digest in new},
            openings={note_id: one for note_id, one in batch.openings.items() if note_id in ids},
        )

    def read_anew(self, read_note: NoteReader, read_sentences: SentenceReader) -> None:
        """Re-read all notes if they were read by other rules; `repair` then makes the missing vectors."""
        with self._commit() as connection:
            if not is_up_to_date(connection):
                read_anew(PostgresChanges(connection), read_note, read_sentences)
                TableSpaces(connection).forget_all("note")

    def scrub_if_small(self) -> None:
        """Do nothing: to rewrite tables locks out all readers, so only `optimize` does it."""

    def optimize(self) -> None:
        """Erase deleted data from the disk, and rebuild what search depends on."""
        with self.catalog() as catalog:
            is_due = has_remains(catalog.connection)
        if is_due:
            with self._commit() as connection:
                merge_terms(connection)
                for kind in WORD_KINDS:
                    word_changes.compact(connection, kind, anew=True)
                if recipe := correction_recipe(connection):  # it still holds traces of the deleted vectors
                    correct_anew(TableSpaces(connection), recipe)
            self._rewrite_tables()
            with self._commit() as connection:
                mark_remains(connection, False)
        self.compact(anew=True)

    def _rewrite_tables(self) -> None:
        """Rewrite all tables without their deleted rows, which VACUUM alone would leave on the disk."""
        query = "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = :schema ORDER BY tablename"
        with self.catalog() as catalog:
            names = list(catalog.connection.scalars(text(query), {"schema": SCHEMA}))
        with plain_errors(self.database):
            for kind in VECTOR_KINDS:  # or they would be built twice, and at first with little memory
                unseal(self._engine, kind)
        engine = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        with plain_errors(self.database), engine.connect() as connection:
            for name in names:
                connection.exec_driver_sql(f"VACUUM (FULL, ANALYZE) {SCHEMA}.{name}")

    def compact(self, *, anew: bool = False) -> None:
        """Build graphs for vectors that have none, once there are many, and merge terms; all anew, if `anew`."""
        with self._commit() as connection:
            if has_outgrown_correction(TableSpaces(connection)):
                correct_anew(TableSpaces(connection), correction_recipe(connection))
        with self._commit() as connection:
            merge_terms_if_due(connection)
            for word_kind in WORD_KINDS:
                word_changes.compact(connection, word_kind, anew=anew)
        with plain_errors(self.database):
            for kind in VECTOR_KINDS:
                seal(self._engine, kind, anew=anew)

    def forget_damaged_vectors(self, *, check_content: bool) -> None:
        """Do nothing: PostgreSQL checks its pages itself, and takes no vector of another width or without a number."""

    def mend_texts(self, terms_of: TermsOf) -> list[str]:
        """Restore damaged sentences; return the ids of notes that lost text. See `text_repair`."""
        with self._commit() as connection:
            return mend_texts(PostgresChanges(connection), terms_of)

    def keep_words(self, recipe: str | None) -> None:
        """Set the recipe of words' vectors, None to keep none; deletes those of another recipe."""
        with self._commit() as connection:
            keep_words(TableSpaces(connection), recipe)

    def keep_correction(self, recipe: str | None) -> None:
        """Set the recipe by which vectors are corrected, None for not at all; applies to existing vectors, too."""
        with self._commit() as connection:
            if correction_recipe(connection) != recipe:
                correct_anew(TableSpaces(connection), recipe)

    def incomplete_sentences(self) -> KeyArray:
        """Return the keys, in order, of sentences without their vector, or without words that the collection keeps."""
        with self._commit() as connection:
            spaces = TableSpaces(connection)
            wordless = np.fromiter(lacking_words(spaces), dtype=np.int64)
            return np.union1d(spaces.lacking("sentence"), wordless)

    def complete_sentences(self, keys: KeyArray, rows: FloatArray, words: Mapping[int, TextWords]) -> None:
        """Add the missing vectors, rows (n, hidden_size), and words of sentences."""
        with self._commit() as connection:
            spaces = TableSpaces(connection)
            bare = ~is_among(keys, spaces.opened("sentence").keys)
            add_texts(spaces, "sentence", dict(zip(keys[bare].tolist(), rows[bare], strict=True)))
            add_words(spaces, words)
            count_commit(connection)

    def restore_note_vectors(self) -> None:
        """Rebuild missing vectors of notes from those of their sentences."""
        with self._commit() as connection:
            spaces = TableSpaces(connection)
            bare = spaces.lacking("note")
            if len(bare):
                add_notes(spaces, bare.tolist(), {})
                count_commit(connection)

    def notes_without_opening(self) -> KeyArray:
        """Return the keys, in order, of notes without the vector of their opening."""
        with self._commit() as connection:
            return TableSpaces(connection).lacking("opening")

    def complete_openings(self, rows: Mapping[int, FloatArray]) -> None:
        """Add the vectors of openings, by note key."""
        with self._commit() as connection:
            add_texts(TableSpaces(connection), "opening", rows)
            count_commit(connection)

    @contextmanager
    def _commit(self) -> Iterator[Connection]:
        with commit(self._engine, self.database) as connection:
            yield connection
