"""The statements that change the catalog, each in the transaction of the given connection."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import Connection, Table, delete, insert, select, update

from clinsearch.records import AssertedSpan, Note, Section, Sentence
from clinsearch.records.measurements import Measurement
from clinsearch.records.readings import LANGUAGE_VERSION, ReadNote, ReadSentence
from clinsearch.storage.catalog.notes import Catalog, chunks
from clinsearch.storage.catalog.rows import one_of
from clinsearch.storage.catalog.tables import (
    WHOLE,
    assertions,
    collection,
    counts,
    languages,
    measurements,
    notes,
    occurrences,
    sections,
    sentence_words,
    sentences,
)
from clinsearch.storage.values import EncoderIdentity, Kind, TermsOf, TextKind

SENTENCE = ("text", "heading", "digest", "gist", "language")
SECTION, PLACE, SPAN, MEASUREMENT = (
    tuple(kind.__dataclass_fields__) for kind in (Section, Sentence, AssertedSpan, Measurement)
)


class Derived(Protocol):
    """What a storage keeps beside these tables, made from the same texts: the keyword index, and the vectors."""

    def add_terms(self, kind: TextKind, terms: Mapping[int, Sequence[str]]) -> int:
        """Add the terms of new sentences or notes, by key; return the number of terms."""

    def remove_terms(self, kind: TextKind, terms: Mapping[int, Sequence[str]]) -> int:
        """Remove the terms of sentences or notes, exactly as they were added; return the number of terms."""

    def forget_all_terms(self) -> None:
        """Remove all terms, by whatever rules they were made."""

    def forget_vectors(self, kind: Kind, ranges: Sequence[tuple[int, int]]) -> None:
        """Take vectors out of search, given as (first key, number)."""

    def mark_remains(self) -> None:
        """Record that text was deleted, of which the disk may still hold traces."""


class Changes:
    """The changes that concern what is derived, too, in the transaction of a connection."""

    def __init__(self, connection: Connection, derived: Derived) -> None:
        self.connection, self._derived = connection, derived

    def insert_rows(self, table: Table, rows: Iterable[dict[str, Any]]) -> None:
        """Insert rows into a table; the database gives their keys."""
        self.insert_keyed(table, rows)

    def insert_keyed(self, table: Table, rows: Iterable[dict[str, Any]]) -> None:
        """Insert rows into a table as they are, with the keys that they have."""
        listed = list(rows)
        if listed:
            self.connection.execute(insert(table), listed)

    def add_terms(self, kind: TextKind, terms: Mapping[int, Sequence[str]]) -> None:
        """Add the terms of sentences or notes, by key."""
        count(self.connection, f"{kind}_terms", self.add_counted_terms(kind, terms))

    def add_counted_terms(self, kind: TextKind, terms: Mapping[int, Sequence[str]]) -> int:
        """Add the terms of sentences or notes that are counted already, by key; return the number of terms."""
        return self._derived.add_terms(kind, terms)

    def insert_notes(self, batch: Sequence[ReadNote], new: Mapping[bytes, ReadSentence]) -> dict[str, int]:
        """Store notes and their new sentences, by digest; return the notes' keys by id."""
        if not batch:
            return {}
        self.insert_rows(notes, ({**asdict(item.note), "digest": item.digest} for item in batch))
        count(self.connection, "notes", len(batch))
        stored = Catalog(self.connection).stored_notes("note_id", [item.note.note_id for item in batch])
        note_keys = {note.note_id: note.note_key for note in stored}
        self.insert_contents({note_keys[item.note.note_id]: item for item in batch}, new)
        return note_keys

    def insert_contents(self, batch: Mapping[int, ReadNote], new: Mapping[bytes, ReadSentence]) -> None:
        """Store the contents of notes, by key: sections, sentences, occurrences, terms and languages."""
        count(self.connection, "notes_with_sentences", sum(bool(item.sentences) for item in batch.values()))
        count(self.connection, "occurrences", sum(len(item.sentences) for item in batch.values()))
        self.insert_sentences(new)
        digests = {sentence.digest for item in batch.values() for sentence in item.sentences}
        sentence_keys = Catalog(self.connection).sentence_keys_of(list(digests))
        terms = {key: item.terms for key, item in batch.items()}
        self.add_terms("note", terms)
        others = ({"note": key, "language": item.language} for key, item in batch.items() if item.language)
        self.insert_rows(languages, others)
        self.insert_rows(sections, _section_rows(batch))
        self.insert_rows(occurrences, _occurrence_rows(batch, sentence_keys))

    def insert_sentences(self, new: Mapping[bytes, ReadSentence]) -> None:
        """Store new sentences, by digest, in their order."""
        self.insert_rows(sentences, (_row(sentence, SENTENCE) for sentence in new.values()))
        count(self.connection, "sentences", len(new))
        keys = Catalog(self.connection).sentence_keys_of(list(new))
        self.insert_readings({key: new[digest] for digest, key in keys.items()})

    def insert_readings(self, read: Mapping[int, ReadSentence]) -> None:
        """Store the terms, assertions and measurements of sentences, by key."""
        terms = {key: sentence.terms for key, sentence in read.items()}
        self.add_terms("sentence", terms)
        self.insert_rows(assertions, _rows(read, "assertions", SPAN))
        self.insert_rows(measurements, _rows(read, "measurements", MEASUREMENT))

    def forget_all_terms(self) -> None:
        """Remove all terms, by whatever rules they were made."""
        self._derived.forget_all_terms()

    def _forget_terms(self, kind: TextKind, keys: Sequence[int], terms_of: TermsOf) -> None:
        """Remove the terms of sentences or notes about to be deleted from the keyword index."""
        owner = sentences if kind == "sentence" else notes
        rows = self.connection.execute(select(owner.c.key, owner.c.text).where(one_of(owner.c.key, keys)))
        terms = {key: terms_of(text) for key, text in rows}
        count(self.connection, f"{kind}_terms", -self._derived.remove_terms(kind, terms))

    def delete_notes(self, note_keys: Sequence[int], terms_of: TermsOf) -> set[int]:
        """Delete notes and everything that belongs to them; return the keys of their sentences."""
        standing: set[int] = set()
        for keys in chunks(note_keys):
            query = select(occurrences.c.note, occurrences.c.sentence).where(one_of(occurrences.c.note, keys))
            places = self.connection.execute(query).all()
            standing.update(sentence for _, sentence in places)
            with_sentences = sorted({note for note, _ in places})
            self._forget_terms("note", keys, terms_of)
            deleted = self.connection.execute(delete(notes).where(one_of(notes.c.key, keys))).rowcount
            count(self.connection, "notes", -deleted)
            count(self.connection, "notes_with_sentences", -len(with_sentences))
            count(self.connection, "occurrences", -len(places))
            for kind in ("note", "opening"):
                self._derived.forget_vectors(kind, [(note, 1) for note in with_sentences])
        if note_keys:
            self._derived.mark_remains()
        return standing

    def delete_unused_sentences(self, sentence_keys: Iterable[int], terms_of: TermsOf) -> None:
        """Delete those of these sentences that no note has any more."""
        for keys in chunks(sorted(sentence_keys)):
            unused = unused_sentences(self.connection, keys)
            self._forget_terms("sentence", unused, terms_of)
            self.delete_sentences(unused)

    def delete_sentences(self, keys: Sequence[int]) -> None:
        """Delete sentences, and mark their vectors deleted; their terms must have left the keyword index."""
        self._mark_words_deleted(keys)
        self.connection.execute(delete(sentences).where(one_of(sentences.c.key, keys)))
        count(self.connection, "sentences", -len(keys))
        self._derived.forget_vectors("sentence", [(sentence, 1) for sentence in keys])

    def _mark_words_deleted(self, sentence_keys: Sequence[int]) -> None:
        """Mark deleted the vectors of the words of sentences that are about to be deleted."""
        ranges = (
            sentence_words.c.first_word,
            sentence_words.c.words,
            sentence_words.c.first_piece,
            sentence_words.c.pieces,
        )
        rows = self.connection.execute(select(*ranges).where(one_of(sentence_words.c.sentence, sentence_keys))).all()
        count(self.connection, "sentences_with_words", -len(rows))
        count(self.connection, "words", -sum(words for _, words, _, _ in rows))
        count(self.connection, "pieces", -sum(pieces for _, _, _, pieces in rows))
        self._derived.forget_vectors("word", [(first, words) for first, words, _, _ in rows if words])
        self._derived.forget_vectors("piece", [(first, pieces) for _, _, first, pieces in rows if pieces])


def insert_owner(
    connection: Connection, encoder: EncoderIdentity, created_by: str, *, words: str | None, correction: str | None
) -> None:
    """Record which encoder a new collection belongs to, and that its texts are read by the current rules."""
    row = {"key": WHOLE, "created_by": created_by, "created_at": datetime.now(), "commits": 0}
    how = {"words": words, "correction": correction, "language": LANGUAGE_VERSION}
    connection.execute(insert(collection).values(**row, **how, **asdict(encoder)))


def relabel_note(connection: Connection, note_key: int, note: Note, digest: bytes) -> None:
    """Change the fields of a note whose text stays the same."""
    fields = asdict(note)
    del fields["text"]
    connection.execute(update(notes).where(notes.c.key == note_key).values(**fields, digest=digest))


def move_note(connection: Connection, note_key: int, source: str) -> None:
    """Change the file that a note comes from."""
    connection.execute(update(notes).where(notes.c.key == note_key).values(source=source))


def unused_sentences(connection: Connection, keys: Sequence[int]) -> list[int]:
    """Return those of these keys whose sentences no note has."""
    used = select(occurrences.c.sentence).where(occurrences.c.sentence == sentences.c.key).exists()
    return list(connection.scalars(select(sentences.c.key).where(one_of(sentences.c.key, keys), ~used)))


def count(connection: Connection, name: str, more: int) -> None:
    """Update a count by what was added or, if negative, removed."""
    if more:
        connection.execute(update(counts).where(counts.c.name == name).values(rows=counts.c.rows + more))


def count_commit(connection: Connection) -> None:
    """Count a commit, so that readers notice it."""
    connection.execute(update(collection).values(commits=collection.c.commits + 1))


def _section_rows(batch: Mapping[int, ReadNote]) -> Iterator[dict[str, Any]]:
    for key, item in batch.items():
        for position, section in enumerate(item.segmentation.sections):
            yield {"note": key, "position": position, **_row(section, SECTION)}


def _occurrence_rows(batch: Mapping[int, ReadNote], sentence_keys: Mapping[bytes, int]) -> Iterator[dict[str, Any]]:
    for key, item in batch.items():
        for place, sentence in zip(item.segmentation.sentences, item.sentences, strict=True):
            yield {"note": key, "sentence": sentence_keys[sentence.digest], **_row(place, PLACE)}


def _rows(read: Mapping[int, ReadSentence], kind: str, fields: Iterable[str]) -> Iterator[dict[str, Any]]:
    for key, sentence in read.items():
        for position, value in enumerate(getattr(sentence, kind)):
            yield {"sentence": key, "position": position, **_row(value, fields)}


def _row(value: Any, fields: Iterable[str]) -> dict[str, Any]:
    """Return some fields of a value by name; much faster than `asdict`, which makes deep copies."""
    return {field: getattr(value, field) for field in fields}
