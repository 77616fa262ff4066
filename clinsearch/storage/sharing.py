"""What several writers of one collection have to agree on: who encodes what, and what waits to be encoded.

The part of the port that a folder needs none of, since it has one writer at a time.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeAlias

from clinsearch.encoder.words import TextWords
from clinsearch.records import FloatArray, Note
from clinsearch.records.digests import text_digest
from clinsearch.records.queues import QueueStatus


def note_claim(note_id: str, digest: bytes) -> bytes:
    """Return what stands for a version of a note among claims."""
    return text_digest(f"{note_id}\0{digest.hex()}")


@dataclass(frozen=True, slots=True, eq=False)
class Published:
    """What others have encoded and not yet stored: vectors, (hidden_size,), and words, by digest."""

    vectors: Mapping[bytes, FloatArray]
    words: Mapping[bytes, TextWords]


class Claims(Protocol):
    """What this writer is at work on, so that no other does it too.

    What is claimed stays so until it is committed or released, or until this writer is gone.
    """

    @property
    def are_shared(self) -> bool:
        """Whether there may be other writers."""

    def claim_notes(self, claims: Collection[bytes]) -> set[bytes]:
        """Claim versions of notes, see `note_claim`; return those that nobody had claimed."""

    def claim_sentences(self, digests: Collection[bytes]) -> set[bytes]:
        """Claim sentences; return those that are not stored and that nobody had claimed."""

    def release(self, claims: Collection[bytes]) -> None:
        """Give claims up."""

    def publish(self, vectors: Mapping[bytes, FloatArray], words: Mapping[bytes, TextWords]) -> None:
        """Let other writers have the vectors and words of claimed sentences, before they are committed."""

    def published(self, digests: Collection[bytes]) -> Published:
        """Return what is published of these sentences."""


# A stored note that another replaces, as it was when that was read: its key, its id and its digest.
Replaced: TypeAlias = tuple[int, str, bytes]


@dataclass(frozen=True, slots=True)
class QueuedNote:
    """A note that waits to be encoded.

    replaces: known of one that is put into the queue. attempts: how often it was taken from there before.
    """

    note: Note
    digest: bytes
    replaces: Replaced | None = None
    attempts: int = 0


class Queue(Protocol):
    """Notes that were read and wait to be encoded, by whichever worker takes them."""

    def take(self, most: int) -> Mapping[int, QueuedNote]:
        """Lease notes to this writer, by their number in the queue: at most so many, fewer of those that failed."""

    def give_back(self, numbers: Sequence[int]) -> None:
        """Let others take what this writer has not begun."""

    def fail(self, numbers: Sequence[int], error: str) -> None:
        """Let notes be tried again that failed; `error` is a code without text of a note."""

    def retry(self) -> int:
        """Let everything that was set aside be tried again; return how much."""

    def status(self) -> QueueStatus:
        """Return what waits, what is leased, and what was set aside."""


class Alone:
    """The claims of the only writer, who gets everything."""

    are_shared = False

    def claim_notes(self, claims: Collection[bytes]) -> set[bytes]:
        """Return all."""
        return set(claims)

    def claim_sentences(self, digests: Collection[bytes]) -> set[bytes]:
        """Return all."""
        return set(digests)

    def release(self, claims: Collection[bytes]) -> None:
        """Do nothing."""

    def publish(self, vectors: Mapping[bytes, FloatArray], words: Mapping[bytes, TextWords]) -> None:
        """Do nothing: nobody waits."""

    def published(self, digests: Collection[bytes]) -> Published:
        """Return nothing: nobody else encodes."""
        return Published({}, {})
