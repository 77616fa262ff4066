"""Puts notes that are to be stored into the collection's queue, for workers to encode; no model is needed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field

from clinsearch.indexing.identity import Digested
from clinsearch.language import terms_of
from clinsearch.records import Note
from clinsearch.storage.batches import Batch
from clinsearch.storage.port import QueueWriter
from clinsearch.storage.sharing import QueuedNote, Replaced
from clinsearch.storage.values import StoredNote

NOTES_PER_COMMIT = 1024
CHARACTERS_PER_COMMIT = 4_000_000


@dataclass(slots=True)
class Enqueuing:
    """What a run has not put into the queue yet; what needs no encoding is changed in the same commit.

    Takes the place of `Work`. replaced: by note id, what each is the new version of. written stays empty: nothing that
    only waits is taken for stored.
    """

    writer: QueueWriter
    pending: Batch = field(default_factory=Batch)
    notes: list[QueuedNote] = field(default_factory=list)
    characters: int = 0
    replaced: dict[str, Replaced] = field(default_factory=dict)
    stored_by_others: set[str] = field(default_factory=set)
    written: Counter[bytes] = field(default_factory=Counter)
    without_sentence: list[str] = field(default_factory=list)
    with_blocks: list[str] = field(default_factory=list)
    sentences: int = 0

    def remove(self, stored: StoredNote) -> None:
        """Delete a note."""
        self.pending.removed.append(stored.note_key)
        self.pending.former[stored.note_key] = (stored.note_id, stored.digest)

    def relabel(self, stored: StoredNote, note: Note, digest: bytes) -> None:
        """Change what is stored of a note whose text stays."""
        self.pending.relabelled.append((stored.note_key, note, digest))
        self.pending.former[stored.note_key] = (stored.note_id, stored.digest)

    def replace(self, stored: StoredNote, note: Note) -> None:
        """Have a note deleted once the new version of it, to be added, is encoded."""
        self.replaced[note.note_id] = (stored.note_key, stored.note_id, stored.digest)

    def add(self, notes: Sequence[Digested]) -> None:
        """Take notes that are to be stored; no other writer is asked about them."""
        self.notes += [QueuedNote(note, digest, self.replaced.pop(note.note_id, None)) for note, digest in notes]
        self.characters += sum(len(note.text) for note, _ in notes)

    def flush_if_many(self) -> None:
        """Put what there is into the queue if it is much."""
        waiting = len(self.notes) + self.pending.notes
        if waiting >= NOTES_PER_COMMIT or self.characters >= CHARACTERS_PER_COMMIT:
            self.finish()

    def finish(self) -> None:
        """Put everything into the queue."""
        if self.notes or self.pending != Batch():
            self.writer.enqueue(self.pending, self.notes, terms_of)
        self.pending, self.notes, self.characters = Batch(), [], 0
