"""The catalog of a database: what PostgreSQL does its own way."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from sqlalchemy import ColumnElement, cast, select

from clinsearch.records import SearchQuality
from clinsearch.storage.catalog.columns import INDEXED_CHARACTERS, start_of
from clinsearch.storage.catalog.counted import sees_some
from clinsearch.storage.catalog.questions import CollectionCatalog
from clinsearch.storage.catalog.rows import beginning
from clinsearch.storage.postgres.changes import has_remains, newest_key
from clinsearch.storage.postgres.keywords import KeywordIndex
from clinsearch.storage.postgres.seen import SeenKeywordIndex
from clinsearch.storage.postgres.spaces import TableSpaces
from clinsearch.storage.postgres.vector_search import open_vectors
from clinsearch.storage.postgres.word_cells import read_recall
from clinsearch.storage.postgres.word_search import open_words
from clinsearch.storage.values import VECTOR_KINDS, WORD_KINDS, Kind, TextKind, WordKind

# The recall that is shown is that of the ten nearest.
SHOWN_DEPTH = 10


class PostgresCatalog(CollectionCatalog):
    """The catalog in PostgreSQL, as `storage.port.Catalog` describes it."""

    def keywords(self, kind: TextKind) -> KeywordIndex:
        """Return the keyword index of sentences, or of notes."""
        return (SeenKeywordIndex if sees_some(self.connection) else KeywordIndex)(self.connection, kind)

    def names_in(self, column: ColumnElement[Any]) -> Iterable[str]:
        """Return the distinct values of a column in which few stand in many rows: each by one step in its index."""
        name = beginning(column)
        first = select(name).where(name.is_not(None)).order_by(name).limit(1)
        found = select(first.scalar_subquery().label("name")).cte(recursive=True)
        after = select(name).where(name > found.c.name).order_by(name).limit(1).scalar_subquery()
        found = found.union_all(select(after).where(found.c.name.is_not(None)))
        whole = select(cast(found.c.name, column.type)).where(found.c.name.is_not(None))
        names = list(self.connection.scalars(whole))
        if all(len(start_of(one)) < INDEXED_CHARACTERS for one in names):
            return names
        return super().names_in(column)

    def newest_key(self) -> int:
        """Return the highest key that a note was ever given, 0 before the first."""
        return newest_key(self.connection)

    def has_remains(self) -> bool:
        """Tell whether deleted text may still be on the disk."""
        return has_remains(self.connection)

    def search_quality(self) -> tuple[SearchQuality, ...]:
        """Return, for each kind of vectors, how many there are and how they are searched."""
        by_graphs = map(self._graph_quality, VECTOR_KINDS)
        return (*by_graphs, *(shown for kind in WORD_KINDS if (shown := self._word_quality(kind))))

    def _graph_quality(self, kind: Kind) -> SearchQuality:
        rows = TableSpaces(self.connection).live_rows(kind)
        vectors = open_vectors(self.connection, kind, rows)
        if vectors.is_exact:
            return SearchQuality(kind, rows)
        recall = vectors.recall_at(min(vectors.depths, default=SHOWN_DEPTH))
        graphs, candidates = len(vectors.segments), vectors.candidates_for(SHOWN_DEPTH)
        return SearchQuality(kind, rows, recall=recall, graphs=graphs, candidates=candidates)

    def _word_quality(self, kind: WordKind) -> SearchQuality | None:
        """Return how words are searched, once that is measured."""
        measured = read_recall(self.connection, kind)
        if not measured:
            return None
        words = open_words(self.connection, kind)
        probes, recall = measured[min(measured)]
        return SearchQuality(kind, words.rows, words.cells, probes, recall)
