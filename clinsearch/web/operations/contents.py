"""What the page of a collection shows: its status, what it is made of, and what on the disk is newer than it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from clinsearch.collection import Collection
from clinsearch.readers.requests import FilterOptions
from clinsearch.records import CollectionStatus
from clinsearch.records.listings import NoteCount
from clinsearch.web.operations.operation import Operation
from clinsearch.web.parameters import Parameter, Values

# Files are looked at until so much time has gone.
SECONDS_TO_LOOK, MOST_NOTES = 2.0, 100_000
SECTIONS = 40


@dataclass(frozen=True, slots=True)
class Sources:
    """Files that notes came from, as they are on the disk now. looked: at how many of `files`.

    changed: those written to after the collection was; gone: those that are not there, nor a file above them.
    """

    files: int
    looked: int
    changed: tuple[str, ...]
    gone: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Contents:
    """A collection as its page shows it. written: when its catalog was written to last; None of a database."""

    status: CollectionStatus
    counts: dict[str, Sequence[NoteCount]]
    patients: int
    first: datetime | None
    last: datetime | None
    written: datetime | None
    sources: Sources | None


def _ask(collection: Collection, values: Values) -> Contents:
    written, years = _written(collection), [one for one in collection.counts("year") if one.value]
    # With a first day those without any are left out.
    dated: FilterOptions = {"since": years[0].value} if years else {}
    ends = [one for is_last in (False, True) for one in collection.notes(limit=1, reverse=is_last, **dated)]
    days = [one.note_datetime for one in ends if one.note_datetime]
    return Contents(
        status=collection.status(),
        counts={"section": collection.counts("section")[:SECTIONS], "year": years},
        patients=sum(one.value is not None for one in collection.counts("patient")),
        first=min(days, default=None),
        last=max(days, default=None),
        written=datetime.fromtimestamp(written) if written else None,
        sources=_sources(collection, written) if values["files"] and written else None,
    )


def _written(collection: Collection) -> float | None:
    """Return when a collection in a folder was written to last: its catalog, or what is still to be merged into it."""
    if not isinstance(collection.location, Path):
        return None
    files = (collection.location / name for name in ("catalog.db", "catalog.db-wal"))
    return max((file.stat().st_mtime for file in files if file.exists() and file.stat().st_size), default=None)


def _sources(collection: Collection, written: float) -> Sources:
    """Look at the files that notes came from; only when they were written to, nothing in them."""
    sources = sorted({one.source for one in collection.notes(limit=MOST_NOTES) if one.source})
    until, changed, gone, looked = time.monotonic() + SECONDS_TO_LOOK, [], [], 0
    for source in sources:
        if time.monotonic() > until:
            break
        looked += 1
        try:
            if Path(source).stat().st_mtime > written:
                changed.append(source)
        except (OSError, ValueError):
            if not any(parent.is_file() for parent in Path(source).parents):
                gone.append(source)
    return Sources(len(sources), looked, tuple(changed), tuple(gone))


CONTENTS = Operation(
    "contents",
    "What the collection is made of.",
    (Parameter("files", "Whether to look at the files that its notes came from.", bool, False),),
    _ask,
    lambda found: {"notes": found.status.notes},
)
