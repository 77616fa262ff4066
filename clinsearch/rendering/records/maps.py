"""A map as records; the keys are documented in docs/json.md."""

from __future__ import annotations

from dataclasses import asdict

from clinsearch.records.maps import CollectionMap
from clinsearch.rendering.records.formats import Record


def map_records(found: CollectionMap) -> list[Record]:
    """Return the points of a map as records."""
    return [asdict(point) for point in found.points]
