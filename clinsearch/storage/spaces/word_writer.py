"""How the words of a collection change: statements and files, each within the writer's transaction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from sqlalchemy import Connection, delete, insert, select, update

from clinsearch.encoder.words import TextWords
from clinsearch.records import FloatArray
from clinsearch.storage.catalog import changes
from clinsearch.storage.catalog.notes import Catalog
from clinsearch.storage.catalog.tables import collection, counts, sentence_words
from clinsearch.storage.catalog.vectors import VectorCatalog
from clinsearch.storage.catalog.words import WORD_KINDS, WordCatalog, WordKind
from clinsearch.storage.spaces.compaction import files_to_merge
from clinsearch.storage.spaces.files import KeyArray, VectorFile
from clinsearch.storage.spaces.lists import is_listed
from clinsearch.storage.spaces.word_vectors import (
    ROWS_TO_LEARN_FROM,
    WordCode,
    WordVectorSet,
    is_live,
    lost_keys,
    merge_word_files,
    read_plain,
    write_word_vectors,
)

NO_KEYS = np.empty(0, dtype=np.int64)


class WordWriter:
    """Changes the words of a collection over one connection, with vector files in `folder`."""

    def __init__(self, connection: Connection, folder: Path) -> None:
        self._connection = connection
        self._folder = folder
        self._catalog = Catalog(connection)
        self._words = WordCatalog(connection)
        self._vectors = VectorCatalog(connection)

    def keep(self, recipe: str | None) -> None:
        """Keep words' vectors by this recipe from now on, or none; those of another recipe go."""
        if self._catalog.word_recipe() == recipe:
            return
        self._connection.execute(update(collection).values(words=recipe))
        self._connection.execute(delete(sentence_words))
        for name in ("sentences_with_words", "words", "pieces"):
            self._connection.execute(update(counts).where(counts.c.name == name).values(rows=0))
        for kind in WORD_KINDS:
            changes.set_dead(self._connection, kind, NO_KEYS)
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
        return WordCode.read(self._folder / files[0].name, files[0]) if files else None

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
                self._merge(of_kind, code)
        changes.count_commit(self._connection)

    def compact(self) -> None:
        """Merge small files."""
        for kind in WORD_KINDS:
            for group in files_to_merge(self._catalog.vector_files(kind), self._vectors.live_rows(kind)):
                self._merge(group, self.code())
                changes.count_commit(self._connection)

    def drop_dead_rows(self) -> None:
        """Write those files anew that have rows of what was deleted."""
        code = self.code()
        for kind in WORD_KINDS:
            dead = self._vectors.dead_keys(kind)
            for file in self._catalog.vector_files(kind) if len(dead) else []:
                if np.isin(dead, self._open([file], code).keys()).any():
                    self._merge([file], code)
                    changes.count_commit(self._connection)

    def forget_unreadable(self) -> None:
        """Take codes out of the collection that have lost what says how to read them."""
        if not self._catalog.vector_files("code"):
            files = [file for kind in WORD_KINDS for file in self._catalog.vector_files(kind)]
            self._forget([file for file in files if is_listed(file)])

    def sentences_to_encode(self) -> KeyArray:
        """Return the keys of the sentences that lack words, or vectors of these, in a collection that keeps them."""
        if self._catalog.word_recipe() is None:
            return np.empty(0, dtype=np.int64)
        lacking = set(self._words.missing().tolist())
        code = self.code()
        for kind in WORD_KINDS:
            files = self._catalog.vector_files(kind)
            if not self._vectors.lacking(kind, files):
                continue
            live, keys = self._words.live(kind), self._open(files, code).keys()
            changes.set_dead(self._connection, kind, np.sort(keys[~is_live(keys, live)]))
            lost = lost_keys(keys, live)
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
        changes.count(self._connection, "sentences_with_words", len(rows))
        changes.count(self._connection, "words", sum(len(words[sentence].words) for sentence in sentence_keys))
        changes.count(self._connection, "pieces", sum(len(words[sentence].pieces) for sentence in sentence_keys))

    def _merge(self, files: Sequence[VectorFile], code: WordCode | None) -> None:
        """Make one file of some, without their dead rows."""
        (kind,) = (kind for kind in WORD_KINDS if kind == files[0].kind)
        live = self._words.not_dead(kind)
        if len(dead := self._vectors.dead_keys(kind)):
            changes.set_dead(self._connection, kind, np.setdiff1d(dead, self._open(files, code).keys()))
        merged = merge_word_files(self._folder, files, live, code)
        if merged:
            self._add_file(merged)
        self._forget(files)

    def _add_file(self, file: VectorFile) -> None:
        changes.insert_vector_file(self._connection, file)

    def _forget(self, files: Sequence[VectorFile]) -> None:
        if files:
            changes.delete_vector_files(self._connection, [file.name for file in files])
