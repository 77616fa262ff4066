"""A collection's queue for reading in a terminal."""

from __future__ import annotations

from clinsearch.records.queues import QueueStatus, WorkReport
from clinsearch.rendering.signs import one_line
from clinsearch.rendering.terminal.layout import columns, write


def print_queue(status: QueueStatus) -> None:
    """Show what waits, and name what was set aside."""
    table = columns(count=2)
    table.add_row("waiting", f"{status.waiting:,}")
    table.add_row("leased", f"{status.leased:,}, to {status.workers:,} workers")
    for number, one in enumerate(status.set_aside):
        what = f"{one.note_id}: {one.error or 'its worker ended'}, {one.attempts} times"
        table.add_row("" if number else "set aside", one_line(what))
    write(table)


def print_work(report: WorkReport) -> None:
    """Show what a worker has done."""
    failed = f"; {report.failures:,} batches failed, see `clinsearch queue`" if report.failures else ""
    write(f"{report.notes:,} notes, {report.sentences_encoded:,} sentences encoded in {report.seconds:.1f} s{failed}")
