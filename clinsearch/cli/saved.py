"""The commands that run saved searches, and list them."""

from __future__ import annotations

from typing import TYPE_CHECKING, cast

import click

from clinsearch.cli.found import write_run
from clinsearch.cli.options import format_option
from clinsearch.cli.output import write_result
from clinsearch.cli.source import Source, model_option, opened, source_options, tell_unmatched, terms_option
from clinsearch.readers.requests import FilterOptions
from clinsearch.rendering.records.saved_searches import saved_records
from clinsearch.rendering.terminal.saved_searches import print_saved

if TYPE_CHECKING:
    pass

# What a run ends with that found nothing, or nothing new.
NOTHING_FOUND = 3
FILTERS = tuple(FilterOptions.__annotations__)


@click.command(short_help="Search again as a search was saved, for all or for what is new.")
@click.argument("name")
@click.option("--new", is_flag=True, help="Find only what has come since the last run.")
@source_options(terms_option, model_option)
@format_option
def run(name: str, new: bool, source: Source, form: str) -> None:
    """Search again as `clinsearch search … --save NAME` did, which was the first run.

    With --new only in notes that have come since the last run, or have come again with another text, and of these only
    what no run has shown: for a job that runs every night. What a run has shown is remembered when it was written.

    The exit code is 0 if something was found, 3 if nothing was, and 1 after an error.

    \b
    clinsearch search "wound infection" --since 2024 --save infections
    clinsearch run infections
    clinsearch run infections --new --format csv > new.csv
    """
    from clinsearch.saved_searches import SavedSearches

    notes = opened(source)
    ran = SavedSearches(notes).run(name, new=new)
    options = ran.saved.request.options
    tell_unmatched(notes, cast(FilterOptions, {name: options[name] for name in FILTERS if name in options}))
    write_run(notes, ran, form)
    if not ran.results:
        click.get_current_context().exit(NOTHING_FOUND)


@click.command(short_help="List saved searches, or delete some.")
@click.option("--delete", "names", multiple=True, metavar="NAME", help="Take this one out; may be given several times.")
@source_options()
@format_option
def saved(names: tuple[str, ...], source: Source, form: str) -> None:
    """List the searches that are saved with a collection, with their options and the time of their last run.

    \b
    clinsearch saved
    clinsearch saved --delete infections
    """
    from clinsearch.saved_searches import SavedSearches

    searches = SavedSearches(opened(source))
    for name in names:
        searches.delete(name)
    found = [searches.get(name) for name in searches.names()]
    write_result(form, lambda: print_saved(found), lambda: saved_records(found))
