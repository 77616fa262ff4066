"""What a folder derives from texts: FTS5's keyword index, and files of vectors whose deleted rows are marked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from sqlalchemy import Connection

from clinsearch.storage.folder import keywords
from clinsearch.storage.folder.remains import Remains, mark_remains
from clinsearch.storage.folder.vectors import mark_deleted
from clinsearch.storage.values import Kind, TextKind


class FolderDerived:
    """What changes with the catalog, as `catalog.changes.Derived` describes it."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def add_terms(self, kind: TextKind, terms: Mapping[int, Sequence[str]]) -> int:
        """Add the terms of new sentences or notes, by key; return the number of terms."""
        return keywords.add_terms(self._connection, kind, terms)

    def remove_terms(self, kind: TextKind, terms: Mapping[int, Sequence[str]]) -> int:
        """Remove the terms of sentences or notes, exactly as they were added; return the number of terms."""
        return keywords.remove_terms(self._connection, kind, terms)

    def forget_all_terms(self) -> None:
        """Remove all terms, by whatever rules they were made."""
        keywords.forget_all_terms(self._connection)

    def forget_vectors(self, kind: Kind, ranges: Sequence[tuple[int, int]]) -> None:
        """Mark vectors deleted, given as (first key, number), until their files are rewritten without them."""
        mark_deleted(self._connection, kind, ranges)

    def mark_remains(self) -> None:
        """Record that text was deleted, of which the disk may still hold traces."""
        mark_remains(self._connection, Remains.IN_PAGES)
