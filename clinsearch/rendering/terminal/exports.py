"""What was exported, for reading in a terminal."""

from __future__ import annotations

from clinsearch.rendering.exports.notes import Exported
from clinsearch.rendering.signs import one_line
from clinsearch.rendering.terminal.layout import write


def print_exported(exported: Exported) -> None:
    """Show how many notes were written, and what is not as it was."""
    write(one_line(f"Wrote {exported.notes:,} note{'' if exported.notes == 1 else 's'} to {exported.path}."))
    if exported.changed_cells:
        count = f"{exported.changed_cells:,}"
        write(f"Cells with a ' before what would be a formula: {count}; --raw leaves them as they are.")
