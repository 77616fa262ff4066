"""What a keyword index tells about its texts as a whole, and about which of them pass a filter."""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import numpy as np
from sqlalchemy import Connection, Select

from clinsearch.records import Filter
from clinsearch.records.keys import KeyArray
from clinsearch.storage.catalog.counted import count_of
from clinsearch.storage.catalog.filters import notes_passing, sentences_passing
from clinsearch.storage.catalog.kept import is_kept
from clinsearch.storage.catalog.notes import Catalog
from clinsearch.storage.catalog.rows import chunks, in_both, one_of, read_keys
from clinsearch.storage.catalog.tables import notes, occurrences
from clinsearch.storage.values import TextKind


class TextFilters:
    """Queries over one connection about sentences or notes, without their terms."""

    def __init__(self, connection: Connection, kind: TextKind) -> None:
        self._connection, self.kind = connection, kind

    def mean_length(self) -> float:
        """Return how many terms a text has on average."""
        return self._mean_length

    def size(self) -> int:
        """Return how many texts there are."""
        return self._size

    @cached_property
    def _mean_length(self) -> float:
        return self._count(f"{self.kind}_terms") / max(self.size(), 1)

    @cached_property
    def _size(self) -> int:
        return self._count(f"{self.kind}s")

    def distinct(self, keys: KeyArray) -> KeyArray:
        """Return these keys: in one database no text has two."""
        return keys

    def few_passing(self, where: Filter, most: int) -> KeyArray | None:
        """Return the keys of all that pass, None if these are in more than `most` places."""
        if not where.measured:
            keys = self._keys(self._all_passing(where).limit(most + 1))
        elif self.places_passing(where) <= most:
            keys = self.all_passing(
                where
            )  # All values of a name are read, however few are wanted: what passes is kept.
        else:
            return None
        return None if len(keys) > most else np.unique(keys)

    def all_passing(self, where: Filter) -> KeyArray:
        """Return the keys of all that pass, in order."""
        return Catalog(self._connection).keys_passing(self.kind, where)

    def places_passing(self, where: Filter) -> int:
        """Estimate the number of places that pass, ignoring sections."""
        everything = self._count("occurrences" if self.kind == "sentence" else "notes")
        return int(Catalog(self._connection).share_of_notes(where) * everything)

    def passing(self, keys: Sequence[int], where: Filter) -> KeyArray:
        """Return those of these keys that pass, in order."""
        if is_kept(self._connection, (self.kind, where)):
            return in_both(keys, self.all_passing(where))
        if self.kind == "sentence":
            query, column = sentences_passing(where, by_index=False), occurrences.c.sentence
        else:
            query, column = notes_passing(where, by_index=False), notes.c.key
        found = [self._keys(query.where(one_of(column, some))) for some in chunks(keys)]
        return np.unique(np.concatenate([np.empty(0, dtype=np.int64), *found]))

    def _all_passing(self, where: Filter) -> Select[Any]:
        return sentences_passing(where) if self.kind == "sentence" else notes_passing(where)

    def _keys(self, query: Select[Any]) -> KeyArray:
        return read_keys(self._connection, query)

    def _count(self, name: str) -> int:
        return count_of(self._connection, name)
