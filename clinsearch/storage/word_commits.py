"""How the words of a collection change: statements and files, each within the writer's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from sqlalchemy import Connection, delete, insert, select, update

from clinsearch.encoder.words import TextWords
from clinsearch.records import FloatArray
from clinsearch.storage import changes
from clinsearch.storage.catalog import Catalog
from clinsearch.storage.compaction import files_to_merge
from clinsearch.storage.tables import collection, sentence_words
from clinsearch.storage.vectors import KeyArray, VectorFile
from clinsearch.storage.word_catalog import WORD_KINDS, WordCatalog, WordKind
from clinsearch.storage.word_vectors import (
    LISTS_SUFFIX,
    ROWS_TO_LEARN_FROM,
    Allowed,
    WordCode,
    WordVectorSet,
    is_live,
    lost_keys,
    merge_word_files,
    read_plain,
    write_word_vectors,
)


class WordWriter:
    """Changes the words of a collection over one connection, with vector files in `folder`."""

    def __init__(self, connection: Connection, folder: Path) -> None:
        self._connection = connection
        self._folder = folder
        self._catalog = Catalog(connection)
        self._words = WordCatalog(connection)

    def keep(self, recipe: str | None) -> None:
        """Keep words' vectors by this recipe from now on, or none; those of another recipe go."""
        if self._catalog.word_recipe() == recipe:
            return
        self._connection.execute(update(collection).values(words=recipe))
        self._connection.execute(delete(sentence_words))
        self._forget([file for file in self._catalog.vector_files() if file.kind in ("code", *WORD_KINDS)])
        changes.count_commit(self._connection)

    def add(self, words: Mapping[int, TextWords]) -> None:
        """Add the words of sentences, by their keys; a sentence that had words keeps the keys of these."""
        if not words:
            return
        known = self._words.keys_of(list(words))
        new = [sentence for sentence in words if sentence not in known]
        first = known | self._new_keys(new, words)
        self._insert(new, words, first)
        code = self.code()
        for place, kind in enumerate(WORD_KINDS):
            vectors = [getattr(of_sentence, f"{kind}s") for of_sentence in words.values()]
            keys = [first[s][place] + np.arange(len(v)) for s, v in zip(words, vectors, strict=True)]
            self._add_rows(kind, np.concatenate(keys), np.concatenate(vectors), code, may_be_there=bool(known))

    def code(self) -> WordCode | None:
        """Return the collection's code, if it has one yet."""
        files = self._catalog.vector_files("code")
        return WordCode.read(self._folder / files[0].name) if files else None

    def learn_code(self) -> None:
        """Have the collection's vectors teach a code when there are enough of them, and write all in it."""
        files = self._catalog.vector_files("word")
        if self._catalog.vector_files("code") or sum(file.rows for file in files) < ROWS_TO_LEARN_FROM:
            return
        # The files bear random names: those of an early part of the notes come no more often than others.
        vectors = np.concatenate([read_plain(self._folder / file.name, file) for file in files])
        sample = vectors[:: max(1, len(vectors) // (2 * ROWS_TO_LEARN_FROM))]
        code = WordCode.learn(sample)
        self._add_file(code.write(self._folder, len(sample)))
        for kind in WORD_KINDS:
            if of_kind := self._catalog.vector_files(kind):
                self._merge(of_kind, self._words.live(kind), code)
        changes.count_commit(self._connection)

    def compact(self) -> None:
        """Merge small files."""
        for kind in WORD_KINDS:
            for group in files_to_merge(self._catalog.vector_files(kind), self._words.rows(kind)):
                self._merge(group, self._words.live(kind), self.code())
                changes.count_commit(self._connection)

    def drop_dead_rows(self) -> None:
        """Write those files anew that have rows of what was deleted."""
        code = self.code()
        for kind in WORD_KINDS:
            live = self._words.live(kind)
            for file in self._catalog.vector_files(kind):
                if not is_live(self._open([file], code).keys(), live).all():
                    self._merge([file], live, code)
                    changes.count_commit(self._connection)

    def forget_unreadable(self) -> None:
        """Take codes out of the collection that have lost what says how to read them."""
        if not self._catalog.vector_files("code"):
            files = [file for kind in WORD_KINDS for file in self._catalog.vector_files(kind)]
            self._forget([file for file in files if file.name.endswith(LISTS_SUFFIX)])

    def sentences_to_encode(self) -> KeyArray:
        """Return the keys of the sentences that lack words, or vectors of these, in a collection that keeps them."""
        if self._catalog.word_recipe() is None:
            return np.empty(0, dtype=np.int64)
        lacking = set(self._words.missing().tolist())
        code = self.code()
        for kind in WORD_KINDS:
            files = self._catalog.vector_files(kind)
            # Keys are many: where nothing was deleted since the last scrub, to count them is enough.
            is_counted = sum(file.rows for file in files) == self._words.rows(kind)
            if is_counted and not changes.has_remains(self._connection):
                continue
            lost = lost_keys(self._open(files, code).keys(), self._words.live(kind))
            lacking |= self._words.owners(kind, lost) if len(lost) else set()
        return np.array(sorted(lacking), dtype=np.int64)

    def _add_rows(
        self, kind: WordKind, keys: KeyArray, vectors: FloatArray, code: WordCode | None, *, may_be_there: bool
    ) -> None:
        """Add vectors to those of a kind, but for those of keys that are there."""
        if may_be_there:
            lacking = np.isin(keys, self._open(self._catalog.vector_files(kind), code).keys(), invert=True)
            keys, vectors = keys[lacking], vectors[lacking]
        if len(keys):
            self._add_file(write_word_vectors(self._folder, kind, keys, vectors, code))

    def _open(self, files: Sequence[VectorFile], code: WordCode | None) -> WordVectorSet:
        return WordVectorSet(self._folder, files, code)

    def _new_keys(self, sentence_keys: Sequence[int], words: Mapping[int, TextWords]) -> dict[int, tuple[int, int]]:
        """Give the words of these sentences keys that none has had before."""
        row = self._connection.execute(select(collection.c.next_word, collection.c.next_piece)).one()
        next_word, next_piece = row
        given = {}
        for sentence in sentence_keys:
            given[sentence] = (next_word, next_piece)
            next_word += len(words[sentence].words)
            next_piece += len(words[sentence].pieces)
        self._connection.execute(update(collection).values(next_word=next_word, next_piece=next_piece))
        return given

    def _insert(
        self, sentence_keys: Sequence[int], words: Mapping[int, TextWords], keys: Mapping[int, tuple[int, int]]
    ) -> None:
        rows = [
            {
                "sentence": sentence,
                "first_word": keys[sentence][0],
                "words": len(words[sentence].words),
                "first_piece": keys[sentence][1],
                "pieces": len(words[sentence].pieces),
                "token_ids": words[sentence].token_ids.astype("<u4").tobytes(),
                "lengths": words[sentence].lengths.astype("<i4").tobytes(),
            }
            for sentence in sentence_keys
        ]
        if rows:
            self._connection.execute(insert(sentence_words), rows)

    def _merge(self, files: Sequence[VectorFile], live: Allowed, code: WordCode | None) -> None:
        merged = merge_word_files(self._folder, files, live, code)
        if merged:
            self._add_file(merged)
        self._forget(files)

    def _add_file(self, file: VectorFile) -> None:
        changes.insert_vector_file(self._connection, file)

    def _forget(self, files: Sequence[VectorFile]) -> None:
        if files:
            changes.delete_vector_files(self._connection, [file.name for file in files])
