"""Saved searches for reading in a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.text import Text

from clinsearch.records.saved_searches import SavedSearch, SearchRequest
from clinsearch.rendering.signs import one_line
from clinsearch.rendering.terminal.layout import columns, write


def print_saved(searches: Sequence[SavedSearch]) -> None:
    """Show saved searches, each with the options that are not as they are by default."""
    if not searches:
        write("No search is saved.")
        return
    table = columns(right=[1], count=3)
    for one in searches:
        ran = one.ran_at.isoformat(" ", "minutes") if one.ran_at else "never"
        said = "; ".join([one.request.query, *_options(one.request)])
        table.add_row(Text(one_line(one.name), style="bold"), ran, one_line(said))
    write(table)


def _options(request: SearchRequest) -> Iterator[str]:
    yield f"k {request.k}"
    if request.level != "sentence":
        yield f"level {request.level}"
    for name, value in request.options.items():
        if value not in (None, False, [], ()) and (name, value) not in (("mode", "hybrid"), ("synonyms", True)):
            yield f"{name.replace('_', ' ')} {', '.join(value) if isinstance(value, list) else value}"
    if not request.options.get("synonyms", True):
        yield "no synonyms"
