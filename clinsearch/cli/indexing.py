"""The command that brings a collection in step with its notes."""

from __future__ import annotations

from pathlib import Path
from typing import TypedDict

import click

from clinsearch.cli.options import format_option, together
from clinsearch.cli.output import write_result
from clinsearch.cli.source import (
    Source,
    is_given,
    model_option,
    named_model,
    pooling_option,
    source_options,
    wait_option,
)
from clinsearch.readers import NoteFiles, NoteSource
from clinsearch.readers.presets import PRESETS
from clinsearch.records.locations import folder_of, means_database
from clinsearch.rendering.records.previews import preview_record
from clinsearch.rendering.records.reports import report_record
from clinsearch.rendering.terminal.previews import print_preview
from clinsearch.rendering.terminal.progress import indexing_progress
from clinsearch.rendering.terminal.reports import print_notices, print_notices_of_preview, print_report


class Reading(TypedDict):
    """How files are read."""

    encoding: str
    text_column: str | None
    id_column: str | None
    columns: dict[str, str]
    preset: str | None
    attachments: Path | None
    ocr: bool


def _by_field(ctx: click.Context, option: click.Parameter, given: tuple[str, ...]) -> dict[str, str]:
    """Read FIELD=COLUMN, as often as it is given."""
    pairs = [one.partition("=") for one in given]
    if wrong := next((pair for pair in pairs if not (pair[0] and pair[2])), None):
        raise click.BadParameter(f"{''.join(wrong)} is not FIELD=COLUMN, as patient_id=MRN.")
    return {field.strip(): column for field, _, column in pairs}


class Keeping(TypedDict):
    """What a collection keeps."""

    delete_missing: bool
    tokens: bool | None
    correction: bool | None
    enqueue: bool


reading_options = together(
    "reading",
    Reading,
    click.option("--encoding", default="utf-8", show_default=True, help="How the files are encoded."),
    click.option("--text-column", metavar="NAME", help="What tables call the text, if not as usual."),
    click.option("--id-column", metavar="NAME", help="What tables call the id of a note, if not as usual."),
    click.option(
        "--map",
        "columns",
        multiple=True,
        metavar="FIELD=COLUMN",
        callback=_by_field,
        help="What tables call a field: note_id, patient_id, encounter_id, note_type, note_datetime, title or text.",
    ),
    click.option(
        "--attachments",
        type=click.Path(path_type=Path),
        metavar="FOLDER",
        help="Where the documents are that FHIR resources only point to.",
    ),
    click.option(
        "--preset",
        metavar="NAME",
        shell_complete=lambda _context, _option, begun: [one.name for one in PRESETS if one.name.startswith(begun)],
        help=f"Which known tables these are, if it is not seen: {', '.join(one.name for one in PRESETS)}.",
    ),
    click.option("--ocr", is_flag=True, help="Read PDFs that are scans, where the command tesseract is installed."),
)
keeping_options = together(
    "keeping",
    Keeping,
    click.option("--delete-missing", is_flag=True, help="Delete notes whose file or record is gone."),
    click.option(
        "--tokens/--no-tokens",
        default=None,
        help="Keep each word in its context too, to search for it; a new collection does, another stays as it is.",
    ),
    click.option(
        "--correction/--no-correction",
        default=None,
        help="Centre and whiten vectors, fitted on the notes; done in a new collection if its model was not trained "
        "for similarity. Another stays as it is.",
    ),
    click.option(
        "--enqueue",
        is_flag=True,
        help="Put what has to be encoded into the database's queue, for `clinsearch worker`.",
    ),
)


@click.command(short_help="Bring a collection in step with folders of notes.")
@click.argument("paths", nargs=-1, type=click.Path(path_type=Path), metavar="FOLDER...")
@click.option(
    "--sql",
    nargs=2,
    metavar="URL QUERY",
    help="Index the rows of a query instead of folders; URL as SQLAlchemy has it, or env:NAME of a variable with it.",
)
@keeping_options
@reading_options
@click.option("--dry-run", is_flag=True, help="Say what would be read, and how; write nothing.")
@click.option("--verbose", is_flag=True, help="Name everything that was left out, and every date that was not read.")
@source_options(model_option, pooling_option)
@wait_option
@format_option
@click.pass_context
def index(
    ctx: click.Context,
    paths: tuple[Path, ...],
    sql: tuple[str, str] | None,
    keeping: Keeping,
    reading: Reading,
    dry_run: bool,
    verbose: bool,
    source: Source,
    form: str,
) -> None:
    """Index the notes in folders, files and archives; what is read is listed by `clinsearch readers`. A dash is
    standard input, in JSON Lines; notes that came by it are never taken for missing.

    A second run encodes only what has changed. A file that cannot be read is named at the end, with exit
    code 1, and the rest goes on; a run that was stopped goes on where it stood when it is run again.
    A note in several rows of a table, numbered in a column LINE, is joined.

    \b
    clinsearch index sample_notes
    """
    files = _source(paths, sql, reading)
    if dry_run:
        ctx.exit(_preview(files, folder_of(source.collection), form, verbose=verbose))
    from clinsearch.indexing.index import index as index_notes

    model = named_model(source)
    with indexing_progress(files.total_bytes, lambda: files.bytes_read) as progress:
        report = index_notes(
            files, source.collection, model=model, pooling=source.pooling, progress=progress, **keeping
        )
    print_notices(report, files.ignored_fields, files.presets, verbose=verbose)
    write_result(form, lambda: print_report(report, enqueued=keeping["enqueue"]), lambda: report_record(report))
    ctx.exit(1 if report.failures else 0)


def _preview(files: NoteSource, own: Path | None, form: str, *, verbose: bool) -> int:
    """Show what would be read; return the exit code, 1 if not all could be."""
    from clinsearch.indexing.preview import preview

    with indexing_progress(files.total_bytes, lambda: files.bytes_read) as progress:
        found = preview(files, own=own, progress=progress)
    print_notices_of_preview(found, verbose=verbose)
    write_result(form, lambda: print_preview(found), lambda: preview_record(found))
    return 1 if found.failures else 0


def _source(paths: tuple[Path, ...], sql: tuple[str, str] | None, reading: Reading) -> NoteSource:
    """Return what is to be indexed: folders and files, or the rows of a query."""
    if paths and not is_given("sql"):
        sql = None  # one that a file has settled
    if bool(paths) == bool(sql):
        raise click.UsageError("Name the folders to index, or a query with --sql, not both.")
    if any(means_database(str(path)) for path in paths):
        raise click.UsageError("A database to index into is named with --collection, one to read from with --sql.")
    if sql is None:
        return NoteFiles(list(paths), **reading)
    from clinsearch.readers.sql import QueryNotes

    named = {"text": reading["text_column"], "note_id": reading["id_column"]} | reading["columns"]
    columns = {of: column for of, column in named.items() if column is not None}
    return QueryNotes(*sql, columns=columns, preset=reading["preset"])
