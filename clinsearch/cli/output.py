"""Writes a command's result to stdout in the form that was asked for."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence

from clinsearch.rendering.records.formats import Record, dumps, streamed
from clinsearch.rendering.signs import is_utf8


def write_result(
    form: str,
    table: Callable[[], None],
    result: Callable[[], Record | Sequence[Record]],
    rows: Callable[[], Sequence[Record]] | None = None,
) -> None:
    """Print a table, or write the result as records; `rows` is what CSV shows of it where that is not itself."""
    if form == "table":
        table()
    elif form == "csv" and rows:
        write_records(rows(), form)
    else:
        write_records(result(), form)


def write_records(result: Record | Sequence[Record], form: str) -> None:
    """Write records to stdout."""
    # Not by click, which writes UTF-8 where stdout's encoding is ASCII.
    print(dumps(result, form, is_ascii=not is_utf8()))


def stream_records(records: Iterable[Record], form: str) -> None:
    """Write records to stdout one by one, however many they are."""
    for line in streamed(records, form, is_ascii=not is_utf8()):
        print(line)
