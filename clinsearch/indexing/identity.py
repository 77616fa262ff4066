"""Which stored note, if any, a note that was read is a new version of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TypeAlias

from clinsearch.readers import NoteSource, is_on_disk
from clinsearch.readers.statements import are_of_one_database
from clinsearch.records import Note
from clinsearch.storage.port import Catalog
from clinsearch.storage.values import StoredNote

# A note and the digest of its content.
Digested: TypeAlias = tuple[Note, bytes]


@dataclass(frozen=True, slots=True)
class Identity:
    """How a note that was read relates to the collection.

    former: its earlier version in the collection. displaced: another note that its file held before, gone unless it
    turns up in another file. has_twin: whether the collection holds the same content under another id not seen in this
    run: it may have moved from there. refusal: why it cannot be taken; is_contested: whether that depends on the other
    file, still to be read in this run, keeping the id. is_repeat: the same note was read before in this run.
    """

    former: StoredNote | None = None
    displaced: StoredNote | None = None
    has_twin: bool = False
    refusal: str | None = None
    is_contested: bool = False
    is_repeat: bool = False


class Candidates:
    """The stored notes that a group of notes may be new versions of."""

    def __init__(self, catalog: Catalog, notes: Sequence[Digested], files: NoteSource) -> None:
        sources = [note.source for note, _ in notes if note.source and files.holds_one_note(note.source)]
        stored = catalog.stored_notes("note_id", [note.note_id for note, _ in notes])
        self.by_id = {note.note_id: note for note in stored}
        self.by_source = {note.source: note for note in catalog.stored_notes("source", sources)}
        self._by_digest: dict[bytes, list[StoredNote]] = {}
        for note in catalog.stored_notes("digest", [digest for _, digest in notes]):
            self._by_digest.setdefault(note.digest, []).append(note)

    def with_content(self, digest: bytes) -> list[StoredNote]:
        """Return the stored notes with this content."""
        return self._by_digest.get(digest, [])


@dataclass(slots=True)
class Identities:
    """The notes that a run has seen: digests by id, and the keys of the stored notes that they replace.

    is_all_read: whether no more notes will come, except those that were put off.
    """

    files: NoteSource
    seen: dict[str, bytes] = field(default_factory=dict)
    taken: set[int] = field(default_factory=set)
    is_all_read: bool = False

    def identify(self, note: Note, digest: bytes, candidates: Candidates) -> Identity:
        """Identify a note: it is a new version of the stored note with its id or, failing that, of its file.

        If two existing files have notes with the same id, and neither states it or the patients differ, these are two
        notes, not two versions; the second is refused.
        """
        if note.note_id in self.seen:
            is_repeat = self.seen[note.note_id] == digest
            reason = f"note id {note.note_id} is another note's already; give it its own"
            return Identity(is_repeat=is_repeat, refusal=None if is_repeat else reason)
        former = self._former(note, candidates)
        if former and former.digest != digest and self._is_kept_elsewhere(former, note):
            reason = f"note id {note.note_id} is that of {former.source}; give it its own"
            return Identity(refusal=reason, is_contested=not self.is_all_read and self._is_read(former))
        self.seen[note.note_id] = digest
        self.taken |= {former.note_key} if former else set()
        displaced = candidates.by_source.get(note.source)
        has_twin = former is None and any(self._may_have_moved(twin, note) for twin in candidates.with_content(digest))
        return Identity(former, displaced if self._is_free(displaced) else None, has_twin)

    def _is_kept_elsewhere(self, former: StoredNote, note: Note) -> bool:
        are_of_two_patients = None not in (former.patient_id, note.patient_id) and former.patient_id != note.patient_id
        is_anothers = are_of_two_patients or self.files.is_default_id(note)
        is_given_up = self.is_all_read and self.files.is_gone(Path(str(former.source)))
        return is_anothers and stands_elsewhere(former, note) and not is_given_up

    def _former(self, note: Note, candidates: Candidates) -> StoredNote | None:
        for stored in (candidates.by_id.get(note.note_id), candidates.by_source.get(note.source)):
            if self._is_free(stored):
                return stored
        return None

    def _may_have_moved(self, twin: StoredNote, note: Note) -> bool:
        if twin.source is None or twin.note_id in self.seen or not self._is_free(twin):
            return False
        return twin.source == note.source or self._is_read(twin) or not is_on_disk(twin.source)

    def _is_read(self, stored: StoredNote) -> bool:
        return stored.source is not None and self.files.covers(stored.source)

    def _is_free(self, stored: StoredNote | None) -> bool:
        return stored is not None and stored.note_key not in self.taken


def stands_elsewhere(stored: StoredNote, note: Note) -> bool:
    """Tell whether a stored note was read from another file than this note, and that file still exists.

    Of two queries of one database the one that was run last has a note.
    """
    if stored.source is None or note.source is None or stored.source == note.source:
        return False
    if are_of_one_database(stored.source, note.source):
        return False
    try:
        return not Path(stored.source).samefile(note.source)
    except OSError:
        return is_on_disk(stored.source)
