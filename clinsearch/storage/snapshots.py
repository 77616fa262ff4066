"""Reads a collection: each snapshot is of one commit, catalog and vectors alike, whatever a writer does meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from clinsearch.encoder.words import WORD_RECIPE
from clinsearch.errors import CollectionDamaged, ModelMismatch
from clinsearch.storage.catalog import Catalog, EncoderIdentity
from clinsearch.storage.changes import has_remains
from clinsearch.storage.database import check_revision, open_engine, transaction
from clinsearch.storage.folders import VECTORS_FOLDER, nothing_at, require_folder
from clinsearch.storage.vectors import KeyArray, Kind, VectorFile, VectorSet
from clinsearch.storage.word_catalog import WORD_KINDS, WordCatalog, WordKind
from clinsearch.storage.word_vectors import Allowed, WordCode, WordVectorSet, lost_keys

ATTEMPTS_TO_OPEN = 10


@dataclass(frozen=True, slots=True)
class LiveVectors:
    """The files of one kind as of one commit. `live`: the keys to keep to, None if every row is in use."""

    commit: int
    files: list[VectorFile]
    vectors: VectorSet
    live: KeyArray | None


@dataclass(frozen=True, slots=True)
class LiveWords:
    """The words of a collection as of one commit. `live`: by key, the rows in use; None if every row is."""

    commit: int
    files: list[VectorFile]
    vectors: WordVectorSet
    live: Allowed | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A collection as one commit left it. `encoder` is whose vectors it holds."""

    catalog: Catalog
    word_catalog: WordCatalog
    encoder: EncoderIdentity
    sentences: LiveVectors
    notes: LiveVectors
    words: dict[WordKind, LiveWords]


class Reader:
    """Opens snapshots of a collection. Raises CollectionNotFound, CollectionVersion, CollectionDamaged."""

    def __init__(self, folder: Path) -> None:
        require_folder(folder)
        self.folder = folder
        self._engine = open_engine(folder, writing=False)
        self._opened: dict[Kind, LiveVectors] = {}
        self._words: dict[WordKind, LiveWords] = {}

    @contextmanager
    def catalog(self) -> Iterator[tuple[Catalog, EncoderIdentity]]:
        """Give the catalog as the last commit left it, and whose vectors there are; opens no vectors."""
        with transaction(self._engine, self.folder) as connection:
            catalog = Catalog(connection)
            encoder = catalog.encoder() if check_revision(connection, self.folder) else None
            if encoder is None:
                raise nothing_at(self.folder)
            yield catalog, encoder

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Give the collection as the last commit left it, and keep it so until the `with` block ends."""
        for attempt in range(1, ATTEMPTS_TO_OPEN + 1):
            with self.catalog() as (catalog, encoder):
                try:
                    sentences, notes = self._live(catalog, "sentence"), self._live(catalog, "note")
                    words = self._live_words(catalog)
                except FileNotFoundError as error:
                    # A writer has merged files and removed the old ones since this snapshot was taken.
                    if attempt == ATTEMPTS_TO_OPEN:
                        raise missing_vectors(error) from None
                    continue
                yield Snapshot(catalog, WordCatalog(catalog.connection), encoder, sentences, notes, words)
                return

    def bytes_on_disk(self) -> int:
        """Return the size of all files of the collection; one that a writer removes meanwhile counts for nothing."""
        total = 0
        for path in self.folder.rglob("*"):
            with suppress(FileNotFoundError):
                total += path.stat().st_size if path.is_file() else 0
        return total

    def _live(self, catalog: Catalog, kind: Kind) -> LiveVectors:
        """Return what is open of a kind, brought up to date if there was a commit since."""
        opened, commit, files = self._opened.get(kind), catalog.commits(), catalog.vector_files(kind)
        if opened is None or (opened.commit, opened.files) != (commit, files):
            is_same = opened is not None and opened.files == files
            vectors = opened.vectors if opened and is_same else VectorSet(self.folder / VECTORS_FOLDER, files)
            live = self._checked_keys(catalog.all_keys(kind), vectors)
            opened = LiveVectors(commit, files, vectors, None if len(live) == vectors.rows else live)
            self._opened[kind] = opened
        return opened

    def _live_words(self, catalog: Catalog) -> dict[WordKind, LiveWords]:
        """Return the words' vectors, by kind, brought up to date if there was a commit since; none if none are kept."""
        if catalog.word_recipe() != WORD_RECIPE:
            return {}
        commit, codes = catalog.commits(), catalog.vector_files("code")
        words: dict[WordKind, LiveWords] = {}
        for kind in WORD_KINDS:
            opened, files = self._words.get(kind), codes + catalog.vector_files(kind)
            if opened is None or (opened.commit, opened.files) != (commit, files):
                vectors = opened.vectors if opened and opened.files == files else self._opened_words(files)
                opened = LiveWords(commit, files, vectors, self._checked_words(catalog, kind, vectors))
                self._words[kind] = opened
            words[kind] = opened
        return words

    def _opened_words(self, files: list[VectorFile]) -> WordVectorSet:
        folder = self.folder / VECTORS_FOLDER
        codes = [WordCode.read(folder / file.name) for file in files if file.kind == "code"]
        return WordVectorSet(folder, [file for file in files if file.kind != "code"], codes[0] if codes else None)

    def _checked_words(self, catalog: Catalog, kind: WordKind, vectors: WordVectorSet) -> Allowed | None:
        """Return which rows are in use, None if every one is. Raises CollectionDamaged as `_checked_keys`."""
        in_catalog = WordCatalog(catalog.connection)
        # Keys are many: where nothing was deleted since the last scrub, to count them is enough.
        if vectors.rows == in_catalog.rows(kind) and not has_remains(catalog.connection):
            return None
        live = in_catalog.live(kind)
        if lost := len(lost_keys(vectors.keys(), live)):
            raise self._lacks(lost)
        return live

    def _checked_keys(self, live: KeyArray, vectors: VectorSet) -> KeyArray:
        """Return the live keys. Raises CollectionDamaged if one has no vector: it could never be found."""
        if lost := len(np.setdiff1d(live, vectors.keys, assume_unique=True)):
            raise self._lacks(lost)
        return live

    def _lacks(self, vectors: int) -> CollectionDamaged:
        return CollectionDamaged(
            f"The collection at {self.folder} lacks {vectors} vectors. Have them made again with `clinsearch repair`."
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
            f"The collection at {folder} was made with another version of {owner.model} or of clinsearch's "
            "segmentation. Index its notes anew into another folder: --collection FOLDER."
        )
    raise ModelMismatch(
        f"The collection at {folder} belongs to the model {owner.model} ({owner.pooling} pooling), not to "
        f"{encoder.model} ({encoder.pooling}). Leave --model and --pooling out, "
        "or choose another folder with --collection."
    )
