"""Changes the spaces of a collection: their files, and the catalog's record of them, in one transaction."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from sqlalchemy import Connection

from clinsearch.records import FloatArray
from clinsearch.records.keys import KeyArray, is_among
from clinsearch.storage.catalog.changes import count_commit
from clinsearch.storage.catalog.words import live_keys
from clinsearch.storage.folder import vectors
from clinsearch.storage.folder.spaces.codecs import Codec
from clinsearch.storage.folder.spaces.codecs.cells import CellCodec, Sample
from clinsearch.storage.folder.spaces.compaction import files_to_merge
from clinsearch.storage.folder.spaces.files import LEARNED_OF, ROWS_PER_STEP, VectorFile
from clinsearch.storage.folder.spaces.lists import is_listed
from clinsearch.storage.folder.spaces.recall import QUERIES, measured_probes
from clinsearch.storage.folder.spaces.space import SPACES, Space, read_codec
from clinsearch.storage.folder.vectors import VectorCatalog
from clinsearch.storage.recall import queries_between
from clinsearch.storage.values import Kind, drawn

# Cells are learned, or search is measured, again at this many times as many rows.
GROWTH = 4
NO_KEYS = np.empty(0, dtype=np.int64)


class SpaceWriter:
    """Changes the spaces of a collection over one connection; their files are in `folder`."""

    def __init__(self, connection: Connection, folder: Path) -> None:
        self.connection = connection
        self._folder = folder
        self._vectors = VectorCatalog(connection)

    def opened(self, kind: Kind) -> Space:
        """Open all rows of a kind."""
        return Space(self._folder, self._vectors.files(kind), self.codec(kind))

    def codec(self, kind: Kind) -> Codec:
        """Return the codec of a kind's rows."""
        return read_codec(self._folder, kind, self._vectors.learned_file(kind), self._vectors.probes_by_depth(kind))

    def add(self, kind: Kind, keys: KeyArray, rows: FloatArray) -> None:
        """Add rows (n, width) with their keys (n,)."""
        if len(keys):
            self._add_file(self.codec(kind).write(self._folder, kind, keys, rows))

    def add_lacking(self, kind: Kind, keys: KeyArray, rows: FloatArray) -> None:
        """Add the rows whose keys are missing."""
        lacking = ~is_among(keys, np.sort(self.opened(kind).keys))
        self.add(kind, keys[lacking], rows[lacking])

    def lacking(self, kind: Kind) -> KeyArray:
        """Return the keys without a row, in order; mark rows deleted that belong to nothing.

        Reads nothing if the counts agree.
        """
        if not self._vectors.lacking(kind, self._vectors.files(kind)):
            return NO_KEYS
        live, keys = live_keys(self.connection, kind), np.sort(self.opened(kind).keys)
        vectors.set_deleted(self.connection, kind, keys[~is_among(keys, live)])
        return live[~is_among(live, keys)]

    def compact(self, kind: Kind) -> None:
        """Merge small files."""
        for group in files_to_merge(self._vectors.files(kind), self._vectors.live_rows(kind)):
            self._merge(kind, group)

    def drop_deleted(self, kind: Kind) -> None:
        """Rewrite the files that have deleted rows."""
        deleted = self._vectors.deleted_keys(kind)
        for file in self._vectors.files(kind) if len(deleted) else []:
            if is_among(Space(self._folder, [file], self.codec(kind)).keys, deleted).any():
                self._merge(kind, [file])

    def taken(self, kind: Kind) -> Iterator[tuple[KeyArray, FloatArray]]:
        """Remove all rows of a kind, and its learned file; yield the rows, deleted ones included."""
        opened = self.opened(kind)
        self._forget(kind)
        yield from opened.each()

    def forget_all(self, kind: Kind) -> None:
        """Remove all rows of a kind, its learned file, and which rows were deleted."""
        self._forget(kind)
        vectors.set_deleted(self.connection, kind, NO_KEYS)

    def _forget(self, kind: Kind) -> None:
        self._forget_learned(kind)
        self._forget_files(self._vectors.files(kind))

    def live_rows(self, kind: Kind) -> int:
        """Return how many vectors of a kind are in use."""
        return self._vectors.live_rows(kind)

    def forget_unreadable(self, kind: Kind) -> None:
        """Remove codes whose learned file is gone, and a learned file without codes."""
        coded = [file for file in self._vectors.files(kind) if is_listed(file)]
        if self._vectors.learned_file(kind) is None or not (coded or self._is_shared(kind)):
            self._forget_learned(kind)
            self._forget_files(coded)

    def learn(self, kind: Kind) -> None:
        """Code the rows of a kind if there are enough of them, unless they are coded already."""
        rows, space = self._vectors.live_rows(kind), SPACES[kind]
        is_due = space.teaches and rows >= space.coded.least_rows()
        if is_due and self._vectors.learned_file(kind) is None:
            self._recode(kind, rows)

    def renew(self, kind: Kind, *, anew: bool = False) -> None:
        """Learn new cells, and measure search again, if the rows have grown by GROWTH, or if `anew`.

        Removes all traces of deleted vectors from the centres. Codes stay the same, so nothing is lost. A codec that
        learns only once is only measured.
        """
        rows, learned = self._vectors.live_rows(kind), self._vectors.learned_file(kind)
        if learned is None or not SPACES[kind].teaches or not (anew or rows >= GROWTH * learned.rows):
            return
        if SPACES[kind].coded.is_learned_anew:
            self._recode(kind, rows)
            return
        vectors.set_rows(self.connection, learned, max(rows, 1))  # any number would be many times zero
        self._measure_all(kind)

    def measure(self, kind: Kind) -> None:
        """Measure and store how many cells a search has to look into."""
        opened = self.opened(kind)
        found = []
        if not opened.is_exact and opened.rows:
            found = measured_probes(opened, queries_between(opened.of(drawn(opened.keys, 2 * QUERIES))))
        vectors.set_probes(self.connection, kind, opened.cells, found)

    def _recode(self, kind: Kind, rows: int) -> None:
        """Learn to code rows of a kind, and rewrite all kinds that share the code; without rows, forget it."""
        if not rows:
            self._forget_learned(kind)
            return
        former, coded = self.codec(kind), SPACES[kind].coded
        sample = self._sample(kind, coded.sample_size(rows))
        learned = coded.learn_from(sample, rows, former if isinstance(former, CellCodec) else None)
        files = [file for one in _sharing(kind) for file in self._vectors.files(one)]
        written = [learned.write_all(self._folder, one, self._live_rows(one)) for one in _sharing(kind)]
        self._forget_learned(kind)
        self._forget_files(files)
        self._add_file(learned.save(self._folder, LEARNED_OF[kind], rows))
        for one, file in zip(_sharing(kind), written, strict=True):
            vectors.set_deleted(self.connection, one, NO_KEYS)
            if file:
                self._add_file(file)
        self._measure_all(kind)

    def _measure_all(self, kind: Kind) -> None:
        for one in _sharing(kind):
            self.measure(one)
        count_commit(self.connection)

    def _sample(self, kind: Kind, size: int) -> Sample:
        opened = self.opened(kind)
        keys = drawn(opened.keys, size)
        steps = np.array_split(keys, -(-len(keys) // ROWS_PER_STEP))
        return np.concatenate([opened.of(some).astype(np.float16) for some in steps])

    def _live_rows(self, kind: Kind) -> Iterator[tuple[KeyArray, FloatArray]]:
        deleted = self._vectors.deleted_keys(kind)
        for keys, rows in self.opened(kind).each():
            kept = ~is_among(keys, deleted)
            yield keys[kept], rows[kept]

    def _merge(self, kind: Kind, files: Sequence[VectorFile]) -> None:
        """Merge files into one, without their deleted rows."""
        deleted = self._vectors.deleted_keys(kind)
        merged, keys = self.codec(kind).merge(self._folder, files, deleted)
        if merged:
            self._add_file(merged)
        self._forget_files(files)
        if len(deleted):
            vectors.set_deleted(self.connection, kind, deleted[~is_among(deleted, np.sort(keys))])
        count_commit(self.connection)

    def _is_shared(self, kind: Kind) -> bool:
        return len(_sharing(kind)) > 1

    def _forget_learned(self, kind: Kind) -> None:
        if file := self._vectors.learned_file(kind):
            self._forget_files([file])
        for one in _sharing(kind):
            vectors.set_probes(self.connection, one, 0, [])

    def _forget_files(self, files: Sequence[VectorFile]) -> None:
        if files:
            vectors.delete_vector_files(self.connection, [file.name for file in files])

    def _add_file(self, file: VectorFile) -> None:
        vectors.insert_vector_file(self.connection, file)


def _sharing(kind: Kind) -> list[Kind]:
    """Return the kinds that share this kind's learned file."""
    return [one for one, learned in LEARNED_OF.items() if learned == LEARNED_OF[kind]]
