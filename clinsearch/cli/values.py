"""The command that lists what is measured, over time."""

from __future__ import annotations

import click

from clinsearch.cli.options import filter_options, format_option
from clinsearch.cli.output import write_result
from clinsearch.cli.source import Source, opened, source_options, terms_option
from clinsearch.readers.requests import FilterOptions
from clinsearch.rendering.records.values import name_records, value_records
from clinsearch.rendering.terminal.values import print_names, print_values


@click.command(short_help="List the values of something over time.")
@click.argument("name", required=False)
@filter_options
@source_options(terms_option)
@format_option
def values(name: str | None, filters: FilterOptions, source: Source, form: str) -> None:
    """List the values of NAME by patient and time: as written, and in the usual unit. A value's date is the one beside
    it, or else its note's. Without NAME: what is measured, and how often.

    \b
    clinsearch values A1c --patient P001
    clinsearch values "ejection fraction" --since 2024 --format csv
    clinsearch values
    """
    notes = opened(source, filters)
    if name is None:
        names = notes.measured(**filters)
        write_result(form, lambda: print_names(names), lambda: name_records(names))
        return
    found = notes.values(name, **filters)
    write_result(form, lambda: print_values(found), lambda: value_records(found))
