"""The command that copies a collection to another place."""

from __future__ import annotations

import click

from clinsearch.cli.locations import LocationType
from clinsearch.cli.options import format_option
from clinsearch.cli.output import write_result
from clinsearch.cli.source import trust_option, wait_option
from clinsearch.records.locations import Location
from clinsearch.rendering.records.copies import copy_record
from clinsearch.rendering.terminal.copies import print_copy
from clinsearch.rendering.terminal.progress import counted_progress


@click.command(short_help="Copy a collection to a folder or a database.")
@click.argument("source", type=LocationType(), metavar="FROM")
@click.argument("target", type=LocationType(), metavar="TO")
@click.option("--restart", is_flag=True, help="Begin anew in place of an unfinished copy.")
@trust_option
@wait_option
@format_option
@click.pass_context
def copy(ctx: click.Context, source: Location, target: Location, restart: bool, form: str) -> None:
    """Copy a collection, FROM a folder or a database TO another: postgresql://USER@HOST/DATABASE. Nothing is encoded
    again, and saved searches come along.

    A copy that was stopped goes on where it stood when the same command is run again; until all is there it cannot be
    searched. In the end every row and every vector is compared, vectors within the rounding of half precision; where
    anything is not the same it is named, with exit code 1.

    \b
    clinsearch copy clinsearch-data postgresql://clinsearch@db.example/notes
    clinsearch copy postgresql://clinsearch@db.example/notes elsewhere
    """
    from clinsearch.indexing.copying import copy as copy_collection

    with counted_progress() as progress:
        report = copy_collection(source, target, restart=restart, progress=progress)
    write_result(form, lambda: print_copy(report), lambda: copy_record(report))
    ctx.exit(1 if report.different else 0)
