"""Commands that look into a collection, take from it and keep it sound."""

from __future__ import annotations

import click

from clinsearch.cli.options import Place, context_option, format_option
from clinsearch.cli.output import write_result
from clinsearch.cli.source import Source, is_given, opened, source_options, wait_option
from clinsearch.records.notes import Span
from clinsearch.rendering.records import collection as records
from clinsearch.rendering.terminal import collection as terminal

AROUND = 2


@click.command(short_help="Show a note with its sections and sentences.")
@click.argument("note_id")
@click.option(
    "--at",
    type=Place(),
    metavar="START-END",
    help="Show this place of it, marked, with its section's heading and the sentences around it.",
)
@context_option
@source_options()
@format_option
def show(note_id: str, at: Span | None, context: int | None, source: Source, form: str) -> None:
    """Show a note as the collection holds it, or a place of it with two sentences before and after.

    \b
    clinsearch show P001-2024-03-02-emergency
    clinsearch show P001-2024-03-02-emergency --at 282-459 --context 3
    """
    if at is None and is_given("context"):
        raise click.UsageError("--context goes with --at.")
    if at is None:
        view = opened(source).note(note_id)
        write_result(form, lambda: terminal.print_note(view), lambda: records.note_record(view))
        return
    passage = opened(source).passage(note_id, *at, sentences=AROUND if context is None else context)
    write_result(form, lambda: terminal.print_passage(passage), lambda: records.passage_record(passage))


@click.command(short_help="Count what is in a collection.")
@source_options()
@format_option
def status(source: Source, form: str) -> None:
    """Say what a collection holds, and which model it belongs to.

    \b
    clinsearch status
    """
    found = opened(source).status()
    write_result(form, lambda: terminal.print_status(found), lambda: records.status_record(found))


@click.command(short_help="Delete notes from a collection.")
@click.argument("note_ids", nargs=-1, required=True, metavar="NOTE_ID...")
@source_options()
@wait_option
@format_option
def delete(note_ids: tuple[str, ...], source: Source, form: str) -> None:
    """Delete notes from a collection, all that are named or none; their files stay.

    \b
    clinsearch delete P001-2024-03-02-emergency
    """
    collection = opened(source)
    deleted = collection.delete(note_ids)
    has_remains = collection.status().has_remains
    write_result(
        form,
        lambda: terminal.print_deleted(deleted, has_remains=has_remains),
        lambda: {"deleted": deleted, "has_remains": has_remains},
    )


@click.command(short_help="Make search fast again; take deleted text off the disk.")
@source_options()
@wait_option
@format_option
def optimize(source: Source, form: str) -> None:
    """Make anew what search rests on, and take everything off the disk that was deleted.

    Indexing does the first by itself when a collection has grown, and small collections need neither. The
    collection can be searched meanwhile; what another process reads at that time leaves the disk with the next command
    that writes, and this one says so. A run that is stopped changes nothing.

    \b
    clinsearch optimize
    """
    collection = opened(source)
    search = collection.optimize()
    has_remains = collection.status().has_remains
    write_result(
        form,
        lambda: terminal.print_optimized(search, has_remains=has_remains),
        lambda: records.optimized_record(search, has_remains=has_remains),
    )


@click.command(short_help="Make missing or damaged vectors again.")
@click.option("--full", is_flag=True, help="Also read all texts again: sections, sentences, assertions, values, words.")
@source_options()
@wait_option
@format_option
def repair(full: bool, source: Source, form: str) -> None:
    """Check every file of vectors against its checksum, and make again what is missing or damaged.

    \b
    clinsearch repair
    """
    encoded = opened(source).repair(full=full)
    write_result(form, lambda: terminal.print_repaired(encoded), lambda: {"sentences_encoded": encoded})
