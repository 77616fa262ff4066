"""Reads a collection: each snapshot is of one commit, catalog and vectors alike, whatever a writer does meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from clinsearch.errors import CollectionDamaged, CollectionNotFound
from clinsearch.storage.catalog import Catalog, EncoderIdentity
from clinsearch.storage.database import CATALOG_FILE, check_revision, open_engine, transaction
from clinsearch.storage.vectors import KeyArray, Kind, VectorFile, VectorSet

VECTORS_FOLDER = "vectors"
ATTEMPTS_TO_OPEN = 10


@dataclass(frozen=True, slots=True)
class LiveVectors:
    """The files of one kind as of one commit. `live`: the keys to keep to, None if every row is in use."""

    commit: int
    files: list[VectorFile]
    vectors: VectorSet
    live: KeyArray | None


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A collection as one commit left it. `encoder` is whose vectors it holds."""

    catalog: Catalog
    encoder: EncoderIdentity
    sentences: LiveVectors
    notes: LiveVectors


class Reader:
    """Opens snapshots of a collection. Raises CollectionNotFound, CollectionVersion, CollectionDamaged."""

    def __init__(self, folder: Path) -> None:
        require_folder(folder)
        self.folder = folder
        self._engine = open_engine(folder, writing=False)
        self._opened: dict[Kind, LiveVectors] = {}

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Give the collection as the last commit left it, and keep it so until the `with` block ends."""
        for attempt in range(1, ATTEMPTS_TO_OPEN + 1):
            with transaction(self._engine, self.folder) as connection:
                check_revision(connection, self.folder)
                catalog = Catalog(connection)
                encoder = catalog.encoder()
                if encoder is None:
                    raise _nothing_at(self.folder)
                try:
                    sentences, notes = self._live(catalog, "sentence"), self._live(catalog, "note")
                except FileNotFoundError as error:
                    # A writer has merged files and removed the old ones since this snapshot was taken.
                    if attempt == ATTEMPTS_TO_OPEN:
                        raise _missing(error) from None
                    continue
                yield Snapshot(catalog, encoder, sentences, notes)
                return

    def bytes_on_disk(self) -> int:
        """Return the size of all files of the collection."""
        return sum(path.stat().st_size for path in self.folder.rglob("*") if path.is_file())

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

    def _checked_keys(self, live: KeyArray, vectors: VectorSet) -> KeyArray:
        """Return the live keys. Raises CollectionDamaged if one has no vector: it could never be found."""
        if lost := len(np.setdiff1d(live, vectors.keys, assume_unique=True)):
            raise CollectionDamaged(
                f"The collection at {self.folder} lacks {lost} vectors. Have them made again with `clinsearch repair`."
            )
        return live


def require_folder(folder: Path) -> None:
    """Raise CollectionNotFound unless there is a collection in that folder."""
    if folder.is_file():
        raise CollectionNotFound(f"{folder} is a file, not a collection folder.")
    try:
        found = (folder / CATALOG_FILE).is_file()
    except PermissionError:
        raise CollectionNotFound(f"The folder {folder} cannot be read: permission denied.") from None
    if not found:
        raise _nothing_at(folder)


def _nothing_at(folder: Path) -> CollectionNotFound:
    return CollectionNotFound(f"No collection at {folder}. Make one with `clinsearch index FOLDER`.")


def _missing(error: FileNotFoundError) -> CollectionDamaged:
    return CollectionDamaged(
        f"The vectors in {error.filename} are missing. Have them made again with `clinsearch repair`."
    )
