"""The corrections of vectors, which are the same in all shards: those of the first, which the others are given.

Where a change of them is cut short, the shards differ; nothing is found then until a writer has brought them together.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from typing import Protocol, Self

import numpy as np

from clinsearch.encoder.correction import Correction, fit_correction
from clinsearch.records import FloatArray
from clinsearch.storage.catalog.corrections import CORRECTED, ENOUGH, is_outgrown
from clinsearch.storage.port import Writer
from clinsearch.storage.sharded.gathering import Shard, Shards
from clinsearch.storage.values import Kind


class ShardWriter(Writer, Protocol):
    """The right to change a shard. Its corrections are not its own: they are fitted on vectors of all shards."""

    def __enter__(self) -> Self: ...

    def forget_last_search(self) -> None:
        """Delete the remembered searches, which may show what is about to be deleted."""

    def next_keys(self) -> dict[str, int]:
        """Return the next key of `notes` and of `sentences`."""

    def has_remains(self) -> bool:
        """Tell whether the disk may still hold traces of deleted text."""

    def corrections(self) -> Mapping[Kind, Correction]:
        """Return the corrections by kind, without kinds that had no vectors to fit one on yet."""

    def keep_fitted(self, kind: Kind, correction: Correction) -> None:
        """Keep the correction of a kind, unless there is one."""

    def correct_by(self, recipe: str | None, corrections: Mapping[Kind, Correction]) -> None:
        """Correct all vectors anew by these corrections, which are of this recipe; None for not at all."""

    def rows(self, kind: Kind) -> int:
        """Count the vectors of a kind."""

    def sample(self, kind: Kind, most: int) -> FloatArray:
        """Draw a sample of the vectors of a kind as the model gives them, (n, width)."""


class Corrections:
    """Keeps the corrections of all shards the same."""

    def __init__(self, shards: Shards[ShardWriter]) -> None:
        self._shards = shards
        self._fitted: set[Kind] = set()

    def fit(self, given: Mapping[Kind, Iterable[FloatArray]]) -> None:
        """Fit the correction of each kind, if it is to be corrected, on its first vectors, as the model gives them."""
        for kind, rows in given.items():
            listed = [] if kind in self._fitted else list(rows)
            if not listed:
                continue
            if self._recipe() is not None:
                first = self._shards.first
                if kind not in first.corrections():
                    first.keep_fitted(kind, fit_correction(np.stack(listed)))
                kept = first.corrections()[kind]
                self._shards.each(partial(_keep_fitted, kind, kept))
            self._fitted.add(kind)

    def keep(self, recipe: str | None) -> None:
        """Set the recipe by which vectors are corrected, None for not at all; applies to existing vectors, too."""
        if any(one != recipe for one in self._shards.each(lambda shard: _recipe_of(shard.asked))):
            self._correct_by(recipe, self._fitted_anew() if recipe else {})
            return
        first, *others = self._shards.each(lambda shard: shard.asked.corrections())
        if any(not _are_equal(one, first) for one in others):
            self._correct_by(recipe, first)

    def fit_if_outgrown(self) -> None:
        """Fit the corrections again once there are many more vectors."""
        known = self._shards.first.corrections() if self._recipe() else {}
        if any(is_outgrown(correction, sum(self._rows(kind))) for kind, correction in known.items()):
            self.fit_anew()

    def fit_anew(self) -> None:
        """Fit the corrections again, if there are any."""
        if recipe := self._recipe():
            self._correct_by(recipe, self._fitted_anew())

    def _recipe(self) -> str | None:
        return _recipe_of(self._shards.first)

    def _rows(self, kind: Kind) -> list[int]:
        return self._shards.each(lambda shard: shard.asked.rows(kind))

    def _fitted_anew(self) -> dict[Kind, Correction]:
        fitted = {}
        for kind in CORRECTED:
            rows = self._rows(kind)
            if sum(rows):
                most = [-(-ENOUGH * own // max(sum(rows), ENOUGH)) for own in rows]
                drawn = self._shards.each(partial(_sample, kind, most))
                fitted[kind] = fit_correction(np.concatenate(drawn))
        return fitted

    def _correct_by(self, recipe: str | None, fitted: Mapping[Kind, Correction]) -> None:
        # The first by itself: by it the others are known to be behind.
        self._shards.first.correct_by(recipe, fitted)
        others = range(1, len(self._shards.all))
        self._shards.by_key(others, lambda shard, _: shard.asked.correct_by(recipe, fitted))


def _keep_fitted(kind: Kind, correction: Correction, shard: Shard[ShardWriter]) -> None:
    shard.asked.keep_fitted(kind, correction)


def _sample(kind: Kind, most: Sequence[int], shard: Shard[ShardWriter]) -> FloatArray:
    return shard.asked.sample(kind, most[shard.number])


def _recipe_of(writer: Writer) -> str | None:
    with writer.catalog() as catalog:
        return catalog.correction_recipe()


def _are_equal(some: Mapping[Kind, Correction], others: Mapping[Kind, Correction]) -> bool:
    """Tell whether vectors are corrected alike, where both have any."""
    return some.keys() == others.keys() and all(
        np.array_equal(some[kind].mean, others[kind].mean)
        and np.array_equal(some[kind].linear_map, others[kind].linear_map)
        for kind in some
    )
