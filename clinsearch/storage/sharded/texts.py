"""Texts and words over all shards."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import islice

import numpy as np

from clinsearch.records import AssertedSpan, Filter
from clinsearch.records.keys import KeyArray
from clinsearch.storage.port import TextCatalog, WordCatalog
from clinsearch.storage.sharded.gathering import Shards, in_one, in_order
from clinsearch.storage.sharded.twins import Twins
from clinsearch.storage.values import SentenceTokens, WordKind

SENTENCES_AT_ONCE = 1000


class ShardedTexts:
    """Queries about texts."""

    def __init__(self, shards: Shards[TextCatalog], twins: Twins) -> None:
        self._shards, self._twins = shards, twins

    def note_texts(self, note_keys: Sequence[int]) -> dict[int, str]:
        """Return the texts of these notes."""
        return in_one(self._shards.by_key(note_keys, lambda shard, own: shard.by_key(shard.asked.note_texts(own))))

    def assertions(self, sentence_keys: Sequence[int]) -> dict[int, tuple[AssertedSpan, ...]]:
        """Return the assertions of these sentences other than affirmed."""
        return in_one(self._shards.by_key(sentence_keys, lambda shard, own: shard.by_key(shard.asked.assertions(own))))

    def gists(self, sentence_keys: Sequence[int]) -> dict[int, int | None]:
        """Return the gists of these sentences; see `language.gists`."""
        return in_one(self._shards.by_key(sentence_keys, lambda shard, own: shard.by_key(shard.asked.gists(own))))

    def of_gists(self, gists: Sequence[int]) -> dict[int, list[int]]:
        """Return the keys of the sentences of each of these gists, in order; each sentence once."""
        found: dict[int, list[int]] = {}
        of_each = self._shards.each(lambda shard: [(shard, shard.asked.of_gists(gists))])
        for shard, of_shard in (one for of_one in of_each for one in of_one):
            for gist, own in of_shard.items():
                found.setdefault(gist, []).extend(map(shard.key, own))
        self._twins.of(key for keys in found.values() for key in keys)
        return {gist: sorted(set(self._twins.first(keys))) for gist, keys in found.items()}

    def near_identical(self, sentence_keys: Sequence[int]) -> dict[int, list[int]]:
        """Return, for each of these sentences, the keys of the others with the same gist."""
        gists = self.gists(sentence_keys)
        of_gist = self.of_gists(sorted({gist for gist in gists.values() if gist is not None}))
        first = dict(zip(gists, self._twins.first(gists), strict=True))
        return {
            key: [] if gist is None else [other for other in of_gist.get(gist, ()) if other != first[key]]
            for key, gist in gists.items()
        }


class ShardedWords:
    """Queries about the words of sentences."""

    def __init__(self, shards: Shards[WordCatalog], twins: Twins) -> None:
        self._shards, self._twins = shards, twins

    def live(self, kind: WordKind, where: Filter | None = None) -> KeyArray:
        """Return the keys in use whose sentence passes the filter, in order."""
        return in_order(
            self._shards.each(lambda shard: shard.keys(shard.asked.live(kind, where and shard.where(where))))
        )

    def sentences_of(self, kind: WordKind, keys: Sequence[int]) -> dict[int, tuple[int, int]]:
        """Return, for each key, its sentence's key and its position among the sentence's words or wordpieces."""
        found = in_one(
            self._shards.by_key(
                keys,
                lambda shard, own: {
                    shard.key(key): (shard.key(sentence), place)
                    for key, (sentence, place) in shard.asked.sentences_of(kind, own).items()
                },
            )
        )
        first = self._twins.first(sentence for sentence, _ in found.values())
        return {key: (sentence, place) for (key, (_, place)), sentence in zip(found.items(), first, strict=True)}

    def tokens(self, where: Filter | None = None, *, like: Sequence[int] = ()) -> Iterator[SentenceTokens]:
        """Yield the tokens of every sentence, or of those with an occurrence that passes, shard by shard.

        The keys of words in them are not those of all shards.
        """
        seen: set[int] = set()
        for shard in self._shards.all:
            own = shard.asked.tokens(where and shard.where(where), like=like)
            while some := list(islice(own, SENTENCES_AT_ONCE)):
                keys = [shard.key(one.sentence_key) for one in some]
                all_keys = self._twins.of(keys)
                for key, one in zip(keys, some, strict=True):
                    if not seen.intersection(all_keys[key]):
                        yield replace(one, sentence_key=all_keys[key][0])
                    if len(all_keys[key]) > 1:
                        seen.add(key)

    def keys_with_tokens(self, kind: WordKind, token_ids: Sequence[int]) -> KeyArray:
        """Return the keys of the words, or wordpieces, that consist of exactly these tokens, in order."""
        return in_order(self._shards.each(lambda shard: shard.keys(shard.asked.keys_with_tokens(kind, token_ids))))


def distinct_words(words: ShardedWords, kind: WordKind, keys: KeyArray) -> tuple[KeyArray, KeyArray]:
    """Return the first positions, in order, of words that are the same one of a sentence, and the keys of these."""
    owners = words.sentences_of(kind, keys.tolist())
    seen: dict[tuple[int, int], int] = {}
    for position, key in enumerate(keys.tolist()):
        seen.setdefault(owners.get(key, (-1, key)), position)
    positions = np.array(list(seen.values()), dtype=np.int64)
    return positions, keys[positions]
