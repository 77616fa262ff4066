"""What can be asked of the catalog about vectors: how many there should be, which are dead, where to look for them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from sqlalchemy import Connection, func, select

from clinsearch.storage.catalog.soundness import is_count, require_sound
from clinsearch.storage.catalog.tables import counts, dead_rows, probes, vector_files
from clinsearch.storage.spaces.cells import CELLS_OF, Cells
from clinsearch.storage.spaces.files import KeyArray, Kind, VectorFile

# Of dead rows that were those of one sentence; a longer one is of rows in files.
LONGEST_RUN = 1 << 20

# Under which name the catalog counts what has a vector of a kind.
COUNT_OF: dict[Kind, str] = {
    "sentence": "sentences",
    "note": "notes_with_sentences",
    "opening": "notes_with_sentences",
    "word": "words",
    "piece": "pieces",
}


@dataclass(frozen=True, slots=True)
class Probes:
    """Into how many cells to look for the `depth` best, and which share of them that finds."""

    depth: int
    probes: int
    recall: float


class VectorCatalog:
    """The questions, asked over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def live_rows(self, kind: Kind) -> int:
        """Return how many vectors of a kind are in use."""
        return self._connection.scalar(select(counts.c.rows).where(counts.c.name == COUNT_OF[kind])) or 0

    def dead_keys(self, kind: Kind) -> KeyArray:
        """Return the keys, in order, of the rows of a kind that are not in use any more."""
        query = select(dead_rows.c.first, dead_rows.c.rows).where(dead_rows.c.kind == kind).order_by(dead_rows.c.first)
        rows = self._connection.execute(query).all()
        there = self._connection.scalar(select(func.sum(vector_files.c.rows)).where(vector_files.c.kind == kind)) or 0
        most = max(there, LONGEST_RUN)
        require_sound(all(is_count(first) and is_count(count) and count <= most for first, count in rows))
        ranges = [np.arange(first, first + count) for first, count in rows]
        return np.concatenate([np.empty(0, dtype=np.int64), *ranges])

    def lacking(self, kind: Kind, files: Sequence[VectorFile]) -> int:
        """Return how many more rows of a kind there should be than these files have."""
        dead = select(func.sum(dead_rows.c.rows)).where(dead_rows.c.kind == kind)
        expected = self.live_rows(kind) + (self._connection.scalar(dead) or 0)
        return expected - sum(file.rows for file in files)

    def cells(self, kind: Kind) -> int | None:
        """Return how many cells a kind's vectors lie in, None where there are none."""
        query = select(probes.c.cells).where(probes.c.kind == kind).limit(1)
        return self._connection.scalar(query)

    def cells_file(self, kind: Kind) -> VectorFile | None:
        """Return the file of a kind's cells, None where there are none."""
        query = select(vector_files).where(vector_files.c.kind == CELLS_OF[kind])
        row = self._connection.execute(query).first()
        return VectorFile(*row) if row else None

    def probes(self, kind: Kind) -> list[Probes]:
        """Return what was measured when a kind's cells were made, by depth."""
        query = select(probes.c.depth, probes.c.probes, probes.c.recall).where(probes.c.kind == kind)
        return [Probes(*row) for row in self._connection.execute(query.order_by(probes.c.depth))]


def read_cells(folder: Path, in_catalog: VectorCatalog, kind: Kind) -> Cells | None:
    """Read a kind's cells, if it has any, with what was measured. Raises FileNotFoundError, CollectionDamaged."""
    file = in_catalog.cells_file(kind)
    if file is None:
        return None
    return Cells.read(folder / file.name, file, {found.depth: found.probes for found in in_catalog.probes(kind)})
