"""What the catalog knows about vectors: their files, their number, which are deleted, how many cells to search."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass

import numpy as np
from sqlalchemy import Connection, delete, func, insert, select, update

from clinsearch.records.keys import KeyArray
from clinsearch.storage.catalog.soundness import is_count, require_sound
from clinsearch.storage.catalog.tables import counts
from clinsearch.storage.folder.spaces.files import LEARNED_OF, VectorFile
from clinsearch.storage.folder.tables import dead_rows, probes, vector_files
from clinsearch.storage.values import COUNT_OF, Kind

# The longest run of deleted rows that one sentence may leave; a longer one is no longer than all rows in files.
LONGEST_RUN = 1 << 20


@dataclass(frozen=True, slots=True)
class Probes:
    """How many cells to search for the `depth` best, and the share of these that this finds."""

    depth: int
    probes: int
    recall: float


class VectorCatalog:
    """Queries over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def files(self, kind: Kind | None = None) -> list[VectorFile]:
        """Return the collection's files of vectors, of one kind or of all."""
        query = select(vector_files).order_by(vector_files.c.name)
        if kind:
            query = query.where(vector_files.c.kind == kind)
        return [VectorFile(*row) for row in self._connection.execute(query)]

    def live_rows(self, kind: Kind) -> int:
        """Return how many vectors of a kind are in use."""
        return self._connection.scalar(select(counts.c.rows).where(counts.c.name == COUNT_OF[kind])) or 0

    def deleted_keys(self, kind: Kind) -> KeyArray:
        """Return the keys, in order, of the deleted rows of a kind."""
        query = select(dead_rows.c.first, dead_rows.c.rows).where(dead_rows.c.kind == kind).order_by(dead_rows.c.first)
        rows = self._connection.execute(query).all()
        there = self._connection.scalar(select(func.sum(vector_files.c.rows)).where(vector_files.c.kind == kind)) or 0
        most = max(there, LONGEST_RUN)
        require_sound(all(is_count(first) and is_count(count) and count <= most for first, count in rows))
        ranges = [np.arange(first, first + count) for first, count in rows]
        return np.concatenate([np.empty(0, dtype=np.int64), *ranges])

    def lacking(self, kind: Kind, files: Sequence[VectorFile]) -> int:
        """Return how many rows of a kind are missing in these files."""
        deleted = select(func.sum(dead_rows.c.rows)).where(dead_rows.c.kind == kind)
        expected = self.live_rows(kind) + (self._connection.scalar(deleted) or 0)
        return expected - sum(file.rows for file in files)

    def cells(self, kind: Kind) -> int | None:
        """Return how many cells a kind's vectors are in, None if there are no cells."""
        query = select(probes.c.cells).where(probes.c.kind == kind).limit(1)
        return self._connection.scalar(query)

    def learned_file(self, kind: Kind) -> VectorFile | None:
        """Return the file that says how to read a kind's codes, None if there is none."""
        query = select(vector_files).where(vector_files.c.kind == LEARNED_OF[kind]).order_by(vector_files.c.name)
        row = self._connection.execute(query).first()
        return VectorFile(*row) if row else None

    def probes(self, kind: Kind) -> list[Probes]:
        """Return what was measured when a kind's cells were made, in order of depth."""
        query = select(probes.c.depth, probes.c.probes, probes.c.recall).where(probes.c.kind == kind)
        return [Probes(*row) for row in self._connection.execute(query.order_by(probes.c.depth))]

    def probes_by_depth(self, kind: Kind) -> dict[int, int]:
        """Return how many of a kind's cells to search, by depth."""
        return {found.depth: found.probes for found in self.probes(kind)}


def insert_vector_file(connection: Connection, file: VectorFile) -> None:
    """Add a file of vectors to the collection."""
    connection.execute(insert(vector_files).values(**asdict(file)))


def delete_vector_files(connection: Connection, names: Sequence[str]) -> None:
    """Remove files of vectors from the collection."""
    connection.execute(delete(vector_files).where(vector_files.c.name.in_(names)))


def set_rows(connection: Connection, file: VectorFile, rows: int) -> None:
    """Record for how many rows search in a learned file's cells was last measured."""
    connection.execute(update(vector_files).where(vector_files.c.name == file.name).values(rows=rows))


def set_probes(connection: Connection, kind: Kind, cells: int, found: Sequence[Probes]) -> None:
    """Replace what was measured of a kind, with this number of cells."""
    connection.execute(delete(probes).where(probes.c.kind == kind))
    if found:
        rows = [{"kind": kind, "cells": cells, **asdict(of_depth)} for of_depth in found]
        connection.execute(insert(probes), rows)


def mark_deleted(connection: Connection, kind: Kind, ranges: Sequence[tuple[int, int]]) -> None:
    """Mark rows deleted, given as (first key, number), until the files are rewritten without them."""
    if ranges:
        rows = [{"kind": kind, "first": first, "rows": rows} for first, rows in ranges]
        connection.execute(insert(dead_rows), rows)


def set_deleted(connection: Connection, kind: Kind, keys: KeyArray) -> None:
    """Mark exactly these rows of a kind deleted; the keys are sorted."""
    connection.execute(delete(dead_rows).where(dead_rows.c.kind == kind))
    runs = np.split(keys, np.flatnonzero(np.diff(keys) != 1) + 1) if len(keys) else []
    mark_deleted(connection, kind, [(int(run[0]), len(run)) for run in runs])
