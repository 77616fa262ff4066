"""From files and folders of notes to a collection: makes one if there is none, and decides what it keeps."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path
from typing import Unpack

from clinsearch.encoder.checkpoint import DEFAULT_MODEL
from clinsearch.encoder.correction import CORRECTION_RECIPE
from clinsearch.encoder.encoder import Encoder, load_encoder
from clinsearch.encoder.pooling import Pooling, as_pooling
from clinsearch.encoder.words import WORD_RECIPE
from clinsearch.indexing.run import Progress, enqueue_files, index_files
from clinsearch.indexing.upkeep import identity_of
from clinsearch.readers import NoteFiles, NoteSource, ReadingOptions
from clinsearch.records import IndexReport
from clinsearch.records.locations import Database, Location, folder_of
from clinsearch.settings import collection_location
from clinsearch.storage import is_made, open_queue, open_writer
from clinsearch.storage.port import Writer


def index(
    paths: NoteSource | Sequence[str | os.PathLike[str]] | str | os.PathLike[str],
    collection: str | os.PathLike[str] | Database | None = None,
    *,
    model: str | None = None,
    pooling: Pooling | None = None,
    device: str = "auto",
    delete_missing: bool = False,
    tokens: bool | None = None,
    correction: bool | None = None,
    enqueue: bool = False,
    progress: Progress | None = None,
    **reading: Unpack[ReadingOptions],
) -> IndexReport:
    """Bring a collection up to date with files and folders of notes, making it if there is none.

    collection: a folder, or the address of a database, "postgresql://USER@HOST/DATABASE"; by default that of
    CLINSEARCH_COLLECTION, else ./clinsearch-data.
    An existing collection keeps its model; naming another raises ModelMismatch. Notes whose files are gone
    stay unless `delete_missing`. `tokens`: whether the collection keeps the vectors of words in context, for search by
    token; by default a new one does, and an existing one stays as it is. `correction`: whether vectors are centred and
    whitened; by default a new one's are if its model was not trained for similarity. `enqueue`: notes that are to be
    encoded are put into the queue of a database, for `clinsearch worker`; needs no model but for a new collection.
    `reading` is how NoteFiles reads files. A file that cannot be read is listed in the report's failures; the others
    are still indexed.
    """
    if isinstance(paths, str | os.PathLike | Sequence):
        files: NoteSource = NoteFiles(_as_paths(paths), **reading)
    else:
        files = paths
    location = collection_location(collection)
    making = _Making(location, model, pooling, device, tokens, correction)
    if not enqueue:
        with making.opened() as (writer, encoder):
            own = folder_of(location)
            return index_files(writer, encoder, files, delete_missing=delete_missing, progress=progress, own=own)
    with open_queue(location, create=True):
        pass  # a folder is refused, and a database that cannot be written to
    if not is_made(location):
        with making.opened():
            pass
    with open_queue(location) as queue_writer:
        return enqueue_files(queue_writer, files, delete_missing=delete_missing, progress=progress)


@dataclass(frozen=True, slots=True)
class _Making:
    """Which collection is to be written to, and what is asked of it."""

    location: Location
    model: str | None
    pooling: Pooling | None
    device: str
    tokens: bool | None
    correction: bool | None

    @contextmanager
    def opened(self) -> Iterator[tuple[Writer, Encoder]]:
        """Open it, made if there is none, with its encoder, and have it keep what is asked."""
        model, pooling, encoder = self.model, self.pooling, None
        if not is_made(self.location):
            # Before the collection is made: a model that cannot be loaded must not leave an empty collection behind.
            encoder = load_encoder(model or DEFAULT_MODEL, pooling=pooling, device=self.device)
        with open_writer(self.location, create=True) as writer:
            with writer.catalog() as catalog:
                owner, words, corrected = catalog.encoder(), catalog.word_recipe(), catalog.correction_recipe()
            if owner and model is None:
                # Another process may have made it, with its own model, while this one waited for it.
                model, pooling, encoder = owner.model, pooling or as_pooling(owner.pooling), None
            may_fetch = self.model is not None
            named = model or DEFAULT_MODEL
            encoder = encoder or load_encoder(named, pooling=pooling, device=self.device, may_fetch=may_fetch)
            by_default = (words, corrected) if owner else (True, not encoder.checkpoint.is_for_similarity)
            words = _chosen(self.tokens, by_default[0], WORD_RECIPE)
            corrected = _chosen(self.correction, by_default[1], CORRECTION_RECIPE)
            writer.claim(identity_of(encoder), f"clinsearch {version('clinsearch')}", words, corrected)
            writer.keep_words(words)
            writer.keep_correction(corrected)
            yield writer, encoder


def _chosen(asked: bool | None, by_default: object, recipe: str) -> str | None:
    return recipe if (bool(by_default) if asked is None else asked) else None


def _as_paths(paths: Sequence[str | os.PathLike[str]] | str | os.PathLike[str]) -> list[Path]:
    return [Path(paths)] if isinstance(paths, str | os.PathLike) else [Path(path) for path in paths]
