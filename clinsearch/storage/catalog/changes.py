"""The statements that change the catalog, each in the transaction of the given connection."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, delete, insert, select, update

from clinsearch.records import AssertedSpan, Note, Section, Sentence
from clinsearch.records.measurements import Measurement
from clinsearch.records.readings import LANGUAGE_VERSION, ReadNote, ReadSentence
from clinsearch.storage.catalog.keywords import add_terms, remove_terms
from clinsearch.storage.catalog.notes import Catalog, chunks
from clinsearch.storage.catalog.tables import (
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
from clinsearch.storage.catalog.vectors import mark_deleted
from clinsearch.storage.values import EncoderIdentity, TermsOf, TextKind

SENTENCE = ("text", "heading", "digest", "gist", "language")
SECTION, PLACE, SPAN, MEASUREMENT = (
    tuple(kind.__dataclass_fields__) for kind in (Section, Sentence, AssertedSpan, Measurement)
)


def insert_owner(
    connection: Connection, encoder: EncoderIdentity, created_by: str, *, words: str | None, correction: str | None
) -> None:
    """Record which encoder a new collection belongs to, and that its texts are read by the current rules."""
    row = {"key": 1, "created_by": created_by, "created_at": datetime.now(), "commits": 0}
    how = {"words": words, "correction": correction, "language": LANGUAGE_VERSION}
    connection.execute(insert(collection).values(**row, **how, **asdict(encoder)))


def insert_notes(
    connection: Connection, batch: Sequence[ReadNote], new: Mapping[bytes, ReadSentence]
) -> dict[str, int]:
    """Store notes and their new sentences, by digest; return the notes' keys by id."""
    if not batch:
        return {}
    rows = [{**asdict(item.note), "digest": item.digest} for item in batch]
    connection.execute(insert(notes), rows)
    count(connection, "notes", len(batch))
    stored = Catalog(connection).stored_notes("note_id", [item.note.note_id for item in batch])
    note_keys = {note.note_id: note.note_key for note in stored}
    insert_contents(connection, {note_keys[item.note.note_id]: item for item in batch}, new)
    return note_keys


def insert_contents(connection: Connection, batch: Mapping[int, ReadNote], new: Mapping[bytes, ReadSentence]) -> None:
    """Store the contents of notes, by key: sections, sentences, occurrences, terms and languages."""
    count(connection, "notes_with_sentences", sum(bool(item.sentences) for item in batch.values()))
    count(connection, "occurrences", sum(len(item.sentences) for item in batch.values()))
    insert_sentences(connection, new)
    digests = {sentence.digest for item in batch.values() for sentence in item.sentences}
    sentence_keys = Catalog(connection).sentence_keys_of(list(digests))
    count(connection, "note_terms", add_terms(connection, "note", {key: item.terms for key, item in batch.items()}))
    _insert_all(connection, languages, ({"note": k, "language": i.language} for k, i in batch.items() if i.language))
    _insert_all(connection, sections, _section_rows(batch))
    _insert_all(connection, occurrences, _occurrence_rows(batch, sentence_keys))


def insert_sentences(connection: Connection, new: Mapping[bytes, ReadSentence]) -> None:
    """Store new sentences, by digest, in their order."""
    _insert_all(connection, sentences, (_row(sentence, SENTENCE) for sentence in new.values()))
    count(connection, "sentences", len(new))
    keys = Catalog(connection).sentence_keys_of(list(new))
    insert_readings(connection, {key: new[digest] for digest, key in keys.items()})


def insert_readings(connection: Connection, read: Mapping[int, ReadSentence]) -> None:
    """Store the terms, assertions and measurements of sentences, by key."""
    terms = {key: sentence.terms for key, sentence in read.items()}
    count(connection, "sentence_terms", add_terms(connection, "sentence", terms))
    _insert_all(connection, assertions, _rows(read, "assertions", SPAN))
    _insert_all(connection, measurements, _rows(read, "measurements", MEASUREMENT))


def _forget_terms(connection: Connection, kind: TextKind, keys: Sequence[int], terms_of: TermsOf) -> None:
    """Remove the terms of sentences or notes about to be deleted from the keyword index."""
    owner = sentences if kind == "sentence" else notes
    rows = connection.execute(select(owner.c.key, owner.c.text).where(owner.c.key.in_(keys)))
    count(connection, f"{kind}_terms", -remove_terms(connection, kind, {key: terms_of(text) for key, text in rows}))


def relabel_note(connection: Connection, note_key: int, note: Note, digest: bytes) -> None:
    """Change the fields of a note whose text stays the same."""
    fields = asdict(note)
    del fields["text"]
    connection.execute(update(notes).where(notes.c.key == note_key).values(**fields, digest=digest))


def move_note(connection: Connection, note_key: int, source: str) -> None:
    """Change the file that a note comes from."""
    connection.execute(update(notes).where(notes.c.key == note_key).values(source=source))


def delete_notes(connection: Connection, note_keys: Sequence[int], terms_of: TermsOf) -> set[int]:
    """Delete notes and everything that belongs to them; return the keys of their sentences."""
    standing: set[int] = set()
    for keys in chunks(note_keys):
        query = select(occurrences.c.note, occurrences.c.sentence).where(occurrences.c.note.in_(keys))
        places = connection.execute(query).all()
        standing.update(sentence for _, sentence in places)
        with_sentences = sorted({note for note, _ in places})
        _forget_terms(connection, "note", keys, terms_of)
        deleted = connection.execute(delete(notes).where(notes.c.key.in_(keys))).rowcount
        count(connection, "notes", -deleted)
        count(connection, "notes_with_sentences", -len(with_sentences))
        count(connection, "occurrences", -len(places))
        for kind in ("note", "opening"):
            mark_deleted(connection, kind, [(note, 1) for note in with_sentences])
    if note_keys:
        mark_remains(connection, True)
    return standing


def has_remains(connection: Connection) -> bool:
    """Tell whether deleted text may still be on the disk, in pages that SQLite no longer uses."""
    return bool(connection.exec_driver_sql("PRAGMA user_version").scalar())


def mark_remains(connection: Connection, are_there: bool) -> None:
    """Record, in the database file of the transaction, whether deleted text may still be on the disk."""
    connection.exec_driver_sql(f"PRAGMA user_version = {int(are_there)}")


def delete_unused_sentences(connection: Connection, sentence_keys: Iterable[int], terms_of: TermsOf) -> None:
    """Delete those of these sentences that no note has any more."""
    for keys in chunks(sorted(sentence_keys)):
        unused = unused_sentences(connection, keys)
        _forget_terms(connection, "sentence", unused, terms_of)
        delete_sentences(connection, unused)


def unused_sentences(connection: Connection, keys: Sequence[int]) -> list[int]:
    """Return those of these keys whose sentences no note has."""
    used = select(occurrences.c.sentence).where(occurrences.c.sentence == sentences.c.key).exists()
    return list(connection.scalars(select(sentences.c.key).where(sentences.c.key.in_(keys), ~used)))


def delete_sentences(connection: Connection, keys: Sequence[int]) -> None:
    """Delete sentences, and mark their vectors deleted; their terms must have left the keyword index."""
    _mark_words_deleted(connection, keys)
    connection.execute(delete(sentences).where(sentences.c.key.in_(keys)))
    count(connection, "sentences", -len(keys))
    mark_deleted(connection, "sentence", [(sentence, 1) for sentence in keys])


def _mark_words_deleted(connection: Connection, sentence_keys: Sequence[int]) -> None:
    """Mark deleted the vectors of the words of sentences that are about to be deleted."""
    ranges = (
        sentence_words.c.first_word,
        sentence_words.c.words,
        sentence_words.c.first_piece,
        sentence_words.c.pieces,
    )
    rows = connection.execute(select(*ranges).where(sentence_words.c.sentence.in_(sentence_keys))).all()
    count(connection, "sentences_with_words", -len(rows))
    count(connection, "words", -sum(words for _, words, _, _ in rows))
    count(connection, "pieces", -sum(pieces for _, _, _, pieces in rows))
    mark_deleted(connection, "word", [(first, words) for first, words, _, _ in rows if words])
    mark_deleted(connection, "piece", [(first, pieces) for _, _, first, pieces in rows if pieces])


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


def _insert_all(connection: Connection, table: Any, rows: Iterable[dict[str, Any]]) -> None:
    listed = list(rows)
    if listed:
        connection.execute(insert(table), listed)
