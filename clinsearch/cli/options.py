"""The options that several commands share, and how a command gets several of them as one value."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import wraps
from typing import Any

import click

from clinsearch.readers.requests import MOST_AROUND, MOST_RESULTS, FilterOptions
from clinsearch.records.notes import Span

Decorator = Callable[[Callable[..., Any]], Callable[..., Any]]

format_option = click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "jsonl", "csv"]),
    default="table",
    show_default=True,
    help="How to write the result.",
)
k_option = click.option(
    "-k",
    type=click.IntRange(1, MOST_RESULTS),
    metavar="N",
    default=10,
    show_default=True,
    help="How many results to give.",
)

context_option = click.option(
    "--context",
    type=click.IntRange(0, MOST_AROUND),
    metavar="N",
    help="So many sentences of the note before and after it.",
)


class Place(click.ParamType[Span]):
    """A place of a note as results give it: "282-459", or one character of it, "282"."""

    name = "place"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Span:
        """Read a place."""
        found = re.fullmatch(r"([0-9]{1,12})(?:-([0-9]{1,12}))?", str(value))
        if found is None:
            self.fail("Write a place as START-END: 282-459.", param, ctx)
        start = int(found[1])
        return start, int(found[2]) if found[2] else start + 1


def together(name: str, kind: type[Any], *options: Decorator) -> Decorator:
    """Add options whose values the command gets as one: a `kind`, a dataclass or TypedDict with a field for each."""

    def add(command: Callable[..., Any]) -> Callable[..., Any]:
        @wraps(command)
        def gathering(*arguments: Any, **given: Any) -> Any:
            fields = {field: given.pop(field) for field in kind.__annotations__ if field in given}
            return command(*arguments, **{name: kind(**fields)}, **given)

        added: Callable[..., Any] = gathering
        for option in reversed(options):
            added = option(added)
        return added

    return add


# Which notes a command looks at; each but the dates may be given several times: any of its values will do, but of the
# values to be measured all are wanted.
filter_options = together(
    "filters",
    FilterOptions,
    click.option(
        "--patient",
        "patient_id",
        multiple=True,
        metavar="ID",
        help="Notes of this patient only. May be given several times, as the next four.",
    ),
    click.option("--encounter", "encounter_id", multiple=True, metavar="ID", help="Notes of this encounter only."),
    click.option("--type", "note_type", multiple=True, metavar="TYPE", help="Notes of this type only."),
    click.option("--exclude-type", multiple=True, metavar="TYPE", help="No notes of this type."),
    click.option("--section", multiple=True, metavar="NAME", help="Sections of this name only."),
    click.option("--since", metavar="DATE", help="Notes of this day (2024-03-31), month or year or later."),
    click.option("--until", metavar="DATE", help="Notes of this day, month or year or earlier."),
    click.option(
        "--where",
        multiple=True,
        metavar="VALUE",
        help='Notes that measure this value: "A1c > 9", "EF < 40". Of several, all of them.',
    ),
)
