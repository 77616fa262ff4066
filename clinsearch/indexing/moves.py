"""Notes whose content the collection holds under another id: either moved from there, or copies of a note that stays.

Which of the two is known once everything was read: a note has moved if its old id is no longer in its source.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import TypeAlias

from clinsearch.errors import CollectionBusy
from clinsearch.indexing.identity import Digested, Identities
from clinsearch.readers import is_on_disk
from clinsearch.records import Note
from clinsearch.storage.port import Catalog
from clinsearch.storage.values import StoredNote

# The id and source of each waiting note, by the digest of its content.
Waiting: TypeAlias = dict[bytes, list[tuple[str, str | None]]]


@dataclass(frozen=True, slots=True)
class Settled:
    """The waiting notes, decided: those that moved, with what is stored of them, and the notes that are new."""

    moved: list[tuple[StoredNote, Note, bytes]]
    new: list[Digested]


@dataclass(slots=True)
class Moves:
    """The notes that wait to be decided.

    Their text is not held: while one waits, a stored note with its content stays (see `heir`).
    """

    waiting: Waiting = field(default_factory=dict)

    def wait(self, note: Note, digest: bytes) -> None:
        """Let a note wait until everything was read."""
        self.waiting.setdefault(digest, []).append((note.note_id, note.source))

    def heir(self, stored: StoredNote, catalog: Catalog) -> Note | None:
        """Take out and return a waiting note with the content of this stored note, which is about to change."""
        heirs = self.waiting.get(stored.digest)
        if not heirs:
            return None
        note_id, source = heirs.pop()
        if not heirs:
            del self.waiting[stored.digest]
        return replace(catalog.note(stored.note_id)[1], note_id=note_id, source=source)

    def groups(self, size: int) -> Iterator[Waiting]:
        """Yield the waiting notes in groups of at most `size`, and forget them."""
        group: Waiting = {}
        room = size
        while self.waiting:
            digest, heirs = self.waiting.popitem()
            group[digest], left = heirs[:room], heirs[room:]
            room -= len(group[digest])
            if left:
                self.waiting[digest] = left
            if not room:
                yield group
                group, room = {}, size
        yield group


def settle(waiting: Waiting, catalog: Catalog, identities: Identities) -> Settled:
    """Decide which of these notes moved and which are new, once everything that was read is in the catalog.

    Raises CollectionBusy if another writer deleted the content that they were found to share.
    """
    settled = Settled([], [])
    stored: dict[bytes, list[StoredNote]] = {}
    for twin in catalog.stored_notes("digest", list(waiting)):
        stored.setdefault(twin.digest, []).append(twin)
    if not stored.keys() >= waiting.keys():
        raise CollectionBusy("Another process deleted notes meanwhile that this one was to rename. Run again.")
    for digest, heirs in waiting.items():
        _, like = catalog.note(stored[digest][0].note_id)
        gone = [twin for twin in stored[digest] if _is_gone(twin, identities)]
        for note_id, source in heirs:
            note = replace(like, note_id=note_id, source=source)
            if gone:
                former = next((twin for twin in gone if twin.source == source), gone[0])
                gone.remove(former)
                identities.taken.add(former.note_key)
                settled.moved.append((former, note, digest))
            else:
                settled.new.append((note, digest))
    return settled


@dataclass(frozen=True, slots=True)
class Gone:
    """Notes that are no longer in their files.

    moved: the collection holds their content under another id. displaced: their file holds another note.
    """

    moved: list[StoredNote]
    displaced: list[StoredNote]
    missing: list[StoredNote]


def find_gone(catalog: Catalog, identities: Identities, written: Counter[bytes], displaced: set[int]) -> Gone:
    """Find the notes that are no longer in their files, among the files of this run.

    `written` counts, by digest, the notes that this run stored; those found to have moved are subtracted.
    """
    gone = Gone([], [], [])
    for stored in catalog.notes_with_source():
        if stored.note_id in identities.seen or not identities.files.is_gone(Path(str(stored.source))):
            continue
        if written[stored.digest] > 0:
            written[stored.digest] -= 1
            gone.moved.append(stored)
        else:
            (gone.displaced if stored.note_key in displaced else gone.missing).append(stored)
    return gone


def _is_gone(stored: StoredNote, identities: Identities) -> bool:
    if stored.source is None or stored.note_id in identities.seen or stored.note_key in identities.taken:
        return False
    return identities.files.is_gone(Path(stored.source)) or not is_on_disk(stored.source)
