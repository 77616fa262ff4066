"""What a role that sees some notes alone is answered: counts and postings of these, made by functions of the owner's.

Such a role's keywords are weighed as if there were no other notes: how often a term is in those that it does not see
would tell that it is there.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import NoReturn

import numpy as np
from sqlalchemy import Connection, text

from clinsearch.errors import CollectionError
from clinsearch.records import FloatArray
from clinsearch.records.keys import KeyArray
from clinsearch.records.phrases import Phrase
from clinsearch.storage.catalog.counted import count_for_role
from clinsearch.storage.postgres.binary import binary_cursor
from clinsearch.storage.postgres.keyword_changes import LONGEST_TERM, stored_term
from clinsearch.storage.postgres.keywords import LAST_CHARACTER, KeywordIndex
from clinsearch.storage.postgres.phrases import texts_with
from clinsearch.storage.postgres.postings import Places, Texts
from clinsearch.storage.postgres.tables import SCHEMA

# Whether a connection's role sees some notes alone: no policy concerns the owner.
SEES_SOME = f"CASE WHEN row_security_active('{SCHEMA}.notes') THEN NOT {SCHEMA}.sees_all() ELSE false END"


def count_what_is_seen(connection: Connection, sees_some: bool) -> None:
    """Have the connection count what its role sees, if this sees some notes alone."""
    if sees_some:
        count_for_role(connection, _seen_counts)


def _seen_counts(connection: Connection) -> dict[str, int]:
    return dict(connection.execute(text(f"SELECT name, rows FROM {SCHEMA}.seen_counts()")).all())


class SeenKeywordIndex(KeywordIndex):
    """The keyword index of the sentences or notes that the connection's role sees, as if there were no others."""

    def frequencies(self, phrases: Collection[Phrase]) -> dict[Phrase, int]:
        """Count the texts that have each of these phrases."""
        return {phrase: len(self._texts(phrase).keys) for phrase in phrases}

    def _read(self, phrase: Phrase) -> Texts:
        *whole, last = phrase.terms
        wanted = [*((term, False) for term in whole), (last, phrase.is_prefix)]
        places = {of: self._places(*of) for of in dict.fromkeys(wanted)}
        if len(wanted) > 1:
            return texts_with([places[of] for of in wanted])
        found = places[wanted[0]]
        keys, firsts, counts = np.unique(found.keys, return_index=True, return_counts=True)
        return Texts(keys, counts, found.lengths[firsts])

    def _places(self, term: str, is_prefix: bool) -> Places:
        low = term[:LONGEST_TERM] if is_prefix else stored_term(term)
        high = low + LAST_CHARACTER if is_prefix else low
        query = f"SELECT key, place, length FROM {SCHEMA}.seen_{self.kind}_places(%b, %b)"
        with binary_cursor(self._connection) as cursor:
            rows = np.array(cursor.execute(query, (low, high)).fetchall(), dtype=np.int64).reshape(-1, 3)
        return Places(*np.ascontiguousarray(rows.T))


class NoWords:
    """In place of the vectors of words, which are kept together for all notes."""

    @property
    def is_exact(self) -> bool:
        """Raise CollectionError, as everything here."""
        _refuse()

    @property
    def depths(self) -> Sequence[int]:
        """Raise CollectionError."""
        _refuse()

    def search(self, query: FloatArray, k: int, among: KeyArray | None = None) -> tuple[KeyArray, FloatArray]:
        """Raise CollectionError."""
        _refuse()

    def of(self, keys: KeyArray) -> FloatArray:
        """Raise CollectionError."""
        _refuse()


def _refuse() -> NoReturn:
    raise CollectionError(
        "Words in their context are searched by roles that may read all notes, and yours may read some alone. "
        "Search sentences: `clinsearch search`."
    )
