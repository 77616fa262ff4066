"""What a writer does beside storing batches, each in a commit of its own."""

from __future__ import annotations

import numpy as np
from sqlalchemy import Connection

from clinsearch.records.keys import KeyArray
from clinsearch.storage.catalog.corrections import correction_recipe
from clinsearch.storage.postgres import word_changes
from clinsearch.storage.postgres.keyword_changes import merge_terms
from clinsearch.storage.postgres.spaces import TableSpaces
from clinsearch.storage.text_vectors import correct_anew, has_outgrown_correction
from clinsearch.storage.values import WORD_KINDS
from clinsearch.storage.word_vectors import lacking_words


def find_incomplete(connection: Connection) -> KeyArray:
    """Return the keys, in order, of sentences without their vector, or without words that the collection keeps."""
    spaces = TableSpaces(connection)
    wordless = np.fromiter(lacking_words(spaces), dtype=np.int64)
    return np.union1d(spaces.lacking("sentence"), wordless)


def merge_all(connection: Connection) -> None:
    """Make terms and codes of words anew, without those of deleted text."""
    merge_terms(connection)
    for kind in WORD_KINDS:
        word_changes.compact(connection, kind, anew=True)


def forget_traces(connection: Connection) -> None:
    """Make anew what still holds traces of deleted text."""
    merge_all(connection)
    if recipe := correction_recipe(connection):  # it still holds traces of the deleted vectors
        correct_anew(TableSpaces(connection), recipe)


def correct_if_outgrown(connection: Connection) -> None:
    """Fit the correction of vectors anew if there are many more by now."""
    if has_outgrown_correction(TableSpaces(connection)):
        correct_anew(TableSpaces(connection), correction_recipe(connection))
