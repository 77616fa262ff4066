"""Changes a collection in PostgreSQL, batch by batch, each all or nothing; any number of writers at once.

Notes are read and encoded outside of transactions. A commit is one short transaction, of which there is one at a time:
so whatever is derived, from counts to keywords, is derived from all commits before. What another writer did since a
batch was made is found out in the transaction: a note that is there already is not stored twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from types import TracebackType
from typing import Self, TypeVar

from sqlalchemy import Connection, delete, text

from clinsearch.encoder.words import TextWords
from clinsearch.records import FloatArray
from clinsearch.records.keys import KeyArray, is_among
from clinsearch.records.locations import Database
from clinsearch.storage.batches import Batch
from clinsearch.storage.catalog.changes import count_commit, insert_owner
from clinsearch.storage.catalog.copies import require_whole
from clinsearch.storage.catalog.corrections import correction_recipe
from clinsearch.storage.catalog.notes import Catalog
from clinsearch.storage.catalog.rereading import is_up_to_date, read_anew
from clinsearch.storage.catalog.text_repair import mend_texts
from clinsearch.storage.commits import apply
from clinsearch.storage.postgres import word_changes
from clinsearch.storage.postgres.changes import PostgresChanges, has_remains, mark_remains
from clinsearch.storage.postgres.claims import TableClaims, drop_claims
from clinsearch.storage.postgres.committing import awaited_transaction, commit, commit_persistently, forget_old_tokens
from clinsearch.storage.postgres.database import check_revision, migrate, nothing_at, older, open_engine
from clinsearch.storage.postgres.database_errors import plain_errors
from clinsearch.storage.postgres.grants import is_owner, require_owner
from clinsearch.storage.postgres.keyword_changes import merge_terms_if_due
from clinsearch.storage.postgres.leases import Lease
from clinsearch.storage.postgres.meanwhile import as_of_now
from clinsearch.storage.postgres.protection import protect
from clinsearch.storage.postgres.questions import PostgresCatalog
from clinsearch.storage.postgres.queue import TableQueue, drop_queued, put_queued, take_out
from clinsearch.storage.postgres.sealing import LEAST_ROWS, LEAST_WHILE_WRITTEN, seal, unseal
from clinsearch.storage.postgres.spaces import TableSpaces
from clinsearch.storage.postgres.tables import SCHEMA, last_searches
from clinsearch.storage.postgres.upkeep import correct_if_outgrown, find_incomplete, forget_traces
from clinsearch.storage.postgres.vectors import create_vector_tables
from clinsearch.storage.sharing import Claims, Queue, QueuedNote, note_claim
from clinsearch.storage.text_vectors import add_notes, add_texts, correct_anew
from clinsearch.storage.undivided import Undivided
from clinsearch.storage.values import (
    VECTOR_KINDS,
    WORD_KINDS,
    EncoderIdentity,
    NoteReader,
    SentenceReader,
    TermsOf,
    require_encoder,
)
from clinsearch.storage.word_vectors import add_words, keep_words

R = TypeVar("R")


class Writer(Undivided):
    """The right to change a collection, in a `with` block; `create` makes it if there is none."""

    takes_unfinished = False

    def __init__(self, database: Database, *, create: bool = False) -> None:
        self.database = database
        self._creates = create
        self._engine = open_engine(database, writing=True)
        self._reading = self._engine.execution_options(isolation_level="REPEATABLE READ")
        self._lease = Lease(self._engine)

    def __enter__(self) -> Self:
        try:
            # Not tried again: a wrong password looks as a server does that is away.
            with commit(self._engine, self.database) as connection:
                if self._creates:
                    migrate(connection, self.database)
                elif not check_revision(connection, self.database):
                    raise nothing_at(self.database)
                if not self.takes_unfinished:
                    require_whole(connection, self.database)
                if not self._creates:
                    self._require_owner(connection)
        except BaseException:
            self._engine.dispose()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._lease.close()
        self._engine.dispose()

    def _require_owner(self, connection: Connection) -> None:
        if Catalog(connection).encoder() is None:
            raise nothing_at(self.database)
        if not is_up_to_date(connection):
            raise older(self.database)

    @property
    def claims(self) -> Claims:
        """What this writer is at work on, so that no other does it too."""
        return TableClaims(self._engine, self.database, self._lease)

    @property
    def queue(self) -> Queue:
        """Notes that wait to be encoded."""
        return TableQueue(self._engine, self.database, self._lease)

    @contextmanager
    def catalog(self) -> Iterator[PostgresCatalog]:
        """Yield the catalog as it is now; it stays so, whatever others commit, until the `with` block ends."""
        with awaited_transaction(self._reading, self.database) as connection:
            yield PostgresCatalog(connection)

    def claim(
        self, encoder: EncoderIdentity, created_by: str, words: str | None = None, correction: str | None = None
    ) -> None:
        """Record that a new collection belongs to this encoder; see `keep_words`, `keep_correction`.

        Raises ModelMismatch if it belongs to another encoder.
        """

        def claim(connection: Connection) -> None:
            owner = Catalog(connection).encoder()
            if owner is None:
                insert_owner(connection, encoder, created_by, words=words, correction=correction)
                create_vector_tables(connection, encoder.hidden_size)
                word_changes.create_word_tables(connection)
                protect(connection)
            else:
                require_whole(connection, self.database)
                require_encoder(owner, encoder, self.database)

        self._commit(claim)

    def commit(self, batch: Batch, terms_of: TermsOf) -> None:
        """Make the changes of a batch, all or none. `terms_of` makes the terms of deleted texts again.

        Raises CollectionBusy if the batch has to be made anew, since another writer deleted or changed what it needs.
        """

        def change(connection: Connection) -> None:
            self._apply(connection, self._leased(connection, batch), terms_of)
            drop_claims(connection, [*batch.sentences, *(note_claim(i.note.note_id, i.digest) for i in batch.added)])

        self._commit(change)

    def enqueue(self, batch: Batch, notes: Sequence[QueuedNote], terms_of: TermsOf) -> None:
        """Make the changes of a batch, and put notes into the queue, all or none. Raises CollectionBusy as `commit`."""

        def change(connection: Connection) -> None:
            if batch != Batch():
                self._apply(connection, batch, terms_of)
            put_queued(connection, notes)

        self._commit(change)

    def _apply(self, connection: Connection, batch: Batch, terms_of: TermsOf) -> None:
        catalog = Catalog(connection)
        fitting = as_of_now(catalog, batch, self.database)
        if fitting.removed:
            connection.execute(delete(last_searches))
        if not batch.queued:  # what is queued was read before
            removed = [note.note_id for note in catalog.stored_notes("key", fitting.removed)]
            changed = [*(item.note for item in batch.added), *(note for _, note, _ in batch.relabelled)]
            drop_queued(connection, [*removed, *(note.note_id for note in changed)])
        apply(fitting, PostgresChanges(connection, batch.least_keys), TableSpaces(connection), terms_of)

    def _leased(self, connection: Connection, batch: Batch) -> Batch:
        """Leave out the notes of the queue whose lease is over: another worker has them, or newer versions of them."""
        if not batch.queued:
            return batch
        taken = take_out(connection, list(batch.queued.values()), self._lease)
        gone = {note_id for note_id, number in batch.queued.items() if number not in taken}
        replaced = [one for one in taken.values() if one is not None]
        return replace(
            batch,
            added=[item for item in batch.added if item.note.note_id not in gone],
            removed=[*batch.removed, *(key for key, _, _ in replaced)],
            former=batch.former | {key: (note_id, digest) for key, note_id, digest in replaced},
        )

    def read_anew(self, read_note: NoteReader, read_sentences: SentenceReader, *, anyway: bool = False) -> None:
        """Re-read all notes if they were read by other rules, or anyway; `repair` then makes the missing vectors."""

        def read(connection: Connection) -> None:
            if anyway or not is_up_to_date(connection):
                read_anew(PostgresChanges(connection), read_note, read_sentences)
                TableSpaces(connection).forget_all("note")

        self._commit(read)

    def scrub_if_small(self) -> None:
        """Do nothing: to rewrite tables locks out all readers, so only `optimize` does it."""

    def optimize(self) -> None:
        """Erase deleted data from the disk, and rebuild what search depends on."""
        with self.catalog() as catalog:
            require_owner(catalog.connection, self.database, "rewrite its tables")
            is_due = has_remains(catalog.connection)
        if is_due:
            self._commit(self._forget_traces)
            self._rewrite_tables()
            self._commit(lambda connection: mark_remains(connection, False))
        self.compact(anew=True)

    def _forget_traces(self, connection: Connection) -> None:
        forget_traces(connection)

    def _correct_if_outgrown(self, connection: Connection) -> None:
        correct_if_outgrown(connection)

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

    def compact(self, *, anew: bool = False, goes_on: bool = False) -> None:
        """Build graphs for vectors that have none, once there are many, and merge terms; all anew, if `anew`.

        goes_on: whether more is being written; then only what slows searches down much is built, since what comes next
        has it built again.
        """

        def merge(connection: Connection) -> None:
            merge_terms_if_due(connection)
            for kind in WORD_KINDS:
                word_changes.compact(connection, kind, anew=anew)

        self._commit(self._correct_if_outgrown)
        self._commit(merge)
        self._commit(forget_old_tokens)
        with self.catalog() as catalog:
            if not is_owner(catalog.connection):  # who alone may build graphs, when it indexes or optimizes
                return
        with plain_errors(self.database):
            for kind in VECTOR_KINDS:
                seal(self._engine, kind, anew=anew, least=LEAST_WHILE_WRITTEN if goes_on else LEAST_ROWS)

    def forget_damaged_vectors(self, *, check_content: bool) -> None:
        """Do nothing: PostgreSQL checks its pages itself, and takes no vector of another width or without a number."""

    def mend_texts(self, terms_of: TermsOf) -> list[str]:
        """Restore damaged sentences; return the ids of notes that lost text. See `text_repair`."""
        return self._commit(lambda connection: mend_texts(PostgresChanges(connection), terms_of))

    def keep_words(self, recipe: str | None) -> None:
        """Set the recipe of words' vectors, None to keep none; deletes those of another recipe."""
        self._commit(lambda connection: keep_words(TableSpaces(connection), recipe))

    def keep_correction(self, recipe: str | None) -> None:
        """Set the recipe by which vectors are corrected, None for not at all; applies to existing vectors, too."""

        def correct(connection: Connection) -> None:
            if correction_recipe(connection) != recipe:
                correct_anew(TableSpaces(connection), recipe)

        self._commit(correct)

    def incomplete_sentences(self) -> KeyArray:
        """Return the keys, in order, of sentences without their vector, or without words that the collection keeps."""

        return self._commit(find_incomplete)

    def complete_sentences(self, keys: KeyArray, rows: FloatArray, words: Mapping[int, TextWords]) -> None:
        """Add the missing vectors, rows (n, hidden_size), and words of sentences."""

        def add(connection: Connection) -> None:
            spaces = TableSpaces(connection)
            bare = ~is_among(keys, spaces.opened("sentence").keys)
            add_texts(spaces, "sentence", dict(zip(keys[bare].tolist(), rows[bare], strict=True)))
            add_words(spaces, words)
            count_commit(connection)

        self._commit(add)

    def restore_note_vectors(self) -> None:
        """Rebuild missing vectors of notes from those of their sentences."""

        def restore(connection: Connection) -> None:
            spaces = TableSpaces(connection)
            bare = spaces.lacking("note")
            if len(bare):
                add_notes(spaces, bare.tolist(), {})
                count_commit(connection)

        self._commit(restore)

    def notes_without_opening(self) -> KeyArray:
        """Return the keys, in order, of notes without the vector of their opening."""
        return self._commit(lambda connection: TableSpaces(connection).lacking("opening"))

    def complete_openings(self, rows: Mapping[int, FloatArray]) -> None:
        """Add the vectors of openings, by note key."""

        def add(connection: Connection) -> None:
            add_texts(TableSpaces(connection), "opening", rows)
            count_commit(connection)

        self._commit(add)

    def _commit(self, change: Callable[[Connection], R]) -> R:
        return commit_persistently(self._engine, self.database, change)
