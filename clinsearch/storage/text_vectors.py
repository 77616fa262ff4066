"""The vectors of texts: corrected ones of sentences and openings; for notes, the sums of their sentences'."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from clinsearch.encoder.correction import Correction, fit_correction
from clinsearch.encoder.pooling import unit
from clinsearch.records import FloatArray
from clinsearch.storage.catalog.changes import count_commit
from clinsearch.storage.catalog.corrections import (
    CORRECTED,
    ENOUGH,
    correction_recipe,
    is_outgrown,
    keep_correction,
    read_corrections,
    set_recipe,
)
from clinsearch.storage.catalog.notes import Catalog
from clinsearch.storage.values import Kind, drawn
from clinsearch.storage.writable import WritableSpaces

# The sentences' vectors of this many notes are read at once.
NOTES_PER_STEP = 256
ROWS_PER_STEP = 16_384


def add_texts(spaces: WritableSpaces, kind: Kind, given: Mapping[int, FloatArray]) -> dict[int, FloatArray]:
    """Add the model's vectors, by key; return them as stored.

    The correction of a kind, if it is to be corrected, is fitted on the first vectors added.
    """
    if not given:
        return {}
    rows = np.stack(list(given.values()))
    if kind in CORRECTED and correction_recipe(spaces.connection):
        correction = read_corrections(spaces.connection).get(kind)
        if correction is None:
            correction = fit_correction(rows)
            keep_correction(spaces.connection, kind, correction)
        rows = correction.applied(rows)
    spaces.add(kind, np.array(list(given), dtype=np.int64), rows)
    return dict(zip(given, rows, strict=True))


def add_notes(spaces: WritableSpaces, note_keys: Sequence[int], new: Mapping[int, FloatArray]) -> None:
    """Add each note's vector: the sum of its sentences' vectors, at unit length; `new`: sentence vectors just added."""
    opened = None
    for start in range(0, len(note_keys), ROWS_PER_STEP):
        keys, sums = [], []
        for first in range(start, min(start + ROWS_PER_STEP, len(note_keys)), NOTES_PER_STEP):
            some = note_keys[first : min(first + NOTES_PER_STEP, start + ROWS_PER_STEP)]
            of_notes = Catalog(spaces.connection).sentences_in(some)
            known = {key for of_note in of_notes.values() for key in of_note} - new.keys()
            if known and opened is None:
                opened = spaces.opened("sentence")
            its = dict(new)
            if opened:
                own = np.array(sorted(known), dtype=np.int64)
                its |= zip(own.tolist(), opened.of(own), strict=True)
            keys += list(of_notes)
            sums += [np.sum([its[key] for key in of_note], axis=0) for of_note in of_notes.values()]
        if keys:
            spaces.add("note", np.array(keys, dtype=np.int64), unit(np.stack(sums)))


def correct_anew(spaces: WritableSpaces, recipe: str | None, fitted: Mapping[Kind, Correction] | None = None) -> None:
    """Correct all vectors by this recipe; None restores the model's vectors.

    fitted: the corrections, by default fitted on the current vectors.
    """
    former = read_corrections(spaces.connection)
    set_recipe(spaces.connection, recipe)
    for kind in CORRECTED:
        opened = spaces.opened(kind)
        own = fitted.get(kind) if fitted else None
        if own and recipe:
            keep_correction(spaces.connection, kind, own)
        if not opened.rows:
            continue
        raw = former[kind].undone if kind in former else np.asarray
        if recipe and not own:
            keep_correction(spaces.connection, kind, fit_correction(raw(opened.of(drawn(opened.keys, ENOUGH)))))
        for keys, kept in spaces.taken(kind):
            add_texts(spaces, kind, dict(zip(keys.tolist(), raw(kept), strict=True)))
    spaces.forget_all("note")
    add_notes(spaces, Catalog(spaces.connection).all_keys("note").tolist(), {})
    count_commit(spaces.connection)


def sample(spaces: WritableSpaces, kind: Kind, most: int) -> FloatArray:
    """Draw a sample of the vectors of a kind as the model gives them, (n, width)."""
    opened, known = spaces.opened(kind), read_corrections(spaces.connection).get(kind)
    rows = opened.of(drawn(opened.keys, most))
    return known.undone(rows) if known and len(rows) else rows


def has_outgrown_correction(spaces: WritableSpaces) -> bool:
    """Tell whether there are so many more vectors that the corrections should be fitted again."""
    known = read_corrections(spaces.connection)
    return any(is_outgrown(correction, spaces.live_rows(kind)) for kind, correction in known.items())
