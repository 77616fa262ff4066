"""The command that serves a collection to a browser."""

from __future__ import annotations

import click

from clinsearch.cli.source import Source, model_option, opened, source_options, terms_option
from clinsearch.errors import SettingError


@click.command(short_help="Search, read and understand notes in a browser, on this machine.")
@click.option(
    "--port",
    type=click.IntRange(0, 65535),
    default=8765,
    show_default=True,
    metavar="N",
    help="The port; 0 takes a free one.",
)
@source_options(terms_option, model_option)
def serve(port: int, source: Source) -> None:
    """Serve the collection as pages, and the same as JSON under /api/v1/, to this machine alone.

    \b
    clinsearch serve
    clinsearch serve --port 9000
    """
    try:
        from clinsearch.web.server import serve as run
    except ImportError:
        raise SettingError('`serve` needs Starlette, uvicorn and Jinja2: pip install "clinsearch[web]"') from None
    from clinsearch.web.serving import Serving

    run(opened(source), Serving(port=port))
