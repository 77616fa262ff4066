"""What is known of the notes that wait to be encoded."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SetAside:
    """A note that was taken out of the queue since it failed each time.

    error: what kind of error it was the last time, without any text; None if the worker itself ended.
    """

    note_id: str
    source: str | None
    attempts: int
    error: str | None


@dataclass(frozen=True, slots=True)
class QueueStatus:
    """How many notes wait, how many are leased to workers, how many workers there are, and what was set aside."""

    waiting: int
    leased: int
    workers: int
    set_aside: tuple[SetAside, ...]


@dataclass(frozen=True, slots=True)
class QueueCounts:
    """How many notes wait, are leased to workers at work, and were set aside; and how many workers there are."""

    waiting: int
    leased: int
    workers: int
    set_aside: int


@dataclass(frozen=True, slots=True)
class WorkReport:
    """What a worker has done: notes stored, sentences encoded, batches that failed, seconds."""

    notes: int
    sentences_encoded: int
    failures: int
    seconds: float
