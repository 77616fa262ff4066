"""What a storage offers for changing its vectors: enough to keep those of texts, notes and words in step."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol

from sqlalchemy import Connection

from clinsearch.records import FloatArray
from clinsearch.records.keys import KeyArray
from clinsearch.storage.values import Kind


class StoredVectors(Protocol):
    """All vectors of one kind, those of deleted keys included."""

    @property
    def rows(self) -> int:
        """How many there are."""

    @property
    def keys(self) -> KeyArray:
        """The key of each, in no particular order."""

    def of(self, keys: KeyArray) -> FloatArray:
        """Read the vectors of these keys, (n, width). Raises KeyError if one is missing."""

    def each(self) -> Iterator[tuple[KeyArray, FloatArray]]:
        """Yield all vectors, some at a time: keys (n,) and vectors (n, width)."""


class WritableSpaces(Protocol):
    """Changes the vectors of a collection, in the transaction of a connection."""

    @property
    def connection(self) -> Connection:
        """The connection."""

    def opened(self, kind: Kind) -> StoredVectors:
        """Open all vectors of a kind."""

    def add(self, kind: Kind, keys: KeyArray, rows: FloatArray) -> None:
        """Add rows (n, width) with their keys (n,)."""

    def add_lacking(self, kind: Kind, keys: KeyArray, rows: FloatArray) -> None:
        """Add the rows whose keys are missing."""

    def lacking(self, kind: Kind) -> KeyArray:
        """Return the keys without a vector, in order; take vectors out of search that belong to nothing."""

    def live_rows(self, kind: Kind) -> int:
        """Return how many vectors are in use."""

    def taken(self, kind: Kind) -> Iterator[tuple[KeyArray, FloatArray]]:
        """Remove all vectors of a kind, and yield them, some at a time: keys (n,) and vectors (n, width).

        Others may meanwhile be added with the keys of those that were yielded.
        """

    def forget_all(self, kind: Kind) -> None:
        """Remove all vectors of a kind, and which of them were deleted."""

    def learn(self, kind: Kind) -> None:
        """Code the vectors of a kind if there are enough of them, unless they are coded already."""
