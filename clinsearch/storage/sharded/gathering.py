"""Asks all shards at once, or those that some keys belong to, and puts their answers together.

Each shard gives keys of its own. Outside, of n shards, the key of number s is its own times n plus s: so a key says
where it belongs, keys stay small, and those of a shard keep their order.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import Executor, Future, wait
from dataclasses import dataclass, replace
from functools import partial
from threading import Lock
from typing import Generic, TypeVar

import numpy as np

from clinsearch.records import Filter
from clinsearch.records.keys import KeyArray
from clinsearch.storage.values import NoteLabel, Occurrence

T = TypeVar("T")
R = TypeVar("R")
K = TypeVar("K")

NO_KEYS = np.empty(0, dtype=np.int64)


@dataclass(frozen=True, slots=True)
class Shard(Generic[T]):
    """One of `count` shards, by its number, or a part of it. What it is asked has its own keys."""

    asked: T
    number: int
    count: int

    def key(self, own: int) -> int:
        """Return the key of what has this key in the shard."""
        return own * self.count + self.number

    def keys(self, own: KeyArray) -> KeyArray:
        """Return the keys of what has these keys in the shard."""
        return own * self.count + self.number

    def own(self, keys: KeyArray) -> KeyArray:
        """Return the shard's own keys of what has these keys, all of which belong to it."""
        return keys // self.count

    def by_key(self, found: Mapping[int, R]) -> dict[int, R]:
        """Return what was found by the shard's own keys by keys."""
        return {own * self.count + self.number: value for own, value in found.items()}

    def label(self, own: NoteLabel) -> NoteLabel:
        """Return the label of a note with its key."""
        return replace(own, note_key=self.key(own.note_key))

    def place(self, own: Occurrence) -> Occurrence:
        """Return a place with the keys of its sentence and its note."""
        return replace(own, sentence_key=self.key(own.sentence_key), note=self.label(own.note))

    def where(self, where: Filter) -> Filter:
        """Return a filter as the shard understands it."""
        return replace(where, after=where.after[self.number]) if isinstance(where.after, tuple) else where


class Shards(Generic[T]):
    """The same of each shard, by the shard's number; each is asked one thing at a time, on one thread or another.

    threads: enough that all can be asked at once. locks: one for each shard, whatever part of it is asked.
    """

    def __init__(self, shards: Sequence[T], threads: Executor, locks: Sequence[Lock] | None = None) -> None:
        self.all = tuple(Shard(shard, number, len(shards)) for number, shard in enumerate(shards))
        self._threads, self._locks = threads, locks or [Lock() for _ in shards]

    @property
    def first(self) -> T:
        """The first shard, which answers what is the same in all."""
        return self.all[0].asked

    def narrowed(self, part: Callable[[T], R]) -> Shards[R]:
        """Return a part of each shard, such as its texts."""
        return self.made_of([part(shard.asked) for shard in self.all])

    def made_of(self, parts: Sequence[R]) -> Shards[R]:
        """Return a part of each shard that is known."""
        return Shards(parts, self._threads, self._locks)

    def of(self, key: int, ask: Callable[[Shard[T], int], R]) -> R:
        """Ask the shard that a key belongs to, with its own key."""
        own, number = divmod(key, len(self.all))
        with self._locks[number]:
            return ask(self.all[number], own)

    def each(self, ask: Callable[[Shard[T]], R]) -> list[R]:
        """Ask all shards at once; return their answers in the order of the shards.

        Raises, when all are done, the error of the first that raises one.
        """
        return self._all([(shard.number, partial(ask, shard)) for shard in self.all])

    def by_key(self, keys: Iterable[int], ask: Callable[[Shard[T], list[int]], R]) -> list[R]:
        """Ask the shards that have any of these keys, each for its own, as `each` does; without keys none."""
        own: dict[int, list[int]] = {}
        count = len(self.all)
        for key in keys:
            own.setdefault(key % count, []).append(key // count)
        return self._all([(number, partial(ask, self.all[number], some)) for number, some in sorted(own.items())])

    def _all(self, asks: Sequence[tuple[int, Callable[[], R]]]) -> list[R]:
        if not asks:
            return []
        futures: list[Future[R]] = [self._threads.submit(self._one, number, ask) for number, ask in asks[:-1]]
        try:
            last = self._one(*asks[-1])
        except BaseException:
            wait(futures)
            for future in futures:
                future.result()
            raise
        return [*(future.result() for future in _done(futures)), last]

    def _one(self, number: int, ask: Callable[[], R]) -> R:
        with self._locks[number]:
            return ask()


def _done(futures: Sequence[Future[R]]) -> Sequence[Future[R]]:
    wait(futures)
    return futures


def in_one(dicts: Iterable[Mapping[K, R]]) -> dict[K, R]:
    """Put dictionaries together whose keys are of one shard each."""
    return {key: value for one in dicts for key, value in one.items()}


def in_order(keys: Iterable[KeyArray]) -> KeyArray:
    """Put keys together, in order."""
    return np.sort(np.concatenate([NO_KEYS, *keys]))


def summed(counts: Iterable[Mapping[K, int]]) -> dict[K, int]:
    """Add up counts; what all of them have together the most of comes first, of what is equal the first by name."""
    total: Counter[K] = Counter()
    for one in counts:
        total.update(one)
    return dict(sorted(total.items(), key=lambda item: (-item[1], item[0] is not None, item[0])))


def in_place(place: Occurrence) -> tuple[int, int]:
    """Return what to sort places by."""
    return place.note.note_key, place.start
