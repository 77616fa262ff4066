"""The options that put an explanation into files to look at."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import click

if TYPE_CHECKING:
    from clinsearch.records import Explanation

Command = TypeVar("Command", bound=Callable[..., Any])

# Where the context keeps what files were asked for: a command hands them on to nothing but this module.
WANTED = "clinsearch.pictures"


def picture_options(command: Command) -> Command:
    """Add the options that name files; `write_pictures` sees what was given."""
    options = [
        ("--html", "Write a page to look at and click on, in place of the table."),
        ("--png", "Write a heat map, in place of the table; needs the extra clinsearch[plot]."),
    ]
    for name, sentence in reversed(options):
        path = click.Path(path_type=Path)
        command = click.option(name, type=path, metavar="FILE", help=sentence, expose_value=False, callback=_remember)(
            command
        )
    return command


def wanted_pictures() -> dict[str, Path]:
    """Return the files that were asked for, by form."""
    wanted: dict[str, Path] = click.get_current_context().meta.get(WANTED, {})
    return wanted


def write_pictures(explanation: Explanation) -> bool:
    """Write the files that were asked for, and say so on stderr; tell whether there was one."""
    from clinsearch.rendering.pages.explanations import explanation_page
    from clinsearch.rendering.pictures.heat_map import explanation_picture

    draw: dict[str, Callable[[Explanation], str | bytes]] = {"html": explanation_page, "png": explanation_picture}
    for form, path in wanted_pictures().items():
        write(path, draw[form](explanation))
    return bool(wanted_pictures())


def write(path: Path, content: str | bytes) -> None:
    """Write a file, and say so on stderr. Raises InputError if it cannot be written."""
    from clinsearch.rendering.files import write_file
    from clinsearch.rendering.signs import tell

    write_file(path, content if isinstance(content, bytes) else content.encode(errors="replace"))
    tell(f"Wrote {path}.")


def _remember(ctx: click.Context, parameter: click.Parameter, path: Path | None) -> None:
    if path is not None:
        ctx.meta.setdefault(WANTED, {})[parameter.name] = path
