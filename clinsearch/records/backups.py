"""What copying a folder to a safe place came to, and saving what can be read of a damaged one."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class BackupReport:
    """A copy of a collection as of one commit, checked after it was written.

    collection, backup: where they are. files: how many files of vectors. bytes: the size of all. seconds: how long it
    took.
    """

    collection: str
    backup: str
    notes: int
    sentences: int
    files: int
    saved_searches: int
    bytes: int
    seconds: float


@dataclass(frozen=True, slots=True)
class RescueReport:
    """What was saved of a damaged collection.

    collection, rescued: where they are. notes: how many were saved, with texts as they were written. lost: the ids of
    notes that are not as they were written, those that can be read. not_found: how many more the catalog counted; None
    if its count cannot be read. unread_searches: the names of saved searches that cannot be read.
    """

    collection: str
    rescued: str
    model: str
    notes: int
    sentences_encoded: int
    lost: tuple[str, ...]
    not_found: int | None
    saved_searches: int
    unread_searches: tuple[str, ...]
    seconds: float

    @property
    def is_whole(self) -> bool:
        """Whether all that the catalog counted was saved."""
        return not self.lost and self.not_found == 0 and not self.unread_searches
