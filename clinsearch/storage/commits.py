"""What a commit does, whatever the collection is stored in."""

from __future__ import annotations

from clinsearch.storage.batches import Batch
from clinsearch.storage.catalog.changes import Changes, count_commit, move_note, relabel_note
from clinsearch.storage.catalog.notes import Catalog
from clinsearch.storage.text_vectors import add_notes, add_texts
from clinsearch.storage.values import TermsOf
from clinsearch.storage.word_vectors import add_words
from clinsearch.storage.writable import WritableSpaces


def apply(batch: Batch, changes: Changes, spaces: WritableSpaces, terms_of: TermsOf) -> None:
    """Make the changes of a batch, in the transaction of a connection."""
    connection = changes.connection
    loosened = changes.delete_notes(batch.removed, terms_of)
    for note_key, note, digest in batch.relabelled:
        relabel_note(connection, note_key, note, digest)
    for note_key, source in batch.moved:
        move_note(connection, note_key, source)
    note_keys = changes.insert_notes(batch.added, batch.sentences)
    changes.delete_unused_sentences(loosened, terms_of)
    sentence_keys = Catalog(connection).sentence_keys_of(list(batch.vectors))
    new = add_texts(spaces, "sentence", {k: batch.vectors[d] for d, k in sentence_keys.items()})
    add_words(spaces, {k: batch.words[d] for d, k in sentence_keys.items() if d in batch.words})
    add_notes(spaces, list(note_keys.values()), new)
    add_texts(spaces, "opening", {note_keys[note_id]: one for note_id, one in batch.openings.items()})
    count_commit(connection)
