"""Lists and counts of notes, and the values of filters, over all shards."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import fields, replace
from functools import cmp_to_key
from itertools import chain
from typing import Any, TypeVar

import numpy as np

from clinsearch.records import Filter, Note, Unmatched
from clinsearch.records.keys import KeyArray
from clinsearch.records.listings import CountBy, ListedNote, NoteCount, Order
from clinsearch.storage.catalog.similarity import NEAREST, near
from clinsearch.storage.port import Catalog, NoteLists
from clinsearch.storage.sharded.gathering import Shard, Shards

One = TypeVar("One")

TIMES = ("year", "month", "day")
FIELD: dict[Order, str] = {
    "date": "note_datetime",
    "id": "note_id",
    "patient": "patient_id",
    "type": "note_type",
    "length": "characters",
}
SPELT = ("note_type", "section", "exclude_type")


class ShardedLists:
    """Lists and counts of notes."""

    def __init__(self, shards: Shards[NoteLists]) -> None:
        self._shards = shards

    def count(self, where: Filter) -> int:
        """Count the notes that pass."""
        return sum(self._shards.each(lambda shard: shard.asked.count(shard.where(where))))

    def ordered(
        self, where: Filter, order: Order, *, reverse: bool = False, limit: int | None = None, offset: int = 0
    ) -> KeyArray:
        """Return the keys of the notes that pass, in an order; notes without what it goes by come last."""
        most = None if limit is None else offset + limit

        def first(shard: Shard[NoteLists]) -> list[tuple[ListedNote, int]]:
            own = shard.asked.ordered(shard.where(where), order, reverse=reverse, limit=most)
            return list(zip(shard.asked.listed(own.tolist()), shard.keys(own).tolist(), strict=True))

        rows = sorted(chain.from_iterable(self._shards.each(first)), key=_in_order(order, reverse=reverse))
        return np.array([key for _, key in rows[offset:most]], dtype=np.int64)

    def listed(self, note_keys: Sequence[int]) -> list[ListedNote]:
        """Return notes without their texts, in the order of their keys given."""
        return self._in_order_given(note_keys, lambda shard, keys: shard.listed(keys))

    def notes(self, note_keys: Sequence[int]) -> list[Note]:
        """Return notes, in the order of their keys given. Raises CollectionDamaged if one was changed."""
        return self._in_order_given(note_keys, lambda shard, keys: shard.notes(keys))

    def counted(self, by: CountBy, where: Filter) -> list[NoteCount]:
        """Count the notes that pass by something, most first; by time in its order."""
        total = max(self.count(where), 1)
        notes: dict[str | None, int] = {}
        for one in chain.from_iterable(self._shards.each(lambda shard: shard.asked.counted(by, shard.where(where)))):
            notes[one.value] = notes.get(one.value, 0) + one.notes
        if by in TIMES:
            ordered = sorted(notes.items(), key=lambda item: (item[0] is None, item[0] or ""))
        else:
            ordered = sorted(notes.items(), key=lambda item: (-item[1], item[0] or ""))
        return [NoteCount(by, value, count, count / total) for value, count in ordered]

    def _in_order_given(self, keys: Sequence[int], ask: Callable[[NoteLists, list[int]], list[One]]) -> list[One]:
        found: dict[int, One] = {}
        for some in self._shards.by_key(
            keys, lambda shard, own: shard.by_key(dict(zip(own, ask(shard.asked, own), strict=True)))
        ):
            found |= some
        return [found[key] for key in keys]


def _in_order(order: Order, *, reverse: bool) -> Callable[[tuple[ListedNote, int]], Any]:
    """Return the key to sort notes by: what is not there comes last, even if the rest is reversed."""

    def compare(one: tuple[ListedNote, int], other: tuple[ListedNote, int]) -> int:
        for field in (FIELD[order], "note_datetime", "note_id"):
            a, b = getattr(one[0], field), getattr(other[0], field)
            if a == b:
                continue
            if a is None or b is None:
                return 1 if a is None else -1
            return -1 if (a < b) != reverse else 1
        return 0

    return cmp_to_key(compare)


def unmatched(shards: Shards[Catalog], where: Filter) -> list[Unmatched]:
    """Return the values of a filter that no shard has, each with the most similar that any has."""
    found = []
    for one in _of_one_value(where):
        of_each = shards.each(lambda shard, one=one: shard.asked.unmatched(one))  # type: ignore[misc]
        if not all(of_each):
            continue
        first = of_each[0][0]
        nearest = list(dict.fromkeys(name for of_shard in of_each for name in of_shard[0].nearest))
        if first.field in ("since", "until"):
            nearest = [max(nearest) if first.field == "since" else min(nearest)] if nearest else []
        else:
            nearest = near(first.value, nearest) or nearest[: max(NEAREST, len(first.nearest))]
        found.append(replace(first, nearest=tuple(nearest)))
    return found


def _of_one_value(where: Filter) -> Iterator[Filter]:
    """Yield filters with one value each, which together are the filter."""
    for field in fields(Filter):
        value: Any = getattr(where, field.name)
        each: list[dict[str, Any]] = [{field.name: (one,)} for one in value] if isinstance(value, tuple) else []
        if value is not None and not isinstance(value, tuple):
            each = [{field.name: value}]
        yield from (replace(Filter(), **one) for one in each if field.name != "after")


def spelt(shards: Shards[Catalog], where: Filter) -> Filter:
    """Return the filter with types and sections spelt as in any shard; the case given does not matter."""
    of_each = shards.each(lambda shard: shard.asked.spelt(shard.where(where)))
    names: dict[str, Any] = {}
    for field in SPELT:
        given = getattr(where, field)
        known = list(dict.fromkeys(name for one in of_each for name in getattr(one, field)))
        # A shard that has none of them gives them back as they were.
        names[field] = tuple(known) if given else ()
    return replace(where, **names)
