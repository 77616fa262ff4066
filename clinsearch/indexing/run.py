"""One run of the indexer, from files to commits; what was committed stays, whenever the run is stopped.

While one batch is encoded, in its own thread, the one before is committed and the next is read.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

from clinsearch.encoder.encoder import Encoder
from clinsearch.indexing.encoding import Encoding, encode, opened
from clinsearch.indexing.faults import Faults, passed_over
from clinsearch.indexing.identity import Candidates, Digested, Identities, Identity, stands_elsewhere
from clinsearch.indexing.moves import Moves, find_gone, settle
from clinsearch.indexing.repair import repair
from clinsearch.language import read_note, read_sentences, terms_of
from clinsearch.readers import NoteSource, Unreadable, piece_digest
from clinsearch.records import IndexReport, Note
from clinsearch.records.digests import note_digest
from clinsearch.records.readings import SentenceText
from clinsearch.storage.batches import Batch
from clinsearch.storage.port import Catalog, Writer
from clinsearch.storage.values import StoredNote

# Enough for full batches through the encoder, few enough that a stop loses seconds.
SENTENCES_PER_COMMIT = 1024
NOTES_PER_COMMIT = 1024
NOTES_PER_GROUP = 64
CHARACTERS_PER_GROUP = 200_000
COMMITS_PER_COMPACTION = 64
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
    with ThreadPoolExecutor(max_workers=1) as worker:
        run = _Run(writer, encoder, files, progress or (lambda notes: None), Identities(files), worker, own)
        return run.whole(delete_missing=delete_missing)


@dataclass(slots=True)
class _Run:
    """The counts of a run, and what it has not committed yet: one batch that is pending, one that is being encoded.

    new: by digest, the pending sentences that are neither in the collection nor being encoded. written: by digest, the
    number of notes stored, new or changed. displaced: the keys of notes whose file now holds another. copies: by id,
    the keys of notes that were found in another file than their own, their own file, and the other.
    """

    writer: Writer
    encoder: Encoder
    files: NoteSource
    progress: Progress
    identities: Identities
    worker: ThreadPoolExecutor
    own: Path | None = None
    moves: Moves = field(default_factory=Moves)
    counts: Counter[str] = field(default_factory=Counter)
    written: Counter[bytes] = field(default_factory=Counter)
    displaced: set[int] = field(default_factory=set)
    copies: dict[str, tuple[int, str, str]] = field(default_factory=dict)
    without_sentence: list[str] = field(default_factory=list)
    with_blocks: list[str] = field(default_factory=list)
    contested: list[Digested] = field(default_factory=list)
    contested_characters: int = 0
    faults: Faults = field(default_factory=Faults)
    pending: Batch = field(default_factory=Batch)
    new: dict[bytes, SentenceText] = field(default_factory=dict)
    encoding: Encoding | None = None
    commits: int = 0
    keeps_words: bool = False

    def whole(self, *, delete_missing: bool) -> IndexReport:
        started = time.monotonic()
        with self.writer.catalog() as catalog:
            self.keeps_words = catalog.word_recipe() is not None
        self.writer.read_anew(read_note, read_sentences)
        self.counts["sentences"] += repair(self.writer, self.encoder, check_content=False)
        for notes in self._groups():
            self._take([(note, note_digest(note)) for note in notes])
            self._encode_if_many()
            self.progress(len(self.identities.seen))
        self._settle_contested()
        self._encode()
        self._commit()
        self._settle_moves()
        self._follow_moved_copies()
        deleted, missing = self._settle_missing(delete_missing)
        self.writer.scrub_if_small()
        self.writer.compact()
        return IndexReport(
            new=self.counts["new"],
            changed=self.counts["changed"],
            renamed=self.counts["renamed"],
            unchanged=self.counts["unchanged"],
            deleted=deleted + self.counts["deleted"],
            missing=missing,
            sentences_encoded=self.counts["sentences"],
            seconds=time.monotonic() - started,
            failures=tuple(self.faults.left_out),
            doubts=tuple(self.faults.doubts),
            passed_over=passed_over(self.files, self.own),
            without_sentence=tuple(self.without_sentence),
            with_encoded_data=tuple(self.with_blocks),
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
            self.pending.removed.append(stored.note_key)

    def _gives_to_waiting(self, stored: StoredNote, catalog: Catalog) -> bool:
        """Give a stored note that goes or changes to a waiting note with its content; tell whether there was one."""
        heir = self.moves.heir(stored, catalog)
        if heir is None:
            return False
        self.pending.relabelled.append((stored.note_key, heir, stored.digest))
        self.counts["new"] += 1
        return True

    def _take(self, notes: Sequence[Digested]) -> None:
        """Sort notes into new, changed, renamed, unchanged and refused, and read those to be added."""
        with self.writer.catalog() as catalog:
            candidates = Candidates(catalog, notes, self.files)
            added = [note for note in notes if self._is_added(*note, candidates, catalog)]
        self._add(added)

    def _add(self, notes: Sequence[Digested]) -> None:
        added = [read_note(note, digest) for note, digest in notes]
        sentences = {sentence.digest: sentence for item in added for sentence in item.sentences}
        with self.writer.catalog() as catalog:
            known = catalog.sentence_keys_of(list(sentences))
        self.pending.added += added
        self.without_sentence += [item.note.note_id for item in added if not item.sentences]
        self.with_blocks += [item.note.note_id for item in added if item.segmentation.blocks]
        self.written.update(item.digest for item in added)
        met = known.keys() | set(self.encoding.order if self.encoding else ())
        self.new |= {digest: sentence for digest, sentence in sentences.items() if digest not in met}

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
        self.counts[_outcome(note, digest, identity)] += 1
        former = identity.former
        if former is None:
            return True
        if former.digest != digest and self._gives_to_waiting(former, catalog):
            return True
        if former.digest != digest and _must_be_read(note, catalog.note(former.note_id, is_checked=False)[1]):
            self.pending.removed.append(former.note_key)
            return True
        if (former.digest, former.note_id, former.source) == (digest, note.note_id, note.source):
            return False
        if former.digest == digest and former.note_id == note.note_id and stands_elsewhere(former, note):
            self.copies[note.note_id] = (former.note_key, str(former.source), str(note.source))
        else:
            self.pending.relabelled.append((former.note_key, note, digest))
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
        self._encode_if_many()

    def _encode_if_many(self) -> None:
        if len(self.new) >= SENTENCES_PER_COMMIT or self.pending.notes >= NOTES_PER_COMMIT:
            self._encode()

    def _encode(self) -> None:
        """Start encoding the pending batch; meanwhile read its new sentences and commit the batch before."""
        if self.pending == Batch():
            return
        texts, notes = [sentence.text for sentence in self.new.values()], list(opened(self.pending).values())
        encoded = self.worker.submit(encode, self.encoder, texts, notes, keeps_words=self.keeps_words)
        encoding = Encoding(self.pending, tuple(self.new), encoded)
        places = (sentence for item in self.pending.added for sentence in item.sentences)
        self.pending.sentences = read_sentences(one for one in places if one.digest in self.new)
        self.pending, self.new = Batch(), {}
        self._commit()
        self.encoding = encoding
        if encoding.batch.removed:
            self._commit()  # a sentence deleted with its last note must not pass for stored in the next batch

    def _commit(self) -> None:
        """Wait for the batch that is being encoded, and commit it."""
        if self.encoding is None:
            return
        batch, order = self.encoding.batch, self.encoding.order
        encoded = self.encoding.encoded.result()
        batch.vectors = dict(zip(order, encoded.vectors, strict=True))
        batch.words = dict(zip(order, encoded.words, strict=self.keeps_words))
        batch.openings = dict(zip(opened(batch), encoded.openings, strict=True))
        self.writer.commit(batch, terms_of)
        self.encoding = None
        self.counts["sentences"] += len(order)
        self.commits += 1
        if self.commits % COMMITS_PER_COMPACTION == 0:
            self.writer.compact()

    def _settle_moves(self) -> None:
        """Rename the notes that moved, and add the new ones whose content the collection also holds elsewhere."""
        for waiting in self.moves.groups(NOTES_PER_GROUP):
            with self.writer.catalog() as catalog:
                settled = settle(waiting, catalog, self.identities)
            self.pending.relabelled += settled.moved
            self._add(settled.new)
            self.counts["renamed"] += len(settled.moved)
            self.counts["new"] += len(settled.new)
            self._encode_if_many()
        self._encode()
        self._commit()

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
            gone = find_gone(catalog, self.identities, self.written, self.displaced)
        self.counts["renamed"] += len(gone.moved)
        deleted = gone.displaced + (gone.missing if delete else [])
        if gone.moved or deleted:
            self.writer.commit(Batch(removed=gone.moved + deleted), terms_of)
        return len(deleted), 0 if delete else len(gone.missing)


def _must_be_read(note: Note, former: Note) -> bool:
    """Tell whether what is read of a note may be other than of its former version."""
    return (note.text, note.headings) != (former.text, former.headings)


def _outcome(note: Note, digest: bytes, identity: Identity) -> str:
    if identity.former is None:
        return "new"
    if identity.former.digest != digest:
        return "changed"
    return "unchanged" if identity.former.note_id == note.note_id else "renamed"
