"""The command that measures search on queries with known answers."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, get_args

import click

from clinsearch.cli.options import format_option
from clinsearch.cli.output import write_result
from clinsearch.readers.requests import Mode
from clinsearch.rendering.records.evaluations import evaluation_records, evaluation_rows
from clinsearch.rendering.terminal.evaluations import print_evaluation
from clinsearch.rendering.terminal.progress import counted_progress

if TYPE_CHECKING:
    from clinsearch.evaluation import Ranker


@click.command(short_help="Measure search on queries with known answers.")
@click.argument("folders", nargs=-1, required=True, type=click.Path(path_type=Path), metavar="FOLDER...")
@click.option(
    "--mode", "modes", multiple=True, type=click.Choice(get_args(Mode)), help="A way of ranking; by default each."
)
@click.option(
    "--model", "models", multiple=True, metavar="NAME", help="A model, as with `index`; several are compared."
)
@format_option
def evaluate(folders: Sequence[Path], modes: Sequence[str], models: Sequence[str], form: str) -> None:
    """Measure how well search finds what was judged relevant.

    FOLDER is a set in the form of BEIR: corpus.jsonl and queries.jsonl with an id and a text in each line, and
    qrels.tsv (query, document, grade) or qrels as TREC writes them. Each set is indexed in a collection that is gone
    afterwards; its documents are ranked as notes are. The first way of ranking is compared with the others.

    \b
    clinsearch evaluate my_set
    clinsearch evaluate my_set --mode hybrid --mode keyword --format json
    """
    from clinsearch.encoder.checkpoint import DEFAULT_MODEL
    from clinsearch.evaluation import evaluate_sets

    with counted_progress() as progress:
        found = evaluate_sets(folders, models or (DEFAULT_MODEL,), modes or get_args(Mode), _indexed, progress)
    write_result(
        form, lambda: print_evaluation(found), lambda: evaluation_records(found), lambda: evaluation_rows(found)
    )


def _indexed(notes: Path, folder: Path, model: str, progress: Callable[[int], None]) -> Ranker:
    """Make a collection of a file of notes; return what ranks these."""
    from clinsearch import Collection, index

    index([notes], folder, model=model, tokens=False, progress=progress)
    collection = Collection(folder)
    return lambda query, k, mode: [hit.note_id for hit in collection.search(query, k, level="note", mode=mode)]
