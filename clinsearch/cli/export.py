"""The command that writes notes to files."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from clinsearch.cli.options import filter_options, format_option
from clinsearch.cli.output import stream_records, write_result
from clinsearch.cli.source import Source, is_given, opened, source_options
from clinsearch.readers.requests import FilterOptions
from clinsearch.rendering.exports.notes import export_notes, note_records
from clinsearch.rendering.terminal.exports import print_exported

if TYPE_CHECKING:
    from clinsearch.collection import Collection
    from clinsearch.records import Note
    from clinsearch.rendering.exports.notes import FoundNote

STANDARD_OUTPUT = "-"


@click.command(short_help="Write notes to a file: CSV, JSON Lines or Parquet.")
@click.argument("path", metavar="FILE")
@click.option("--hits", is_flag=True, help="The notes that the last search found, best first, each with its hits.")
@click.option(
    "--raw",
    is_flag=True,
    help="Leave cells of CSV as they are that a spreadsheet would take for formulas; else they get a ' before them.",
)
@click.option("--force", is_flag=True, help="Replace the file if it is there.")
@filter_options
@source_options()
@format_option
def export(path: str, hits: bool, raw: bool, force: bool, filters: FilterOptions, source: Source, form: str) -> None:
    """Write notes, with all that is known of them and their texts, to FILE, which ends in .csv, .jsonl or .parquet.

    `clinsearch index FILE` makes the same collection of it again: of CSV if it is --raw. A dash is JSON Lines on
    standard output. The file is for its owner alone; Parquet needs the extra clinsearch[parquet].

    \b
    clinsearch export notes.jsonl
    clinsearch export discharged.csv --type "discharge summary" --since 2024
    clinsearch export found.parquet --hits
    """
    if hits and any(map(is_given, FilterOptions.__annotations__)):
        raise click.UsageError("--hits are those of the last search: filter that.")
    notes = _notes(opened(source, None if hits else filters), filters, hits=hits)
    if path == STANDARD_OUTPUT:
        stream_records(note_records(notes), "jsonl")
        return
    exported = export_notes(notes, Path(path), raw=raw, force=force)
    write_result(form, lambda: print_exported(exported), lambda: asdict(exported))


def _notes(collection: Collection, filters: FilterOptions, *, hits: bool) -> Iterable[Note | FoundNote]:
    return collection.found_notes() if hits else collection.whole_notes(**filters)
