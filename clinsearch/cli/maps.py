"""The command that lays a collection out in the plane."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from clinsearch.cli.options import filter_options, format_option
from clinsearch.cli.output import write_records
from clinsearch.cli.pictures import Pictures, draw_map, map_pictures
from clinsearch.cli.source import Source, opened, source_options
from clinsearch.readers.requests import FilterOptions
from clinsearch.rendering.records.maps import map_records

if TYPE_CHECKING:
    from clinsearch.maps.projection import Method
    from clinsearch.rendering.pictures.maps import By
    from clinsearch.retrieval import Level


@click.command(short_help="Lay a collection out in two dimensions.")
@click.option(
    "--level", type=click.Choice(["note", "sentence"]), default="note", show_default=True, help="What a point is."
)
@click.option(
    "--by",
    type=click.Choice(["type", "section", "patient"]),
    default="type",
    show_default=True,
    help="What gives a point its colour; section goes with sentences.",
)
@click.option(
    "--method",
    type=click.Choice(["pca", "umap"]),
    default="pca",
    show_default=True,
    help="How many dimensions become two; umap needs umap-learn installed.",
)
@click.option(
    "--most",
    type=click.IntRange(min=1),
    metavar="N",
    default=5000,
    show_default=True,
    help="Of more points than this, a sample.",
)
@map_pictures
@filter_options
@source_options()
@format_option
def map(
    level: Level,
    by: By,
    method: Method,
    most: int,
    pictures: Pictures,
    filters: FilterOptions,
    source: Source,
    form: str,
) -> None:
    """Lay notes or sentences out in the plane: what is close in meaning stands close together. On the page a click on a
    point, or Enter, shows the five that are nearest to it in all dimensions.

    \b
    clinsearch map --html map.html
    clinsearch map --level sentence --by section --svg map.svg
    """
    if by == "section" and level == "note":
        raise click.UsageError("A note has many sections: --by section goes with --level sentence.")
    if not pictures and form == "table":
        raise click.UsageError("Say where to draw: --html FILE or --svg FILE, or ask for the points by --format json.")
    found = opened(source, filters).map(level, method=method, most=most, **filters)
    draw_map(found, by, pictures)
    if form != "table":
        write_records(map_records(found), form)
