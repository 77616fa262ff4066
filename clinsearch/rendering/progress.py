"""A progress bar on stderr while notes are indexed; where stderr is no terminal, nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

from rich.progress import BarColumn, Progress, TaskProgressColumn, TextColumn, TimeRemainingColumn

from clinsearch.rendering.terminal import console


@contextmanager
def indexing_progress(total_bytes: int, bytes_read: Callable[[], int]) -> Iterator[Callable[[int], None]]:
    """Give what to call with the number of notes dealt with; the bar goes by the bytes read of the files."""
    bar = Progress(
        TextColumn("Indexing"),
        BarColumn(),
        TaskProgressColumn(),
        TextColumn("{task.fields[notes]:,} notes, {task.fields[rate]:,.1f}/s, left"),
        TimeRemainingColumn(),
        console=console(stderr=True),
        transient=True,
        disable=not console(stderr=True).is_terminal,
    )
    with bar:
        task = bar.add_task("", total=total_bytes, notes=0, rate=0.0)

        def advance(notes: int) -> None:
            elapsed = bar.tasks[0].elapsed or 0.0
            bar.update(task, completed=bytes_read(), notes=notes, rate=notes / elapsed if elapsed else 0.0)

        yield advance
