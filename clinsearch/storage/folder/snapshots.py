"""Reads a collection: catalog and vectors of a snapshot are of the same commit, whatever a writer does meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from clinsearch.encoder.correction import Correction
from clinsearch.encoder.threads import one_numpy_thread
from clinsearch.encoder.words import WORD_RECIPE
from clinsearch.errors import CollectionDamaged
from clinsearch.records import CollectionStatus, Hit, LastSearch, MarkedText, WordHit
from clinsearch.records.readings import LANGUAGE_VERSION
from clinsearch.records.saved_searches import Milestone, SavedSearch
from clinsearch.storage.catalog.copies import require_whole
from clinsearch.storage.catalog.corrections import read_corrections
from clinsearch.storage.catalog.notes import Catalog
from clinsearch.storage.folder import saved_searches
from clinsearch.storage.folder.database import check_revision, older, open_engine, plain_errors, transaction
from clinsearch.storage.folder.last_search import last_search, remember_search
from clinsearch.storage.folder.own_files import VECTORS_FOLDER, nothing_at, require_folder, require_no_vectors
from clinsearch.storage.folder.questions import LocalCatalog
from clinsearch.storage.folder.sealing import SealedCatalog
from clinsearch.storage.folder.spaces.files import VectorFile
from clinsearch.storage.folder.spaces.space import Space, read_codec
from clinsearch.storage.folder.vectors import VectorCatalog
from clinsearch.storage.remembered import hit_of, require_search
from clinsearch.storage.snapshot import Snapshot
from clinsearch.storage.values import VECTOR_KINDS, WORD_KINDS, EncoderIdentity, Kind, damaged_vectors

ATTEMPTS_TO_OPEN = 10
# What a thread holds open, and the reader whose it is.
_HELD: ContextVar[tuple[Reader, LocalCatalog, EncoderIdentity] | None] = ContextVar("held", default=None)


@dataclass(frozen=True, slots=True)
class Live:
    """The files of one kind as of one commit, opened; `space` searches the rows in use."""

    files: list[VectorFile]
    opened: Space
    space: Space


@dataclass(frozen=True, slots=True)
class Opened:
    """All vectors of a collection as of one commit."""

    commit: tuple[datetime, int]
    live: dict[Kind, Live]
    corrections: dict[Kind, Correction]


class Reader:
    """Opens snapshots of a collection. Raises CollectionNotFound, CollectionVersion, CollectionDamaged."""

    def __init__(self, folder: Path) -> None:
        require_folder(folder)
        self.folder = folder
        self._engine = open_engine(folder, writing=False)
        self._opened: Opened | None = None
        self._sealed = SealedCatalog(folder, self._engine)

    @contextmanager
    def held(self) -> Iterator[None]:
        """Answer what is asked in this thread until the `with` block ends as of one commit; it is opened once."""
        with self._anew() as (catalog, encoder):
            token = _HELD.set((self, catalog, encoder))
            try:
                yield
            finally:
                _HELD.reset(token)

    @contextmanager
    def catalog(self) -> Iterator[tuple[LocalCatalog, EncoderIdentity]]:
        """Yield the catalog as of the last commit, and the collection's encoder; opens no vectors."""
        held = _HELD.get()
        if held is None or held[0] is not self:
            with self._anew() as found:
                yield found
        else:
            with plain_errors(self.folder):
                yield held[1:]

    @contextmanager
    def _anew(self) -> Iterator[tuple[LocalCatalog, EncoderIdentity]]:
        self._sealed.look()
        with transaction(self._engine, self.folder) as connection:
            catalog = LocalCatalog(connection)
            encoder = catalog.encoder() if check_revision(connection, self.folder) else None
            self._sealed.require_commits(connection)
            if encoder is None:
                require_no_vectors(self.folder)
                raise nothing_at(self.folder)
            require_whole(connection, self.folder)
            if catalog.language() != LANGUAGE_VERSION:
                raise older(self.folder)
            yield catalog, encoder

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Yield a snapshot as of the last commit, unchanged until the `with` block ends."""
        with self.opened() as (catalog, encoder, opened):
            spaces = {kind: live.space for kind, live in opened.live.items()}
            yield Snapshot(catalog, encoder, spaces, opened.corrections)

    @contextmanager
    def opened(self) -> Iterator[tuple[LocalCatalog, EncoderIdentity, Opened]]:
        """Yield the catalog as of the last commit, the collection's encoder, and its open files."""
        for attempt in range(1, ATTEMPTS_TO_OPEN + 1):
            # The products of a search are small: two threads of BLAS took twice the CPU time, and were not faster.
            catalog_of = self.catalog if attempt == 1 else self._anew
            with one_numpy_thread(), catalog_of() as (catalog, encoder):
                try:
                    opened = self._up_to_date(catalog)
                except FileNotFoundError as error:
                    # A writer has merged files and removed the old ones since this snapshot was taken.
                    if attempt == ATTEMPTS_TO_OPEN:
                        raise missing_vectors(error) from None
                    continue
                yield catalog, encoder, opened
                return

    def remember(self, search: LastSearch) -> None:
        """Store a search with the collection, replacing the one before, if the folder can be written to."""
        remember_search(self.folder, search)

    def last_search(self) -> LastSearch:
        """Return the remembered search. Raises HitNotFound if there is none."""
        return require_search(last_search(self.folder), self.folder)

    def remembered(self, number: int) -> tuple[str | MarkedText, Hit | WordHit]:
        """Return the remembered search's query, and its hit with this number. Raises HitNotFound."""
        return hit_of(self.last_search(), number)

    def milestone(self) -> Milestone:
        """Return how far the collection has come."""
        with self.catalog() as (catalog, _):
            return catalog.milestone()

    def has_passed(self, milestone: Milestone) -> bool:
        """Tell whether this is the collection of a milestone, at that or further on."""
        with self.catalog() as (catalog, _):
            return catalog.has_passed(milestone)

    def saved_names(self) -> list[str]:
        """Return the names of all saved searches, in order."""
        return saved_searches.saved_names(self.folder)

    def saved_search(self, name: str) -> SavedSearch:
        """Return the saved search of this name. Raises SearchNotFound, CollectionDamaged."""
        return saved_searches.read_saved(self.folder, name)

    def save_search(self, saved: SavedSearch) -> None:
        """Store a search under its name, replacing the one before. Raises InputError, CollectionError."""
        saved_searches.write_saved(self.folder, saved)

    def delete_saved(self, name: str) -> None:
        """Delete a saved search. Raises SearchNotFound, CollectionError."""
        saved_searches.delete_saved(self.folder, name)

    def status(self) -> CollectionStatus:
        """Return the collection's counts, its encoder, and how its vectors are searched."""
        with self.catalog() as (catalog, _):
            return catalog.status(self.folder, self.bytes_on_disk())

    def bytes_on_disk(self) -> int:
        """Return the size of all files of the collection; one that a writer removes meanwhile counts zero."""
        total = 0
        for path in self.folder.rglob("*"):
            with suppress(FileNotFoundError):
                total += path.stat().st_size if path.is_file() else 0
        return total

    def _up_to_date(self, catalog: Catalog) -> Opened:
        """Return the open files, brought up to date if there was a commit since; safe to call from several threads."""
        opened, commit = self._opened, catalog.last_commit()
        if opened is None or opened.commit != commit:
            former = opened.live if opened else {}
            kinds = VECTOR_KINDS + (WORD_KINDS if catalog.word_recipe() == WORD_RECIPE else ())
            live = {kind: self._live(catalog, kind, former.get(kind)) for kind in kinds}
            opened = self._opened = Opened(commit, live, read_corrections(catalog.connection))
        return opened

    def _live(self, catalog: Catalog, kind: Kind, former: Live | None) -> Live:
        in_catalog = VectorCatalog(catalog.connection)
        rows = in_catalog.files(kind)
        if kind != "opening":  # an older collection has none until it is repaired; only search for notes needs them
            self._require_all(in_catalog, kind, rows)
        learned = in_catalog.learned_file(kind)
        files = rows + ([learned] if learned else [])
        if former and former.files == files:
            opened = former.opened
        else:
            folder = self.folder / VECTORS_FOLDER
            opened = Space(folder, rows, read_codec(folder, kind, learned, in_catalog.probes_by_depth(kind)))
        if kind in VECTOR_KINDS and not opened.widths <= {catalog.hidden_size()}:
            raise damaged_vectors()
        return Live(files, opened, opened.without(in_catalog.deleted_keys(kind)))

    def _require_all(self, in_catalog: VectorCatalog, kind: Kind, files: list[VectorFile]) -> None:
        """Raise CollectionDamaged if a vector is missing: search would never find what it belongs to."""
        if lost := in_catalog.lacking(kind, files):
            raise CollectionDamaged(
                f"The collection at {self.folder} lacks {abs(lost)} vectors. "
                "Have them made again with `clinsearch repair`."
            )


def missing_vectors(error: FileNotFoundError) -> CollectionDamaged:
    """Return the error for a missing file of vectors."""
    return CollectionDamaged(
        f"The vectors in {error.filename} are missing. Have them made again with `clinsearch repair`."
    )
