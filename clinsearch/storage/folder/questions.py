"""The catalog of a folder: what SQLite does its own way."""

from __future__ import annotations

from sqlalchemy import text

from clinsearch.records import SearchQuality
from clinsearch.storage.catalog.questions import CollectionCatalog
from clinsearch.storage.catalog.soundness import is_count, require_sound
from clinsearch.storage.folder.keywords import KeywordIndex
from clinsearch.storage.folder.remains import remains_in
from clinsearch.storage.folder.vectors import VectorCatalog
from clinsearch.storage.values import VECTOR_KINDS, WORD_KINDS, Kind, TextKind


class LocalCatalog(CollectionCatalog):
    """The catalog in SQLite, as `storage.port.Catalog` describes it."""

    def keywords(self, kind: TextKind) -> KeywordIndex:
        """Return the keyword index of sentences, or of notes."""
        return KeywordIndex(self.connection, kind)

    def newest_key(self) -> int:
        """Return the highest key that a note was ever given, 0 before the first."""
        newest = self.connection.scalar(text("SELECT seq FROM sqlite_sequence WHERE name = 'notes'"))
        require_sound(newest is None or is_count(newest))
        return newest or 0

    def has_remains(self) -> bool:
        """Tell whether deleted text may still be on the disk."""
        return bool(remains_in(self.connection))

    def search_quality(self) -> tuple[SearchQuality, ...]:
        """Return, for each kind of vectors, how many there are and how they are searched."""
        in_catalog = VectorCatalog(self.connection)
        measured = tuple(kind for kind in WORD_KINDS if in_catalog.probes(kind))
        return tuple(_quality(in_catalog, kind) for kind in VECTOR_KINDS + measured)


def _quality(in_catalog: VectorCatalog, kind: Kind) -> SearchQuality:
    rows, measured = in_catalog.live_rows(kind), in_catalog.probes(kind)
    if not measured:
        return SearchQuality(kind, rows)
    return SearchQuality(kind, rows, in_catalog.cells(kind), measured[0].probes, measured[0].recall)
