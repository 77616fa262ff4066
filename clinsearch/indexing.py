"""Brings a collection in step with files of notes: reads, segments, encodes what is new, commits batch by batch."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from clinsearch.encoder.encoder import Encoder
from clinsearch.readers import NoteFiles, Unreadable, holds_one_note
from clinsearch.records import Failure, IndexReport, Note
from clinsearch.segmentation import segment
from clinsearch.storage.catalog import Catalog, StoredNote
from clinsearch.storage.changes import SegmentedNote, note_digest, text_digest
from clinsearch.storage.commits import Batch, Writer

# Enough for full batches through the encoder, few enough that a stop loses seconds.
SENTENCES_PER_COMMIT = 1024
NOTES_PER_LOOKUP = 64
CHARACTERS_PER_LOOKUP = 200_000
COMMITS_PER_COMPACTION = 64

Progress = Callable[[int], None]


def index_files(
    writer: Writer,
    encoder: Encoder,
    files: NoteFiles,
    *,
    delete_missing: bool = False,
    progress: Progress | None = None,
) -> IndexReport:
    """Bring the collection in step with the files; what was committed stays, wherever the run is stopped.

    `progress` is called after every commit with the number of notes dealt with so far. With
    `delete_missing`, notes whose file or record is gone leave the collection.
    """
    run = _Run(writer, encoder, files, progress or (lambda notes: None))
    return run.whole(delete_missing=delete_missing)


def sentence_texts(note: Note, spans: Iterable[tuple[int, int]]) -> tuple[str, ...]:
    """Return sentences as they are encoded: white space, line breaks among it, becomes one space."""
    return tuple(" ".join(note.text[start:end].split()) for start, end in spans)


def repair(writer: Writer, encoder: Encoder, *, check_content: bool) -> int:
    """Make vectors again whose files are missing or damaged; return the number of sentences encoded.

    With `check_content` every file is read and compared with its checksum, else only its size is.
    """
    writer.forget_damaged_vectors(check_content=check_content)
    texts = writer.sentences_without_vector()
    keys = np.array(sorted(texts), dtype=np.int64)
    for start in range(0, len(keys), SENTENCES_PER_COMMIT):
        some = keys[start : start + SENTENCES_PER_COMMIT]
        writer.restore_sentence_vectors(some, encoder.encode([texts[key] for key in some.tolist()]))
    writer.restore_note_vectors()
    return len(keys)


@dataclass(slots=True)
class _Run:
    """One run of the indexer: what it has seen, counted, and not yet committed."""

    writer: Writer
    encoder: Encoder
    files: NoteFiles
    progress: Progress
    counts: Counter[str] = field(default_factory=Counter)
    failures: list[Failure] = field(default_factory=list)
    seen: dict[str, bytes] = field(default_factory=dict)
    matched: set[int] = field(default_factory=set)
    pending: Batch = field(default_factory=Batch)
    new_texts: dict[bytes, str] = field(default_factory=dict)
    commits: int = 0

    def whole(self, *, delete_missing: bool) -> IndexReport:
        started = time.monotonic()
        repair(self.writer, self.encoder, check_content=False)
        for notes in self._groups():
            self._sort(notes)
            self._commit(at_least=SENTENCES_PER_COMMIT)
            self.progress(len(self.seen))
        self._commit(at_least=0)
        missing = self._missing()
        if delete_missing and missing:
            self.writer.commit(Batch(removed=missing))
        self.writer.compact()
        return IndexReport(
            new=self.counts["new"],
            changed=self.counts["changed"],
            renamed=self.counts["renamed"],
            unchanged=self.counts["unchanged"],
            deleted=len(missing) if delete_missing else 0,
            missing=0 if delete_missing else len(missing),
            sentences_encoded=self.counts["sentences"],
            seconds=time.monotonic() - started,
            failures=tuple(self.failures),
        )

    def _groups(self) -> Iterator[list[Note]]:
        """Read notes in groups that are looked up in the catalog together."""
        group: list[Note] = []
        characters = 0
        for outcome in self.files:
            if isinstance(outcome, Unreadable):
                self._fail(outcome.path, outcome.reason, outcome.record)
            elif self._is_first(outcome):
                group.append(outcome)
                characters += len(outcome.text)
            if len(group) == NOTES_PER_LOOKUP or characters >= CHARACTERS_PER_LOOKUP:
                yield group
                group, characters = [], 0
        yield group

    def _is_first(self, note: Note) -> bool:
        """Tell whether this run meets the note for the first time; the same note twice does no harm."""
        digest = note_digest(note)
        if note.note_id not in self.seen:
            self.seen[note.note_id] = digest
            return True
        if self.seen[note.note_id] != digest:
            self._fail(note.source, f"note id {note.note_id} is another note's already; give it its own")
        return False

    def _sort(self, notes: Sequence[Note]) -> None:
        """Put each note where it belongs: new, changed, renamed, unchanged or refused."""
        with self.writer.catalog() as catalog:
            stored = _Stored(catalog, notes)
            added = [note for note in notes if self._is_to_be_added(note, stored, catalog)]
            segmented = [_segmented(note) for note in added]
            texts = {text_digest(text): text for item in segmented for text in item.sentence_texts}
            known = catalog.sentence_keys_of(list(texts))
        self.pending.added += segmented
        self.new_texts |= {digest: text for digest, text in texts.items() if digest not in known}

    def _is_to_be_added(self, note: Note, stored: _Stored, catalog: Catalog) -> bool:
        """Note what becomes of a note's former version, and tell whether its text has to be indexed."""
        digest = self.seen[note.note_id]
        former = stored.counterpart(note, digest, self.matched)
        if former is None:
            self.counts["new"] += 1
            return True
        if self._is_anothers(note, digest, former):
            self._fail(note.source, f"note id {note.note_id} is that of {former.source}; give it its own")
            return False
        self.matched.add(former.note_key)
        outcome = "renamed" if former.note_id != note.note_id else "unchanged"
        self.counts[outcome if former.digest == digest else "changed"] += 1
        if former.digest != digest and catalog.note(former.note_id)[1].text != note.text:
            self.pending.removed.append(former.note_key)
            return True
        if (former.digest, former.note_id, former.source) != (digest, note.note_id, note.source):
            self.pending.relabelled.append((former.note_key, note, digest))
        return False

    def _is_anothers(self, note: Note, digest: bytes, former: StoredNote) -> bool:
        """Tell whether two files that both exist lay claim to an id that neither states: they are two notes."""
        return (
            former.digest != digest
            and former.source not in (None, note.source)
            and self.files.is_default_id(note)
            and Path(str(former.source)).exists()
        )

    def _commit(self, *, at_least: int) -> None:
        """Encode and commit what is pending, if it comes to that many sentences."""
        if len(self.new_texts) < at_least or self.pending == Batch():
            return
        vectors = self.encoder.encode(list(self.new_texts.values()))
        self.pending.vectors = dict(zip(self.new_texts, vectors, strict=True))
        self.writer.commit(self.pending)
        self.counts["sentences"] += len(self.new_texts)
        self.pending, self.new_texts = Batch(), {}
        self.commits += 1
        if self.commits % COMMITS_PER_COMPACTION == 0:
            self.writer.compact()

    def _missing(self) -> list[int]:
        """Find the notes in the catalog whose files were to be read and that are not in them any more."""
        with self.writer.catalog() as catalog:
            return [
                key
                for key, note_id, source in catalog.notes_with_source()
                if note_id not in self.seen and self.files.is_gone(Path(source))
            ]

    def _fail(self, source: object, reason: str, record: int | None = None) -> None:
        self.failures.append(Failure(str(source), reason, record))


class _Stored:
    """The notes in the catalog that a group of notes may be versions of."""

    def __init__(self, catalog: Catalog, notes: Sequence[Note]) -> None:
        sources = [note.source for note in notes if note.source and holds_one_note(Path(note.source))]
        self._by_id = {n.note_id: n for n in catalog.stored_notes("note_id", [n.note_id for n in notes])}
        self._by_source = {note.source: note for note in catalog.stored_notes("source", sources)}
        self._by_digest: dict[bytes, list[StoredNote]] = {}
        for note in catalog.stored_notes("digest", [note_digest(note) for note in notes]):
            self._by_digest.setdefault(note.digest, []).append(note)

    def counterpart(self, note: Note, digest: bytes, matched: set[int]) -> StoredNote | None:
        """Find a note's former version: by its id, by its file, or by its content if the file has moved."""
        for former in (self._by_id.get(note.note_id), self._by_source.get(note.source)):
            if former and former.note_key not in matched:
                return former
        for former in self._by_digest.get(digest, []):
            if former.note_key not in matched and former.source and not Path(former.source).exists():
                return former
        return None


def _segmented(note: Note) -> SegmentedNote:
    segmentation = segment(note.text)
    spans = ((sentence.start, sentence.end) for sentence in segmentation.sentences)
    return SegmentedNote(note, note_digest(note), segmentation, sentence_texts(note, spans))
