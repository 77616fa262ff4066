"""Patients and measurements over all shards, and the state of the whole."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from hashlib import sha256
from itertools import chain

from clinsearch.records import Filter, MeasuredName
from clinsearch.records.cohorts import CollectionState, Population
from clinsearch.records.keys import KeyArray
from clinsearch.records.measurements import Condition, Measurement
from clinsearch.storage.catalog.similarity import MOST_NAMED, near
from clinsearch.storage.port import MeasurementCatalog, PatientCatalog
from clinsearch.storage.sharded.gathering import Shards, in_one, in_order, summed
from clinsearch.storage.sharded.twins import Twins


class ShardedPatients:
    """Queries about whose notes there are, and about the state of the whole."""

    def __init__(self, shards: Shards[PatientCatalog]) -> None:
        self._shards = shards

    def ids(self) -> list[str]:
        """Return the ids of all patients, in order."""
        return sorted(set(chain.from_iterable(self._shards.each(lambda shard: shard.asked.ids()))))

    def notes_without(self) -> KeyArray:
        """Return the keys of the notes without a patient id, in order."""
        return in_order(self._shards.each(lambda shard: shard.keys(shard.asked.notes_without())))

    def population(self) -> Population:
        """Count patients and notes, and those without a date; all notes of a patient are in one shard."""
        of_each = self._shards.each(lambda shard: shard.asked.population())
        sums = [sum(getattr(one, field) for one in of_each) for field in Population.__dataclass_fields__]
        return Population(*sums)

    def state(self) -> CollectionState:
        """Return what decides who is found."""
        of_each = self._shards.each(lambda shard: shard.asked.state())
        return replace(
            of_each[0],
            commits=sum(one.commits for one in of_each),
            notes=sum(one.notes for one in of_each),
            sentences=sum(one.sentences for one in of_each),
            digest=sha256("\n".join(one.digest for one in of_each).encode()).hexdigest(),
        )


class ShardedMeasurements:
    """Queries about what sentences measure."""

    def __init__(self, shards: Shards[MeasurementCatalog], twins: Twins) -> None:
        self._shards, self._twins = shards, twins

    def near(self, condition: Condition, most: int) -> dict[int, tuple[Measurement, ...]]:
        """Return, by sentence, at most so many measurements of each shard that may be as a condition asks, and the
        nearest others."""
        found = in_one(self._shards.each(lambda shard: shard.by_key(shard.asked.near(condition, most))))
        return dict(zip(self._twins.first(found), found.values(), strict=True))

    def of(self, sentence_keys: Sequence[int]) -> dict[int, tuple[Measurement, ...]]:
        """Return what these sentences measure, in the order of their texts; those that measure nothing are left out."""
        return in_one(self._shards.by_key(sentence_keys, lambda shard, own: shard.by_key(shard.asked.of(own))))

    def sentences_of(self, names: Sequence[str], where: Filter) -> KeyArray:
        """Return the keys of the sentences that measure something of these names where it passes, in order."""
        found = self._shards.each(lambda shard: shard.keys(shard.asked.sentences_of(names, shard.where(where))))
        return in_order([self._twins.distinct(in_order(found))])

    def counted(self, where: Filter) -> list[MeasuredName]:
        """Return what is measured at places that pass, how often and in how many notes, most first."""
        found: dict[tuple[str, str], MeasuredName] = {}
        for one in chain.from_iterable(self._shards.each(lambda shard: shard.asked.counted(shard.where(where)))):
            before = found.get((one.name, one.unit), replace(one, values=0, notes=0))
            found[one.name, one.unit] = replace(one, values=before.values + one.values, notes=before.notes + one.notes)
        return sorted(found.values(), key=lambda one: (-one.values, one.name, one.unit))

    def names(self) -> dict[str, int]:
        """Return everything that is measured, and how often in the sentences of each shard, most first."""
        return summed(self._shards.each(lambda shard: shard.asked.names()))

    def names_like(self, name: str) -> list[str]:
        """Return the names of what is measured that are the most similar to one; if none is, the most frequent."""
        names = list(self.names())
        return near(name, names) or names[:MOST_NAMED]
