"""The statements that change the catalog, each within the transaction of the connection it is given."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, Table, bindparam, delete, insert, select, update

from clinsearch.language.assertions import find_assertions
from clinsearch.language.gists import gist_of
from clinsearch.language.version import LANGUAGE_VERSION
from clinsearch.records import AssertedSpan, Note, Segmentation
from clinsearch.storage.catalog.digests import in_one_line, text_digest
from clinsearch.storage.catalog.keywords import TextKind, add_texts, remove_texts
from clinsearch.storage.catalog.notes import Catalog, EncoderIdentity, chunks
from clinsearch.storage.catalog.tables import (
    assertions,
    collection,
    counts,
    notes,
    occurrences,
    sections,
    sentence_words,
    sentences,
)
from clinsearch.storage.catalog.vectors import mark_deleted


@dataclass(frozen=True, slots=True)
class SegmentedNote:
    """A note ready to be stored: `sentence_texts` are its sentences as they are encoded, in order.

    In those that begin with a heading a line break parts it from the rest.
    """

    note: Note
    digest: bytes
    segmentation: Segmentation
    sentence_texts: tuple[str, ...]


def insert_owner(
    connection: Connection, encoder: EncoderIdentity, created_by: str, *, words: str | None, correction: str | None
) -> None:
    """Make a new collection an encoder's, its texts read by today's rules."""
    row = {"key": 1, "created_by": created_by, "created_at": datetime.now(), "commits": 0}
    how = {"words": words, "correction": correction, "language": LANGUAGE_VERSION}
    connection.execute(insert(collection).values(**row, **how, **asdict(encoder)))


def insert_notes(connection: Connection, batch: Sequence[SegmentedNote]) -> dict[str, int]:
    """Store notes with their sections, sentences and occurrences; return the key of each note by its id."""
    if not batch:
        return {}
    rows = [{**asdict(item.note), "digest": item.digest} for item in batch]
    connection.execute(insert(notes), rows)
    count(connection, "notes", len(batch))
    stored = Catalog(connection).stored_notes("note_id", [item.note.note_id for item in batch])
    note_keys = {note.note_id: note.note_key for note in stored}
    insert_contents(connection, batch, note_keys)
    return note_keys


def insert_contents(connection: Connection, batch: Sequence[SegmentedNote], note_keys: Mapping[str, int]) -> None:
    """Store what notes, whose keys are given by their ids, consist of: sections, sentences, occurrences and terms."""
    count(connection, "notes_with_sentences", sum(bool(item.sentence_texts) for item in batch))
    count(connection, "occurrences", sum(len(item.sentence_texts) for item in batch))
    sentence_keys = insert_sentences(connection, {t for item in batch for t in item.sentence_texts})
    read_notes(connection, {note_keys[item.note.note_id]: item.note.text for item in batch})
    _insert_all(connection, sections, _section_rows(batch, note_keys))
    _insert_all(connection, occurrences, _occurrence_rows(batch, note_keys, sentence_keys))


def insert_sentences(connection: Connection, texts: Iterable[str]) -> dict[bytes, int]:
    """Store those of these sentences that are not there yet; return the keys of all by their digests."""
    by_digest = {text_digest(text): text for text in sorted(texts)}
    known = Catalog(connection).sentence_keys_of(list(by_digest))
    new = [digest for digest in by_digest if digest not in known]
    _insert_all(connection, sentences, (_sentence_row(digest, by_digest[digest]) for digest in new))
    count(connection, "sentences", len(new))
    keys = Catalog(connection).sentence_keys_of(new)
    read_sentences(connection, {key: by_digest[digest] for digest, key in keys.items()})
    return known | keys


def read_sentences(connection: Connection, texts: Mapping[int, str]) -> None:
    """Keep the terms of new sentences, what they say otherwise than that it is so, and their gist."""
    count(connection, "sentence_terms", add_texts(connection, "sentence", texts))
    spans = {key: find_assertions(text) for key, text in texts.items()}
    _insert_all(connection, assertions, _assertion_rows(spans))
    rows = [{"of": key, "as": gist_of(text, spans[key])} for key, text in texts.items()]
    if rows:
        change = update(sentences).where(sentences.c.key == bindparam("of")).values(gist=bindparam("as"))
        connection.execute(change, rows)


def read_notes(connection: Connection, texts: Mapping[int, str]) -> None:
    """Keep the terms of new notes."""
    count(connection, "note_terms", add_texts(connection, "note", texts))


def _forget_texts(connection: Connection, kind: TextKind, keys: Sequence[int]) -> None:
    """Forget the terms of sentences or notes that are about to be deleted."""
    texts = texts_of(connection, sentences if kind == "sentence" else notes, keys)
    count(connection, f"{kind}_terms", -remove_texts(connection, kind, texts))


def texts_of(connection: Connection, owner: Table, keys: Sequence[int]) -> dict[int, str]:
    """Return the texts of sentences or of notes by their keys."""
    return dict(connection.execute(select(owner.c.key, owner.c.text).where(owner.c.key.in_(keys))).all())


def _sentence_row(digest: bytes, text: str) -> dict[str, Any]:
    return {"digest": digest, "text": in_one_line(text), "heading": heading_length(text)}


def heading_length(text: str) -> int:
    """Return how many characters of a sentence are its heading: those up to the line break in it, if there is one."""
    return text.find("\n") + 1


def relabel_note(connection: Connection, note_key: int, note: Note, digest: bytes) -> None:
    """Change what is said of a note whose text stays as it is."""
    fields = asdict(note)
    del fields["text"]
    connection.execute(update(notes).where(notes.c.key == note_key).values(**fields, digest=digest))


def move_note(connection: Connection, note_key: int, source: str) -> None:
    """Change which file a note is from."""
    connection.execute(update(notes).where(notes.c.key == note_key).values(source=source))


def delete_notes(connection: Connection, note_keys: Sequence[int]) -> set[int]:
    """Delete notes with all that hangs on them; return the keys of the sentences that stood in them."""
    standing: set[int] = set()
    for keys in chunks(note_keys):
        query = select(occurrences.c.note, occurrences.c.sentence).where(occurrences.c.note.in_(keys))
        places = connection.execute(query).all()
        standing.update(sentence for _, sentence in places)
        with_sentences = sorted({note for note, _ in places})
        _forget_texts(connection, "note", keys)
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
    """Tell whether text that was deleted may still be on the disk, in pages that SQLite does not use any more."""
    return bool(connection.exec_driver_sql("PRAGMA user_version").scalar())


def mark_remains(connection: Connection, are_there: bool) -> None:
    """Note, in the transaction's own database file, whether text that was deleted may still be on the disk."""
    connection.exec_driver_sql(f"PRAGMA user_version = {int(are_there)}")


def delete_unused_sentences(connection: Connection, sentence_keys: Iterable[int]) -> None:
    """Delete those of these sentences that stand in no note any more."""
    for keys in chunks(sorted(sentence_keys)):
        unused = unused_sentences(connection, keys)
        _forget_texts(connection, "sentence", unused)
        delete_sentences(connection, unused)


def unused_sentences(connection: Connection, keys: Sequence[int]) -> list[int]:
    """Return those of these keys whose sentences stand in no note."""
    used = select(occurrences.c.sentence).where(occurrences.c.sentence == sentences.c.key).exists()
    return list(connection.scalars(select(sentences.c.key).where(sentences.c.key.in_(keys), ~used)))


def delete_sentences(connection: Connection, keys: Sequence[int]) -> None:
    """Delete sentences whose terms the keyword index has forgotten, and mark their vectors deleted."""
    _mark_words_deleted(connection, keys)
    connection.execute(delete(sentences).where(sentences.c.key.in_(keys)))
    count(connection, "sentences", -len(keys))
    mark_deleted(connection, "sentence", [(sentence, 1) for sentence in keys])


def _mark_words_deleted(connection: Connection, sentence_keys: Sequence[int]) -> None:
    """Mark the words' vectors of sentences that are about to go deleted."""
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
    """Keep a count in step with what was added, or, below zero, taken away."""
    if more:
        connection.execute(update(counts).where(counts.c.name == name).values(rows=counts.c.rows + more))


def count_commit(connection: Connection) -> None:
    """Let readers notice that the collection has changed."""
    connection.execute(update(collection).values(commits=collection.c.commits + 1))


def _section_rows(batch: Sequence[SegmentedNote], note_keys: Mapping[str, int]) -> Iterator[dict[str, Any]]:
    for item in batch:
        for position, section in enumerate(item.segmentation.sections):
            yield {"note": note_keys[item.note.note_id], "position": position, **asdict(section)}


def _occurrence_rows(
    batch: Sequence[SegmentedNote], note_keys: Mapping[str, int], sentence_keys: dict[bytes, int]
) -> Iterator[dict[str, Any]]:
    for item in batch:
        for sentence, text in zip(item.segmentation.sentences, item.sentence_texts, strict=True):
            yield {
                "note": note_keys[item.note.note_id],
                "sentence": sentence_keys[text_digest(text)],
                **asdict(sentence),
            }


def _assertion_rows(spans: Mapping[int, Sequence[AssertedSpan]]) -> Iterator[dict[str, Any]]:
    for key, of_sentence in spans.items():
        for position, span in enumerate(of_sentence):
            yield {"sentence": key, "position": position, **asdict(span)}


def _insert_all(connection: Connection, table: Any, rows: Iterable[dict[str, Any]]) -> None:
    listed = list(rows)
    if listed:
        connection.execute(insert(table), listed)
