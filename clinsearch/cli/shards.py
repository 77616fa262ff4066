"""The command that makes one collection of several databases."""

from __future__ import annotations

import click

from clinsearch.cli.locations import LocationType
from clinsearch.errors import InputError
from clinsearch.records.locations import Database, Location
from clinsearch.storage import make_shards


@click.command(short_help="Make one collection of several databases.")
@click.argument("addresses", type=LocationType(), nargs=-1, required=True, metavar="ADDRESS...")
def shards(addresses: tuple[Location, ...]) -> None:
    """Make one collection of several empty databases, for more notes than one server holds.

    The first stands for all: only its address is named from then on. Each note goes into one of them, by its
    patient; searches ask all at once. Passwords are not kept: all come from PGPASSWORD or ~/.pgpass.

    \b
    clinsearch shards postgresql://search@a/notes postgresql://search@b/notes
    clinsearch index notes --collection postgresql://search@a/notes
    """
    databases = [one for one in addresses if isinstance(one, Database)]
    if len(databases) < len(addresses):
        raise InputError("Only databases can be parts of a collection: postgresql://USER@HOST/DATABASE.")
    make_shards(databases)
    click.echo(f"{len(databases)} databases are one collection. Name the first: --collection {databases[0]}")
