"""The commands of a collection's queue: what waits to be encoded, and who encodes it."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from contextlib import contextmanager
from threading import Event
from types import FrameType

import click

from clinsearch.cli.options import format_option
from clinsearch.cli.output import write_result
from clinsearch.cli.source import Source, model_option, named_model, source_options
from clinsearch.rendering.records import queues as records
from clinsearch.rendering.terminal import queues as terminal
from clinsearch.rendering.terminal.progress import working_progress


@click.command(short_help="Encode the notes that wait in a database's queue.")
@click.option("--until-empty", is_flag=True, help="End once the queue is empty, not only when told to.")
@source_options(model_option)
@format_option
def worker(until_empty: bool, source: Source, form: str) -> None:
    """Encode notes that `clinsearch index --enqueue` has put into a database's queue, as they come. Any number of
    workers may run, on any number of hosts; what one leaves, another takes.

    SIGTERM and Ctrl-C end it once what it is encoding is stored; a second Ctrl-C ends it at once. Nothing is lost by
    either. Where the model is elsewhere than where the collection was made, name it with --model.

    \b
    clinsearch worker --collection postgresql://clinsearch@db.example/notes
    """
    from clinsearch.indexing.worker import work

    model = named_model(source)
    with _stopped_by_signals() as stopped, working_progress() as progress:
        report = work(source.collection, model=model, until_empty=until_empty, stopped=stopped, progress=progress)
    write_result(form, lambda: terminal.print_work(report), lambda: records.work_record(report))


@click.command(short_help="Show what waits in a database's queue.")
@click.option("--retry", is_flag=True, help="Let workers try again what was set aside.")
@source_options()
@format_option
def queue(retry: bool, source: Source, form: str) -> None:
    """Count the notes that wait for a worker and those that workers have taken, and name those that were set aside
    after several attempts, with the kind of error: of these something is wrong, or they are too much for the machine.

    \b
    clinsearch queue --collection postgresql://clinsearch@db.example/notes
    """
    from clinsearch.storage import open_queue

    with open_queue(source.collection) as writer:
        if retry:
            writer.queue.retry()
        status = writer.queue.status()
    write_result(form, lambda: terminal.print_queue(status), lambda: records.queue_record(status))


@contextmanager
def _stopped_by_signals() -> Iterator[Event]:
    """Give an event that SIGTERM or Ctrl-C sets; the next one of either ends the program as usual."""
    stopped = Event()

    def stop(number: int, _frame: FrameType | None) -> None:
        signal.signal(number, signal.default_int_handler)
        stopped.set()

    former = {number: signal.signal(number, stop) for number in (signal.SIGTERM, signal.SIGINT)}
    try:
        yield stopped
    finally:
        for number, handler in former.items():
            signal.signal(number, handler)
