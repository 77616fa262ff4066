"""The same sentence in several shards: it has a key in each, and for who reads it is one, by the lowest of these."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from threading import Lock
from typing import TypeVar

import numpy as np

from clinsearch.records.keys import KeyArray
from clinsearch.storage.port import Catalog
from clinsearch.storage.sharded.gathering import Shard, Shards, in_one

T = TypeVar("T")


class Twins:
    """Finds the keys that a sentence has, by the digest of its text, in one snapshot of each shard."""

    def __init__(self, shards: Shards[Catalog]) -> None:
        self._shards, self._lock = shards, Lock()
        self._known: dict[int, tuple[int, ...]] = {}

    def of(self, keys: Iterable[int]) -> Mapping[int, tuple[int, ...]]:
        """Return all keys of each of these sentences, and maybe of others, in order; only its own of an unknown one."""
        with self._lock:  # vectors are searched while the catalog is asked
            new = [key for key in dict.fromkeys(keys) if key not in self._known]
            if new:
                self._know(new)
            return self._known

    def _know(self, keys: Sequence[int]) -> None:
        def digests(shard: Shard[Catalog], own: list[int]) -> dict[int, bytes]:
            return shard.by_key(shard.asked.sentence_digests(own))

        digest_of = in_one(self._shards.by_key(keys, digests))
        wanted = list(dict.fromkeys(digest_of.values()))
        of_digest: dict[bytes, list[int]] = {}
        for shard, found in zip(
            self._shards.all, self._shards.each(lambda shard: shard.asked.sentence_keys_of(wanted)), strict=True
        ):
            for digest, own in found.items():
                of_digest.setdefault(digest, []).append(shard.key(own))
        for same in map(tuple, map(sorted, of_digest.values())):
            self._known.update(dict.fromkeys(same, same))
        self._known.update((key, (key,)) for key in keys if key not in self._known)

    def first(self, keys: Iterable[int]) -> list[int]:
        """Return the first key of each of these sentences."""
        listed = list(keys)
        known = self.of(listed)
        return [known[key][0] for key in listed]

    def distinct(self, keys: KeyArray) -> KeyArray:
        """Return the first keys of these sentences, each once, in the order of the keys given."""
        return self.distinct_of(keys)[1]

    def distinct_of(self, keys: KeyArray) -> tuple[KeyArray, KeyArray]:
        """Return the first positions, in order, of sentences that are the same, and the first keys of these."""
        firsts = np.array(self.first(keys.tolist()), dtype=np.int64)
        positions = np.sort(np.unique(firsts, return_index=True)[1])
        return positions, firsts[positions]

    def spread(self, keys: Sequence[int]) -> dict[int, int]:
        """Return all keys of these sentences, each with the one of the keys given that stands for it: itself, if it is
        among them."""
        known = self.of(keys)
        asked = dict.fromkeys(keys)
        return {twin: twin if twin in asked else key for key in sorted(asked, reverse=True) for twin in known[key]}

    def gathered(self, keys: Sequence[int], found: Callable[[Sequence[int]], Mapping[int, T]]) -> dict[int, list[T]]:
        """Return, for each of these sentences, what is found by any of its keys; without anything it is left out."""
        known = self.of(keys)
        of_all = found(list({twin for key in keys for twin in known[key]}))
        gathered = {key: [of_all[twin] for twin in known[key] if twin in of_all] for key in keys}
        return {key: own for key, own in gathered.items() if own}
