"""Re-reads all texts of a collection by the current rules, if they were read by others."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from clinsearch.records import Note
from clinsearch.records.readings import LANGUAGE_VERSION, ReadNote, SentenceText, distinct
from clinsearch.storage.catalog.changes import Changes, count_commit, unused_sentences
from clinsearch.storage.catalog.notes import NOTE, Catalog, chunks
from clinsearch.storage.catalog.rows import one_of
from clinsearch.storage.catalog.tables import (
    assertions,
    collection,
    counts,
    languages,
    measurements,
    notes,
    occurrences,
    sections,
    sentences,
)
from clinsearch.storage.values import NoteReader, SentenceReader

COUNTED_ANEW = ("sentence_terms", "note_terms", "occurrences", "notes_with_sentences")


def is_up_to_date(connection: Connection) -> bool:
    """Tell whether the texts were read by the current rules."""
    return Catalog(connection).language() == LANGUAGE_VERSION


def read_anew(changes: Changes, read_note: NoteReader, read_sentences: SentenceReader) -> None:
    """Divide every note again. New sentences, and notes, then lack their vectors."""
    connection = changes.connection
    former = list(connection.scalars(select(sentences.c.key).order_by(sentences.c.key)))
    newest = former[-1] if former else 0
    changes.forget_all_terms()
    _forget_contents(connection)
    for keys in chunks(list(connection.scalars(select(notes.c.key)))):
        batch = _notes_read(connection, keys, read_note)
        met = distinct(sentence for item in batch.values() for sentence in item.sentences)
        known = Catalog(connection).sentence_keys_of(list(met))
        changes.insert_contents(batch, read_sentences(s for d, s in met.items() if d not in known))
        older = {key: met[digest].heading for digest, key in known.items() if key <= newest}
        _update(connection, "heading", older)
    for keys in chunks(former):
        unused = unused_sentences(connection, keys)
        changes.delete_sentences(unused)
        _replace_readings(changes, set(keys) - set(unused), read_sentences)
    connection.execute(update(collection).values(language=LANGUAGE_VERSION))
    count_commit(connection)


def _forget_contents(connection: Connection) -> None:
    for table in (assertions, languages, measurements, occurrences, sections):
        connection.execute(delete(table))
    for name in COUNTED_ANEW:  # an old collection does not count all of these
        connection.execute(delete(counts).where(counts.c.name == name))
        connection.execute(insert(counts).values(name=name, rows=0))


def _notes_read(connection: Connection, keys: Sequence[int], read_note: NoteReader) -> dict[int, ReadNote]:
    rows = connection.execute(select(notes.c.key, notes.c.digest, *NOTE).where(one_of(notes.c.key, keys)))
    return {key: read_note(Note(*fields), digest) for key, digest, *fields in rows}


def _replace_readings(changes: Changes, keys: Collection[int], read_sentences: SentenceReader) -> None:
    """Store the readings, by the current rules, of sentences that were there before."""
    columns = (sentences.c.text, sentences.c.heading, sentences.c.digest)
    query = select(*columns, sentences.c.key).where(one_of(sentences.c.key, keys))
    former = {SentenceText(*fields): key for *fields, key in changes.connection.execute(query)}
    read = read_sentences(former)
    of_key = {key: read[sentence.digest] for sentence, key in former.items()}
    changes.insert_readings(of_key)
    _update(changes.connection, "gist", {key: sentence.gist for key, sentence in of_key.items()})
    _update(changes.connection, "language", {key: sentence.language for key, sentence in of_key.items()})


def _update(connection: Connection, column: str, values: Mapping[int, int | str | None]) -> None:
    """Change one column of sentences, by key."""
    if values:
        change = update(sentences).where(sentences.c.key == bindparam("of")).values({column: bindparam("to")})
        connection.execute(change, [{"of": key, "to": value} for key, value in values.items()])
