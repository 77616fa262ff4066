"""Scores sentences by what they measure, where a query asks for values: what satisfies it first, the nearest next."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from functools import cached_property

import numpy as np

from clinsearch.language.measurements import distance, satisfies
from clinsearch.records import Filter, ValuePart
from clinsearch.records.keys import KeyArray
from clinsearch.records.measurements import Condition, Measurement
from clinsearch.retrieval.candidates import Candidates
from clinsearch.storage.port import Catalog

# How much values count beside all else, so that what satisfies a query stands first whatever its words.
VALUES = 1.5
# A value that does not satisfy it counts at most so much, the less the further it is, by this power.
NEAR, POWER = 0.5, 3
# Of more sentences that may satisfy it not all are looked at.
MOST_SENTENCES = 2000


class Measured:
    """What sentences measure of what is asked for."""

    def __init__(self, catalog: Catalog, conditions: Sequence[Condition], where: Filter) -> None:
        self._catalog, self._conditions, self._where = catalog, conditions, where

    @cached_property
    def keys(self) -> KeyArray:
        """The keys of the sentences that may satisfy a condition, and of the nearest others, of those that pass."""
        found = {key for near in self._near for key in near}
        return self._catalog.passing(sorted(found), self._where)

    @property
    def bound_of_others(self) -> float:
        """The most that a sentence's score can be besides what its words and meaning add, if it is not among these."""
        are_all = all(sum(map(len, near.values())) < MOST_SENTENCES for near in self._near)
        return VALUES / (1 + VALUES) * (NEAR if are_all else 1)

    @cached_property
    def _near(self) -> list[dict[int, tuple[Measurement, ...]]]:
        return [self._catalog.measurements.near(condition, MOST_SENTENCES) for condition in self._conditions]

    def added_to(self, candidates: Candidates, of: Sequence[Sequence[int]] = ()) -> Candidates:
        """Add to candidates' scores, which stay within 1, what values add.

        of: the sentences of each candidate, by default itself.
        """
        rest = np.float32(1 / (1 + VALUES))
        values = self._parts(of or [[key] for key in candidates.keys.tolist()])
        required = None if candidates.required is None else candidates.required * rest
        vector, terms = candidates.vector * rest, candidates.terms * rest
        return replace(candidates, vector=vector, terms=terms, required=required, values=values)

    def of(self, keys: Sequence[int]) -> list[tuple[ValuePart, ...]]:
        """Return for each sentence which of its values count."""
        return self._parts([[key] for key in keys])

    def _parts(self, sentences_of: Sequence[Sequence[int]]) -> list[tuple[ValuePart, ...]]:
        """Return for each candidate, of such sentences, which values count."""
        each = VALUES / (1 + VALUES) / len(self._conditions)
        measured = self._catalog.measurements.of(sorted({key for keys in sentences_of for key in keys}))
        found = []
        for keys in sentences_of:
            own = [one for key in keys for one in measured.get(key, ())]
            found.append(tuple(part for condition in self._conditions for part in _best(own, condition, each)))
        return found


def _best(measured: Sequence[Measurement], condition: Condition, each: float) -> Iterator[ValuePart]:
    """Give the one of some measurements, if any is of what is asked for, that is the nearest to a condition."""
    named = [one for one in measured if one.name == condition.name]
    best = min(named, key=lambda one: distance(one, condition), default=None)
    if best is not None:
        meets = satisfies(best, condition)
        score = 1.0 if meets else NEAR * (1 - distance(best, condition)) ** POWER
        yield ValuePart(best.name, f"{best.value} {best.written_unit}".strip(), each * score, meets)
