"""What a run could not use, for its report."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path

from clinsearch.readers import KEPT_KINDS, NoteSource, Unreadable, suffix_of
from clinsearch.records import Failure, Note


@dataclass(slots=True)
class Faults:
    """Notes that were left out, and values that could not be read of notes that were kept."""

    left_out: list[Failure] = field(default_factory=list)
    doubts: list[Failure] = field(default_factory=list)

    def add(self, fault: Unreadable) -> None:
        """Record what a reader could not use."""
        found = Failure(str(fault.path), fault.reason, fault.record, fault.kind)
        (self.doubts if fault.kind in KEPT_KINDS else self.left_out).append(found)

    def refuse(self, note: Note, reason: str) -> None:
        """Record that a note was read but refused."""
        self.left_out.append(Failure(str(note.source), reason, kind="id_taken"))


def passed_over(files: NoteSource, own: Path | None) -> tuple[Failure, ...]:
    """Return the files that were not opened, each with its suffix as its kind, and the folders that were not walked.

    own: the folder of the collection itself, which nobody expects to be walked.
    """
    unopened = (
        Failure(str(path), "of another format", kind=suffix_of(path.name) or "without suffix")
        for path in files.passed_over
    )
    unwalked = (
        Failure(str(folder.path), folder.reason, kind=folder.kind)
        for folder in files.left_out
        if folder.kind == "link" or own is None or folder.path.resolve() != own.resolve()
    )
    return (*unopened, *unwalked)
