"""Copies collections: from a folder to a database, back, or between two of a kind."""

from __future__ import annotations

import os
from collections.abc import Callable

from clinsearch.errors import CollectionNotFound, InputError
from clinsearch.language import terms_of
from clinsearch.records.copies import CopyReport
from clinsearch.records.locations import Database, Location, locate
from clinsearch.storage import copy_collection, is_made

Place = str | os.PathLike[str] | Database


def copy(
    source: Place,
    target: Place,
    *,
    restart: bool = False,
    progress: Callable[[str, int, int], None] | None = None,
) -> CopyReport:
    """Copy a collection to another place, and compare the two; no sentence is encoded again.

    source, target: a folder, or the address of a database, "postgresql://USER@HOST/DATABASE". A copy that was
    interrupted goes on where it stood; until it is whole, and the same as the source, it cannot be used. restart: begin
    anew in place of an unfinished copy. `progress` is told what is done, how much of it, and of how much.
    Raises CollectionError if the target holds anything else than an unfinished copy of the source as it is now.
    """
    places = locate(source), locate(target)
    _require_two(*places)
    return copy_collection(*places, terms_of, progress or (lambda what, done, total: None), restart=restart)


def _require_two(source: Location, target: Location) -> None:
    """Raise an error if the places are one, or if only the second holds a collection."""
    if _resolved(source) == _resolved(target):
        raise InputError(f"{source} and {target} are the same place. Name another to copy to.")
    if not is_made(source) and is_made(target):
        raise CollectionNotFound(
            f"No collection at {source}, but there is one at {target}. To copy that one, name it first."
        )


def _resolved(place: Location) -> object:
    return place if isinstance(place, Database) else place.resolve()
