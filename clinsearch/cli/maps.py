"""The command that lays a collection out in the plane."""

from __future__ import annotations

from pathlib import Path
from typing import Any, Literal

import click

from clinsearch.cli.options import collection_option, filter_options, format_option
from clinsearch.cli.output import write_records
from clinsearch.cli.pictures import write


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
    "--most", type=click.IntRange(min=1), default=5000, show_default=True, help="Of more points than this, a sample."
)
@click.option("--html", type=click.Path(path_type=Path), metavar="FILE", help="Write a page to look at and click on.")
@click.option("--svg", type=click.Path(path_type=Path), metavar="FILE", help="Write a picture.")
@filter_options
@collection_option
@format_option
def map(
    level: Literal["note", "sentence"],
    by: Literal["type", "section", "patient"],
    method: Literal["pca", "umap"],
    most: int,
    html: Path | None,
    svg: Path | None,
    collection: Path,
    form: str,
    **filters: Any,
) -> None:
    """Lay notes or sentences out in the plane: what is close in meaning stands close together.

    \b
    clinsearch map --html map.html
    clinsearch map --level sentence --by section --svg map.svg
    """
    from clinsearch.collection import Collection
    from clinsearch.rendering.pages.maps import map_page
    from clinsearch.rendering.pictures.maps import map_svg
    from clinsearch.rendering.terminal.unmatched import print_unmatched

    if by == "section" and level == "note":
        raise click.UsageError("A note has many sections: --by section goes with --level sentence.")
    if not html and not svg and form == "table":
        raise click.UsageError("Say where to draw: --html FILE or --svg FILE, or ask for the points by --format json.")
    notes = Collection(collection)
    print_unmatched(notes.unmatched(**filters))
    found = notes.map(level, method=method, most=most, **filters)
    if html:
        write(html, map_page(found, by))
    if svg:
        write(svg, map_svg(found, by))
    if form != "table":
        write_records(found.to_records(), form)
