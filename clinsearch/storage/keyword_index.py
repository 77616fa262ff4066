"""The catalog's keyword index, SQLite's FTS5: which terms stand in which sentences and notes, and where in them.

It keeps no text: the terms are those of the text that the catalog keeps, and are told to FTS5 again to be removed.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, Literal, TypeAlias

import numpy as np
from sqlalchemy import Connection, Select, column, func, literal_column, select, table, text

from clinsearch.records import Filter
from clinsearch.storage.filters import notes_passing, sentences_passing
from clinsearch.storage.tables import counts
from clinsearch.storage.vector_files import KeyArray
from clinsearch.terms import Phrase, terms_of

TextKind: TypeAlias = Literal["sentence", "note"]

KINDS: tuple[TextKind, ...] = ("sentence", "note")
# FTS5 takes a microsecond for each row of each phrase. Phrases that are rarer than the rest decide what is found.
MOST_ROWS = 40_000


def add_texts(connection: Connection, kind: TextKind, texts: Mapping[int, str]) -> int:
    """Add the terms of new sentences or notes, by key; return how many these are."""
    return _tell(connection, texts, f"INSERT INTO {kind}_terms(rowid, terms) VALUES (:key, :terms)")


def remove_texts(connection: Connection, kind: TextKind, texts: Mapping[int, str]) -> int:
    """Take the terms of sentences or notes out that were added with these texts; return how many these are."""
    statement = f"INSERT INTO {kind}_terms({kind}_terms, rowid, terms) VALUES ('delete', :key, :terms)"
    return _tell(connection, texts, statement)


def _tell(connection: Connection, texts: Mapping[int, str], statement: str) -> int:
    terms = {key: terms_of(of_key) for key, of_key in texts.items()}
    if terms:
        connection.execute(text(statement), [{"key": key, "terms": " ".join(terms[key])} for key in terms])
    return sum(map(len, terms.values()))


def forget_all_terms(connection: Connection) -> None:
    """Take all terms out, whatever rules they were made by."""
    for kind in KINDS:
        connection.execute(text(f"INSERT INTO {kind}_terms({kind}_terms) VALUES ('delete-all')"))


def merge_terms(connection: Connection) -> None:
    """Write the index anew, without the terms that were taken out."""
    for kind in KINDS:
        connection.execute(text(f"INSERT INTO {kind}_terms({kind}_terms) VALUES ('optimize')"))


class KeywordIndex:
    """The questions, asked over one connection, about the terms of sentences or of notes."""

    def __init__(self, connection: Connection, kind: TextKind) -> None:
        self._connection, self._kind = connection, kind
        self._table = table(f"{kind}_terms", column("rowid"), column("rank"))

    def mean_length(self) -> float:
        """Return how many terms a text has on average."""
        return self._count(f"{self._kind}_terms") / max(self.size(), 1)

    def size(self) -> int:
        """Return how many texts there are."""
        return self._count(f"{self._kind}s")

    def frequency(self, phrase: Phrase) -> int:
        """Count the texts in which a phrase stands."""
        if len(phrase.terms) == 1 and not phrase.is_prefix:
            query = text(f"SELECT doc FROM {self._kind}_vocab WHERE term = :term")
            return self._connection.scalar(query, {"term": phrase.terms[0]}) or 0
        found = select(func.count()).select_from(self._table).where(self._has([phrase]))
        return self._connection.scalar(found) or 0

    def best(self, frequencies: Mapping[Phrase, int], limit: int, where: Filter) -> KeyArray:
        """Find the texts that pass with the highest BM25 of FTS5's own, best first, by the rarest of some phrases.

        `frequencies`: in how many texts each phrase stands. Of phrases in very many texts only the first counts.
        """
        phrases = _rarest(frequencies)
        if not phrases:
            return np.empty(0, dtype=np.int64)
        query = select(self._table.c.rowid).where(self._has(phrases)).order_by(self._table.c.rank).limit(limit)
        if where != Filter():
            passing: Select[Any] = sentences_passing(where) if self._kind == "sentence" else notes_passing(where)
            # The plus keeps SQLite from asking FTS5 anew for each key that passes.
            query = query.where(literal_column("+rowid").in_(passing))
        return np.fromiter(self._connection.scalars(query), dtype=np.int64)

    def _has(self, phrases: Sequence[Phrase]) -> Any:
        wanted = " OR ".join(f'"{" ".join(phrase.terms)}"' + " *" * phrase.is_prefix for phrase in phrases)
        return literal_column(f"{self._kind}_terms").match(wanted)

    def _count(self, name: str) -> int:
        return self._connection.scalar(select(counts.c.rows).where(counts.c.name == name)) or 0


def _rarest(frequencies: Mapping[Phrase, int]) -> list[Phrase]:
    """Choose the rarest phrases, one at least, as many as FTS5 goes through in a moment."""
    by_rarity = sorted((phrase for phrase, count in frequencies.items() if count), key=lambda one: frequencies[one])
    rows = np.cumsum([frequencies[phrase] for phrase in by_rarity])
    return by_rarity[: max(1, int(np.searchsorted(rows, MOST_ROWS, side="right")))]
