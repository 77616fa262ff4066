"""The command that lists what can be read."""

from __future__ import annotations

import click

from clinsearch.cli.options import format_option
from clinsearch.cli.output import write_result
from clinsearch.rendering.records.previews import format_records
from clinsearch.rendering.terminal.previews import print_formats


@click.command(short_help="List the formats that can be indexed.")
@format_option
def readers(form: str) -> None:
    """List the formats that `clinsearch index` reads, the tables it knows by name, and what has to be installed.

    \b
    clinsearch readers
    """
    from clinsearch.readers.list_of_formats import list_formats

    formats = list_formats()
    write_result(form, lambda: print_formats(formats), lambda: format_records(formats))
