"""Commands that take a model apart; none of them needs a collection."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

import click

from clinsearch.cli.options import format_option
from clinsearch.cli.output import write_result
from clinsearch.cli.source import (
    Source,
    chosen_checkpoint,
    has_collection,
    is_given,
    is_named,
    model_option,
    opened,
    pooling_option,
    source_options,
)
from clinsearch.rendering.records import inspection as records
from clinsearch.rendering.terminal import inspection as terminal

if TYPE_CHECKING:
    from clinsearch.encoder.checkpoint import Checkpoint
    from clinsearch.records.inspection import TokenizedText, WordPath


@click.command(short_help="Show how a model splits a text into tokens, and their vectors.")
@click.argument("text", required=False)
@click.option("--note", "note_id", metavar="NOTE_ID", help="A note of the collection, sentence by sentence.")
@click.option("--ids", is_flag=True, help="Only ids and places: quicker, as no weights are loaded.")
@click.option("--vectors", is_flag=True, help="Also the vectors: slices in the table, whole in JSON and CSV.")
@source_options(model_option)
@format_option
def tokens(text: str | None, note_id: str | None, ids: bool, vectors: bool, source: Source, form: str) -> None:
    """Split a text, or a note, into tokens: ids, words, places, and how far context moves each vector.

    A token's static vector is its row of the word-embedding matrix, before position and type embeddings and
    LayerNorm; its contextual one is its row of last_hidden_state. Of both the length is shown, and their cosine.
    A note is taken apart uncut by its sentences, as it is encoded; headings are not encoded.

    \b
    clinsearch tokens "Patient has no history of fatigue or weakness."
    clinsearch tokens --note NOTE_ID
    """
    if (text is None) == (note_id is None) or (ids and vectors):
        raise click.UsageError("Give one text or --note NOTE_ID, and at most one of --ids and --vectors.")
    split = _splitter(chosen_checkpoint(source), ids)
    found = [split(text)] if text is not None else _split_note(str(note_id), source, split)
    write_result(
        form,
        lambda: terminal.print_tokenized(found, vectors=vectors),
        lambda: records.tokenized_records(found, vectors=vectors, of_note=note_id is not None),
    )


def _splitter(checkpoint: Checkpoint, ids: bool) -> Callable[[str], TokenizedText]:
    from clinsearch.inspection.tokenization import split_text, take_apart

    if ids:
        from clinsearch.encoder.tokenizer import Tokenizer

        return partial(split_text, Tokenizer(checkpoint))
    from clinsearch.encoder.encoder import Encoder

    return partial(take_apart, Encoder(checkpoint))


def _split_note(note_id: str, source: Source, split: Callable[[str], TokenizedText]) -> list[TokenizedText]:
    from clinsearch.inspection.tokenization import take_note_apart

    return take_note_apart(opened(source).note(note_id), split)


@click.command(short_help="Show a model's config, embedding matrix, pooling and fingerprint.")
@source_options(model_option, pooling_option)
@format_option
def model(source: Source, form: str) -> None:
    """Describe a model: its config, its embedding matrix with a slice of it, its pooling and fingerprint.

    \b
    clinsearch model
    clinsearch model --model bio-clinicalbert
    """
    from clinsearch.encoder.encoder import Encoder
    from clinsearch.inspection.description import describe

    found = describe(Encoder(chosen_checkpoint(source)))
    write_result(form, lambda: terminal.print_model(found), lambda: records.model_record(found))


@click.command(short_help="Follow a word's vector through a model's layers.")
@click.argument("text")
@click.option("--word", required=True, metavar="WORD", help="Which word of the text, whatever its case.")
@click.option("--at", type=click.IntRange(min=0), metavar="OFFSET", help="A character of it, if it stands twice.")
@click.option(
    "-k", type=click.IntRange(min=1), metavar="N", default=5, show_default=True, help="How many nearest words to give."
)
@click.option(
    "--sentences",
    type=click.IntRange(min=1),
    metavar="N",
    default=300,
    show_default=True,
    help="In how many sentences of the collection to look for them.",
)
@source_options(model_option)
@format_option
def layers(text: str, word: str, at: int | None, k: int, sentences: int, source: Source, form: str) -> None:
    """Follow a word's vector through the layers: its length, how far it turns, and the nearest words at each.

    The vector of a word is the mean of its tokens' hidden states. Its neighbors are words of the collection: of
    the sentences nearest to the text, up to half of them such as hold the word. Without a collection, and with a
    --model of its own, they are the other words of the text.

    \b
    clinsearch layers "Denies chest pain on exertion." --word pain
    """
    if is_named() or (not is_given("model") and has_collection(source)):
        found = opened(source).layers(text, word, at=at, k=k, sentences=sentences)
    else:
        found = _without_collection(text, word, at, k, source)
    write_result(
        form, lambda: terminal.print_path(found), lambda: records.path_record(found), lambda: records.path_rows(found)
    )


def _without_collection(text: str, word: str, at: int | None, k: int, source: Source) -> WordPath:
    from clinsearch.encoder.encoder import Encoder
    from clinsearch.inspection.layers import word_layers

    return word_layers(Encoder(chosen_checkpoint(source)), text, word, at=at, k=k)
