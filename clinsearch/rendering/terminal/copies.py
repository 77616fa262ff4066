"""What copying a collection came to, for reading in a terminal."""

from __future__ import annotations

from clinsearch.records.copies import CopyReport
from clinsearch.rendering.signs import tell
from clinsearch.rendering.terminal.layout import columns, write


def print_copy(report: CopyReport) -> None:
    """Show what was copied and compared, and what is not the same."""
    table = columns(count=2)
    table.add_row("from", report.source)
    table.add_row("to", report.target)
    table.add_row("notes", _counted(report.notes, report.notes_copied))
    table.add_row("sentences", _counted(report.sentences, report.sentences_copied))
    if report.saved_searches:
        table.add_row("saved searches", f"{report.saved_searches:,}")
    same = [check for check in report.checks if check.is_same]
    table.add_row("the same", ", ".join(f"{check.rows:,} {check.name}" for check in same if check.rows))
    for check in report.checks:
        if not check.is_same:
            table.add_row("NOT THE SAME", f"{check.rows:,} {check.name}")
    if largest := max((check.difference or 0.0 for check in same), default=0.0):
        table.add_row("vectors", f"within {largest:.1e} of each other: half precision")
    copying = report.seconds - report.seconds_of_checks
    table.add_row("took", f"{copying:,.1f} s to copy, {report.seconds_of_checks:,.1f} s to compare")
    write(table)
    if report.different:
        tell(
            f"Not the same: {', '.join(report.different)}. The copy cannot be used. Copy anew with --restart; if that "
            "does not help, mend the source with `clinsearch repair`."
        )


def _counted(total: int, copied: int) -> str:
    return f"{total:,}" + (f", {total - copied:,} of them there before" if copied < total else "")
