"""One run of the indexer, from files to commits; what was committed stays, whenever the run is stopped.

It decides what becomes of each note; `Work` encodes and commits, or `Enqueuing` leaves that to workers.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from pathlib import Path

from clinsearch.encoder.encoder import Encoder
from clinsearch.indexing.enqueueing import Enqueuing
from clinsearch.indexing.faults import Faults, passed_over
from clinsearch.indexing.identity import Candidates, Digested, Identities, Identity, stands_elsewhere
from clinsearch.indexing.moves import Moves, find_gone, settle
from clinsearch.indexing.repair import repair
from clinsearch.indexing.work import Work
from clinsearch.language import read_note, read_sentences, terms_of
from clinsearch.readers import NoteSource, Unreadable, piece_digest
from clinsearch.records import IndexReport, Note
from clinsearch.records.digests import note_digest
from clinsearch.storage.batches import Batch
from clinsearch.storage.port import Catalog, QueueWriter, Writer
from clinsearch.storage.values import StoredNote

NOTES_PER_GROUP = 64
CHARACTERS_PER_GROUP = 200_000
# Held of notes whose id may turn out to be another's; more are refused.
CONTESTED_CHARACTERS = 10_000_000

Progress = Callable[[int], None]


def index_files(
    writer: Writer,
    encoder: Encoder,
    files: NoteSource,
    *,
    delete_missing: bool = False,
    progress: Progress | None = None,
    own: Path | None = None,
) -> IndexReport:
    """Bring the collection up to date with the files.

    `progress` is called with the number of notes handled so far. `delete_missing` deletes notes whose file or record is
    gone. own: the folder of the collection itself, which is not a folder of notes.
    """
    started = time.monotonic()
    with ThreadPoolExecutor(max_workers=1) as thread:
        with writer.catalog() as catalog:
            keeps_words = catalog.word_recipe() is not None
        writer.read_anew(read_note, read_sentences)
        repaired = repair(writer, encoder, check_content=False)
        work = Work(writer, encoder, thread, keeps_words)
        run = _Run(writer, work, files, progress or (lambda notes: None), Identities(files), own)
        report = run.whole(delete_missing=delete_missing, repaired=repaired)
    writer.scrub_if_small()
    writer.compact()
    return replace(report, seconds=time.monotonic() - started)


def enqueue_files(
    writer: QueueWriter, files: NoteSource, *, delete_missing: bool = False, progress: Progress | None = None
) -> IndexReport:
    """Put what is new or changed in the files into the queue; the rest as `index_files`.

    Of its report, `new` and `changed` count what waits now, and `renamed` and `deleted` what was done.
    """
    run = _Run(writer, Enqueuing(writer), files, progress or (lambda notes: None), Identities(files))
    return run.whole(delete_missing=delete_missing)


@dataclass(slots=True)
class _Run:
    """The counts of a run, and what is to be decided yet.

    changed: the ids of changed notes. displaced: the keys of notes whose file now holds another. copies: by id, the
    keys of notes that were found in another file than their own, their own file, and the other.
    """

    writer: Writer
    work: Work | Enqueuing
    files: NoteSource
    progress: Progress
    identities: Identities
    own: Path | None = None
    moves: Moves = field(default_factory=Moves)
    counts: Counter[str] = field(default_factory=Counter)
    changed: set[str] = field(default_factory=set)
    displaced: set[int] = field(default_factory=set)
    copies: dict[str, tuple[int, str, str]] = field(default_factory=dict)
    contested: list[Digested] = field(default_factory=list)
    contested_characters: int = 0
    faults: Faults = field(default_factory=Faults)

    def whole(self, *, delete_missing: bool, repaired: int = 0) -> IndexReport:
        started = time.monotonic()
        for notes in self._groups():
            self._take([(note, note_digest(note)) for note in notes])
            self.work.flush_if_many()
            self.progress(len(self.identities.seen))
        self._settle_contested()
        self.work.finish()
        self._settle_moves()
        self._follow_moved_copies()
        deleted, missing = self._settle_missing(delete_missing)
        self._count_those_of_others()
        return IndexReport(
            new=self.counts["new"],
            changed=self.counts["changed"],
            renamed=self.counts["renamed"],
            unchanged=self.counts["unchanged"],
            deleted=deleted + self.counts["deleted"],
            missing=missing,
            sentences_encoded=repaired + self.work.sentences,
            seconds=time.monotonic() - started,
            failures=tuple(self.faults.left_out),
            doubts=tuple(self.faults.doubts),
            passed_over=passed_over(self.files, self.own),
            without_sentence=tuple(self.work.without_sentence),
            with_encoded_data=tuple(self.work.with_blocks),
            repeated=self.counts["repeated"],
        )

    def _groups(self) -> Iterator[list[Note]]:
        """Yield notes in groups, each looked up in the catalog at once."""
        group: list[Note] = []
        characters = 0
        for outcome in self.files:
            if isinstance(outcome, Unreadable):
                self._note_fault(outcome)
                continue
            group.append(outcome)
            characters += len(outcome.text)
            if len(group) == NOTES_PER_GROUP or characters >= CHARACTERS_PER_GROUP:
                yield group
                group, characters = [], 0
        yield group

    def _note_fault(self, fault: Unreadable) -> None:
        self.faults.add(fault)
        if fault.note_id is not None:
            with self.writer.catalog() as catalog:
                for stored in catalog.stored_notes("note_id", [fault.note_id]):
                    text = catalog.note(stored.note_id)[1].text
                    if stored.source == str(fault.path) and piece_digest(text) in fault.pieces:
                        self._forget_part(stored, catalog)

    def _forget_part(self, stored: StoredNote, catalog: Catalog) -> None:
        """Remove what an earlier run took for a note but is only a part of one."""
        if stored.note_key in self.identities.taken:
            return
        self.identities.taken.add(stored.note_key)
        self.counts["deleted"] += 1
        if not self._gives_to_waiting(stored, catalog):
            self.work.remove(stored)

    def _gives_to_waiting(self, stored: StoredNote, catalog: Catalog) -> bool:
        """Give a stored note that goes or changes to a waiting note with its content; tell whether there was one."""
        heir = self.moves.heir(stored, catalog)
        if heir is None:
            return False
        self.work.relabel(stored, heir, stored.digest)
        self.counts["new"] += 1
        return True

    def _take(self, notes: Sequence[Digested]) -> None:
        """Sort notes into new, changed, renamed, unchanged and refused, and read those to be added."""
        with self.writer.catalog() as catalog:
            candidates = Candidates(catalog, notes, self.files)
            added = [note for note in notes if self._is_added(*note, candidates, catalog)]
        self.work.add(added)

    def _is_added(self, note: Note, digest: bytes, candidates: Candidates, catalog: Catalog) -> bool:
        """Record what happens to a note and its former version; tell whether its text has to be indexed."""
        identity = self.identities.identify(note, digest, candidates)
        if identity.is_contested and self._is_put_off(note, digest):
            return False
        if identity.refusal:
            self.faults.refuse(note, identity.refusal)
        if identity.is_repeat and self.copies.get(note.note_id, (0, "", ""))[1] == note.source:
            del self.copies[note.note_id]
        self.counts["repeated"] += identity.is_repeat
        if identity.refusal or identity.is_repeat:
            return False
        if identity.displaced:
            self.displaced.add(identity.displaced.note_key)
        if identity.has_twin:
            self.moves.wait(note, digest)
            return False
        outcome = _outcome(note, digest, identity)
        self.counts[outcome] += 1
        if outcome == "changed":
            self.changed.add(note.note_id)
        former = identity.former
        if former is None:
            return True
        if former.digest != digest and self._gives_to_waiting(former, catalog):
            return True
        if former.patient_id != note.patient_id and not self.writer.is_at_home(former.note_key, note):
            self.work.replace(former, note)
            return True
        if former.digest != digest and _must_be_read(note, catalog.note(former.note_id, is_checked=False)[1]):
            self.work.replace(former, note)
            return True
        if (former.digest, former.note_id, former.source) == (digest, note.note_id, note.source):
            return False
        if former.digest == digest and former.note_id == note.note_id and stands_elsewhere(former, note):
            self.copies[note.note_id] = (former.note_key, str(former.source), str(note.source))
        else:
            self.work.relabel(former, note, digest)
        return False

    def _is_put_off(self, note: Note, digest: bytes) -> bool:
        """Put a note off until everything was read, if there is room to hold it; tell whether there was."""
        self.contested_characters += len(note.text)
        if self.contested_characters > CONTESTED_CHARACTERS:
            return False
        self.contested.append((note, digest))
        return True

    def _settle_contested(self) -> None:
        """Take the notes whose id belonged to another file when the run began, now that this file was read."""
        self.identities.is_all_read = True
        for note in self.contested:
            self._take([note])
        self.work.flush_if_many()

    def _settle_moves(self) -> None:
        """Rename the notes that moved, and add the new ones whose content the collection also holds elsewhere."""
        for waiting in self.moves.groups(NOTES_PER_GROUP):
            with self.writer.catalog() as catalog:
                settled = settle(waiting, catalog, self.identities)
            for stored, note, digest in settled.moved:
                self.work.relabel(stored, note, digest)
            self.work.add(settled.new)
            self.counts["renamed"] += len(settled.moved)
            self.counts["new"] += len(settled.new)
            self.work.flush_if_many()
        self.work.finish()

    def _follow_moved_copies(self) -> None:
        """Assign notes that are no longer in their own file to the other file that holds them."""
        moved = [(key, other) for key, file, other in self.copies.values() if Path(file) in self.files.finished]
        if moved:
            self.writer.commit(Batch(moved=moved), terms_of)

    def _settle_missing(self, delete: bool) -> tuple[int, int]:
        """Find the notes that are no longer in their files.

        Those that moved are deleted, and those whose file now holds another note; with `delete`, all. Returns how many
        were deleted, moved ones not counted, and how many missing notes stay.
        """
        with self.writer.catalog() as catalog:
            gone = find_gone(catalog, self.identities, self.work.written, self.displaced)
        self.counts["renamed"] += len(gone.moved)
        deleted = gone.displaced + (gone.missing if delete else [])
        for stored in gone.moved + deleted:
            self.work.remove(stored)
        self.work.finish()
        return len(deleted), 0 if delete else len(gone.missing)

    def _count_those_of_others(self) -> None:
        """Count the notes as unchanged that another writer stored while this run went on."""
        for note_id in self.work.stored_by_others:
            self.counts["changed" if note_id in self.changed else "new"] -= 1
            self.counts["unchanged"] += 1


def _must_be_read(note: Note, former: Note) -> bool:
    """Tell whether what is read of a note may be other than of its former version."""
    return (note.text, note.headings) != (former.text, former.headings)


def _outcome(note: Note, digest: bytes, identity: Identity) -> str:
    if identity.former is None:
        return "new"
    if identity.former.digest != digest:
        return "changed"
    return "unchanged" if identity.former.note_id == note.note_id else "renamed"
