"""The places of sentences over all shards: those of a sentence that stands in several shards are together."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from heapq import merge

from clinsearch.records import Filter
from clinsearch.storage.port import Catalog, PlaceCatalog
from clinsearch.storage.sharded.gathering import Shards, in_one, in_place
from clinsearch.storage.sharded.twins import Twins
from clinsearch.storage.values import Occurrence, Standing

SENTENCES_AT_ONCE = 1000


class ShardedPlaces:
    """Queries about the places of sentences."""

    def __init__(self, shards: Shards[PlaceCatalog], twins: Twins) -> None:
        self._shards, self._twins = shards, twins

    def each(self, sentence_keys: Sequence[int], where: Filter) -> Iterator[Occurrence]:
        """Yield every place of these sentences that passes, by note and place for each some thousand sentences."""
        for at in range(0, len(sentence_keys), SENTENCES_AT_ONCE):
            asked_by = self._twins.spread(sentence_keys[at : at + SENTENCES_AT_ONCE])
            found = self._shards.by_key(
                asked_by,
                lambda shard, own: [shard.place(one) for one in shard.asked.each(own, shard.where(where))],
            )
            yield from (replace(one, sentence_key=asked_by[one.sentence_key]) for one in merge(*found, key=in_place))

    def standings(self, sentence_keys: Sequence[int], where: Filter) -> dict[int, list[Standing]]:
        """Return the standings of each of these sentences in all notes, the first place first."""
        found = self._twins.gathered(sentence_keys, lambda keys: self._standings(keys, where))
        return {key: _together(key, own) for key, own in found.items()}

    def _standings(self, keys: Sequence[int], where: Filter) -> dict[int, list[Standing]]:
        return in_one(
            self._shards.by_key(
                keys,
                lambda shard, own: {
                    shard.key(key): [replace(one, first=shard.place(one.first)) for one in standings]
                    for key, standings in shard.asked.standings(own, shard.where(where)).items()
                },
            )
        )

    def standings_in_notes(
        self, pairs: Iterable[tuple[int, int]], where: Filter
    ) -> dict[tuple[int, int], list[Standing]]:
        """Return the standings of sentences in one note each, the first place first; pairs: (note, sentence) keys."""
        listed = list(pairs)
        known, count = self._twins.of(sentence for _, sentence in listed), len(self._shards.all)
        asked_by: dict[int, dict[int, list[int]]] = {}
        for note, sentence in listed:
            for twin in known[sentence]:
                if twin % count == note % count:
                    asked_by.setdefault(note, {}).setdefault(twin // count, []).append(sentence)
        found = self._shards.by_key(
            asked_by,
            lambda shard, notes: {
                (shard.key(note), sentence): [
                    replace(one, first=replace(shard.place(one.first), sentence_key=sentence)) for one in standings
                ]
                for (note, own), standings in shard.asked.standings_in_notes(
                    [(note, own) for note in notes for own in asked_by[shard.key(note)]], shard.where(where)
                ).items()
                for sentence in asked_by[shard.key(note)][own]
            },
        )
        return in_one(found)

    def counts(self, sentence_keys: Sequence[int]) -> dict[int, int]:
        """Count the places of each of these sentences in all notes."""

        def ask(keys: Sequence[int]) -> dict[int, int]:
            return in_one(self._shards.by_key(keys, lambda shard, own: shard.by_key(shard.asked.counts(own))))

        return {key: sum(own) for key, own in self._twins.gathered(sentence_keys, ask).items()}

    def first_places(self, sentence_keys: Sequence[int], most: int) -> list[tuple[int, int, int]]:
        """Return the first places of these sentences: (note key, offset, sentence key)."""
        asked_by = self._twins.spread(sentence_keys)
        found = self._shards.by_key(
            asked_by,
            lambda shard, own: [
                (shard.key(note), start, asked_by[shard.key(key)])
                for note, start, key in shard.asked.first_places(own, most)
            ],
        )
        return sorted(place for of_shard in found for place in of_shard)[:most]


class FoundPlaces:
    """The occurrences that the catalog itself is asked for."""

    def __init__(self, shards: Shards[Catalog], twins: Twins) -> None:
        self._shards, self._twins = shards, twins

    def first(self, sentence_keys: Sequence[int], where: Filter) -> dict[int, tuple[Occurrence, int]]:
        """Return for each sentence its first occurrence that passes, and how many pass."""

        def ask(keys: Sequence[int]) -> dict[int, tuple[Occurrence, int]]:
            return in_one(
                self._shards.by_key(
                    keys,
                    lambda shard, own: {
                        shard.key(key): (shard.place(place), count)
                        for key, (place, count) in shard.asked.first_occurrences(own, shard.where(where)).items()
                    },
                )
            )

        found = {}
        for key, own in self._twins.gathered(sentence_keys, ask).items():
            place = min((place for place, _ in own), key=in_place)
            found[key] = replace(place, sentence_key=key), sum(count for _, count in own)
        return found

    def every(self, sentence_keys: Sequence[int], where: Filter) -> list[Occurrence]:
        """Return every occurrence of these sentences that passes, by note and place."""
        asked_by = self._twins.spread(sentence_keys)
        found = self._shards.by_key(
            asked_by,
            lambda shard, own: [shard.place(one) for one in shard.asked.occurrences(own, shard.where(where))],
        )
        places = (replace(one, sentence_key=asked_by[one.sentence_key]) for of_shard in found for one in of_shard)
        return sorted(places, key=in_place)

    def notes_with(self, sentence_keys: Iterable[int]) -> dict[int, int]:
        """Count the notes that have each of these sentences."""

        def ask(keys: Sequence[int]) -> dict[int, int]:
            return in_one(self._shards.by_key(keys, lambda shard, own: shard.by_key(shard.asked.notes_with(own))))

        return {key: sum(own) for key, own in self._twins.gathered(list(sentence_keys), ask).items()}


def _together(key: int, standings: Sequence[Sequence[Standing]]) -> list[Standing]:
    """Return the standings of one sentence in several shards, the first place first."""
    own = (replace(one, first=replace(one.first, sentence_key=key)) for of_shard in standings for one in of_shard)
    return sorted(own, key=lambda one: in_place(one.first))
