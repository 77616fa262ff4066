"""Commands that search."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from clinsearch.cli.options import collection_option, filter_options, format_option, k_option, model_option
from clinsearch.cli.output import show
from clinsearch.display import Results
from clinsearch.rendering.structured import hit_records
from clinsearch.rendering.terminal import print_hits


@click.command(short_help="Find sentences, or notes, by meaning.")
@click.argument("query")
@k_option
@click.option(
    "--level",
    type=click.Choice(["sentence", "note"]),
    default="sentence",
    show_default=True,
    help="Give the k best sentences, or the k notes with the best sentence each.",
)
@click.option("--every-place", is_flag=True, help="Name every place where a sentence stands, not only the first.")
@filter_options
@model_option
@collection_option
@format_option
def search(
    query: str,
    k: int,
    level: str,
    every_place: bool,
    model: str | None,
    collection: Path,
    form: str,
    **filters: Any,
) -> None:
    """Find what is nearest in meaning to QUERY. A sentence that stands in many notes is one result.

    `clinsearch explain --hit 2` then shows why the hit numbered 2 was found.

    \b
    clinsearch search "short of breath lying flat"
    clinsearch search "wound infection" --type "nursing note" --since 2024-01-01
    """
    from clinsearch.collection import Collection

    if every_place and level == "note":
        raise click.UsageError("--every-place goes with sentences, not with --level note.")
    notes = Collection(collection, model=model)
    hits = notes.search(query, k, level="note" if level == "note" else "sentence", **filters)
    if every_place:
        hits = Results(place for hit in hits for place in notes.places(hit, **filters))
    notes.remember(query, hits)
    show(form, lambda: print_hits(hits), lambda: hit_records(hits))


@click.command(short_help="Find notes like one of them.")
@click.argument("note_id")
@k_option
@filter_options
@collection_option
@format_option
def similar(note_id: str, k: int, collection: Path, form: str, **filters: Any) -> None:
    """Find the notes most like a note, each taken as a whole.

    \b
    clinsearch similar P001-2024-03-02-emergency
    """
    from clinsearch.collection import Collection

    notes = Collection(collection)
    hits = notes.similar(note_id, k, **filters)
    notes.remember(note_id, hits)
    show(form, lambda: print_hits(hits), lambda: hit_records(hits))
