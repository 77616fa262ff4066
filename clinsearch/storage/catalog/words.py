"""What the catalog knows about words: the keys of their vectors, and their tokens."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import numpy as np
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
from clinsearch.records.keys import KeyArray
from clinsearch.storage.catalog.changes import count
from clinsearch.storage.catalog.filters import sentences_passing
from clinsearch.storage.catalog.notes import Catalog, chunks
from clinsearch.storage.catalog.rows import ROWS_AT_ONCE, one_of, place_in
from clinsearch.storage.catalog.soundness import require_sound
from clinsearch.storage.catalog.tables import collection, counts, sentence_words, sentences
from clinsearch.storage.values import WORD_KINDS, Kind, SentenceTokens, WordKind

TOKEN_BYTES = 4

FIRST: dict[WordKind, ColumnElement[int]] = {"word": sentence_words.c.first_word, "piece": sentence_words.c.first_piece}
COUNT: dict[WordKind, ColumnElement[int]] = {"word": sentence_words.c.words, "piece": sentence_words.c.pieces}


class WordCatalog:
    """Queries over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def live(self, kind: WordKind, where: Filter | None = None) -> KeyArray:
        """Return the keys in use whose sentence passes the filter, in order."""
        query = select(FIRST[kind], COUNT[kind])
        if where is not None and where != Filter():
            query = query.where(sentence_words.c.sentence.in_(sentences_passing(where)))
        rows = self._connection.execute(query).all()
        first, count = np.array(rows, dtype=np.int64).reshape(-1, 2).T
        # The key after a sentence's last is another's first, or the end.
        changes = np.zeros(int((first + count).max(initial=0)) + 1, dtype=np.int32)
        np.add.at(changes, first, 1)
        np.add.at(changes, first + count, -1)
        return np.flatnonzero(changes.cumsum()[:-1] > 0)

    def sentences_of(self, kind: WordKind, keys: Sequence[int]) -> dict[int, tuple[int, int]]:
        """Return, for each key, its sentence's key and its position among the sentence's words or wordpieces."""
        found = {}
        for key in keys:
            query = select(sentence_words.c.sentence, FIRST[kind], COUNT[kind]).where(FIRST[kind] <= key)
            # A sentence without words has the same first key as the next.
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
        """Return the keys of the sentences that these words, sorted, belong to."""
        query = select(FIRST[kind], sentence_words.c.sentence).where(COUNT[kind] > 0).order_by(FIRST[kind])
        first, owner = np.array(self._connection.execute(query).all(), dtype=np.int64).reshape(-1, 2).T
        return set(owner[np.searchsorted(first, keys, side="right") - 1].tolist())

    def keys_of(self, sentence_keys: Sequence[int]) -> dict[int, tuple[int, int]]:
        """Return the keys of the first word and first wordpiece of each sentence, of those that have words."""
        columns = (sentence_words.c.sentence, sentence_words.c.first_word, sentence_words.c.first_piece)
        return {
            sentence: (first_word, first_piece)
            for some in chunks(sentence_keys)
            for sentence, first_word, first_piece in self._connection.execute(
                select(*columns).where(one_of(sentence_words.c.sentence, some))
            )
        }

    def tokens(self, where: Filter | None = None, *, like: Sequence[int] = ()) -> Iterator[SentenceTokens]:
        """Yield the tokens of every sentence, or of those with an occurrence that passes.

        like: yield only sentences that have these tokens in a row, and a few false positives.
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
        if like:  # the database compares bytes, regardless of where a token begins, but a hundred times as fast
            spelt = literal(np.array(like, dtype="<u4").tobytes(), LargeBinary)
            is_cut = [
                func.length(column) % TOKEN_BYTES != 0
                for column in (sentence_words.c.token_ids, sentence_words.c.lengths)
            ]
            query = query.where(or_(place_in(sentence_words.c.token_ids, spelt) > 0, *is_cut))  # cut ones raise below
        rows = self._connection.execute(query, execution_options={"yield_per": ROWS_AT_ONCE})
        for key, first_word, first_piece, token_ids, lengths in rows:
            require_sound(not len(token_ids) % TOKEN_BYTES and not len(lengths) % TOKEN_BYTES)
            ids, counts = np.frombuffer(token_ids, dtype="<u4"), np.frombuffer(lengths, dtype="<i4")
            require_sound(int(np.abs(counts.astype(np.int64)).sum()) == len(ids))
            yield SentenceTokens(key, first_word, first_piece, ids, counts)

    def keys_with_tokens(self, kind: WordKind, token_ids: Sequence[int]) -> KeyArray:
        """Return the keys of the words, or wordpieces, that consist of exactly these tokens, in order."""
        keys = [np.empty(0, dtype=np.int64)]
        for sentence in self.tokens(like=token_ids):
            keys.append(sentence.keys_with_tokens(kind, token_ids))
        return np.concatenate(keys)


def live_keys(connection: Connection, kind: Kind) -> KeyArray:
    """Return the keys, in order, of everything that has a vector of a kind."""
    if kind == "word" or kind == "piece":
        return WordCatalog(connection).live(kind)
    return np.sort(Catalog(connection).all_keys(kind))


def forget_words(connection: Connection, recipe: str | None) -> None:
    """Delete all words; set the recipe for new ones, None to keep none."""
    connection.execute(update(collection).values(words=recipe))
    connection.execute(delete(sentence_words))
    for name in ("sentences_with_words", "words", "pieces"):
        connection.execute(update(counts).where(counts.c.name == name).values(rows=0))


def insert_words(connection: Connection, words: Mapping[int, TextWords]) -> dict[WordKind, KeyArray]:
    """Store the words of sentences, by key; return the keys of the words' and wordpieces' vectors, in order.

    A sentence that had words keeps their keys; others get keys that were never used.
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
    """Return the keys of each sentence's first word and first wordpiece."""
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
