"""The collection in two dimensions, coloured by what its points are or by how well they answer a query."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import cast

from starlette.requests import Request
from starlette.responses import Response

from clinsearch.collection import Collection
from clinsearch.errors import InputError
from clinsearch.records.maps import CollectionMap
from clinsearch.rendering.pages.maps import map_content
from clinsearch.rendering.pictures.maps import by_score, grouped
from clinsearch.retrieval import Level
from clinsearch.web.addresses import note_address
from clinsearch.web.answers import answered
from clinsearch.web.operations.maps import LAID_OUT, laid_out
from clinsearch.web.operations.operation import Operation
from clinsearch.web.parameters import FILTERS, Parameter, Values, filters_of
from clinsearch.web.templating import render

BYS = ("type", "section", "patient", "score")


@dataclass(frozen=True, slots=True)
class Found:
    """A map, and of each point its score, None where the query did not find it or there is none."""

    map: CollectionMap
    scores: Sequence[float | None]


def _ask(collection: Collection, values: Values) -> Found:
    if values["by"] == "section" and values["level"] == "note":
        raise InputError("A note has many sections: colour sentences by section, or notes by something else.")
    if values["by"] == "score" and values["q"] is None:
        raise InputError("Say what to look for: a colour by score needs a query.")
    found = laid_out(collection, values)
    if values["by"] != "score":
        return Found(found, [None] * len(found.points))
    hits = collection.search(values["q"], len(found.points), level=cast(Level, values["level"]), **filters_of(values))
    of_hit = {(hit.note_id, hit.sentence if found.level == "sentence" else None): hit.score for hit in reversed(hits)}
    return Found(found, [of_hit.get((point.note_id, point.sentence)) for point in found.points])


PAGE = Operation(
    "map",
    "The collection in two dimensions.",
    (
        *LAID_OUT,
        Parameter("by", "What gives a point its colour.", default="type", choices=BYS),
        Parameter("q", "The query whose scores colour the points."),
    ),
    _ask,
    lambda found: {"points": len(found.map.points)},
)


async def page(request: Request) -> Response:
    """Show the map."""
    values = PAGE.read(request.query_params)
    found = await answered(request, PAGE)
    by = values["by"]
    groups = by_score(found.map, found.scores) if by == "score" else grouped(found.map, by)
    return render(
        request,
        "map.html",
        {
            "values": values,
            "content": map_content(found.map, by, groups, lambda point: note_address(point.note_id)),
            "bys": [by for by in BYS if by != "section" or values["level"] == "sentence"],
            "kept": [(one.name, text) for one in FILTERS for text in _several(values[one.name])],
            "not_found": sum(score is None for score in found.scores),
            "groups": groups,
        },
    )


def _several(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else () if value is None else (value,)
