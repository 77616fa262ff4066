"""A collection laid out in the plane: the values."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from clinsearch.display import Shown


@dataclass(frozen=True, slots=True)
class MapNeighbour:
    """A point by its position on a map, and the cosine of its vector with that of the point that it is near to."""

    point: int
    cosine: float


@dataclass(frozen=True, slots=True)
class MapPoint:
    """A note, or a sentence at its first place, where it lies in the plane; `sentence` is None for a note.

    neighbours: the points whose vectors are nearest to its own, before two dimensions were made of many; none on a
    map of very many points.
    """

    x: float
    y: float
    note_id: str
    title: str | None
    patient_id: str | None
    note_type: str | None
    note_datetime: datetime | None
    section: str | None = None
    sentence: str | None = None
    neighbours: tuple[MapNeighbour, ...] = ()


@dataclass(frozen=True, slots=True)
class CollectionMap(Shown):
    """Notes or sentences in two dimensions.

    `total` counts those that could have been laid out, of which `points` may be a sample. `variance` is what
    share of the vectors' variance each axis holds, None where the axes mean nothing, as in UMAP.
    """

    level: str
    method: str
    total: int
    variance: tuple[float, float] | None
    points: tuple[MapPoint, ...]
