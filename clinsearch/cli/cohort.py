"""The command that finds the patients who meet criteria."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from clinsearch.cli.source import Source, model_option, opened, source_options, terms_option
from clinsearch.rendering.files import write_file
from clinsearch.rendering.pages.cohorts import cohort_page
from clinsearch.rendering.records.cohorts import cohort_record, cohort_rows
from clinsearch.rendering.records.formats import dumps
from clinsearch.rendering.signs import is_utf8
from clinsearch.rendering.terminal.cohorts import print_cohort

if TYPE_CHECKING:
    from clinsearch.records.cohorts import Cohort

FILE = click.Path(path_type=Path)


@click.command(short_help="Find the patients who meet criteria.")
@click.argument("file", type=FILE)
@click.option("--output", type=FILE, metavar="FILE", help="Write to this file, which others cannot read.")
@click.option("--record", type=FILE, metavar="FILE", help="Write the run down as well, as JSON, to compare with later.")
@click.option("--compare", type=FILE, metavar="RECORD", help="Say who came and went since an earlier run, and why.")
@source_options(terms_option, model_option)
@click.option(
    "--format",
    "form",
    type=click.Choice(["table", "json", "jsonl", "csv", "html"]),
    default="table",
    show_default=True,
    help="How to write the result.",
)
def cohort(
    file: Path, output: Path | None, record: Path | None, compare: Path | None, source: Source, form: str
) -> None:
    """Find the patients who meet the criteria in FILE, with the evidence for each of them: which note, where, what.

    FILE is TOML: criteria under [[all]], [[any]] and [[none]], each a query, terms or values. docs/cohort.md has an
    example, worked through.

    \b
    clinsearch cohort af.toml
    clinsearch cohort af.toml --format html --output af.html --record af.json
    clinsearch cohort af.toml --compare af.json
    """
    _require_places(file, output, record, form)
    found = opened(source).cohort(file, compare=compare)
    if record is not None:
        write_file(record, _written(found, "json", is_ascii=False))
    if output is not None:
        write_file(output, _written(found, form, is_ascii=False))
    elif form == "table":
        print_cohort(found)
    else:
        print(_written(found, form, is_ascii=not is_utf8()).decode(), end="")


def _require_places(file: Path, output: Path | None, record: Path | None, form: str) -> None:
    """Raise UsageError where a form cannot go where it is to go, and for a file that would be written over."""
    if output is None and form == "html":
        raise click.UsageError("A page goes into a file: --output FILE.")
    if output is not None and form == "table":
        raise click.UsageError("A table is for reading here; --output goes with --format json, jsonl, csv or html.")
    written = [path.resolve() for path in (output, record) if path is not None]
    if file.resolve() in written or len(set(written)) < len(written):
        raise click.UsageError("FILE, --output and --record have to be different files.")


def _written(found: Cohort, form: str, *, is_ascii: bool) -> bytes:
    if form == "html":
        return cohort_page(found).encode()
    records = cohort_rows(found) if form == "csv" else cohort_record(found)
    return f"{dumps(records, form, is_ascii=is_ascii)}\n".encode(errors="replace")
