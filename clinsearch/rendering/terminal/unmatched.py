"""Says, on stderr, which values of a filter nothing in the collection has."""

from __future__ import annotations

from collections.abc import Iterable

from clinsearch.records import Unmatched
from clinsearch.rendering.signs import visible
from clinsearch.rendering.terminal.layout import console
from clinsearch.rendering.unmatched import unmatched_line


def print_unmatched(values: Iterable[Unmatched]) -> None:
    """Name each value, and the nearest that there are."""
    out = console(stderr=True)
    for one in values:
        out.print(visible(unmatched_line(one)), soft_wrap=True)
