"""Progress bars on stderr; where that is no terminal, nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    TaskProgressColumn,
    TextColumn,
    TimeRemainingColumn,
)

from clinsearch.rendering.signs import one_line
from clinsearch.rendering.terminal.layout import console


@contextmanager
def indexing_progress(total_bytes: int | None, bytes_read: Callable[[], int]) -> Iterator[Callable[[int], None]]:
    """Give what to call with the number of notes dealt with; the bar goes by the bytes read of the files."""
    counted = TextColumn("{task.fields[notes]:,} notes, {task.fields[rate]:,.1f}/s, left")
    with _bar(TextColumn("Indexing"), BarColumn(), TaskProgressColumn(), counted, TimeRemainingColumn()) as bar:
        task = bar.add_task("", total=total_bytes, notes=0, rate=0.0)

        def advance(notes: int) -> None:
            elapsed = bar.tasks[0].elapsed or 0.0
            bar.update(task, completed=bytes_read(), notes=notes, rate=notes / elapsed if elapsed else 0.0)

        yield advance


@contextmanager
def counted_progress() -> Iterator[Callable[[str, int, int], None]]:
    """Give what to call with what is being done, how many are done, and of how many."""
    with _bar(TextColumn("{task.description}"), BarColumn(None), MofNCompleteColumn()) as bar:
        task = bar.add_task("", total=None, visible=False)

        def advance(what: str, done: int, total: int) -> None:
            bar.update(task, description=one_line(what), completed=done, total=total, visible=True)

        yield advance


@contextmanager
def working_progress() -> Iterator[Callable[[int], None]]:
    """Give what to call with the number of notes that are done; nobody knows how many will come."""
    with _bar(TextColumn("{task.fields[notes]:,} notes")) as bar:
        task = bar.add_task("", total=None, notes=0)
        yield lambda notes: bar.update(task, notes=notes)


def _bar(*columns: ProgressColumn) -> Progress:
    to = console(stderr=True)
    return Progress(*columns, console=to, transient=True, disable=not to.is_terminal)
