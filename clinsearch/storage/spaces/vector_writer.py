"""How the vectors of sentences and notes change: statements and files, each within the writer's transaction."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path

import numpy as np
from sqlalchemy import Connection, delete, insert

from clinsearch.encoder.correction import fit_correction
from clinsearch.encoder.pooling import unit
from clinsearch.records import FloatArray
from clinsearch.storage.catalog import changes
from clinsearch.storage.catalog.notes import Catalog
from clinsearch.storage.catalog.tables import probes
from clinsearch.storage.catalog.vectors import VectorCatalog, read_cells
from clinsearch.storage.spaces import cells
from clinsearch.storage.spaces.cells import GROWTH, ROWS_PER_STEP, Cells, Sample, cells_wanted, sample_size
from clinsearch.storage.spaces.coded import CodedVectorSet, merge_coded, write_in_cells
from clinsearch.storage.spaces.compaction import files_to_merge
from clinsearch.storage.spaces.corrections import (
    CORRECTED,
    ENOUGH,
    correction_recipe,
    is_outgrown,
    keep_correction,
    read_corrections,
    set_recipe,
)
from clinsearch.storage.spaces.files import VECTOR_KINDS, KeyArray, Kind, VectorFile
from clinsearch.storage.spaces.flat import Vectors, open_vectors, write_vectors
from clinsearch.storage.spaces.lists import is_listed
from clinsearch.storage.spaces.recall import QUERIES, measured_probes, queries_between

SEED = 0


class VectorWriter:
    """Changes the vectors of sentences and notes over one connection, with their files in `folder`."""

    def __init__(self, connection: Connection, folder: Path) -> None:
        self._connection = connection
        self._folder = folder
        self._catalog = Catalog(connection)
        self._vectors = VectorCatalog(connection)

    def opened(self, kind: Kind) -> Vectors:
        """Open all vectors of a kind."""
        return open_vectors(self._folder, self._catalog.vector_files(kind), self.cells(kind))

    def cells(self, kind: Kind) -> Cells | None:
        """Return a kind's cells, if it has any yet."""
        return read_cells(self._folder, self._vectors, kind)

    def add(self, kind: Kind, keys: KeyArray, vectors: FloatArray) -> FloatArray:
        """Add vectors (n, hidden_size) as the model gives them under their keys (n,); return them as they are kept.

        The first of a kind that is to be corrected are those that its correction is fitted on.
        """
        if kind in CORRECTED and correction_recipe(self._connection):
            correction = read_corrections(self._connection).get(kind)
            if correction is None:
                correction = fit_correction(vectors)
                keep_correction(self._connection, kind, correction)
            vectors = correction.applied(vectors)
        self._add_as_is(kind, keys, vectors)
        return vectors

    def add_notes(self, note_keys: Sequence[int], new: Mapping[int, FloatArray]) -> None:
        """Add each note's vector: the sum of its sentences' vectors, at unit length; `new`: of those just added."""
        of_notes = self._catalog.sentences_in(note_keys)
        if not of_notes:
            return
        known = sorted({key for keys in of_notes.values() for key in keys} - new.keys())
        vectors = dict(new)
        if known:
            vectors |= zip(known, self.opened("sentence").of(np.array(known, dtype=np.int64)), strict=True)
        sums = np.stack([np.sum([vectors[key] for key in keys], axis=0) for keys in of_notes.values()])
        self._add_as_is("note", np.array(list(of_notes), dtype=np.int64), unit(sums))

    def correct_anew(self, recipe: str | None) -> None:
        """Correct all vectors by this recipe, fitted on what there is now, or let them be as the model gave them."""
        former = read_corrections(self._connection)
        set_recipe(self._connection, recipe)
        for kind in CORRECTED:
            opened = self.opened(kind)
            if not opened.rows:
                continue
            raw = former[kind].undone if kind in former else _as_they_are
            if recipe:
                keep_correction(self._connection, kind, fit_correction(raw(opened.of(_drawn(opened.keys, ENOUGH)))))
            self._forget_all(kind)
            for keys, vectors in opened.each():
                self.add(kind, keys, raw(vectors))
        self.forget_notes()
        self.add_notes(self._catalog.all_keys("note").tolist(), {})
        changes.count_commit(self._connection)

    def forget_notes(self) -> None:
        """Take the vectors of all notes out: those of their sentences are others now."""
        self._forget_all("note")
        changes.set_dead(self._connection, "note", np.empty(0, dtype=np.int64))

    def has_outgrown_correction(self) -> bool:
        """Tell whether there are so many more vectors that their corrections are to be fitted anew."""
        known = read_corrections(self._connection)
        return any(is_outgrown(correction, self._vectors.live_rows(kind)) for kind, correction in known.items())

    def compact(self) -> None:
        """Merge small files."""
        for kind in VECTOR_KINDS:
            for group in files_to_merge(self._catalog.vector_files(kind), self._vectors.live_rows(kind)):
                self._merge(kind, group)

    def drop_dead_rows(self) -> None:
        """Write those files anew that have rows of what was deleted."""
        for kind in VECTOR_KINDS:
            dead = self._vectors.dead_keys(kind)
            for file in self._catalog.vector_files(kind) if len(dead) else []:
                if np.isin(dead, open_vectors(self._folder, [file], self.cells(kind)).keys).any():
                    self._merge(kind, [file])

    def lacking(self, kind: Kind) -> KeyArray:
        """Return the keys, in order, of what lacks its vector; rows of what is not there any more are dead from now on.

        Where the counts agree nothing is read.
        """
        if not self._vectors.lacking(kind, self._catalog.vector_files(kind)):
            return np.empty(0, dtype=np.int64)
        live, keys = self._catalog.all_keys(kind), self.opened(kind).keys
        changes.set_dead(self._connection, kind, np.setdiff1d(keys, live))
        return np.setdiff1d(live, keys)

    def forget_unreadable(self) -> None:
        """Take codes out of the collection that have lost what says how to read them."""
        for kind in VECTOR_KINDS:
            coded = [file for file in self._catalog.vector_files(kind) if is_listed(file)]
            if self._vectors.cells_file(kind) is None or not coded:
                self._forget_cells(kind)
                changes.delete_vector_files(self._connection, [file.name for file in coded])

    def make_cells(self, kind: Kind, *, anew: bool = False) -> None:
        """Sort vectors into cells where there are enough, and more by GROWTH than when that was done, if ever.

        With `anew` wherever that was done, or there are enough: nothing of what was deleted lives on in a centre
        then. Nothing is lost: codes stay what they are.
        """
        rows, former = self._vectors.live_rows(kind), self._vectors.cells_file(kind)
        is_due = rows >= cells.LEAST_ROWS if former is None else anew or rows >= GROWTH * former.rows
        if not is_due:
            return
        if not rows:
            self._forget_cells(kind)
            return
        wanted = cells_wanted(rows)
        files = self._catalog.vector_files(kind)
        learned = Cells.learn(self._sample(kind, sample_size(wanted)), wanted, self.cells(kind))
        written = write_in_cells(self._folder, kind, self._live_rows(kind), learned)
        changes.delete_vector_files(self._connection, [file.name for file in files + ([former] if former else [])])
        changes.set_dead(self._connection, kind, np.empty(0, dtype=np.int64))
        self._add_file(learned.write(self._folder, kind, rows))
        self._add_file(written)
        self.measure(kind)
        changes.count_commit(self._connection)

    def measure(self, kind: Kind) -> None:
        """Find out, and keep, into how many cells a search has to look."""
        opened = self.opened(kind)
        if not isinstance(opened, CodedVectorSet):
            return
        self._connection.execute(delete(probes).where(probes.c.kind == kind))
        found = measured_probes(opened, queries_between(opened.of(_drawn(opened.keys, 2 * QUERIES))))
        rows = [{"kind": kind, "cells": opened.cells, **asdict(of_depth)} for of_depth in found]
        if rows:
            self._connection.execute(insert(probes), rows)

    def _forget_cells(self, kind: Kind) -> None:
        if file := self._vectors.cells_file(kind):
            changes.delete_vector_files(self._connection, [file.name])
        self._connection.execute(delete(probes).where(probes.c.kind == kind))

    def _sample(self, kind: Kind, size: int) -> Sample:
        opened = self.opened(kind)
        keys = _drawn(opened.keys, size)
        steps = np.array_split(keys, -(-len(keys) // ROWS_PER_STEP))
        return np.concatenate([opened.of(some).astype(np.float16) for some in steps])

    def _live_rows(self, kind: Kind) -> Iterator[tuple[KeyArray, FloatArray]]:
        dead = self._vectors.dead_keys(kind)
        for keys, vectors in self.opened(kind).each():
            kept = np.isin(keys, dead, invert=True)
            yield keys[kept], vectors[kept]

    def _merge(self, kind: Kind, files: list[VectorFile]) -> None:
        """Make one file of some, without their dead rows."""
        dead, cells = self._vectors.dead_keys(kind), self.cells(kind)
        if cells:
            merged, keys = merge_coded(self._folder, files, cells, dead)
            if merged:
                self._add_file(merged)
        else:
            vectors = open_vectors(self._folder, files, None)
            keys = vectors.keys
            if len(kept := np.setdiff1d(keys, dead)):
                self._add_as_is(kind, kept, vectors.of(kept))
        changes.delete_vector_files(self._connection, [file.name for file in files])
        if len(dead):
            changes.set_dead(self._connection, kind, np.setdiff1d(dead, keys))
        changes.count_commit(self._connection)

    def _add_as_is(self, kind: Kind, keys: KeyArray, vectors: FloatArray) -> None:
        self._add_file(write_vectors(self._folder, kind, keys, vectors, self.cells(kind)))

    def _forget_all(self, kind: Kind) -> None:
        self._forget_cells(kind)
        changes.delete_vector_files(self._connection, [file.name for file in self._catalog.vector_files(kind)])

    def _add_file(self, file: VectorFile) -> None:
        changes.insert_vector_file(self._connection, file)


def _as_they_are(vectors: FloatArray) -> FloatArray:
    return vectors


def _drawn(keys: KeyArray, size: int) -> KeyArray:
    """Draw some keys, in no order, the same each time."""
    return np.random.default_rng(SEED).choice(np.sort(keys), min(size, len(keys)), replace=False)
