"""The command that takes a score apart."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

import click

from clinsearch.cli.options import chosen_checkpoint, collection_option, format_option, model_option
from clinsearch.cli.output import show
from clinsearch.cli.pictures import picture_options, wanted_pictures
from clinsearch.rendering import explanations, structured

if TYPE_CHECKING:
    from clinsearch.encoder.checkpoint import Checkpoint


@click.command(short_help="See exactly why two notes, or a query and a note, match.")
@click.argument("note_ids", nargs=-1, metavar="[NOTE_ID [NOTE_ID]]")
@click.option("--query", metavar="TEXT", help="Explain why this query finds the note.")
@click.option("--text", "texts", nargs=2, metavar="TEXT TEXT", help="Explain two texts; needs no collection.")
@click.option("--top", type=click.IntRange(min=1), default=10, show_default=True, help="Pairs in the table.")
@picture_options
@model_option
@collection_option
@format_option
def explain(
    note_ids: tuple[str, ...],
    query: str | None,
    texts: tuple[str, str] | None,
    top: int,
    model: str | None,
    collection: Path,
    form: str,
) -> None:
    """Take a score apart into the shares of pairs of sentences and tokens; the shares add up to the score.

    \b
    clinsearch explain NOTE_ID NOTE_ID
    clinsearch explain --query "short of breath lying flat" NOTE_ID
    clinsearch explain --text "Denies fever." "She has a fever."
    clinsearch explain NOTE_ID NOTE_ID --html why.html
    """
    if texts and not query and not note_ids:
        _explain_texts(texts, chosen_checkpoint(model, collection), top, form)
    elif query is not None and not texts and len(note_ids) == 1:
        _explain_query(query, note_ids[0], collection, model, top, form)
    elif query is None and not texts and len(note_ids) == 2:
        _explain_notes(note_ids, collection, model, top, form)
    else:
        raise click.UsageError("Give two note ids, or --query TEXT and one note id, or --text TEXT TEXT.")


def _explain_texts(texts: tuple[str, str], checkpoint: Checkpoint, top: int, form: str) -> None:
    from clinsearch.encoder.encoder import Encoder
    from clinsearch.explanation import explain_texts

    found = explain_texts(Encoder(checkpoint), *texts)
    show(
        form,
        lambda: explanations.print_text_explanation(found, top),
        lambda: structured.text_explanation_record(found),
        lambda: structured.text_explanation_rows(found),
        pictured=found,
    )


def _explain_query(query: str, note_id: str, collection: Path, model: str | None, top: int, form: str) -> None:
    from clinsearch.collection import Collection

    found = Collection(collection, model=model).explain_query(query, note_id)
    show(
        form,
        lambda: explanations.print_query_explanation(found, top),
        lambda: structured.query_explanation_record(found),
        lambda: structured.text_explanation_rows(found.text),
        pictured=found,
    )


def _explain_notes(note_ids: tuple[str, ...], collection: Path, model: str | None, top: int, form: str) -> None:
    from clinsearch.collection import Collection

    # On a page the pairs are closed until they are wanted: there is room for more.
    pairs = max(top, 3) if wanted_pictures() else 3
    found = Collection(collection, model=model).explain(*note_ids, pairs=pairs)
    show(
        form,
        lambda: explanations.print_note_explanation(found, top),
        lambda: structured.note_explanation_record(found),
        lambda: structured.note_explanation_rows(found),
        pictured=found,
    )
