"""The catalog over all shards."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any

import numpy as np

from clinsearch.errors import NoteNotFound
from clinsearch.records import Filter, Note, SearchQuality, Section, Unmatched
from clinsearch.records.keys import KeyArray
from clinsearch.records.notes import Span
from clinsearch.storage.port import Catalog
from clinsearch.storage.sharded import lists
from clinsearch.storage.sharded.gathering import Shard, Shards, in_one, in_order
from clinsearch.storage.sharded.keywords import ShardedKeywords
from clinsearch.storage.sharded.lists import ShardedLists
from clinsearch.storage.sharded.places import FoundPlaces, ShardedPlaces
from clinsearch.storage.sharded.texts import ShardedTexts, ShardedWords
from clinsearch.storage.sharded.twins import Twins
from clinsearch.storage.sharded.whole import ShardedMeasurements, ShardedPatients
from clinsearch.storage.values import EncoderIdentity, Kind, NoteLabel, Occurrence, StoredNote, TextKind


class ShardedCatalog:
    """The catalog as `storage.port.Catalog` describes it; of each shard all answers are of one commit."""

    def __init__(self, shards: Shards[Catalog]) -> None:
        self._shards, self.twins = shards, Twins(shards)
        self._places = FoundPlaces(shards, self.twins)
        self.texts = ShardedTexts(shards.narrowed(lambda shard: shard.texts), self.twins)
        self.places = ShardedPlaces(shards.narrowed(lambda shard: shard.places), self.twins)
        self.patients = ShardedPatients(shards.narrowed(lambda shard: shard.patients))
        self.measurements = ShardedMeasurements(shards.narrowed(lambda shard: shard.measurements), self.twins)
        self.words = ShardedWords(shards.narrowed(lambda shard: shard.words), self.twins)
        self.lists = ShardedLists(shards.narrowed(lambda shard: shard.lists))

    def keywords(self, kind: TextKind) -> ShardedKeywords:
        """Return the keyword index of sentences, or of notes."""
        return ShardedKeywords(self._shards.narrowed(lambda shard: shard.keywords(kind)), kind, self.twins)

    def unmatched(self, where: Filter) -> list[Unmatched]:
        """Return the values of a filter that nothing has, each with the most similar existing ones."""
        return lists.unmatched(self._shards, where)

    def encoder(self) -> EncoderIdentity | None:
        """Return the encoder of the collection; None before the first writer has claimed it."""
        return self._shards.first.encoder()

    def word_recipe(self) -> str | None:
        """Return the recipe of the words' vectors; None if the collection keeps none."""
        return self._shards.first.word_recipe()

    def correction_recipe(self) -> str | None:
        """Return the recipe by which the collection's vectors are corrected; None if they are not."""
        return self._shards.first.correction_recipe()

    def spelt(self, where: Filter) -> Filter:
        """Return the filter with types and sections spelt as in the catalog; the case given does not matter."""
        return lists.spelt(self._shards, where)

    def all_keys(self, kind: Kind) -> KeyArray:
        """Return the keys of everything that has a vector: of all sentences, or of all notes with a sentence."""
        return in_order(self._shards.each(lambda shard: shard.keys(shard.asked.all_keys(kind))))

    def sentence_keys(self, where: Filter) -> KeyArray:
        """Return the keys of all sentences with an occurrence that passes, in order."""
        return in_order(self._shards.each(lambda shard: shard.keys(shard.asked.sentence_keys(shard.where(where)))))

    def keys_passing(self, kind: TextKind, where: Filter) -> KeyArray:
        """Return the keys of all sentences, or notes, that pass, in order; cached until the next commit."""
        return in_order(self._shards.each(lambda shard: shard.keys(shard.asked.keys_passing(kind, shard.where(where)))))

    def passing(self, sentence_keys: Sequence[int], where: Filter) -> KeyArray:
        """Return the keys of those of these sentences that have an occurrence that passes, in order."""
        asked_by = self.twins.spread(sentence_keys)
        found = self._shards.by_key(
            asked_by, lambda shard, own: shard.keys(shard.asked.passing(own, shard.where(where))).tolist()
        )
        return np.unique(np.array([asked_by[key] for key in chain.from_iterable(found)], dtype=np.int64))

    def share_of_notes(self, where: Filter) -> float:
        """Return the share of all notes that passes, ignoring sections; cached until the next commit."""
        found = self._shards.each(
            lambda shard: (shard.asked.keywords("note").size(), shard.asked.share_of_notes(shard.where(where)))
        )
        return sum(notes * share for notes, share in found) / max(sum(notes for notes, _ in found), 1)

    def note_keys(self, where: Filter) -> KeyArray:
        """Return the keys of all notes that pass; if the filter names sections, of those that have one."""
        return in_order(self._shards.each(lambda shard: shard.keys(shard.asked.note_keys(shard.where(where)))))

    def first_occurrences(self, sentence_keys: Sequence[int], where: Filter) -> dict[int, tuple[Occurrence, int]]:
        """Return for each sentence its first occurrence that passes, and how many pass."""
        return self._places.first(sentence_keys, where)

    def occurrences(self, sentence_keys: Sequence[int], where: Filter) -> list[Occurrence]:
        """Return every occurrence of these sentences that passes, by note and place."""
        return self._places.every(sentence_keys, where)

    def notes_with(self, sentence_keys: Collection[int]) -> dict[int, int]:
        """Count the notes that have each of these sentences."""
        return self._places.notes_with(sentence_keys)

    def note_sentences(self, note_key: int) -> list[Occurrence]:
        """Return a note's sentences in their order."""
        found = self._shards.of(note_key, lambda shard, own: list(map(shard.place, shard.asked.note_sentences(own))))
        firsts = self.twins.first(place.sentence_key for place in found)
        return [replace(place, sentence_key=key) for place, key in zip(found, firsts, strict=True)]

    def notes_of(self, sentence_keys: Sequence[int], where: Filter) -> KeyArray:
        """Return the keys of the notes where these sentences have an occurrence that passes."""
        found = self._shards.by_key(
            self.twins.spread(sentence_keys),
            lambda shard, own: shard.keys(shard.asked.notes_of(own, shard.where(where))),
        )
        return in_order(found)

    def sentences_in(self, note_keys: Sequence[int], where: Filter | None = None) -> dict[int, list[int]]:
        """Return, by note, the keys of the sentences that pass, in order; notes without any are left out."""

        def ask(shard: Shard[Catalog], own: list[int]) -> dict[int, list[int]]:
            found = shard.asked.sentences_in(own, where and shard.where(where))
            return {shard.key(note): list(map(shard.key, keys)) for note, keys in found.items()}

        return in_one(self._shards.by_key(note_keys, ask))

    def note_spans(self, note_key: int) -> list[Span]:
        """Return where a note's sentences are, in their order. Raises CollectionDamaged."""
        return self._shards.of(note_key, lambda shard, own: shard.asked.note_spans(own))

    def note_sections(self, note_key: int) -> list[Section]:
        """Return a note's sections in their order."""
        return self._shards.of(note_key, lambda shard, own: shard.asked.note_sections(own))

    def note(self, note_id: str, *, is_checked: bool = True) -> tuple[int, Note]:
        """Return a note and its key. Raises NoteNotFound and, if `is_checked`, CollectionDamaged if it was changed."""

        def ask(shard: Shard[Catalog]) -> tuple[int, Note] | NoteNotFound:
            try:
                key, note = shard.asked.note(note_id, is_checked=is_checked)
                return shard.key(key), note
            except NoteNotFound as error:
                return error

        found = self._shards.each(ask)
        for one in found:
            if isinstance(one, tuple):
                return one
        raise next(one for one in found if isinstance(one, NoteNotFound))

    def note_language(self, note_key: int) -> str | None:
        """Return the language of a note, by its code in ISO 639-1 or `und`, if it is another than English."""
        return self._shards.of(note_key, lambda shard, own: shard.asked.note_language(own))

    def note_labels(self, note_keys: Sequence[int]) -> dict[int, NoteLabel]:
        """Return the labels of these notes, by key."""

        def ask(shard: Shard[Catalog], own: list[int]) -> dict[int, NoteLabel]:
            return {shard.key(key): shard.label(one) for key, one in shard.asked.note_labels(own).items()}

        return in_one(self._shards.by_key(note_keys, ask))

    def stored_notes(self, column: str, values: Sequence[Any]) -> list[StoredNote]:
        """Return the notes whose `note_id`, `digest` or `source` is one of these values, oldest first."""

        def ask(shard: Shard[Catalog], asked: Sequence[Any]) -> list[StoredNote]:
            return list(_stored(shard, shard.asked.stored_notes(column, asked)))

        found = self._shards.by_key(values, ask) if column == "key" else self._shards.each(lambda s: ask(s, values))
        return sorted(chain.from_iterable(found), key=lambda note: note.note_key)

    def notes_with_source(self) -> Iterator[StoredNote]:
        """Yield every note that was read from a file."""
        for shard in self._shards.all:
            yield from _stored(shard, shard.asked.notes_with_source())

    def sentence_keys_of(self, digests: Sequence[bytes]) -> dict[bytes, int]:
        """Return the keys, by digest, of the sentences that are in the catalog, of each the first."""
        found: dict[bytes, int] = {}
        for shard, own in self._shards.each(lambda shard: (shard, shard.asked.sentence_keys_of(digests))):
            for digest, key in own.items():
                found[digest] = min(found.get(digest, shard.key(key)), shard.key(key))
        return found

    def sentence_digests(self, sentence_keys: Sequence[int]) -> dict[int, bytes]:
        """Return the digests of the texts of these sentences, of those that are there."""
        return in_one(
            self._shards.by_key(sentence_keys, lambda shard, own: shard.by_key(shard.asked.sentence_digests(own)))
        )

    def sentence_texts(self, sentence_keys: Sequence[int]) -> dict[int, str]:
        """Return the texts of these sentences."""
        return in_one(
            self._shards.by_key(sentence_keys, lambda shard, own: shard.by_key(shard.asked.sentence_texts(own)))
        )

    def search_quality(self) -> tuple[SearchQuality, ...]:
        """Return, for each kind of vectors, how many there are and how the shard with the least recall is searched."""
        rows: Counter[str] = Counter()
        worst: dict[str, SearchQuality] = {}
        for one in chain.from_iterable(self._shards.each(lambda shard: shard.asked.search_quality())):
            rows[one.vectors] += one.rows
            before = worst.get(one.vectors, one)
            worst[one.vectors] = one if (one.recall or 1.0) < (before.recall or 1.0) else before
        return tuple(replace(one, rows=rows[kind]) for kind, one in worst.items())


def _stored(shard: Shard[Catalog], notes: Iterable[StoredNote]) -> Iterator[StoredNote]:
    return (replace(note, note_key=shard.key(note.note_key)) for note in notes)
