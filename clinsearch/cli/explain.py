"""The command that takes a score apart."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

import click

from clinsearch.cli.options import chosen_checkpoint, collection_option, format_option, model_option
from clinsearch.cli.output import show
from clinsearch.cli.pictures import picture_options, wanted_pictures
from clinsearch.rendering.records import explanations as records
from clinsearch.rendering.terminal import explanations, occlusions

if TYPE_CHECKING:
    from clinsearch.collection import Collection
    from clinsearch.encoder.checkpoint import Checkpoint
    from clinsearch.records import Explanation, Occlusion

    Occlude: TypeAlias = Callable[[str, str], Occlusion]


@click.command(short_help="See exactly why two notes, or a query and a note, match.")
@click.argument("note_ids", nargs=-1, metavar="[NOTE_ID [NOTE_ID]]")
@click.option("--query", metavar="TEXT", help="Explain why this query finds the note.")
@click.option("--hit", type=click.IntRange(min=1), metavar="N", help="Explain hit N of the last search, or similar.")
@click.option("--text", "texts", nargs=2, metavar="TEXT TEXT", help="Explain two texts; needs no collection.")
@click.option(
    "--method",
    type=click.Choice(["shares", "occlusion"]),
    default="shares",
    show_default=True,
    help="Shares add up to the score; occlusion leaves out one word after the other, and adds up to nothing.",
)
@click.option(
    "--pairs",
    type=click.IntRange(min=0),
    show_default="3, or on a page --top",
    help="Sentence pairs taken apart.",
)
@click.option("--top", type=click.IntRange(min=1), default=10, show_default=True, help="Pairs in a table.")
@click.option("--all", "every", is_flag=True, help="All pairs in every table.")
@click.option("--pieces", is_flag=True, help="Take pairs of words apart into pairs of wordpieces.")
@picture_options
@model_option
@collection_option
@format_option
def explain(
    note_ids: tuple[str, ...],
    method: str,
    pairs: int | None,
    top: int,
    every: bool,
    pieces: bool,
    form: str,
    **asked: Any,
) -> None:
    """Take a score apart into the shares of pairs of sentences, words and wordpieces, which add up to it.

    \b
    clinsearch explain NOTE_ID NOTE_ID
    clinsearch explain --query "short of breath lying flat" NOTE_ID
    clinsearch explain --hit 2
    clinsearch explain --text "Denies fever." "She has a fever."
    clinsearch explain NOTE_ID NOTE_ID --html why.html
    """
    if method == "occlusion" and wanted_pictures():
        raise click.UsageError("Pages and pictures show shares, not --method occlusion.")
    if pairs is None:
        # On a page the pairs are closed until they are wanted: there is room for more.
        pairs = max(top, 3) if wanted_pictures() else 3
    found, occlude = _explained(note_ids, pairs=pairs, **asked)
    detail = explanations.Detail(None if every else top, pieces)
    if method == "occlusion":
        _show_occlusion(found, occlude, detail, form)
    else:
        show(
            form,
            lambda: explanations.print_explanation(found, detail),
            lambda: records.explanation_record(found),
            lambda: records.explanation_rows(found),
            pictured=found,
        )


def _explained(
    note_ids: tuple[str, ...],
    query: str | None,
    texts: tuple[str, str] | None,
    hit: int | None,
    **where: Any,
) -> tuple[Explanation, Occlude]:
    """Explain what is asked for; return with it how to leave words out of texts by the same encoder."""
    match note_ids, query, texts, hit:
        case (), None, (left, right), None:
            return _explained_texts(left, right, chosen_checkpoint(where["model"], where["collection"]))
        case (note_id,), str(text), None, None:
            notes = _opened(where)
            return notes.explain_query(text, note_id), notes.occlude
        case (), None, None, int(number):
            notes = _opened(where)
            return notes.explain_hit(*notes.remembered(number), pairs=where["pairs"]), notes.occlude
        case (left_id, right_id), None, None, None:
            notes = _opened(where)
            return notes.explain(left_id, right_id, pairs=where["pairs"]), notes.occlude
    raise click.UsageError("Give two note ids, or --query TEXT and one note id, or --hit N, or --text TEXT TEXT.")


def _explained_texts(left: str, right: str, checkpoint: Checkpoint) -> tuple[Explanation, Occlude]:
    from clinsearch.encoder.encoder import Encoder
    from clinsearch.explanation import explain_texts, occlude_texts

    encoder = Encoder(checkpoint)
    return explain_texts(encoder, left, right), partial(occlude_texts, encoder)


def _opened(where: dict[str, Any]) -> Collection:
    from clinsearch.collection import Collection

    return Collection(where["collection"], model=where["model"])


def _show_occlusion(found: Explanation, occlude: Occlude, detail: explanations.Detail, form: str) -> None:
    from clinsearch.records import QueryExplanation, taken_apart

    if isinstance(found, QueryExplanation) and found.marks:
        raise click.UsageError("Words in context are explained by shares, not by --method occlusion.")
    left_out = [occlude(text.left, text.right) for text in taken_apart(found)]
    show(
        form,
        lambda: occlusions.print_occlusions(found, left_out, detail),
        lambda: records.occlusion_record(found, left_out),
        lambda: records.occlusion_rows(left_out),
    )
