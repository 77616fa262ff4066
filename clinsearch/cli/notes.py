"""The command that lists and counts notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, get_args

import click

from clinsearch.cli.options import filter_options, format_option, together
from clinsearch.cli.output import stream_records, write_result
from clinsearch.cli.source import Source, opened, source_options
from clinsearch.readers.requests import FilterOptions
from clinsearch.records.listings import CountBy, NoteCount, Order
from clinsearch.rendering.records.listings import count_records, listed_records
from clinsearch.rendering.signs import tell
from clinsearch.rendering.terminal.inspection import page_line
from clinsearch.rendering.terminal.listings import print_counts, print_listed

if TYPE_CHECKING:
    from clinsearch.collection import Collection

NOTES_SHOWN = 50


@dataclass(frozen=True, slots=True)
class Part:
    """Which notes are listed, or what they are counted by, and which part of that is given."""

    sort: Order
    reverse: bool
    limit: int | None
    offset: int
    by: CountBy | None


part_options = together(
    "part",
    Part,
    click.option(
        "--sort",
        type=click.Choice(get_args(Order)),
        default="date",
        show_default=True,
        help="What orders the list; notes without it come last.",
    ),
    click.option("--reverse", is_flag=True, help="The newest, longest or last first; of counts the smallest."),
    click.option(
        "--limit",
        type=click.IntRange(min=1),
        metavar="N",
        help=f"How many to list; in a table {NOTES_SHOWN}, else all.",
    ),
    click.option("--offset", type=click.IntRange(min=0), metavar="N", default=0, help="How many to pass over first."),
    click.option(
        "--count", "by", type=click.Choice(get_args(CountBy)), help="Count the notes by this instead of listing them."
    ),
)


@click.command(short_help="List notes, or count them.")
@part_options
@filter_options
@source_options()
@format_option
def notes(part: Part, filters: FilterOptions, source: Source, form: str) -> None:
    """List the notes of a collection: ids, dates, patients, types, titles, and how many characters they have.

    With --count: how many there are of each type, patient or month, and which share of those that pass that is. A
    note has several sections, so that the shares of these add up to more than 100 %.

    \b
    clinsearch notes --patient P001
    clinsearch notes --sort length --reverse --limit 10
    clinsearch notes --since 2024 --count month
    """
    collection = opened(source, filters)
    if part.by is None:
        _write_notes(collection, part, filters, form)
    else:
        _write_counts(collection.counts(part.by, **filters), part, form)


def _write_notes(collection: Collection, part: Part, filters: FilterOptions, form: str) -> None:
    limit = part.limit or (NOTES_SHOWN if form == "table" else None)
    found = collection.each_note(sort=part.sort, reverse=part.reverse, limit=limit, offset=part.offset, **filters)
    if limit is None and not part.offset:
        stream_records(listed_records(found), form)
        return
    total = collection.count(**filters)
    shown = max(min(limit or total, total - part.offset), 0)
    if form == "table":
        print_listed(list(found), _place(part.offset, shown, total))
        return
    stream_records(listed_records(found), form)
    if shown < total:
        tell(_place(part.offset, shown, total))


def _write_counts(found: Sequence[NoteCount], part: Part, form: str) -> None:
    limit = part.limit or (NOTES_SHOWN if form == "table" else len(found))
    in_order = found[::-1] if part.reverse else found
    shown = in_order[part.offset : part.offset + limit]
    place = _place(part.offset, len(shown), len(found))
    write_result(form, lambda: print_counts(shown, place), lambda: count_records(shown))
    if form != "table" and len(shown) < len(found):
        tell(place)


def _place(offset: int, shown: int, total: int) -> str:
    return page_line(offset, shown, total) if total else "Nothing found."
