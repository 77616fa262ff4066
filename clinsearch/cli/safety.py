"""Commands that look whether a collection is sound, copy it to a safe place, and save what is left of it."""

from __future__ import annotations

from pathlib import Path

import click

from clinsearch.cli.options import format_option
from clinsearch.cli.output import write_result
from clinsearch.cli.source import Source, model_option, opened, source_options
from clinsearch.rendering.records import safety as records
from clinsearch.rendering.terminal import safety as terminal


@click.command(short_help="Check a collection against itself.")
@click.option("--full", is_flag=True, help="Read all texts again, not a sample of them.")
@source_options()
@format_option
@click.pass_context
def verify(ctx: click.Context, full: bool, source: Source, form: str) -> None:
    """Check a collection's folder: every file against its checksum, every text against its digest, the catalog and the
    vectors against each other, and what was read of texts against what is read now (of a sample, or --full of all).

    What is damaged is named, a line each, with the command that mends it, and exit code 1. Nothing is written; a writer
    may be at work, and the folder may be read-only. Databases check themselves: docs/server.md.

    \b
    clinsearch verify --full
    """
    found = opened(source).verify(full=full)
    write_result(
        form,
        lambda: terminal.print_verification(found),
        lambda: records.verification_record(found),
        lambda: records.damage_records(found),
    )
    ctx.exit(0 if found.is_sound else 1)


@click.command(short_help="Copy a collection to a safe place.")
@click.argument("target", type=click.Path(path_type=Path), metavar="TO")
@source_options()
@format_option
def backup(target: Path, source: Source, form: str) -> None:
    """Copy a collection's folder to a folder that is not there, or empty: as of its last commit, even while a writer is
    at work. The copy is checked, and gets its name when all of it is on the disk.

    A backup is a collection: to restore it, name it with --collection, or put it in the place of the other. Databases
    have backups of their own: docs/server.md.

    \b
    clinsearch backup /safe/clinsearch-2024-03-31
    """
    report = opened(source).backup(target)
    write_result(form, lambda: terminal.print_backup(report), lambda: records.backup_record(report))


@click.command(short_help="Save what can be read of a damaged collection.")
@click.argument("folder", type=click.Path(path_type=Path), metavar="FOLDER")
@click.argument("target", type=click.Path(path_type=Path), metavar="TO")
@source_options(model_option)
@format_option
@click.pass_context
def rescue(ctx: click.Context, folder: Path, target: Path, source: Source, form: str) -> None:
    """Save to a new collection what can be read of a FOLDER whose catalog is damaged. Notes whose texts are as they
    were written are read and encoded again, saved searches come along; the damaged folder is left as it is, and the new
    one gets its name when all of it is on the disk.

    What could not be saved is named or counted, with exit code 1. Afterwards index the notes' files into the new
    collection, for what is lacking.

    \b
    clinsearch rescue clinsearch-data rescued
    """
    from clinsearch.indexing.rescue import rescue as save_notes
    from clinsearch.rendering.terminal.progress import indexing_progress

    with indexing_progress(None, lambda: 0) as progress:
        report = save_notes(folder, target, model=source.model, progress=progress)
    write_result(form, lambda: terminal.print_rescue(report), lambda: records.rescue_record(report))
    ctx.exit(0 if report.is_whole else 1)
