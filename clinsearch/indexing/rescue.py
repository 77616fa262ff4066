"""Saves what can be read of a damaged collection to a new one: its notes are read and encoded again."""

from __future__ import annotations

import os
import time
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from pathlib import Path

from clinsearch.encoder.checkpoint import find_checkpoint
from clinsearch.encoder.pooling import as_pooling
from clinsearch.errors import CollectionDamaged, CollectionError
from clinsearch.indexing.index import index
from clinsearch.readers import Unreadable
from clinsearch.records import Note
from clinsearch.records.backups import RescueReport
from clinsearch.records.locations import Database, locate
from clinsearch.storage import draft_of, open_reader, read_remains
from clinsearch.storage.port import Reader

Place = str | os.PathLike[str] | Database


def rescue(
    collection: Place,
    target: str | os.PathLike[str],
    *,
    model: str | None = None,
    device: str = "auto",
    progress: Callable[[int], None] | None = None,
) -> RescueReport:
    """Save the notes of a damaged collection whose texts are as they were written to a new one, and encode them again.

    Nothing is written to the damaged one. The target must not be there, or be an empty folder. `model` is only needed
    where the catalog does not say it, or it is not where it was. Raises CollectionError if no note can be saved.
    """
    started = time.monotonic()
    source, to = locate(collection), Path(target).absolute()
    left = read_remains(source, to)
    if not left.notes:
        raise CollectionDamaged(f"No note can be read in {source}. Restore it from a backup, or index its files anew.")
    pooling = as_pooling(left.pooling) if left.pooling and model is None else None
    if model is None and left.model is not None:
        find_checkpoint(left.model, pooling, may_fetch=False)  # what a catalog names is not fetched
    named = model or left.model
    notes = RescuedNotes([left.notes[key] for key in sorted(left.notes)])
    # An interrupted rescue must not leave what looks like all that could be saved.
    with draft_of(to) as draft:
        report = index(notes, draft, model=named, pooling=pooling, device=device, progress=progress)
        saved, unread = _save_searches(source, open_reader(draft))
    missing = None if left.counted is None else max(left.counted - len(left.notes) - len(left.lost), 0)
    return RescueReport(
        collection=str(source),
        rescued=str(to),
        model=named or "",
        notes=report.new,
        sentences_encoded=report.sentences_encoded,
        lost=tuple(sorted(left.lost.values())),
        not_found=missing,
        saved_searches=saved,
        unread_searches=unread,
        seconds=time.monotonic() - started,
    )


def _save_searches(source: object, target: Reader) -> tuple[int, tuple[str, ...]]:
    """Copy saved searches; return how many, and the names of those that cannot be read."""
    saved, unread = 0, []
    with suppress(CollectionError):  # a folder without a catalog has none that can be listed
        former = open_reader(source)  # type: ignore[arg-type]
        for name in former.saved_names():
            try:
                target.save_search(former.saved_search(name))
                saved += 1
            except CollectionError:
                unread.append(name)
    return saved, tuple(unread)


class RescuedNotes:
    """Notes that were read already, as `readers.NoteSource` describes a source. They keep their own sources."""

    def __init__(self, notes: list[Note]) -> None:
        self._notes = notes
        self.files: tuple[Path, ...] = ()
        self.finished: set[Path] = set()
        self.passed_over: tuple[Path, ...] = ()
        self.left_out: tuple[Unreadable, ...] = ()
        self.total_bytes: int | None = None
        self.bytes_read = 0
        self.ignored_fields: Counter[str] = Counter()
        self.presets: Mapping[Path, str] = {}
        self.formats: dict[Path, str] = {}
        self.fields: dict[Path, Mapping[str, tuple[str, ...]]] = {}
        self.sizes: dict[Path, int] = {}

    def __iter__(self) -> Iterator[Note | Unreadable]:
        """Yield all of them."""
        return iter(self._notes)

    def covers(self, source: str) -> bool:
        """Tell whether a note was once read from here: none was."""
        return False

    def is_default_id(self, note: Note) -> bool:
        """Tell whether a note's id was made up for it: all have the one that they had."""
        return False

    def holds_one_note(self, source: str) -> bool:
        """Tell whether a source holds one note alone: nothing is known of it."""
        return False

    def is_gone(self, source: Path) -> bool:
        """Tell whether a note is gone from its source: nothing is known of it."""
        return False
