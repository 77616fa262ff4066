"""What a collection stores, read and written some keys at a time, whatever it is stored in: the parts of a copy."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Any, Protocol

import numpy as np
from sqlalchemy import Connection, Executable, Table, func, select

from clinsearch.errors import CollectionDamaged
from clinsearch.records import FloatArray, Note
from clinsearch.records.digests import note_digest, text_digest
from clinsearch.records.keys import KeyArray
from clinsearch.records.saved_searches import SavedSearch
from clinsearch.storage.catalog.changes import Changes
from clinsearch.storage.catalog.soundness import require_as_written
from clinsearch.storage.catalog.tables import (
    assertions,
    languages,
    measurements,
    notes,
    occurrences,
    sections,
    sentence_words,
    sentences,
)
from clinsearch.storage.catalog.words import COUNT, FIRST
from clinsearch.storage.port import KeywordIndex
from clinsearch.storage.values import Kind, TermsOf, TextKind, WordKind, damaged_vectors
from clinsearch.storage.writable import WritableSpaces

TABLE_OF: dict[TextKind, Table] = {"sentence": sentences, "note": notes}
# What belongs to a sentence or a note, in an order in which rows refer only to others that are there.
PARTS_OF: dict[TextKind, tuple[tuple[Table, str], ...]] = {
    "sentence": (
        (sentences, "key"),
        (assertions, "sentence"),
        (measurements, "sentence"),
        (sentence_words, "sentence"),
    ),
    "note": ((notes, "key"), (sections, "note"), (languages, "note"), (occurrences, "note")),
}
VECTORS_OF: dict[TextKind, tuple[Kind, ...]] = {"sentence": ("sentence",), "note": ("note", "opening")}
TEXTS_AT_ONCE = 4096
CHARACTERS_AT_ONCE = 4_000_000
NOTE_FIELDS = tuple(Note.__dataclass_fields__)


class Stored(Protocol):
    """What is read of a collection, as of one commit."""

    @property
    def connection(self) -> Connection:
        """The connection to its catalog."""

    def keywords(self, kind: TextKind) -> KeywordIndex:
        """Return the keyword index of sentences, or of notes."""

    def vectors(self, kind: Kind, keys: KeyArray) -> tuple[KeyArray, FloatArray]:
        """Read the vectors of those of these keys, in order, that are there: their keys (n,), and (n, width)."""

    def count_vectors(self, kind: Kind) -> int:
        """Count the vectors of a kind, deleted ones included where they are still stored."""

    def is_coded(self, kind: Kind) -> bool:
        """Tell whether codes are stored in place of vectors, which tell less than was given."""

    def newest_word(self, kind: WordKind) -> int:
        """Return the highest key of the vectors of words, or wordpieces, that are there; -1 if there is none."""

    def newest_keys(self) -> dict[TextKind, int]:
        """Return the highest key that a sentence, and a note, was ever given; 0 before the first."""


class Target(Protocol):
    """Writes a copy, while it is held open."""

    def clear(self) -> None:
        """Remove everything."""

    def stored(self) -> AbstractContextManager[Stored]:
        """Yield what there is."""

    def parts(self) -> AbstractContextManager[tuple[Changes, WritableSpaces]]:
        """Yield what one commit changes; it is made at the end of the `with` block."""

    def prepare(self, connection: Connection, hidden_size: int) -> None:
        """Make what vectors need, in a commit."""

    def give_keys_after(self, connection: Connection, newest: Mapping[TextKind, int]) -> None:
        """Have sentences and notes get higher keys than these from now on, in a commit."""

    def settle(self) -> None:
        """Merge what many commits have left in pieces."""

    def save_search(self, search: SavedSearch) -> None:
        """Store a search under its name, replacing the one before."""

    def build(self) -> None:
        """Build what makes search fast, once there are many vectors."""


@dataclass(frozen=True, slots=True)
class Piece:
    """All that belongs to some sentences, or notes, but for the vectors of words.

    rows: by table. terms: by key. vectors: by kind, with their keys.
    """

    kind: TextKind
    keys: KeyArray
    rows: Mapping[Table, Sequence[dict[str, Any]]]
    terms: Mapping[int, Sequence[str]]
    vectors: Mapping[Kind, tuple[KeyArray, FloatArray]]


def newest_copied(connection: Connection, kind: TextKind) -> int:
    """Return the highest key of the sentences, or notes, that are there; 0 if there is none."""
    return connection.scalar(select(func.max(TABLE_OF[kind].c.key))) or 0


def count_copied(connection: Connection, kind: TextKind) -> int:
    """Count the sentences, or notes, that are there."""
    return connection.scalar(select(func.count()).select_from(TABLE_OF[kind])) or 0


def pieces(source: Stored, kind: TextKind, after: int, terms_of: TermsOf) -> Iterator[Piece]:
    """Yield all sentences, or notes, with higher keys than `after`, in the order of their keys.

    Raises CollectionDamaged if a text is not as it was written, or lacks a vector.
    """
    for keys in key_ranges(source.connection, kind, after):
        rows = {table: rows_between(source.connection, table, column, keys) for table, column in PARTS_OF[kind]}
        texts = rows[TABLE_OF[kind]]
        require_texts = _require_sentences if kind == "sentence" else _require_notes
        require_texts(texts)
        terms = {row["key"]: terms_of(row["text"]) for row in texts}
        with_vector = keys if kind == "sentence" else having_sentences(rows[occurrences])
        vectors = {of: source.vectors(of, with_vector) for of in VECTORS_OF[kind]}
        # Older collections lack openings until they are repaired; only search for notes needs them.
        if any(len(vectors[of][0]) != len(with_vector) for of in vectors if of != "opening"):
            raise damaged_vectors()
        yield Piece(kind, keys, rows, terms, vectors)


def word_pieces(source: Stored, kind: WordKind, after: int) -> Iterator[tuple[KeyArray, FloatArray]]:
    """Yield the vectors of all words, or wordpieces, with higher keys than `after`, in the order of their keys.

    Not sentence by sentence: in that order their keys have gaps. Raises CollectionDamaged if one is missing.
    """
    for keys in word_ranges(source.connection, kind, after):
        there, rows = source.vectors(kind, keys)
        if len(there) != len(keys):
            raise damaged_vectors()
        yield there, rows


def key_ranges(connection: Connection, kind: TextKind, after: int = 0) -> Iterator[KeyArray]:
    """Yield the keys of sentences, or notes, in order, as many at a time as memory is meant to hold the texts of."""
    table = TABLE_OF[kind]
    while True:
        query = select(table.c.key, func.length(table.c.text)).where(table.c.key > after)
        keys, lengths = _pairs(connection, query.order_by(table.c.key).limit(TEXTS_AT_ONCE))
        if not len(keys):
            return
        keys = keys[: max(int(np.searchsorted(lengths.cumsum(), CHARACTERS_AT_ONCE)), 1)]
        after = int(keys[-1])
        yield keys


def word_ranges(connection: Connection, kind: WordKind, after: int = -1) -> Iterator[KeyArray]:
    """Yield the keys of the words, or wordpieces, of all sentences, in order, those of some sentences at a time."""
    while True:
        query = select(FIRST[kind], COUNT[kind]).where(FIRST[kind] > after, COUNT[kind] > 0)
        firsts, counts = _pairs(connection, query.order_by(FIRST[kind]).limit(TEXTS_AT_ONCE))
        if not len(firsts):
            return
        after = int(firsts[-1] + counts[-1]) - 1
        pairs = zip(firsts.tolist(), counts.tolist(), strict=True)
        yield np.concatenate([np.arange(first, first + count, dtype=np.int64) for first, count in pairs])


def _pairs(connection: Connection, query: Executable) -> tuple[KeyArray, KeyArray]:
    """Return two columns of numbers. As tuples: numpy would take SQLAlchemy's rows apart attribute by attribute."""
    rows = np.array([tuple(row) for row in connection.execute(query)], dtype=np.int64).reshape(-1, 2)
    return rows[:, 0], rows[:, 1]


def rows_between(connection: Connection, table: Table, column: str, keys: KeyArray) -> list[dict[str, Any]]:
    """Return the rows of a table that belong to these keys, which follow one another, by the names of its columns."""
    owner = table.c[column]
    query = select(table).where(owner >= int(keys[0]), owner <= int(keys[-1]))
    found = connection.execute(query.order_by(*table.primary_key.columns))
    names = list(found.keys())
    return [dict(zip(names, row, strict=True)) for row in found]


def having_sentences(places: Sequence[Mapping[str, Any]]) -> KeyArray:
    """Return the keys of the notes that have these occurrences, in order."""
    return np.unique(np.fromiter((row["note"] for row in places), dtype=np.int64))


def _require_sentences(texts: Sequence[Mapping[str, Any]]) -> None:
    if any(text_digest(row["text"]) != row["digest"] for row in texts):
        raise CollectionDamaged(
            "The source holds sentences that are not as they were written. Mend it with `clinsearch repair`."
        )


def _require_notes(texts: Sequence[Mapping[str, Any]]) -> None:
    for row in texts:
        note = Note(**{field: row[field] for field in NOTE_FIELDS})
        require_as_written(note_digest(note) == row["digest"], note.note_id)


def add_piece(changes: Changes, spaces: WritableSpaces, piece: Piece) -> None:
    """Add all that belongs to some sentences, or notes, in a commit."""
    for table, rows in piece.rows.items():
        changes.insert_keyed(table, rows)
    changes.add_counted_terms(piece.kind, piece.terms)
    for kind, (keys, vectors) in piece.vectors.items():
        if len(keys):
            spaces.add(kind, keys, vectors)
