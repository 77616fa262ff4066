"""The command that takes a score apart."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from typing import TYPE_CHECKING, TypeAlias

import click

from clinsearch.cli.options import format_option, together
from clinsearch.cli.output import write_result
from clinsearch.cli.pictures import Pictures, draw_contrast, draw_explanation, explanation_pictures
from clinsearch.cli.source import Source, chosen_checkpoint, model_option, opened, source_options
from clinsearch.rendering.reasons import MOST_SHOWN
from clinsearch.rendering.records.contrasts import contrast_record, contrast_rows
from clinsearch.rendering.records.explanations import explanation_record, explanation_rows
from clinsearch.rendering.records.occlusions import occlusion_record, occlusion_rows
from clinsearch.rendering.terminal.contrasts import print_contrast
from clinsearch.rendering.terminal.explanations import Detail, print_explanation
from clinsearch.rendering.terminal.occlusions import print_occlusions

if TYPE_CHECKING:
    from clinsearch.encoder.checkpoint import Checkpoint
    from clinsearch.records import Contrast, Explanation, Occlusion

    Occlude: TypeAlias = Callable[[str, str], Occlusion]

PAIRS = 3


@dataclass(frozen=True, slots=True)
class Subject:
    """What is to be explained: two notes, a query and a note, a hit, or two texts."""

    note_ids: tuple[str, ...]
    query: str | None
    hit: int | None
    texts: tuple[str, str] | None
    against: str | None


@dataclass(frozen=True, slots=True)
class Depth:
    """How far a score is taken apart, and how much of it is shown."""

    pairs: int | None
    raw: bool
    top: int
    every: bool
    pieces: bool


subject_options = together(
    "subject",
    Subject,
    click.argument("note_ids", nargs=-1, metavar="[NOTE_ID [NOTE_ID]]"),
    click.option("--query", metavar="TEXT", help="Explain why this query finds the note."),
    click.option(
        "--hit", type=click.IntRange(min=1), metavar="N", help="Explain hit N of the last search, or similar."
    ),
    click.option("--text", "texts", nargs=2, metavar="TEXT TEXT", help="Explain two texts; needs no collection."),
    click.option(
        "--against",
        metavar="NOTE_ID|N",
        help="Explain why the second note is nearer than this one, or hit N than that of this number.",
    ),
)
depth_options = together(
    "depth",
    Depth,
    click.option(
        "--pairs",
        type=click.IntRange(min=0),
        metavar="N",
        help=f"Sentence pairs taken apart into words; by default none in a table of reasons, else {PAIRS}, and on a "
        "page as many as --top.",
    ),
    click.option(
        "--raw",
        is_flag=True,
        help="Plain shares of all words, nothing handed on; of two notes those of the sums of their sentences.",
    ),
    click.option(
        "--top",
        type=click.IntRange(min=1),
        metavar="N",
        default=10,
        show_default=True,
        help="Rows in a table.",
    ),
    click.option("--all", "every", is_flag=True, help="All pairs in every table."),
    click.option("--pieces", is_flag=True, help="Take pairs of words apart into pairs of wordpieces."),
)


@click.command(short_help="See exactly why two notes, or a query and a note, match.")
@subject_options
@click.option(
    "--method",
    type=click.Choice(["shares", "occlusion"]),
    default="shares",
    show_default=True,
    help="Shares add up to the score; occlusion leaves out one word after the other, and adds up to nothing.",
)
@depth_options
@explanation_pictures
@source_options(model_option)
@format_option
def explain(subject: Subject, method: str, depth: Depth, pictures: Pictures, source: Source, form: str) -> None:
    """Take a score apart into the shares of pairs of sentences, words and wordpieces, which add up to it.

    \b
    clinsearch explain NOTE_ID NOTE_ID
    clinsearch explain --query "short of breath lying flat" NOTE_ID
    clinsearch explain --hit 2
    clinsearch explain --text "Denies fever." "She has a fever."
    clinsearch explain NOTE_ID NOTE_ID --html why.html
    clinsearch explain --hit 1 --against 5
    clinsearch explain --hit 1 --against 5 --html apart.html
    """
    if subject.against is not None:
        _contrast(subject, depth, source, form, method, pictures)
        return
    if method == "occlusion" and pictures:
        raise click.UsageError("Pages and pictures show shares, not --method occlusion.")
    found, occlude = _explained(subject, replace(depth, pairs=_pairs(depth, pictures, method, form)), source)
    detail = Detail(None if depth.every else depth.top, depth.pieces, depth.raw)
    if method == "occlusion":
        _write_occlusions(found, occlude, detail, form)
        return
    draw_explanation(found, pictures, raw=depth.raw)
    if form != "table" or not pictures:
        _write_explanation(found, detail, form)


def _contrast(subject: Subject, depth: Depth, source: Source, form: str, method: str, pictures: Pictures) -> None:
    """Explain why one is nearer than another."""
    if depth.raw or method != "shares":
        raise click.UsageError("--against goes with neither --raw nor --method occlusion.")
    if pictures.png:
        raise click.UsageError("A picture shows one score: --against has a page, --html FILE, and no --png.")
    found = _contrasted(subject, (MOST_SHOWN if pictures else 0) if depth.pairs is None else depth.pairs, source)
    draw_contrast(found, pictures)
    if form != "table" or not pictures:
        write_result(form, lambda: print_contrast(found), lambda: contrast_record(found), lambda: contrast_rows(found))


def _contrasted(subject: Subject, pairs: int, source: Source) -> Contrast:
    from clinsearch.records import Contrast

    notes = opened(source)
    match subject:
        case Subject((left_id, right_id), None, None, None, str(against)):
            return notes.contrast(left_id, right_id, against, pairs=pairs)
        case Subject((), None, int(number), None, str(against)) if against.isdecimal():
            (asked, hit), (_, other) = notes.remembered(number), notes.remembered(int(against))
            return Contrast(*(notes.explain_hit(asked, one, pairs=pairs) for one in (hit, other)))
    raise click.UsageError("--against takes a note id beside two, or a number beside --hit N.")


def _pairs(depth: Depth, pictures: Pictures, method: str, form: str) -> int:
    """Return how many pairs of sentences to take apart: on a page they are closed until wanted, so it has room."""
    if depth.pairs is not None:
        return depth.pairs
    if pictures:
        return max(depth.top, PAIRS)
    return 0 if form == "table" and method == "shares" and not depth.raw else PAIRS


def _explained(subject: Subject, depth: Depth, source: Source) -> tuple[Explanation, Occlude]:
    """Explain what is asked for; return with it how to leave words out of texts by the same encoder."""
    pairs = depth.pairs or 0
    match subject:
        case Subject((), None, None, (left, right), _):
            return _explained_texts(left, right, chosen_checkpoint(source))
        case Subject((note_id,), str(query), None, None, _):
            notes = opened(source)
            return notes.explain_query(query, note_id), notes.occlude
        case Subject((), None, int(number), None, _):
            notes = opened(source)
            return notes.explain_hit(*notes.remembered(number), pairs=pairs, raw=depth.raw), notes.occlude
        case Subject((left_id, right_id), None, None, None, _):
            notes = opened(source)
            return notes.explain(left_id, right_id, pairs=pairs, raw=depth.raw), notes.occlude
    raise click.UsageError("Give two note ids, or --query TEXT and one note id, or --hit N, or --text TEXT TEXT.")


def _explained_texts(left: str, right: str, checkpoint: Checkpoint) -> tuple[Explanation, Occlude]:
    from clinsearch.encoder.encoder import Encoder
    from clinsearch.explanation import explain_texts, occlude_texts

    encoder = Encoder(checkpoint)
    return explain_texts(encoder, left, right), partial(occlude_texts, encoder)


def _write_explanation(found: Explanation, detail: Detail, form: str) -> None:
    write_result(
        form,
        lambda: print_explanation(found, detail),
        lambda: explanation_record(found),
        lambda: explanation_rows(found),
    )


def _write_occlusions(found: Explanation, occlude: Occlude, detail: Detail, form: str) -> None:
    from clinsearch.records import QueryExplanation, taken_apart

    if isinstance(found, QueryExplanation) and found.marks:
        raise click.UsageError("Words in context are explained by shares, not by --method occlusion.")
    left_out = [occlude(text.left, text.right) for text in taken_apart(found)]
    write_result(
        form,
        lambda: print_occlusions(found, left_out, detail),
        lambda: occlusion_record(found, left_out),
        lambda: occlusion_rows(left_out),
    )
