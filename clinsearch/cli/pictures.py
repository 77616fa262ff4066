"""The options that put a result into files to look at."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import click

from clinsearch.cli.options import together

if TYPE_CHECKING:
    from clinsearch.records import Contrast, Explanation
    from clinsearch.records.maps import CollectionMap
    from clinsearch.rendering.pictures.maps import By

FILE = click.Path(path_type=Path)


@dataclass(frozen=True, slots=True)
class Pictures:
    """The files to be written, by form."""

    html: Path | None = None
    png: Path | None = None
    svg: Path | None = None

    def __bool__(self) -> bool:
        """Tell whether there is any."""
        return bool(self.html or self.png or self.svg)


explanation_pictures = together(
    "pictures",
    Pictures,
    click.option(
        "--html", type=FILE, metavar="FILE", help="Write a page to look at and click on, in place of the table."
    ),
    click.option(
        "--png",
        type=FILE,
        metavar="FILE",
        help="Write a heat map, in place of the table; needs the extra clinsearch[plot].",
    ),
)
map_pictures = together(
    "pictures",
    Pictures,
    click.option("--html", type=FILE, metavar="FILE", help="Write a page to look at and click on."),
    click.option("--svg", type=FILE, metavar="FILE", help="Write a picture."),
)


def draw_explanation(explanation: Explanation, pictures: Pictures, *, raw: bool) -> None:
    """Write the files that show an explanation, and say so on stderr."""
    from clinsearch.rendering.pages.explanations import explanation_page
    from clinsearch.rendering.pictures.explanations import explanation_picture

    if pictures.html:
        _write(pictures.html, explanation_page(explanation, raw=raw))
    if pictures.png:
        _write(pictures.png, explanation_picture(explanation, raw=raw))


def draw_contrast(contrast: Contrast, pictures: Pictures) -> None:
    """Write the page that shows why one is nearer than another, if one is asked for, and say so on stderr."""
    from clinsearch.rendering.pages.contrasts import contrast_page

    if pictures.html:
        _write(pictures.html, contrast_page(contrast))


def draw_map(found: CollectionMap, by: By, pictures: Pictures) -> None:
    """Write the files that show a map, and say so on stderr."""
    from clinsearch.rendering.pages.maps import map_page
    from clinsearch.rendering.pictures.maps import map_svg

    if pictures.html:
        _write(pictures.html, map_page(found, by))
    if pictures.svg:
        _write(pictures.svg, map_svg(found, by))


def _write(path: Path, content: str | bytes) -> None:
    """Write a file, and say so on stderr. Raises InputError if it cannot be written."""
    from clinsearch.rendering.files import write_file
    from clinsearch.rendering.signs import tell

    write_file(path, content if isinstance(content, bytes) else content.encode(errors="replace"))
    tell(f"Wrote {path}.")
