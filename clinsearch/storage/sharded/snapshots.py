"""Reads a collection over several shards: a snapshot is one of each."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import AbstractContextManager, ExitStack, contextmanager, nullcontext
from dataclasses import replace
from functools import partial
from typing import Any, TypeVar
from weakref import finalize

import numpy as np

from clinsearch.encoder.correction import Correction
from clinsearch.errors import CollectionBusy, CollectionError
from clinsearch.records import CollectionStatus, Hit, LastSearch, MarkedText, WordHit
from clinsearch.records.saved_searches import Milestone, SavedSearch
from clinsearch.storage.port import Catalog, Reader, Vectors
from clinsearch.storage.port import Snapshot as OneSnapshot
from clinsearch.storage.sharded.catalog import ShardedCatalog
from clinsearch.storage.sharded.gathering import Shards, summed
from clinsearch.storage.sharded.texts import distinct_words
from clinsearch.storage.sharded.vectors import Distinct, ShardedVectors
from clinsearch.storage.snapshot import Snapshot
from clinsearch.storage.values import EncoderIdentity, Kind

T = TypeVar("T")


class ShardedReader:
    """Opens snapshots of a collection. name: what the collection as a whole is called."""

    def __init__(self, name: str, readers: Sequence[Reader]) -> None:
        self._name, self._readers = name, tuple(readers)
        # Two for each: vectors are searched while the catalog is asked.
        self._threads = ThreadPoolExecutor(2 * len(readers), thread_name_prefix="shard")
        finalize(self, self._threads.shutdown, wait=False)

    def held(self) -> AbstractContextManager[None]:
        """Do nothing: a connection that is held cannot be replaced by one to a server that takes over."""
        return nullcontext()

    @contextmanager
    def catalog(self) -> Iterator[tuple[ShardedCatalog, EncoderIdentity]]:
        """Yield the catalog as of the last commit of each shard, and the collection's encoder; opens no vectors."""
        with self._opened(lambda reader: reader.catalog()) as opened:
            catalogs: list[Catalog] = [catalog for catalog, _ in opened]
            yield ShardedCatalog(Shards(catalogs, self._threads)), one_of([encoder for _, encoder in opened])

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        """Yield a snapshot as of the last commit of each shard, unchanged until the `with` block ends."""
        with self._opened(lambda reader: reader.snapshot()) as opened:
            encoder = one_of([one.encoder for one in opened])
            if not all(are_the_same(one, opened[0]) for one in opened):
                raise CollectionBusy(f"The collection at {self._name} is being changed. Try again in a moment.")
            shards: Shards[OneSnapshot] = Shards(opened, self._threads)
            catalog = ShardedCatalog(shards.narrowed(lambda one: one.catalog))
            yield Snapshot(catalog, encoder, ShardedSpaces(shards, catalog), opened[0].corrections)

    @contextmanager
    def _opened(self, open_one: Callable[[Reader], AbstractContextManager[T]]) -> Iterator[list[T]]:
        """Open something of all shards at once. Raises the error of the first that cannot be."""
        managers = [open_one(reader) for reader in self._readers]
        with ExitStack() as stack:
            tried = [self._threads.submit(manager.__enter__) for manager in managers]
            errors = [future.exception() for future in tried]
            for manager, error in zip(managers, errors, strict=True):
                if error is None:
                    stack.push(manager.__exit__)
            if any(errors):
                raise next(error for error in errors if error)
            yield [future.result() for future in tried]

    def remember(self, search: LastSearch) -> None:
        """Store a search with the collection, replacing the one before, if it can be written to."""
        self._readers[0].remember(search)

    def last_search(self) -> LastSearch:
        """Return the remembered search. Raises HitNotFound if there is none."""
        return self._readers[0].last_search()

    def remembered(self, number: int) -> tuple[str | MarkedText, Hit | WordHit]:
        """Return the remembered search's query, and its hit with this number. Raises HitNotFound."""
        return self._readers[0].remembered(number)

    def milestone(self) -> Milestone:
        """Return how far the collection has come."""
        of_each = [reader.milestone() for reader in self._readers]
        collection, last_id = ("\n".join(getattr(one, of) for one in of_each) for of in ("collection", "last_id"))
        newest, last = (tuple(getattr(one, of) for one in of_each) for of in ("newest", "last"))
        return Milestone(collection, newest, last, last_id)

    def has_passed(self, milestone: Milestone) -> bool:
        """Tell whether this is the collection of a milestone, at that or further on."""
        parts = (milestone.collection.split("\n"), milestone.newest, milestone.last, milestone.last_id.split("\n"))
        if not all(isinstance(part, list | tuple) and len(part) == len(self._readers) for part in parts):
            return False
        each = [Milestone(*of_one) for of_one in zip(*parts, strict=True)]  # type: ignore[arg-type]
        return all(reader.has_passed(one) for reader, one in zip(self._readers, each, strict=True))

    def saved_names(self) -> list[str]:
        """Return the names of all saved searches, in order."""
        return self._readers[0].saved_names()

    def saved_search(self, name: str) -> SavedSearch:
        """Return the saved search of this name. Raises SearchNotFound, CollectionDamaged."""
        return self._readers[0].saved_search(name)

    def save_search(self, saved: SavedSearch) -> None:
        """Store a search under its name, replacing the one before. Raises InputError, CollectionError."""
        self._readers[0].save_search(saved)

    def delete_saved(self, name: str) -> None:
        """Delete a saved search. Raises SearchNotFound, CollectionError."""
        self._readers[0].delete_saved(name)

    def status(self) -> CollectionStatus:
        """Return the collection's counts, its encoder, and how its vectors are searched."""
        of_each = list(self._threads.map(lambda reader: reader.status(), self._readers))
        with self.catalog() as (catalog, _):
            search = catalog.search_quality()
        sums: dict[str, Any] = {
            of: sum(getattr(one, of) for one in of_each) for of in ("notes", "sentences", "occurrences", "bytes")
        }
        whole: CollectionStatus = replace(
            of_each[0],
            collection=self._name,
            **sums,
            note_types=summed(one.note_types for one in of_each),
            languages=summed(one.languages for one in of_each),
            search=search,
            has_remains=any(one.has_remains for one in of_each),
            server=None,
            queue=None,
            shards={one.collection: one.notes for one in of_each},
            servers={one.collection: one.server for one in of_each if one.server},
        )
        return whole


class ShardedSpaces(Mapping[Kind, Vectors]):
    """The vectors of a snapshot by kind; each is opened when it is first asked for."""

    def __init__(self, shards: Shards[OneSnapshot], catalog: ShardedCatalog) -> None:
        self._shards, self._catalog = shards, catalog
        self._spaces: dict[Kind, Vectors] = {}

    def __getitem__(self, kind: Kind) -> Vectors:
        if kind not in self._spaces:
            opened = self._shards.each(lambda shard: shard.asked.spaces[kind])
            self._spaces[kind] = ShardedVectors(self._shards.made_of(opened), self._distinct(kind))
        return self._spaces[kind]

    def __iter__(self) -> Iterator[Kind]:
        return iter(self._shards.first.spaces)

    def __len__(self) -> int:
        return len(self._shards.first.spaces)

    def __contains__(self, kind: object) -> bool:
        return kind in self._shards.first.spaces

    def _distinct(self, kind: Kind) -> Distinct | None:
        """Return what tells which vectors of a kind are of the same sentence in two shards."""
        if kind == "sentence":
            return self._catalog.twins.distinct_of
        if kind == "word" or kind == "piece":
            return partial(distinct_words, self._catalog.words, kind)
        return None


def one_of(encoders: Sequence[EncoderIdentity]) -> EncoderIdentity:
    """Return the encoder of all shards. Raises CollectionError if they differ."""
    if len(set(encoders)) != 1:
        raise CollectionError(
            "The shards of this collection belong to different models. Index its notes anew into empty databases."
        )
    return encoders[0]


def are_the_same(one: OneSnapshot, other: OneSnapshot) -> bool:
    """Tell whether two shards keep the same kinds of vectors, corrected alike."""
    if one.spaces.keys() != other.spaces.keys() or one.corrections.keys() != other.corrections.keys():
        return False
    return all(_are_equal(one.corrections[kind], other.corrections[kind]) for kind in one.corrections)


def _are_equal(one: Correction, other: Correction) -> bool:
    return bool(np.array_equal(one.mean, other.mean) and np.array_equal(one.linear_map, other.linear_map))
