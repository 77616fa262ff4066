"""Reads a collection: each snapshot is of one commit, catalog and vectors alike, whatever a writer does meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from clinsearch.errors import CollectionDamaged, CollectionNotFound
from clinsearch.storage.catalog import Catalog, EncoderIdentity
from clinsearch.storage.database import CATALOG_FILE, check_revision, open_engine, transaction
from clinsearch.storage.vectors import KeyArray, Kind, VectorFile, VectorSet

VECTORS_FOLDER = "vectors"
ATTEMPTS_TO_OPEN = 10


@dataclass(frozen=True, slots=True)
class Snapshot:
    """A collection as one commit left it. `encoder` is whose vectors it holds."""

    catalog: Catalog
    encoder: EncoderIdentity
    sentences: VectorSet
    notes: VectorSet

    def live_keys(self, kind: Kind) -> KeyArray | None:
        """Return the keys that searching `kind` must keep to; None if all rows of its files are in use."""
        vectors = self.sentences if kind == "sentence" else self.notes
        keys = self.catalog.all_keys(kind)
        return None if len(keys) == vectors.rows else keys


class Reader:
    """Opens snapshots of a collection. Raises CollectionNotFound, CollectionVersion, CollectionDamaged."""

    def __init__(self, folder: Path) -> None:
        require_folder(folder)
        self.folder = folder
        self._engine = open_engine(folder, writing=False)
        self._opened: dict[Kind, tuple[list[VectorFile], VectorSet]] = {}

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
                    sentences, notes = self._vectors(catalog, "sentence"), self._vectors(catalog, "note")
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

    def _vectors(self, catalog: Catalog, kind: Kind) -> VectorSet:
        files = catalog.vector_files(kind)
        if kind not in self._opened or self._opened[kind][0] != files:
            self._opened[kind] = (files, VectorSet(self.folder / VECTORS_FOLDER, files))
        return self._opened[kind][1]


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
