"""Which of very many ids occur several times: of each only a hash of eight bytes is held."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable
from dataclasses import dataclass, field

import numpy as np

from clinsearch.records.keys import KeyArray


@dataclass(frozen=True, slots=True)
class Repeats:
    """The ids that occur several times, and what has the hash of one of them: rare, as hashes are keyed anew each run.

    hashes: theirs, in order.
    """

    hashes: array[int]

    def __len__(self) -> int:
        return len(self.hashes)

    def __contains__(self, note_id: str) -> bool:
        sought = hash(note_id)
        place = bisect_left(self.hashes, sought)
        return place < len(self.hashes) and self.hashes[place] == sought


@dataclass(frozen=True, slots=True)
class IdHashes:
    """The hashes of ids, in the order in which they came."""

    hashes: array[int] = field(default_factory=lambda: array("q"))

    def add(self, note_id: str) -> None:
        """Add an id."""
        self.hashes.append(hash(note_id))

    def repeats(self) -> Repeats:
        """Return the ids that were added several times; puts the hashes in order."""
        ordered = np.frombuffer(self.hashes, dtype=np.int64)
        ordered.sort()
        return Repeats(_of_several(ordered))


def shared(tables: Iterable[IdHashes]) -> Repeats:
    """Return the ids that occur in several tables."""
    once = [np.unique(np.frombuffer(table.hashes, dtype=np.int64)) for table in tables]
    return Repeats(_of_several(np.sort(np.concatenate(once)))) if once else Repeats(array("q"))


def _of_several(ordered: KeyArray) -> array[int]:
    """Return once each of the hashes that occur several times."""
    later = ordered[1:]
    return array("q", np.unique(later[later == ordered[:-1]]).tobytes())
