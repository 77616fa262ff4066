"""What other writers have done since a batch was made: the batch is made to fit, or refused."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import replace

from clinsearch.errors import CollectionBusy
from clinsearch.records import Note
from clinsearch.records.locations import Database
from clinsearch.storage.batches import Batch
from clinsearch.storage.catalog.notes import Catalog
from clinsearch.storage.values import StoredNote


def as_of_now(catalog: Catalog, batch: Batch, database: Database) -> Batch:
    """Leave out what another writer has stored since the batch was made; replace its versions of other notes.

    Raises CollectionBusy if another writer deleted a sentence that the batch did not encode, or changed a note whose
    text the batch was to keep: then it has to be made anew.
    """
    ids = [item.note.note_id for item in batch.added] + [note.note_id for _, note, _ in batch.relabelled]
    there = {note.note_id: note for note in catalog.stored_notes("note_id", ids)}
    formerly = {note.note_key: note for note in catalog.stored_notes("key", list(batch.former))}
    removed = {key for key in batch.removed if _is_as_it_was(key, batch, formerly)}
    relabelled = [one for one in batch.relabelled if not _is_there(one[1], one[2], there, but=one[0])]
    if not all(_is_as_it_was(key, batch, formerly) or _is_done(formerly.get(key), note) for key, note, _ in relabelled):
        raise overtaken(database)
    freed = removed | {key for key, _, _ in relabelled}
    taken = {there[note.note_id].note_key for _, note, _ in relabelled if note.note_id in there}
    removed |= taken - freed
    added = []
    for item in batch.added:
        known = there.get(item.note.note_id)
        if known is None or known.note_key in freed:
            added.append(item)
        elif known.digest != item.digest:
            removed.add(known.note_key)
            added.append(item)
    digests = {sentence.digest for item in added for sentence in item.sentences}
    new = digests - catalog.sentence_keys_of(list(digests)).keys()
    if not new <= batch.sentences.keys() & batch.vectors.keys():
        raise overtaken(database)
    return _narrowed(replace(batch, added=added, removed=sorted(removed), relabelled=relabelled), new)


def overtaken(database: Database) -> CollectionBusy:
    """Return the error for a batch that has to be made anew."""
    return CollectionBusy(
        f"Another process changed the collection at {database} meanwhile. Run again; nothing was lost."
    )


def _narrowed(batch: Batch, new: Collection[bytes]) -> Batch:
    """Return a batch with what its notes need alone; new: the digests of sentences that are to be stored."""
    kept = {item.note.note_id for item in batch.added}
    return replace(
        batch,
        sentences={digest: one for digest, one in batch.sentences.items() if digest in new},
        vectors={digest: one for digest, one in batch.vectors.items() if digest in new},
        words={digest: one for digest, one in batch.words.items() if digest in new},
        openings={note_id: one for note_id, one in batch.openings.items() if note_id in kept},
    )


def _is_as_it_was(key: int, batch: Batch, formerly: Mapping[int, StoredNote]) -> bool:
    """Tell whether a stored note is still the one that the batch was made for; keys are never given twice."""
    if key not in batch.former:
        return True
    stored = formerly.get(key)
    return stored is not None and (stored.note_id, stored.digest) == batch.former[key]


def _is_done(stored: StoredNote | None, note: Note) -> bool:
    return stored is not None and stored.note_id == note.note_id


def _is_there(note: Note, digest: bytes, there: Mapping[str, StoredNote], *, but: int) -> bool:
    stored = there.get(note.note_id)
    return stored is not None and stored.note_key != but and stored.digest == digest
