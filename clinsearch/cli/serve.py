"""The command that serves a collection to a browser."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import click

from clinsearch.cli.options import together
from clinsearch.cli.source import Source, model_option, opened, source_options, terms_option
from clinsearch.errors import SettingError
from clinsearch.web.serving import Serving

FILE = click.Path(path_type=Path, dir_okay=False)

serving_options = together(
    "serving",
    Serving,
    click.option(
        "--host",
        default="127.0.0.1",
        show_default=True,
        metavar="ADDRESS",
        help="The address; another than this machine's own needs --token-file, and TLS or --behind-proxy.",
    ),
    click.option(
        "--port",
        type=click.IntRange(0, 65535),
        default=8765,
        show_default=True,
        metavar="N",
        help="The port; 0 takes a free one.",
    ),
    click.option(
        "--name", "names", multiple=True, metavar="NAME", help="A name by which browsers know it; may be repeated."
    ),
    click.option(
        "--token-file",
        type=FILE,
        metavar="FILE",
        help="Who may look: a token a line, with a name before it or none. Browsers sign in with it.",
    ),
    click.option("--tls-cert", type=FILE, metavar="FILE", help="The certificate for https, with its chain, in PEM."),
    click.option("--tls-key", type=FILE, metavar="FILE", help="Its key."),
    click.option(
        "--behind-proxy",
        is_flag=True,
        help="A proxy does TLS, and hands on to here; needs --token-file, and --name with the proxy's name.",
    ),
    click.option("--allow-writes", is_flag=True, help="Let notes be deleted."),
    click.option(
        "--audit", type=FILE, metavar="FILE", help="Record who is shown which notes; see `clinsearch audit verify`."
    ),
    click.option("--audit-queries", is_flag=True, help="With --audit: keep what is asked for, not only its hash."),
    click.option(
        "--processes",
        type=click.IntRange(0, 256),
        default=0,
        show_default=True,
        metavar="N",
        help="For many users: have so many processes answer, one a core, each with a model of its own.",
    ),
)


@click.command(short_help="Search, read and understand notes in a browser, on this machine.")
@serving_options
@source_options(terms_option, model_option)
def serve(serving: Serving, source: Source) -> None:
    """Serve the collection as pages, and the same as JSON under /api/v1/, to this machine alone.

    \b
    clinsearch serve
    clinsearch serve --port 9000 --audit audit.jsonl
    clinsearch serve --token-file tokens --behind-proxy --name notes.example.org
    """
    try:
        from clinsearch.web.server import serve as run
    except ImportError:
        raise SettingError('`serve` needs Starlette, uvicorn and Jinja2: pip install "clinsearch[web]"') from None
    serving.require_safe()
    run(opened(source), serving)
    # What still runs in a thread would be waited for; nothing that it would change is left half done.
    sys.stdout.flush()
    os._exit(0)
