"""A collection's map as one HTML page: point at a mark to read it, and at a group to see it alone."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from clinsearch.records.maps import CollectionMap, MapPoint
from clinsearch.rendering.pages.page import Content, isolated, page_of
from clinsearch.rendering.pictures.maps import (
    HEIGHT,
    SCORED,
    SHAPES,
    WIDTH,
    By,
    Group,
    caption,
    described,
    grouped,
    marks,
    placed,
)
from clinsearch.rendering.signs import visible

THOUSANDTHS = 1000
NAMES = {"type": "note type", "section": "section", "patient": "patient", "score": "score"}


def map_page(found: CollectionMap, by: By) -> str:
    """Make the page of a map, with the points coloured by type, section or patient."""
    return page_of(map_content(found, by, grouped(found, by)))


def map_content(
    found: CollectionMap, by: By, groups: list[Group], address: Callable[[MapPoint], str] | None = None
) -> Content:
    """Return what a map's page shows; address: where a point leads, if anywhere."""
    place = placed(found)
    mark = {id(point): group.mark for group in groups for point in group.points}
    drawn = sorted(range(len(found.points)), key=lambda at: place[id(found.points[at])])
    points = [
        [*place[id(point)], mark[id(point)], *map(visible, described(point))]
        for point in map(found.points.__getitem__, drawn)
    ]
    body = (
        f'<p class="about">{caption(found)}. '
        f"What stands close together is close in meaning, as far as two dimensions can show. {_how(found)}</p>"
        f'<div class="map"><div class="plot"><svg viewBox="0 0 {WIDTH} {HEIGHT}" tabindex="0" role="application" '
        f'aria-label="Map; the arrow keys go from point to point, Enter shows the nearest">'
        f'{marks(found, groups, titled=False)}<circle class="cursor" r="8" visibility="hidden"/></svg>'
        '<div class="near" aria-live="polite"></div></div>'
        f'<ul class="groups">{"".join(map(_entry, groups))}</ul></div>'
    )
    data: dict[str, Any] = {"points": points, "near": _near(found, drawn)}
    if address:
        data["links"] = [address(found.points[at]) for at in drawn]
    heading = f"The collection by its {found.level}s, coloured by {NAMES[by]}"
    return Content(f"Map of {found.level}s by {NAMES[by]}", heading, body, data, ("map",))


def _how(found: CollectionMap) -> str:
    if not any(point.neighbours for point in found.points):
        return ""
    return (
        '<span class="how">Click a point, or press Enter on it, for those that are nearest to it in all dimensions, '
        "of the points drawn.</span>"
    )


def _near(found: CollectionMap, drawn: Sequence[int]) -> list[list[int]]:
    """Return for each point, in the order drawn, its neighbours: a position and a cosine in thousandths by turns."""
    position = {at: number for number, at in enumerate(drawn)}
    return [
        [
            value
            for near in found.points[at].neighbours
            for value in (position[near.point], round(near.cosine * THOUSANDTHS))
        ]
        for at in drawn
    ]


def _entry(group: Group) -> str:
    shape = (*SHAPES, *SCORED)[group.mark]
    return (
        f'<li><button type="button" data-group="{group.mark}" aria-pressed="false">'
        f'<svg viewBox="-7 -7 14 14" width="14" height="14" aria-hidden="true"><path class="g{group.mark}" '
        f'd="{shape}"/></svg>{isolated(group.name)} <span>{len(group.points):,}</span></button></li>'
    )
