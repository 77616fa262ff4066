"""Reads a collection: each snapshot is of one commit, catalog and vectors alike, whatever a writer does meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import numpy as np

from clinsearch.encoder.correction import Correction
from clinsearch.encoder.words import WORD_RECIPE
from clinsearch.errors import CollectionDamaged, ModelMismatch
from clinsearch.records import FloatArray
from clinsearch.records.readings import LANGUAGE_VERSION
from clinsearch.storage.catalog.database import check_revision, older, open_engine, transaction
from clinsearch.storage.catalog.notes import Catalog, EncoderIdentity
from clinsearch.storage.catalog.vectors import VectorCatalog, read_cells
from clinsearch.storage.catalog.words import WORD_KINDS, WordCatalog, WordKind
from clinsearch.storage.folder import VECTORS_FOLDER, nothing_at, require_folder, require_no_vectors
from clinsearch.storage.spaces.corrections import read_corrections
from clinsearch.storage.spaces.files import VECTOR_KINDS, KeyArray, Kind, VectorFile
from clinsearch.storage.spaces.flat import Vectors, open_vectors
from clinsearch.storage.spaces.word_vectors import Allowed, WordCode, WordVectorSet

ATTEMPTS_TO_OPEN = 10


@dataclass(frozen=True, slots=True)
class LiveVectors:
    """The files of one kind as of one commit; `vectors` searches what is in use of them."""

    files: list[VectorFile]
    opened: Vectors
    vectors: Vectors


@dataclass(frozen=True, slots=True)
class LiveWords:
    """The words of a collection as of one commit. `live`: by key, the rows in use; None if every row is."""

    files: list[VectorFile]
    vectors: WordVectorSet
    live: Allowed | None


@dataclass(frozen=True, slots=True)
class Opened:
    """All vectors of a collection as of one commit."""

    commit: tuple[datetime, int]
    vectors: dict[Kind, LiveVectors]
    words: dict[WordKind, LiveWords]
    corrections: dict[Kind, Correction]


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A collection as one commit left it. `encoder` is whose vectors it holds; `openings` are those of notes' first
    words, by the note's key; `corrections`: how vectors of a kind were corrected, if they were."""

    catalog: Catalog
    word_catalog: WordCatalog
    encoder: EncoderIdentity
    sentences: Vectors
    notes: Vectors
    openings: Vectors
    words: dict[WordKind, LiveWords]
    corrections: dict[Kind, Correction]

    def corrected(self, kind: Kind, vectors: FloatArray) -> FloatArray:
        """Return vectors of the encoder's, (..., hidden_size), as they can be compared with those of a kind."""
        correction = self.corrections.get(kind)
        return correction.applied(vectors) if correction else vectors

    def vectors(self, kind: Kind) -> Vectors:
        """Return the vectors of a kind."""
        return {"sentence": self.sentences, "note": self.notes, "opening": self.openings}[kind]

    def vectors_of(self, kind: Kind, keys: KeyArray) -> FloatArray:
        """Read vectors by their keys, (n, hidden_size). Raises CollectionDamaged."""
        if not len(keys):
            return np.empty((0, self.encoder.hidden_size), dtype=np.float32)
        try:
            return self.vectors(kind).of(keys)
        except KeyError:
            raise damaged_vectors() from None


class Reader:
    """Opens snapshots of a collection. Raises CollectionNotFound, CollectionVersion, CollectionDamaged."""

    def __init__(self, folder: Path) -> None:
        require_folder(folder)
        self.folder = folder
        self._engine = open_engine(folder, writing=False)
        self._opened: Opened | None = None

    @contextmanager
    def catalog(self) -> Iterator[tuple[Catalog, EncoderIdentity]]:
        """Give the catalog as the last commit left it, and whose vectors there are; opens no vectors."""
        with transaction(self._engine, self.folder) as connection:
            catalog = Catalog(connection)
            encoder = catalog.encoder() if check_revision(connection, self.folder) else None
            if encoder is None:
                require_no_vectors(self.folder)
                raise nothing_at(self.folder)
            if catalog.language() != LANGUAGE_VERSION:
                raise older(self.folder)
            yield catalog, encoder

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Give the collection as the last commit left it, and keep it so until the `with` block ends."""
        for attempt in range(1, ATTEMPTS_TO_OPEN + 1):
            with self.catalog() as (catalog, encoder):
                try:
                    opened = self._up_to_date(catalog)
                except FileNotFoundError as error:
                    # A writer has merged files and removed the old ones since this snapshot was taken.
                    if attempt == ATTEMPTS_TO_OPEN:
                        raise missing_vectors(error) from None
                    continue
                word_catalog = WordCatalog(catalog.connection)
                sentences, notes, openings = (opened.vectors[kind].vectors for kind in VECTOR_KINDS)
                yield Snapshot(
                    catalog, word_catalog, encoder, sentences, notes, openings, opened.words, opened.corrections
                )
                return

    def bytes_on_disk(self) -> int:
        """Return the size of all files of the collection; one that a writer removes meanwhile counts for nothing."""
        total = 0
        for path in self.folder.rglob("*"):
            with suppress(FileNotFoundError):
                total += path.stat().st_size if path.is_file() else 0
        return total

    def _up_to_date(self, catalog: Catalog) -> Opened:
        """Return what is open, brought up to date if there was a commit since; safe to call from several threads."""
        opened, commit = self._opened, catalog.last_commit()
        if opened is None or opened.commit != commit:
            former = opened or Opened(commit, {}, {}, {})
            vectors = {kind: self._live(catalog, kind, former.vectors.get(kind)) for kind in VECTOR_KINDS}
            words, corrections = self._live_words(catalog, former.words), read_corrections(catalog.connection)
            opened = self._opened = Opened(commit, vectors, words, corrections)
        return opened

    def _live(self, catalog: Catalog, kind: Kind, former: LiveVectors | None) -> LiveVectors:
        in_catalog, rows = VectorCatalog(catalog.connection), catalog.vector_files(kind)
        if kind != "opening":  # a collection of before has none until it is repaired; only the search for notes asks
            self._require_all(in_catalog, kind, rows)
        cells = in_catalog.cells_file(kind)
        files = rows + ([cells] if cells else [])
        opened = former.opened if former and former.files == files else self._opened_rows(in_catalog, kind, rows)
        if not opened.widths <= {catalog.hidden_size()}:
            raise damaged_vectors()
        return LiveVectors(files, opened, opened.without(in_catalog.dead_keys(kind)))

    def _opened_rows(self, in_catalog: VectorCatalog, kind: Kind, files: list[VectorFile]) -> Vectors:
        folder = self.folder / VECTORS_FOLDER
        return open_vectors(folder, files, read_cells(folder, in_catalog, kind))

    def _live_words(self, catalog: Catalog, former: dict[WordKind, LiveWords]) -> dict[WordKind, LiveWords]:
        """Return the words' vectors, by kind; none if none are kept."""
        if catalog.word_recipe() != WORD_RECIPE:
            return {}
        words: dict[WordKind, LiveWords] = {}
        for kind in WORD_KINDS:
            files = catalog.vector_files("code") + catalog.vector_files(kind)
            opened = former.get(kind)
            vectors = opened.vectors if opened and opened.files == files else self._opened_words(files)
            words[kind] = LiveWords(files, vectors, self._checked_words(catalog, kind))
        return words

    def _opened_words(self, files: list[VectorFile]) -> WordVectorSet:
        folder = self.folder / VECTORS_FOLDER
        codes = [WordCode.read(folder / file.name, file) for file in files if file.kind == "code"]
        return WordVectorSet(folder, [file for file in files if file.kind != "code"], codes[0] if codes else None)

    def _checked_words(self, catalog: Catalog, kind: WordKind) -> Allowed | None:
        """Return which rows are in use, None if every one is. Raises CollectionDamaged as `_require_all`."""
        in_catalog = VectorCatalog(catalog.connection)
        self._require_all(in_catalog, kind, catalog.vector_files(kind))
        has_dead = len(in_catalog.dead_keys(kind)) > 0
        return WordCatalog(catalog.connection).not_dead(kind) if has_dead else None

    def _require_all(self, in_catalog: VectorCatalog, kind: Kind, files: list[VectorFile]) -> None:
        """Raise CollectionDamaged if something has no vector: it could never be found."""
        if lost := in_catalog.lacking(kind, files):
            raise CollectionDamaged(
                f"The collection at {self.folder} lacks {abs(lost)} vectors. "
                "Have them made again with `clinsearch repair`."
            )


def damaged_vectors() -> CollectionDamaged:
    """Say that vectors are not those that the catalog counts on."""
    return CollectionDamaged(
        "The collection's vectors are not as they were written. Have them made again with `clinsearch repair`."
    )


def missing_vectors(error: FileNotFoundError) -> CollectionDamaged:
    """Say that a file of vectors is not there."""
    return CollectionDamaged(
        f"The vectors in {error.filename} are missing. Have them made again with `clinsearch repair`."
    )


def require_encoder(owner: EncoderIdentity, encoder: EncoderIdentity, folder: Path) -> None:
    """Raise ModelMismatch unless the collection's vectors are this encoder's."""
    if owner.fingerprint == encoder.fingerprint:
        return
    if (owner.model, owner.pooling) == (encoder.model, encoder.pooling):
        raise ModelMismatch(
            f"The collection at {folder} was made with another version of {owner.model}. "
            "Index its notes anew into another folder: --collection FOLDER."
        )
    raise ModelMismatch(
        f"The collection at {folder} belongs to the model {owner.model} ({owner.pooling} pooling), not to "
        f"{encoder.model} ({encoder.pooling}). Leave --model and --pooling out, "
        "or choose another folder with --collection."
    )
