"""The vectors of the words of sentences, with keys that were never used."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from clinsearch.encoder.words import TextWords
from clinsearch.storage.catalog.changes import count_commit
from clinsearch.storage.catalog.notes import Catalog
from clinsearch.storage.catalog.words import WordCatalog, forget_words, insert_words, rows_of
from clinsearch.storage.values import WORD_KINDS
from clinsearch.storage.writable import WritableSpaces


def keep_words(spaces: WritableSpaces, recipe: str | None) -> None:
    """Set the recipe of words' vectors, None to keep none; deletes those of another recipe."""
    if Catalog(spaces.connection).word_recipe() == recipe:
        return
    forget_words(spaces.connection, recipe)
    for kind in WORD_KINDS:
        spaces.forget_all(kind)
    count_commit(spaces.connection)


def add_words(spaces: WritableSpaces, words: Mapping[int, TextWords]) -> None:
    """Add the words of sentences, by key, except vectors that are there; learn their code once there are enough."""
    if not words:
        return
    may_be_there = bool(WordCatalog(spaces.connection).keys_of(list(words)))
    for kind, keys in insert_words(spaces.connection, words).items():
        add = spaces.add_lacking if may_be_there else spaces.add
        add(kind, keys, np.concatenate([rows_of(kind, own) for own in words.values()]))
    spaces.learn("word")


def lacking_words(spaces: WritableSpaces) -> set[int]:
    """Return the keys of sentences without words or their vectors, if the collection keeps them."""
    if Catalog(spaces.connection).word_recipe() is None:
        return set()
    words = WordCatalog(spaces.connection)
    lost = {kind: spaces.lacking(kind) for kind in WORD_KINDS}
    return set(words.missing().tolist()).union(*(words.owners(kind, keys) for kind, keys in lost.items() if len(keys)))
