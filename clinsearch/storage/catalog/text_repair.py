"""Finds damaged texts in the catalog, and restores them if another copy matches their digest."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from sqlalchemy import Connection, Select, Table, select, update

from clinsearch.records import Note
from clinsearch.records.digests import note_digest, text_digest
from clinsearch.storage.catalog.changes import Changes, count_commit
from clinsearch.storage.catalog.notes import NOTE, chunks
from clinsearch.storage.catalog.rows import ROWS_AT_ONCE, one_of
from clinsearch.storage.catalog.tables import counts, notes, occurrences, sentences
from clinsearch.storage.values import TermsOf, TextKind

# Set for a note that cannot be restored: no note has it, so the next run that reads its source stores it again.
NO_DIGEST = b""


def mend_texts(changes: Changes, terms_of: TermsOf) -> list[str]:
    """Restore damaged sentences from their notes; return the ids of notes that lost text.

    The next run that reads their source stores those again.
    """
    connection = changes.connection
    changed = {
        key: digest
        for key, text, digest in _each(connection, select(sentences.c.key, sentences.c.text, sentences.c.digest))
        if text_digest(text) != digest
    }
    lost = _changed_notes(connection) | _notes_of_lost(connection, changed)
    if lost:
        for keys in chunks(list(lost)):
            connection.execute(update(notes).where(one_of(notes.c.key, keys)).values(digest=NO_DIGEST))
        _rebuild_terms(changes, terms_of)
    if lost or changed:
        count_commit(connection)
    return sorted(lost.values())


def _changed_notes(connection: Connection) -> dict[int, str]:
    """Return the ids, by key, of damaged notes."""
    rows = _each(connection, select(notes.c.key, notes.c.digest, *NOTE))
    found = ((key, digest, Note(*fields)) for key, digest, *fields in rows)
    return {key: note.note_id for key, digest, note in found if note_digest(note) != digest}


def _notes_of_lost(connection: Connection, changed: Mapping[int, bytes]) -> dict[int, str]:
    """Restore sentences, by key and digest; return the notes, as above, of those that no note has the text of."""
    lost: dict[int, str] = {}
    columns = (notes.c.key, notes.c.note_id, notes.c.text, occurrences.c.start, occurrences.c.end)
    for key, digest in changed.items():
        query = select(*columns).join(occurrences, occurrences.c.note == notes.c.key)
        places = connection.execute(query.where(occurrences.c.sentence == key)).all()
        texts = (" ".join(text[start:end].split()) for _, _, text, start, end in places)
        text = next((text for text in texts if text_digest(text) == digest), None)
        if text is None:
            lost |= {note_key: note_id for note_key, note_id, *_ in places}
        else:
            connection.execute(update(sentences).where(sentences.c.key == key).values(text=text))
    return lost


def _each(connection: Connection, query: Select[Any]) -> Iterator[Any]:
    """Yield all rows, reading some at a time."""
    return iter(connection.execute(query, execution_options={"yield_per": ROWS_AT_ONCE}))


def _rebuild_terms(changes: Changes, terms_of: TermsOf) -> None:
    """Rebuild the keyword index from the texts as they are now, since FTS5 removes terms that are made from these."""
    connection = changes.connection
    changes.forget_all_terms()
    owners: dict[TextKind, Table] = {"sentence": sentences, "note": notes}
    for kind, owner in owners.items():
        connection.execute(update(counts).where(counts.c.name == f"{kind}_terms").values(rows=0))
        for keys in chunks(list(connection.scalars(select(owner.c.key)))):
            texts = select(owner.c.key, owner.c.text).where(one_of(owner.c.key, keys))
            terms = {key: terms_of(text) for key, text in connection.execute(texts)}
            changes.add_terms(kind, terms)
