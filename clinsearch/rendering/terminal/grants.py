"""Rights of roles for reading in a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from clinsearch.records.grants import Grant
from clinsearch.rendering.signs import one_line
from clinsearch.rendering.terminal.layout import columns, write


def print_grants(grants: Sequence[Grant]) -> None:
    """Show what each role may do; ids of patients are counted, not shown."""
    if not grants:
        write("No role but the owner may read or write the collection.")
        return
    table = columns(count=2)
    for one in grants:
        table.add_row(Text(one_line(one.role), style="bold"), "; ".join(_parts(one)) or "nothing")
    write(table)


def _parts(one: Grant) -> Iterator[str]:
    if one.writes:
        yield "reads and writes all"
    elif one.sees_all:
        yield "reads all"
    if one.patients:
        yield f"reads the notes of {len(one.patients):,} patient{'s' if len(one.patients) > 1 else ''}"
    yield from (f"reads the notes from {one_line(source)}…" for source in one.sources)
