"""Commands that fill a collection, look into it and take from it."""

from __future__ import annotations

from dataclasses import asdict
from pathlib import Path

import click

from clinsearch.cli.options import collection_option, format_option, model_option, pooling_option
from clinsearch.cli.output import show as write
from clinsearch.rendering.records import results as structured
from clinsearch.rendering.terminal import reports as indexing
from clinsearch.rendering.terminal import results as terminal
from clinsearch.rendering.terminal.progress import indexing_progress


@click.command(short_help="Bring a collection in step with folders of notes.")
@click.argument("paths", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FOLDER...")
@collection_option
@model_option
@pooling_option
@click.option("--delete-missing", is_flag=True, help="Delete notes whose file or record is gone.")
@click.option(
    "--tokens/--no-tokens",
    default=None,
    help="Keep each word in its context too, to search for it; a new collection does, another stays as it is.",
)
@click.option(
    "--correction/--no-correction",
    default=None,
    help="Centre and whiten vectors, fitted on the notes; done in a new collection if its model was not trained for "
    "similarity. Another stays as it is.",
)
@click.option("--encoding", default="utf-8", show_default=True, help="How the files are encoded.")
@click.option("--text-column", metavar="NAME", help="What tables call the text, if not as usual.")
@click.option("--id-column", metavar="NAME", help="What tables call the id of a note, if not as usual.")
@click.option("--verbose", is_flag=True, help="Name everything that was left out, and every date that was not read.")
@format_option
@click.pass_context
def index(
    ctx: click.Context,
    paths: tuple[Path, ...],
    collection: Path,
    model: str | None,
    pooling: str | None,
    delete_missing: bool,
    tokens: bool | None,
    correction: bool | None,
    encoding: str,
    text_column: str | None,
    id_column: str | None,
    verbose: bool,
    form: str,
) -> None:
    """Index the notes in folders and files (.txt, .md, .csv, .tsv, .jsonl, .json, also .gz).

    A second run encodes only what has changed. A file that cannot be read is named at the end, with exit
    code 1, and the rest goes on; a run that was stopped goes on where it stood when it is run again.
    A note in several rows of a table, numbered in a column LINE, is joined.

    \b
    clinsearch index sample_notes
    """
    from clinsearch.encoder.pooling import as_pooling
    from clinsearch.indexing.index import index as index_notes
    from clinsearch.readers import NoteFiles

    files = NoteFiles(list(paths), encoding=encoding, text_column=text_column, id_column=id_column)
    with indexing_progress(files.total_bytes, lambda: files.bytes_read) as progress:
        report = index_notes(
            files,
            collection,
            model=model,
            pooling=as_pooling(pooling) if pooling else None,
            delete_missing=delete_missing,
            tokens=tokens,
            correction=correction,
            progress=progress,
        )
    indexing.print_notices(report, files.ignored_fields, verbose=verbose)
    write(form, lambda: indexing.print_report(report), lambda: structured.report_record(report))
    ctx.exit(1 if report.failures else 0)


@click.command(short_help="Show a note with its sections and sentences.")
@click.argument("note_id")
@collection_option
@format_option
def show(note_id: str, collection: Path, form: str) -> None:
    """Show a note as the collection holds it.

    \b
    clinsearch show P001-2024-03-02-emergency
    """
    from clinsearch.collection import Collection

    view = Collection(collection).note(note_id)
    write(form, lambda: terminal.print_note(view), lambda: structured.note_record(view))


@click.command(short_help="Count what is in a collection.")
@collection_option
@format_option
def status(collection: Path, form: str) -> None:
    """Say what a collection holds, and which model it belongs to.

    \b
    clinsearch status
    """
    from clinsearch.collection import Collection

    found = Collection(collection).status()
    write(form, lambda: terminal.print_status(found), lambda: structured.status_record(found))


@click.command(short_help="Delete notes from a collection.")
@click.argument("note_ids", nargs=-1, required=True, metavar="NOTE_ID...")
@collection_option
@format_option
def delete(note_ids: tuple[str, ...], collection: Path, form: str) -> None:
    """Delete notes from a collection, all that are named or none; their files stay.

    \b
    clinsearch delete P001-2024-03-02-emergency
    """
    from clinsearch.collection import Collection

    opened = Collection(collection)
    deleted = opened.delete(note_ids)
    has_remains = opened.status().has_remains
    later = " Their text leaves the disk with `clinsearch optimize`." if has_remains else ""
    write(
        form,
        lambda: click.echo(f"Deleted {deleted:,} notes.{later}"),
        lambda: {"deleted": deleted, "has_remains": has_remains},
    )


@click.command(short_help="Make a large collection's search fast again, and take off the disk what was deleted.")
@collection_option
@format_option
def optimize(collection: Path, form: str) -> None:
    """Make anew what search rests on, and take everything off the disk that was deleted.

    Indexing does the first by itself when a collection has grown, and small collections need neither. The
    collection can be searched meanwhile. A run that is stopped changes nothing.

    \b
    clinsearch optimize
    """
    from clinsearch.collection import Collection

    search = Collection(collection).optimize()
    write(form, lambda: terminal.print_optimized(search), lambda: {"search": [asdict(quality) for quality in search]})


@click.command(short_help="Make missing or damaged vectors again.")
@collection_option
@format_option
def repair(collection: Path, form: str) -> None:
    """Check every file of vectors against its checksum, and make again what is missing or damaged.

    \b
    clinsearch repair
    """
    from clinsearch.collection import Collection

    encoded = Collection(collection).repair()
    write(
        form,
        lambda: click.echo(f"Encoded {encoded:,} sentences again."),
        lambda: {"sentences_encoded": encoded},
    )
