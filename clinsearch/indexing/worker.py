"""Encodes and commits notes from a collection's queue, for ever or until it is empty."""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from threading import Event

from clinsearch.encoder.encoder import Encoder
from clinsearch.errors import ClinsearchError, CollectionAway, CollectionBusy, CollectionNotFound
from clinsearch.indexing.own_encoder import OwnEncoder
from clinsearch.indexing.work import Work
from clinsearch.records.locations import Location
from clinsearch.records.queues import WorkReport
from clinsearch.storage import open_queue
from clinsearch.storage.port import QueueWriter

# Few enough that a worker that is stopped or killed gives up little.
NOTES_PER_LEASE = 256
FIRST_PAUSE_S, LONGEST_PAUSE_S = 0.1, 2.0

Progress = Callable[[int], None]


def work(
    location: Location,
    *,
    model: str | None = None,
    device: str = "auto",
    until_empty: bool = False,
    stopped: Event | None = None,
    progress: Progress | None = None,
) -> WorkReport:
    """Encode and commit notes from the queue until `stopped` is set or, with `until_empty`, until it holds none.

    Once `stopped`, what is being encoded is finished, and the rest given back. `progress` is called with the number of
    notes taken so far. Raises InputError for a folder, ModelMismatch, CollectionNotFound, CollectionAway.
    """
    with open_queue(location) as writer:
        with writer.catalog() as catalog:
            owner, keeps_words = catalog.encoder(), catalog.word_recipe() is not None
        if owner is None:
            raise CollectionNotFound(f"No collection at {location}. Make one with `clinsearch index FOLDER`.")
        encoder = OwnEncoder(location, model, device).load(owner)
        with ThreadPoolExecutor(max_workers=1) as thread:
            worker = _Worker(writer, encoder, thread, keeps_words, stopped or Event(), progress or (lambda notes: None))
            report = worker.whole(until_empty=until_empty)
        writer.compact()
    return report


@dataclass(slots=True)
class _Worker:
    """A worker and what it has in hand; held: the numbers of the notes that it has taken and not committed."""

    writer: QueueWriter
    encoder: Encoder
    thread: ThreadPoolExecutor
    keeps_words: bool
    stopped: Event
    progress: Progress
    work: Work = field(init=False)
    held: set[int] = field(default_factory=set)
    notes: int = 0
    sentences: int = 0
    failures: int = 0

    def __post_init__(self) -> None:
        self.work = self._new_work()

    def whole(self, *, until_empty: bool) -> WorkReport:
        started, pause = time.monotonic(), FIRST_PAUSE_S
        while not self.stopped.is_set():
            if self._take_some():
                pause = FIRST_PAUSE_S
                continue
            if until_empty and self._is_empty():
                break
            self.stopped.wait(pause)
            pause = min(2 * pause, LONGEST_PAUSE_S)
        self._attempt(self.work.commit)
        self.writer.queue.give_back(list(self.held))
        self._count()
        return WorkReport(self.notes, self.sentences, self.failures, time.monotonic() - started)

    def _is_empty(self) -> bool:
        status = self.writer.queue.status()
        return not status.waiting and not status.leased

    def _take_some(self) -> bool:
        """Take notes and start encoding them; tell whether there were any."""
        taken = self.writer.queue.take(NOTES_PER_LEASE)
        is_alone = not taken or any(one.attempts for one in taken.values())
        if is_alone:
            self._attempt(self.work.finish)  # what fails again is to blame no other
        self.held |= taken.keys()
        notes = [(one.note, one.digest) for one in taken.values()]
        numbers = {one.note.note_id: number for number, one in taken.items()}

        def encode() -> None:
            self.work.take(notes, numbers)
            self.work.encode()
            if is_alone:
                self.work.finish()
            self.work.wait_if_much()

        self._attempt(encode)
        self._count()
        self.progress(self.notes)
        return bool(taken)

    def _attempt(self, step: Callable[[], None]) -> None:
        """Do a step; if it fails, let what this worker holds be tried again. Raises what no other batch can mend."""
        try:
            step()
        except CollectionAway:
            self._give_up(None)
        except (CollectionBusy, MemoryError) as error:
            self._give_up(error)
        except ClinsearchError:
            self._give_up(None)
            raise
        except Exception as error:
            self._give_up(error)

    def _give_up(self, error: BaseException | None) -> None:
        """Let others take what this worker holds; count an attempt if the notes themselves may be to blame.

        Of the error only its kind is kept: its text may be a note's.
        """
        self._count()
        if error is None:
            self.writer.queue.give_back(list(self.held))  # waits for the server
        else:
            self.writer.queue.fail(list(self.held), type(error).__name__)
            self.failures += 1
        self.held.clear()
        self.work = self._new_work()

    def _count(self) -> None:
        """Count what is done."""
        self.held -= self.work.done
        self.notes += len(self.work.done)
        self.sentences += self.work.sentences
        self.work.done.clear()
        self.work.sentences = 0

    def _new_work(self) -> Work:
        return Work(self.writer, self.encoder, self.thread, self.keeps_words)
