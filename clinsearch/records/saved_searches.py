"""Searches that are kept under a name, and what their runs have shown."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from clinsearch.display import Results
from clinsearch.records.hits import Hit
from clinsearch.records.patients import PatientHit


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """A query with all that goes with it; `options` are those of Collection.search, as JSON has them.

    every_place: all places of a sentence. why, context: what is shown of each hit.
    """

    query: str
    k: int = 10
    level: str = "sentence"
    every_place: bool = False
    why: bool = False
    context: int | None = None
    options: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Milestone:
    """How far a collection has come: which one it is, and the number of the newest note that ever came into it.

    Numbers rise with every note that comes, or comes again with another text, and are never given twice. last: the
    highest number of those that are there; last_id: a digest of its note's id. By these a collection is known that was
    set back to a copy of it. Of a collection in several databases both are of each of them.
    """

    collection: str
    newest: int | tuple[int, ...]
    last: int | tuple[int, ...]
    last_id: str


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A search under a name. milestone: that of its last run; seen: digests of the places that its runs have shown."""

    name: str
    request: SearchRequest
    milestone: Milestone | None = None
    seen: tuple[str, ...] = ()
    ran_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class SavedRun:
    """What a run of a saved search found, and how far the collection had come when it began."""

    saved: SavedSearch
    results: Results[Hit] | Results[PatientHit]
    milestone: Milestone
