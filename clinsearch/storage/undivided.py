"""Where notes are stored that are all stored in one place."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from contextlib import AbstractContextManager

from clinsearch.records import Note
from clinsearch.records.readings import ReadNote
from clinsearch.storage.port import Catalog


class Undivided(ABC):
    """What `storage.port.Writer` says of the places of notes."""

    @abstractmethod
    def catalog(self) -> AbstractContextManager[Catalog]:
        """Yield the catalog as it is now."""

    def lacking(self, added: Sequence[ReadNote]) -> set[bytes]:
        """Return the digests of those sentences of these notes that are not yet stored."""
        digests = {sentence.digest for item in added for sentence in item.sentences}
        with self.catalog() as catalog:
            return digests - catalog.sentence_keys_of(list(digests)).keys()

    def is_at_home(self, note_key: int, note: Note) -> bool:
        """Tell that a stored note stays where it is whatever its fields become."""
        return True
