"""Reads all texts of a collection anew, by today's rules, where it was made by others."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from sqlalchemy import Connection, bindparam, delete, insert, select, update

from clinsearch.language.version import LANGUAGE_VERSION
from clinsearch.records import Note
from clinsearch.storage.catalog import changes
from clinsearch.storage.catalog.digests import parted, text_digest
from clinsearch.storage.catalog.keywords import forget_all_terms
from clinsearch.storage.catalog.notes import NOTE, Catalog, chunks
from clinsearch.storage.catalog.tables import assertions, collection, counts, notes, occurrences, sections, sentences

READ_ANEW = ("sentence_terms", "note_terms", "occurrences", "notes_with_sentences")


def is_up_to_date(connection: Connection) -> bool:
    """Tell whether the texts were read by today's rules."""
    return Catalog(connection).language() == LANGUAGE_VERSION


def read_anew(connection: Connection, take_apart: Callable[[Note], changes.SegmentedNote]) -> None:
    """Take every note apart anew. Sentences that are new lack their vectors then, and notes theirs."""
    former = list(connection.scalars(select(sentences.c.key)))
    _forget_contents(connection)
    for keys in chunks(list(connection.scalars(select(notes.c.key)))):
        _insert_contents(connection, keys, take_apart)
    for keys in chunks(former):
        unused = changes.unused_sentences(connection, keys)
        changes.delete_sentences(connection, unused)
        changes.read_sentences(connection, _texts_with_headings(connection, set(keys) - set(unused)))
    connection.execute(update(collection).values(language=LANGUAGE_VERSION))
    changes.count_commit(connection)


def _forget_contents(connection: Connection) -> None:
    forget_all_terms(connection)
    for table in (assertions, occurrences, sections):
        connection.execute(delete(table))
    for name in READ_ANEW:  # an old collection has not counted all of these
        connection.execute(delete(counts).where(counts.c.name == name))
        connection.execute(insert(counts).values(name=name, rows=0))


def _insert_contents(
    connection: Connection, keys: Sequence[int], take_apart: Callable[[Note], changes.SegmentedNote]
) -> None:
    rows = connection.execute(select(notes.c.key, *NOTE).where(notes.c.key.in_(keys))).all()
    batch = [take_apart(Note(*fields)) for _, *fields in rows]
    note_keys = {item.note.note_id: key for item, (key, *_) in zip(batch, rows, strict=True)}
    changes.insert_contents(connection, batch, note_keys)
    headed = [text for item in batch for text in item.sentence_texts if changes.heading_length(text)]
    if headed:
        change = update(sentences).where(sentences.c.digest == bindparam("of")).values(heading=bindparam("length"))
        lengths = [{"of": text_digest(text), "length": changes.heading_length(text)} for text in headed]
        connection.execute(change, lengths)


def _texts_with_headings(connection: Connection, keys: Collection[int]) -> dict[int, str]:
    query = select(sentences.c.key, sentences.c.text, sentences.c.heading).where(sentences.c.key.in_(keys))
    return {key: parted(text, heading) for key, text, heading in connection.execute(query)}
