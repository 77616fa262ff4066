"""What does not change between two commits, read once: so that a search begins with one question to the server."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeAlias

from sqlalchemy import Connection, text

from clinsearch.encoder.correction import Correction
from clinsearch.encoder.words import WORD_RECIPE
from clinsearch.records.locations import Database
from clinsearch.records.readings import LANGUAGE_VERSION
from clinsearch.storage.catalog.copies import require_whole
from clinsearch.storage.catalog.corrections import read_corrections
from clinsearch.storage.catalog.counted import sees_some
from clinsearch.storage.port import Vectors
from clinsearch.storage.postgres.database import check_revision, nothing_at, older
from clinsearch.storage.postgres.questions import PostgresCatalog
from clinsearch.storage.postgres.seen import SEES_SOME, NoWords, count_what_is_seen
from clinsearch.storage.postgres.spaces import TableSpaces
from clinsearch.storage.postgres.vector_search import Graphs, Layout, open_vectors, read_layout
from clinsearch.storage.postgres.vectors import driver_connection
from clinsearch.storage.postgres.word_search import open_words
from clinsearch.storage.values import VECTOR_KINDS, WORD_KINDS, EncoderIdentity, Kind, damaged_vectors

# The revision, the key of the owner's row, the last commit, the newest graph, and whether the role sees some notes
# alone.
Stamp: TypeAlias = tuple[str, int, datetime, int, int, bool]

_STAMP = text(
    "SELECT (SELECT version_num FROM alembic_version), key, created_at, commits, "
    f"(SELECT coalesce(max(number), 0) FROM vector_segments), {SEES_SOME} FROM collection"
)


@dataclass(frozen=True, slots=True)
class Opened:
    """A collection as of one commit. layouts, rows: of vectors, by kind."""

    stamp: Stamp
    encoder: EncoderIdentity
    has_words: bool
    layouts: dict[Kind, Layout]
    rows: dict[Kind, int]
    corrections: dict[Kind, Correction]


def open_collection(connection: Connection, database: Database, former: Opened | None) -> Opened:
    """Read what the collection is as of a transaction, unless nothing has changed since a former one.

    Raises CollectionNotFound, CollectionUnfinished, CollectionVersion, CollectionDamaged.
    """
    if former is not None and _stamp(connection) == former.stamp:
        count_what_is_seen(connection, former.stamp[-1])
        return former
    if not check_revision(connection, database):
        raise nothing_at(database)
    catalog, spaces = PostgresCatalog(connection), TableSpaces(connection)
    encoder, stamp = catalog.encoder(), _stamp(connection)
    if encoder is None or stamp is None:
        raise nothing_at(database)
    require_whole(connection, database)
    if catalog.language() != LANGUAGE_VERSION:
        raise older(database)
    count_what_is_seen(connection, stamp[-1])
    layouts = {kind: read_layout(connection, kind) for kind in VECTOR_KINDS}
    if any(layout.width != encoder.hidden_size for layout in layouts.values()):
        raise damaged_vectors()
    rows = {kind: spaces.live_rows(kind) for kind in VECTOR_KINDS}
    has_words = catalog.word_recipe() == WORD_RECIPE
    return Opened(stamp, encoder, has_words, layouts, rows, read_corrections(connection))


class OpenedSpaces(Mapping[Kind, Vectors]):
    """The vectors of a snapshot by kind; each is opened when it is first asked for."""

    def __init__(self, connection: Connection, opened: Opened) -> None:
        self._connection, self._opened = connection, opened
        self._graphs = Graphs(driver_connection(connection))
        self._spaces: dict[Kind, Vectors] = {}

    def __getitem__(self, kind: Kind) -> Vectors:
        if kind not in self._spaces:
            self._spaces[kind] = self._open(kind)
        return self._spaces[kind]

    def __iter__(self) -> Iterator[Kind]:
        return iter((*VECTOR_KINDS, *(WORD_KINDS if self._opened.has_words else ())))

    def __len__(self) -> int:
        return len(list(iter(self)))

    def __contains__(self, kind: object) -> bool:
        return kind in list(iter(self))

    def _open(self, kind: Kind) -> Vectors:
        if kind not in self:
            raise KeyError(kind)
        if kind == "word" or kind == "piece":
            return NoWords() if sees_some(self._connection) else open_words(self._connection, kind)
        return open_vectors(self._connection, kind, self._opened.rows[kind], self._opened.layouts[kind], self._graphs)


def _stamp(connection: Connection) -> Stamp | None:
    row = connection.execute(_STAMP).first()
    return None if row is None else (str(row[0]), row[1], row[2], row[3], row[4], row[5])
