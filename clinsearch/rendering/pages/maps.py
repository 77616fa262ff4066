"""A collection's map as one HTML page: point at a mark to read it, and at a group to see it alone."""

from __future__ import annotations

from clinsearch.records.maps import CollectionMap
from clinsearch.rendering.pages.page import isolated, page
from clinsearch.rendering.pictures.maps import (
    HEIGHT,
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

NAMES = {"type": "note type", "section": "section", "patient": "patient"}


def map_page(found: CollectionMap, by: By) -> str:
    """Make the page of a map, with the points coloured by type, section or patient."""
    groups = grouped(found, by)
    place = placed(found)
    points = [
        [*place[id(point)], group.mark, *map(visible, described(point))] for group in groups for point in group.points
    ]
    points.sort(key=lambda point: point[:2])
    body = (
        f'<h1>The collection by its {found.level}s, coloured by {NAMES[by]}</h1><p class="about">{caption(found)}. '
        f"What stands close together is close in meaning, as far as two dimensions can show.</p>"
        f'<div class="map"><div class="plot"><svg viewBox="0 0 {WIDTH} {HEIGHT}" tabindex="0" role="application" '
        f'aria-label="Map; the arrow keys go from point to point">{marks(found, groups, titled=False)}'
        f'<circle class="cursor" r="8" visibility="hidden"/></svg></div>'
        f'<ul class="groups">{"".join(map(_entry, groups))}</ul></div>'
    )
    return page(f"Map of {found.level}s by {NAMES[by]}", body, data={"points": points}, names=["map"])


def _entry(group: Group) -> str:
    return (
        f'<li><button type="button" data-group="{group.mark}" aria-pressed="false">'
        f'<svg viewBox="-7 -7 14 14" width="14" height="14" aria-hidden="true"><path class="g{group.mark}" '
        f'd="{SHAPES[group.mark]}"/></svg>{isolated(group.name)} <span>{len(group.points):,}</span></button></li>'
    )
