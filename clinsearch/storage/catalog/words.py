"""What the catalog knows of words: which keys their vectors have, and which tokens they are made of."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import (
    ColumnElement,
    Connection,
    LargeBinary,
    Select,
    delete,
    func,
    insert,
    literal,
    or_,
    select,
    update,
)

from clinsearch.encoder.words import TextWords
from clinsearch.records import Filter, FloatArray
from clinsearch.storage.catalog.changes import count
from clinsearch.storage.catalog.filters import sentences_passing
from clinsearch.storage.catalog.notes import Catalog, chunks
from clinsearch.storage.catalog.soundness import require_sound
from clinsearch.storage.catalog.tables import collection, counts, sentence_words, sentences
from clinsearch.storage.spaces.files import WORD_KINDS, KeyArray, Kind, WordKind

TOKEN_BYTES = 4

FIRST: dict[WordKind, ColumnElement[int]] = {"word": sentence_words.c.first_word, "piece": sentence_words.c.first_piece}
COUNT: dict[WordKind, ColumnElement[int]] = {"word": sentence_words.c.words, "piece": sentence_words.c.pieces}


@dataclass(frozen=True, slots=True, eq=False)
class SentenceTokens:
    """The tokens of a sentence as the catalog keeps them; see `TextWords` for the arrays.

    first_word, first_piece: the keys of the vectors of its first word and first wordpiece.
    """

    sentence_key: int
    first_word: int
    first_piece: int
    token_ids: NDArray[np.uint32]
    lengths: NDArray[np.int32]

    def words(self) -> list[tuple[int, ...]]:
        """Return each word, punctuation among them, as its tokens' ids."""
        ends = np.abs(self.lengths).cumsum()
        return [tuple(word.tolist()) for word in np.split(self.token_ids, ends[:-1])] if len(ends) else []

    def keys_with_tokens(self, kind: WordKind, token_ids: Sequence[int]) -> KeyArray:
        """Return the keys of its words, or wordpieces, that are these tokens and no others."""
        if not np.isin(token_ids, self.token_ids).all():
            return np.empty(0, dtype=np.int64)
        ends = np.abs(self.lengths).cumsum()
        if kind == "piece":
            is_of_several = np.repeat(self.lengths > 1, np.abs(self.lengths))
            return self.first_piece + np.flatnonzero([[id] == list(token_ids) for id in self.token_ids[is_of_several]])
        spoken = np.flatnonzero(self.lengths > 0)
        same = [self.token_ids[ends[n] - self.lengths[n] : ends[n]].tolist() == list(token_ids) for n in spoken]
        return self.first_word + np.flatnonzero(same)


class WordCatalog:
    """The questions, asked over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def live(self, kind: WordKind, where: Filter | None = None) -> KeyArray:
        """Return the keys, in order, that are in use and whose sentence passes the filter."""
        query = select(FIRST[kind], COUNT[kind])
        if where is not None and where != Filter():
            query = query.where(sentence_words.c.sentence.in_(sentences_passing(where)))
        rows = self._connection.execute(query).all()
        first, count = np.array(rows, dtype=np.int64).reshape(-1, 2).T
        # The key after a sentence's last is the first of another, or the end.
        changes = np.zeros(int((first + count).max(initial=0)) + 1, dtype=np.int32)
        np.add.at(changes, first, 1)
        np.add.at(changes, first + count, -1)
        return np.flatnonzero(changes.cumsum()[:-1] > 0)

    def sentences_of(self, kind: WordKind, keys: Sequence[int]) -> dict[int, tuple[int, int]]:
        """Return for each of these keys its sentence's, and its place among the sentence's words or wordpieces."""
        found = {}
        for key in keys:
            query = select(sentence_words.c.sentence, FIRST[kind], COUNT[kind]).where(FIRST[kind] <= key)
            # Sentences without a word of their own share their first key with the next.
            query = query.where(COUNT[kind] > 0).order_by(FIRST[kind].desc()).limit(1)
            row = self._connection.execute(query).first()
            if row and key < row[1] + row[2]:
                found[key] = (row[0], key - row[1])
        return found

    def missing(self) -> KeyArray:
        """Return the keys of the sentences whose words are not in the catalog."""
        known = select(sentence_words.c.sentence)
        query = select(sentences.c.key).where(sentences.c.key.not_in(known)).order_by(sentences.c.key)
        return np.fromiter(self._connection.scalars(query), dtype=np.int64)

    def owners(self, kind: WordKind, keys: KeyArray) -> set[int]:
        """Return the keys of the sentences that these keys, in order, belong to."""
        query = select(FIRST[kind], sentence_words.c.sentence).where(COUNT[kind] > 0).order_by(FIRST[kind])
        first, owner = np.array(self._connection.execute(query).all(), dtype=np.int64).reshape(-1, 2).T
        return set(owner[np.searchsorted(first, keys, side="right") - 1].tolist())

    def keys_of(self, sentence_keys: Sequence[int]) -> dict[int, tuple[int, int]]:
        """Return the first word's and the first wordpiece's key of those of these sentences that have them."""
        columns = (sentence_words.c.sentence, sentence_words.c.first_word, sentence_words.c.first_piece)
        return {
            sentence: (first_word, first_piece)
            for some in chunks(sentence_keys)
            for sentence, first_word, first_piece in self._connection.execute(
                select(*columns).where(sentence_words.c.sentence.in_(some))
            )
        }

    def tokens(self, where: Filter | None = None, *, like: Sequence[int] = ()) -> Iterator[SentenceTokens]:
        """Give the tokens of every sentence, or of those with an occurrence that passes.

        like: give those alone that have these tokens, one after the other, and a few others that only look so.
        """
        query: Select[Any] = select(
            sentence_words.c.sentence,
            sentence_words.c.first_word,
            sentence_words.c.first_piece,
            sentence_words.c.token_ids,
            sentence_words.c.lengths,
        ).order_by(sentence_words.c.sentence)
        if where is not None and where != Filter():
            query = query.where(sentence_words.c.sentence.in_(sentences_passing(where)))
        if like:  # SQLite compares bytes, and does not know where a token begins, but a hundred times as fast
            spelt = literal(np.array(like, dtype="<u4").tobytes(), LargeBinary)
            is_cut = [
                func.length(column) % TOKEN_BYTES != 0
                for column in (sentence_words.c.token_ids, sentence_words.c.lengths)
            ]
            query = query.where(or_(func.instr(sentence_words.c.token_ids, spelt) > 0, *is_cut))  # damage is told below
        for key, first_word, first_piece, token_ids, lengths in self._connection.execute(query):
            require_sound(not len(token_ids) % TOKEN_BYTES and not len(lengths) % TOKEN_BYTES)
            ids, counts = np.frombuffer(token_ids, dtype="<u4"), np.frombuffer(lengths, dtype="<i4")
            require_sound(int(np.abs(counts.astype(np.int64)).sum()) == len(ids))
            yield SentenceTokens(key, first_word, first_piece, ids, counts)

    def keys_with_tokens(self, kind: WordKind, token_ids: Sequence[int]) -> KeyArray:
        """Return the keys of the words, or wordpieces, that are these tokens and no others, in order."""
        keys = [np.empty(0, dtype=np.int64)]
        for sentence in self.tokens(like=token_ids):
            keys.append(sentence.keys_with_tokens(kind, token_ids))
        return np.concatenate(keys)


def live_keys(connection: Connection, kind: Kind) -> KeyArray:
    """Return the keys, in order, of all that has a vector of a kind."""
    if kind == "word" or kind == "piece":
        return WordCatalog(connection).live(kind)
    return np.sort(Catalog(connection).all_keys(kind))


def forget_words(connection: Connection, recipe: str | None) -> None:
    """Forget all words; keep them by this recipe from now on, or none."""
    connection.execute(update(collection).values(words=recipe))
    connection.execute(delete(sentence_words))
    for name in ("sentences_with_words", "words", "pieces"):
        connection.execute(update(counts).where(counts.c.name == name).values(rows=0))


def insert_words(connection: Connection, words: Mapping[int, TextWords]) -> dict[WordKind, KeyArray]:
    """Keep the words of sentences, by their keys; return the key of each word's and wordpiece's vector, in order.

    A sentence that had words keeps the keys of these; others get keys that none has had before.
    """
    known = WordCatalog(connection).keys_of(list(words))
    new = [sentence for sentence in words if sentence not in known]
    first = known | _new_keys(connection, {sentence: words[sentence] for sentence in new})
    rows = [_words_row(sentence, first[sentence], words[sentence]) for sentence in new]
    if rows:
        connection.execute(insert(sentence_words), rows)
    count(connection, "sentences_with_words", len(rows))
    for name in ("words", "pieces"):
        count(connection, name, sum(row[name] for row in rows))
    return {
        kind: np.concatenate([first[s][n] + np.arange(len(rows_of(kind, own))) for s, own in words.items()])
        for n, kind in enumerate(WORD_KINDS)
    }


def rows_of(kind: WordKind, words: TextWords) -> FloatArray:
    """Return the vectors (n, width) of a text's words, or wordpieces."""
    return words.words if kind == "word" else words.pieces


def _new_keys(connection: Connection, words: Mapping[int, TextWords]) -> dict[int, tuple[int, int]]:
    """Return for each of these sentences its first word's and first wordpiece's key."""
    next_word, next_piece = connection.execute(select(collection.c.next_word, collection.c.next_piece)).one()
    given = {}
    for sentence, own in words.items():
        given[sentence] = (next_word, next_piece)
        next_word += len(own.words)
        next_piece += len(own.pieces)
    connection.execute(update(collection).values(next_word=next_word, next_piece=next_piece))
    return given


def _words_row(sentence: int, first: tuple[int, int], words: TextWords) -> dict[str, Any]:
    return {
        "sentence": sentence,
        "first_word": first[0],
        "words": len(words.words),
        "first_piece": first[1],
        "pieces": len(words.pieces),
        "token_ids": words.token_ids.astype("<u4").tobytes(),
        "lengths": words.lengths.astype("<i4").tobytes(),
    }
