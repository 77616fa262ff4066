"""The only way to change a collection: one writer at a time, batch by batch, each all or nothing.

New vectors go to new files; when these are on disk, one SQLite transaction adds the notes, the sentences and the rows
that name the files. Until it commits nothing has changed, whenever it crashes: what no row names the next one removes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from types import TracebackType

import numpy as np
from filelock import FileLock
from sqlalchemy import Connection

from clinsearch.encoder.words import TextWords
from clinsearch.errors import CollectionDamaged
from clinsearch.records import FloatArray
from clinsearch.records.keys import KeyArray, is_among
from clinsearch.storage.batches import Batch
from clinsearch.storage.catalog.changes import Changes, count_commit, insert_owner
from clinsearch.storage.catalog.copies import require_whole
from clinsearch.storage.catalog.corrections import correction_recipe
from clinsearch.storage.catalog.notes import Catalog
from clinsearch.storage.catalog.rereading import is_up_to_date, read_anew
from clinsearch.storage.catalog.text_repair import mend_texts
from clinsearch.storage.commits import apply
from clinsearch.storage.folder import database, vectors
from clinsearch.storage.folder.database import CATALOG_FILE, create_catalog_file, migrate, older, transaction
from clinsearch.storage.folder.derived import FolderDerived
from clinsearch.storage.folder.keywords import merge_terms
from clinsearch.storage.folder.last_search import forget_search
from clinsearch.storage.folder.own_files import (
    LOCK_FILE,
    VECTORS_FOLDER,
    make_folder,
    not_writable,
    nothing_at,
    remove_vectors_but,
    require_folder,
    require_no_vectors,
    writing,
)
from clinsearch.storage.folder.questions import LocalCatalog
from clinsearch.storage.folder.remains import Remains, mark_remains, remains_in
from clinsearch.storage.folder.sealing import SealedCatalog, commits_of
from clinsearch.storage.folder.snapshots import missing_vectors
from clinsearch.storage.folder.spaces.files import is_whole
from clinsearch.storage.folder.spaces.writer import SpaceWriter
from clinsearch.storage.folder.vacuum import remove_copy, vacuum
from clinsearch.storage.folder.vectors import VectorCatalog
from clinsearch.storage.folder.waiting import take
from clinsearch.storage.sharing import Alone
from clinsearch.storage.text_vectors import add_notes, add_texts, correct_anew, has_outgrown_correction
from clinsearch.storage.undivided import Undivided
from clinsearch.storage.values import (
    KINDS,
    VECTOR_KINDS,
    EncoderIdentity,
    NoteReader,
    SentenceReader,
    TermsOf,
    require_encoder,
)
from clinsearch.storage.word_vectors import add_words, keep_words, lacking_words

SCRUBBED_AT_ONCE_BYTES = 8 << 20


class Writer(Undivided):
    """The exclusive right to change a collection, until the `with` block ends. Raises CollectionBusy.

    Waits for another as long as `waiting` says.
    `create` makes the collection if there is none, and accepts one that older rules read: see `read_anew`.
    """

    takes_unfinished = False

    def __init__(self, folder: Path, *, create: bool = False) -> None:
        self.folder = folder
        self._creates = create
        self._vectors = folder / VECTORS_FOLDER
        if create:
            make_folder(folder)
        require_folder(folder)
        self._engine = database.open_engine(folder, writing=True)
        self._lock = FileLock(folder / LOCK_FILE, mode=0o600)
        self._sealed = SealedCatalog(folder, self._engine)

    def __enter__(self) -> Writer:
        try:
            take(self._lock, self.folder)
        except OSError as error:
            raise not_writable(self.folder, error) from None
        try:
            self._prepare()
        except BaseException:
            self._lock.release()
            raise
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            if kind is None:
                self._sealed.end()
        finally:
            self._engine.dispose()
            self._lock.release()

    def _prepare(self) -> None:
        with writing(self.folder):
            create_catalog_file(self.folder)
            self._vectors.mkdir(mode=0o700, exist_ok=True)
        self._sealed.begin()
        remove_copy(self.folder)
        with self._transaction() as connection:
            if migrate(connection, self.folder):
                self._settle(connection)
            self._sealed.require_commits(connection)
            self._require_owner(connection)
            named = {file.name for file in VectorCatalog(connection).files()}
        remove_vectors_but(self.folder, named)

    def _require_owner(self, connection: Connection) -> None:
        """Raise CollectionDamaged, CollectionUnfinished; without `create` CollectionNotFound, CollectionVersion."""
        if not self.takes_unfinished:
            require_whole(connection, self.folder)
        if Catalog(connection).encoder() is None:
            require_no_vectors(self.folder)
            if not self._creates:
                raise nothing_at(self.folder)
        elif not self._creates and not is_up_to_date(connection):
            raise older(self.folder)

    def _settle(self, connection: Connection) -> None:
        """Mark deleted rows, which older versions did not record; for damaged files repair does it."""
        with suppress(CollectionDamaged, FileNotFoundError):
            for kind in VECTOR_KINDS:
                self._spaces(connection).lacking(kind)
            lacking_words(self._spaces(connection))

    @property
    def claims(self) -> Alone:
        """What this writer is at work on: everything, since it is the only one."""
        return Alone()

    @contextmanager
    def catalog(self) -> Iterator[LocalCatalog]:
        """Yield the catalog as it is now."""
        with self._transaction() as connection:
            yield LocalCatalog(connection)

    def claim(
        self, encoder: EncoderIdentity, created_by: str, words: str | None = None, correction: str | None = None
    ) -> None:
        """Record that a new collection belongs to this encoder; see `keep_words`, `keep_correction`.

        Raises ModelMismatch if it belongs to another encoder.
        """
        with self._transaction() as connection:
            owner = Catalog(connection).encoder()
            if owner is None:
                insert_owner(connection, encoder, created_by, words=words, correction=correction)
            else:
                require_encoder(owner, encoder, self.folder)

    def commit(self, batch: Batch, terms_of: TermsOf) -> None:
        """Make the changes of a batch, all or none. `terms_of` makes the terms of deleted texts again."""
        with self._transaction() as connection:
            if batch.removed:  # first, so that a run killed in between does not leave it behind
                forget_search(self.folder)
            apply(batch, self._changes(connection), self._spaces(connection), terms_of)

    def read_anew(self, read_note: NoteReader, read_sentences: SentenceReader, *, anyway: bool = False) -> None:
        """Re-read all notes if they were read by other rules, or anyway; `repair` then makes the missing vectors."""
        with self._transaction() as connection:
            if anyway or not is_up_to_date(connection):
                read_anew(self._changes(connection), read_note, read_sentences)
                self._spaces(connection).forget_all("note")
        self._remove_superseded()

    def scrub_if_small(self) -> None:
        """Erase deleted data from the disk if that is quick; in a large collection `optimize` does it."""
        if (self.folder / CATALOG_FILE).stat().st_size <= SCRUBBED_AT_ONCE_BYTES:
            self.scrub()

    def scrub(self) -> None:
        """Erase all deleted data from the disk: rows from the vectors, text from the catalog's free space.

        Rewrites the whole collection, if there is anything to erase. SQLite's `secure_delete` is not enough: when
        it moves rows between pages, it leaves their old bytes behind.
        """
        with self._transaction() as connection:
            if remains_in(connection) is not Remains.IN_PAGES:
                return
            forget_search(self.folder)
        with self._transaction() as connection:
            for kind in KINDS:
                self._spaces(connection).drop_deleted(kind)
        self._remove_superseded()
        with self._transaction() as connection:
            merge_terms(connection)
            if recipe := correction_recipe(connection):  # the correction still holds traces of the deleted vectors
                correct_anew(self._spaces(connection), recipe)
        self._remove_superseded()
        vacuum(self._engine, self.folder)
        with self._transaction() as connection:
            mark_remains(connection, Remains.BEHIND_LOG)  # until `end`

    def optimize(self) -> None:
        """Erase deleted data from the disk, and rebuild what search depends on."""
        self.scrub()
        self.compact(anew=True)

    def compact(self, *, anew: bool = False, goes_on: bool = False) -> None:
        """Merge small files of vectors, so that these stay few; code vectors once there are many, or if `anew`."""
        with self._transaction() as connection:
            if has_outgrown_correction(self._spaces(connection)):
                correct_anew(self._spaces(connection), correction_recipe(connection))
        for kind in KINDS:
            with self._transaction() as connection:
                spaces = self._spaces(connection)
                spaces.renew(kind, anew=anew)
                spaces.learn(kind)
                spaces.compact(kind)
        self._remove_superseded()

    def forget_damaged_vectors(self, *, check_content: bool) -> None:
        """Remove missing and damaged files of vectors from the collection.

        Always checks their sizes, their content only with `check_content`, which reads them whole.
        """
        with self._transaction() as connection:
            files = VectorCatalog(connection).files()
            damaged = [file.name for file in files if not is_whole(self._vectors, file, check_content)]
            if damaged:
                vectors.delete_vector_files(connection, damaged)
                for kind in KINDS:
                    self._spaces(connection).forget_unreadable(kind)
                count_commit(connection)

    def mend_texts(self, terms_of: TermsOf) -> list[str]:
        """Restore damaged sentences; return the ids of notes that lost text. See `text_repair`."""
        with self._transaction() as connection:
            database.require_intact(connection, self.folder)
            return mend_texts(self._changes(connection), terms_of)

    def keep_words(self, recipe: str | None) -> None:
        """Set the recipe of words' vectors, None to keep none; deletes those of another recipe."""
        with self._transaction() as connection:
            keep_words(self._spaces(connection), recipe)
        self._remove_superseded()

    def keep_correction(self, recipe: str | None) -> None:
        """Set the recipe by which vectors are corrected, None for not at all; applies to existing vectors, too."""
        with self._transaction() as connection:
            if correction_recipe(connection) != recipe:
                correct_anew(self._spaces(connection), recipe)
        self._remove_superseded()

    def incomplete_sentences(self) -> KeyArray:
        """Return the keys, in order, of sentences without their vector, or without words that the collection keeps."""
        with self._transaction() as connection:
            spaces = self._spaces(connection)
            wordless = np.fromiter(lacking_words(spaces), dtype=np.int64)
            return np.union1d(spaces.lacking("sentence"), wordless)

    def complete_sentences(self, keys: KeyArray, rows: FloatArray, words: Mapping[int, TextWords]) -> None:
        """Add the missing vectors, rows (n, hidden_size), and words of sentences."""
        with self._transaction() as connection:
            spaces = self._spaces(connection)
            bare = ~is_among(keys, np.sort(spaces.opened("sentence").keys))
            add_texts(spaces, "sentence", dict(zip(keys[bare].tolist(), rows[bare], strict=True)))
            add_words(spaces, words)
            count_commit(connection)

    def restore_note_vectors(self) -> None:
        """Rebuild missing vectors of notes from those of their sentences."""
        with self._transaction() as connection:
            bare = self._spaces(connection).lacking("note")
            if len(bare):
                add_notes(self._spaces(connection), bare.tolist(), {})
                count_commit(connection)

    def notes_without_opening(self) -> KeyArray:
        """Return the keys, in order, of notes without the vector of their opening."""
        with self._transaction() as connection:
            return self._spaces(connection).lacking("opening")

    def complete_openings(self, rows: Mapping[int, FloatArray]) -> None:
        """Add the vectors of openings, by note key."""
        with self._transaction() as connection:
            add_texts(self._spaces(connection), "opening", rows)
            count_commit(connection)

    def _spaces(self, connection: Connection) -> SpaceWriter:
        return SpaceWriter(connection, self._vectors)

    def _changes(self, connection: Connection) -> Changes:
        return Changes(connection, FolderDerived(connection))

    def _remove_superseded(self) -> None:
        with self._transaction() as connection:
            named = {file.name for file in VectorCatalog(connection).files()}
        remove_vectors_but(self.folder, named)

    @contextmanager
    def _transaction(self) -> Iterator[Connection]:
        with transaction(self._engine, self.folder) as connection, writing(self.folder):
            try:
                yield connection
            except FileNotFoundError as error:
                raise missing_vectors(error) from None
            commits = commits_of(connection)
        self._sealed.note(commits)
