"""Encodes and commits notes, batch by batch, beside other writers that may be at work on the same ones.

While one batch is encoded, in its own thread, the one before is committed and the next is read. What another writer
encodes is left to it: a batch that needs it is put off, and what this writer has encoded for it is published first,
so that no two writers wait for each other. What a writer that is gone had claimed is taken over.
"""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from clinsearch.encoder.encoder import Encoder
from clinsearch.errors import CollectionBusy
from clinsearch.indexing.encoding import Encoding, encode, opened
from clinsearch.indexing.identity import Digested
from clinsearch.language import read_note, read_sentences, terms_of
from clinsearch.records import Note
from clinsearch.records.readings import ReadNote, SentenceText
from clinsearch.storage.batches import Batch
from clinsearch.storage.port import Writer
from clinsearch.storage.sharing import note_claim
from clinsearch.storage.values import StoredNote

# Enough for full batches through the encoder, few enough that a stop loses seconds.
SENTENCES_PER_COMMIT = 1024
NOTES_PER_COMMIT = 1024
COMMITS_PER_COMPACTION = 64
# What is held of that others are at work on: batches that need it, and characters of notes.
MOST_PUT_OFF = 4
MOST_CHARACTERS = 10_000_000
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.02, 0.5
# A batch is made anew so often if others change what it needs.
TRIES = 10


@dataclass(slots=True)
class Work:
    """What a run has not committed yet: a batch that is pending, one that is being encoded, and those put off.

    new: by digest, the pending sentences that are neither in the collection nor being encoded. replaced: by the id of a
    note to be added, what it is the new version of. others: by id, the notes that other writers are at work on.
    stored_by_others: the ids of those of them that are stored. written: by digest, the number of notes stored.
    sentences: how many were encoded. done: the numbers of the notes of the queue that are committed.
    """

    writer: Writer
    encoder: Encoder
    thread: ThreadPoolExecutor
    keeps_words: bool = False
    pending: Batch = field(default_factory=Batch)
    new: dict[bytes, SentenceText] = field(default_factory=dict)
    encoding: Encoding | None = None
    put_off: list[Batch] = field(default_factory=list)
    others: dict[str, Digested] = field(default_factory=dict)
    stored_by_others: set[str] = field(default_factory=set)
    replaced: dict[str, StoredNote] = field(default_factory=dict)
    written: Counter[bytes] = field(default_factory=Counter)
    without_sentence: list[str] = field(default_factory=list)
    with_blocks: list[str] = field(default_factory=list)
    done: set[int] = field(default_factory=set)
    sentences: int = 0
    commits: int = 0

    def remove(self, stored: StoredNote) -> None:
        """Delete a note."""
        self.pending.removed.append(stored.note_key)
        self._expect(stored)

    def relabel(self, stored: StoredNote, note: Note, digest: bytes) -> None:
        """Change what is stored of a note whose text stays."""
        self.pending.relabelled.append((stored.note_key, note, digest))
        self._expect(stored)

    def replace(self, stored: StoredNote, note: Note) -> None:
        """Have a note deleted once the new version of it, to be added, is encoded."""
        self.replaced[note.note_id] = stored

    def add(self, notes: Sequence[Digested]) -> None:
        """Take notes that are to be stored, but for those that another writer is at work on."""
        self.take(self._claimed(notes))

    def take(self, notes: Sequence[Digested], queued: Mapping[str, int] | None = None) -> None:
        """Take notes that are this writer's; queued: the numbers, by id, of those that it took from the queue."""
        if not notes:
            return
        for former in [self.replaced.pop(note.note_id, None) for note, _ in notes]:
            if former is not None:
                self.remove(former)
        added = [read_note(note, digest) for note, digest in notes]
        sentences = {sentence.digest: sentence for item in added for sentence in item.sentences}
        new = self.writer.lacking(added) - set(self.encoding.order if self.encoding else ())
        self.pending.added += added
        self.pending.queued.update(queued or {})
        self.without_sentence += [item.note.note_id for item in added if not item.sentences]
        self.with_blocks += [item.note.note_id for item in added if item.segmentation.blocks]
        self.written.update(item.digest for item in added)
        self.new |= {digest: sentence for digest, sentence in sentences.items() if digest in new}

    def flush_if_many(self) -> None:
        """Start encoding the pending batch if it is large enough."""
        if len(self.new) >= SENTENCES_PER_COMMIT or self.pending.notes >= NOTES_PER_COMMIT:
            self.encode()
        self.wait_if_much()

    def wait_if_much(self) -> None:
        """Wait for other writers if too much was put off for them."""
        if len(self.put_off) > MOST_PUT_OFF or self._characters() > MOST_CHARACTERS:
            self.finish()

    def encode(self) -> None:
        """Start encoding the pending batch; meanwhile read its new sentences and commit the batch before."""
        if self.pending == Batch():
            return
        mine = self.writer.claims.claim_sentences(self.new)
        new = {digest: sentence for digest, sentence in self.new.items() if digest in mine}
        texts, notes = [sentence.text for sentence in new.values()], list(opened(self.pending).values())
        encoded = self.thread.submit(encode, self.encoder, texts, notes, keeps_words=self.keeps_words)
        encoding = Encoding(self.pending, tuple(new), encoded)
        self.pending.sentences = read_sentences(_places(self.pending.added, new))
        self.pending, self.new = Batch(), {}
        self.commit()
        self.encoding = encoding
        if encoding.batch.removed:
            self.commit()  # a sentence deleted with its last note must not pass for stored in the next batch

    def commit(self) -> None:
        """Wait for the batch that is being encoded, and commit it, or put it off."""
        if self.encoding is None:
            return
        batch, order = self.encoding.batch, self.encoding.order
        encoded = self.encoding.encoded.result()
        batch.vectors = dict(zip(order, encoded.vectors, strict=True))
        batch.words = dict(zip(order, encoded.words, strict=self.keeps_words))
        batch.openings = dict(zip(opened(batch), encoded.openings, strict=True))
        self.encoding = None
        self.sentences += len(order)
        if not self._store(batch):
            self.writer.claims.publish(batch.vectors, batch.words)
            self.put_off.append(batch)

    def finish(self) -> None:
        """Commit everything, and wait for what other writers are at work on; take over what they give up."""
        pause = FIRST_PAUSE_S
        while True:
            # Before waiting: others may wait for this writer.
            self.encode()
            self.commit()
            self.put_off = [batch for batch in self.put_off if not self._store(batch)]
            self._look_for_others()
            if self.pending != Batch():
                continue
            if not self.put_off and not self.others:
                return
            time.sleep(pause)
            pause = min(2 * pause, LONGEST_PAUSE_S)

    def _expect(self, stored: StoredNote) -> None:
        self.pending.former[stored.note_key] = (stored.note_id, stored.digest)

    def _characters(self) -> int:
        return sum(len(note.text) for note, _ in self.others.values())

    def _claimed(self, notes: Sequence[Digested]) -> Sequence[Digested]:
        """Return the notes that are this writer's to store; keep the others."""
        claims = self.writer.claims
        if not claims.are_shared or not notes:
            return notes
        free = claims.claim_notes([note_claim(note.note_id, digest) for note, digest in notes])
        mine = [(note, digest) for note, digest in notes if note_claim(note.note_id, digest) in free]
        # Another may have stored some since this writer looked; what it had claimed was free again then.
        stored = self._stored(mine)
        claims.release([note_claim(note.note_id, digest) for note, digest in mine if note.note_id in stored])
        self.stored_by_others |= stored
        kept = {note.note_id for note, _ in mine}
        self.others |= {note.note_id: (note, digest) for note, digest in notes if note.note_id not in kept}
        return [(note, digest) for note, digest in mine if note.note_id not in stored]

    def _stored(self, notes: Iterable[Digested]) -> set[str]:
        """Return the ids of those of these notes that are stored, in these versions."""
        wanted = {note.note_id: digest for note, digest in notes}
        with self.writer.catalog() as catalog:
            found = catalog.stored_notes("note_id", list(wanted))
        return {note.note_id for note in found if note.digest == wanted[note.note_id]}

    def _look_for_others(self) -> None:
        """Forget the notes that others have stored; take those that others gave up."""
        if not self.others:
            return
        stored = self._stored(self.others.values())
        self.stored_by_others |= stored
        left = [one for note_id, one in self.others.items() if note_id not in stored]
        self.others = {}
        self.take(self._claimed(left))

    def _store(self, batch: Batch) -> bool:
        """Commit a batch; tell whether that could be done, without waiting for others."""
        for tries_left in reversed(range(TRIES)):
            if not self._complete(batch):
                return False
            try:
                self.writer.commit(batch, terms_of)
            except CollectionBusy:
                if not tries_left or not self.writer.claims.are_shared:
                    raise
                self._make_anew(batch)
            else:
                break
        self.done.update(batch.queued.values())
        self.commits += 1
        if self.commits % COMMITS_PER_COMPACTION == 0:
            self.writer.compact(goes_on=True)
        return True

    def _complete(self, batch: Batch) -> bool:
        """Give a batch the vectors that it needs of others; tell whether it has all."""
        claims = self.writer.claims
        lacking = {one.digest for item in batch.added for one in item.sentences} - batch.vectors.keys()
        if not claims.are_shared or not lacking:
            return True
        with self.writer.catalog() as catalog:
            lacking -= catalog.sentence_keys_of(list(lacking)).keys()
        if not lacking:
            return True
        published = claims.published(lacking)
        batch.vectors = {**batch.vectors, **published.vectors}
        batch.words = {**batch.words, **published.words}
        free = claims.claim_sentences(lacking - published.vectors.keys())
        self._encode_at_once(batch, free)
        found = free | published.vectors.keys()
        batch.sentences = {**batch.sentences, **read_sentences(_places(batch.added, found))}
        if lacking - found:
            claims.publish({digest: batch.vectors[digest] for digest in free}, batch.words)
        return not lacking - found

    def _encode_at_once(self, batch: Batch, digests: Collection[bytes]) -> None:
        texts = {one.digest: one.text for one in _places(batch.added, digests)}
        if not texts:
            return
        encoded = encode(self.encoder, list(texts.values()), [], keeps_words=self.keeps_words)
        batch.vectors = {**batch.vectors, **dict(zip(texts, encoded.vectors, strict=True))}
        batch.words = {**batch.words, **dict(zip(texts, encoded.words, strict=self.keeps_words))}
        self.sentences += len(texts)

    def _make_anew(self, batch: Batch) -> None:
        """Add the notes of a batch whose stored text was to be kept, and that another writer changed meanwhile."""
        keys = [key for key, _, _ in batch.relabelled]
        with self.writer.catalog() as catalog:
            stored = {note.note_key: (note.note_id, note.digest) for note in catalog.stored_notes("key", keys)}
        changed = [one for one in batch.relabelled if stored.get(one[0]) != batch.former.get(one[0])]
        batch.relabelled = [one for one in batch.relabelled if one not in changed]
        added = [read_note(note, digest) for _, note, digest in changed]
        batch.added = [*batch.added, *added]
        openings = {item.note.note_id: self.encoder.opening(item.note.text) for item in added if item.sentences}
        vectors = self.encoder.encode(list(openings.values()), bulk=True)
        batch.openings = {**batch.openings, **dict(zip(openings, vectors, strict=True))}


def _places(notes: Iterable[ReadNote], digests: Collection[bytes]) -> Iterable[SentenceText]:
    """Return these sentences at all of their places in notes."""
    return (one for item in notes for one in item.sentences if one.digest in digests)
