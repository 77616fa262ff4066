"""Writes a command's result to stdout in the form that was asked for."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import click

from clinsearch.rendering.structured import Record, dumps


def show(
    form: str,
    table: Callable[[], None],
    result: Callable[[], Record | Sequence[Record]],
    rows: Callable[[], Sequence[Record]] | None = None,
) -> None:
    """Print a table, or write the result as records; `rows` is what CSV shows of it where that is not itself."""
    if form == "table":
        table()
    elif form == "csv" and rows:
        click.echo(dumps(rows(), form))
    else:
        click.echo(dumps(result(), form))
