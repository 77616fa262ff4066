"""Commands that take a model apart; none of them needs a collection."""

from __future__ import annotations

from pathlib import Path

import click

from clinsearch.cli.options import (
    chosen_checkpoint,
    collection_option,
    format_option,
    model_option,
    pooling_option,
)
from clinsearch.cli.output import show
from clinsearch.rendering import inspection, structured


@click.command(short_help="Show how a model splits a text into tokens.")
@click.argument("text")
@click.option("--vectors", is_flag=True, help="Also each token's static and contextual vector.")
@model_option
@collection_option
@format_option
def tokens(text: str, vectors: bool, model: str | None, collection: Path, form: str) -> None:
    """Split a text into tokens, as the model sees it: id, token, place in the text, word.

    \b
    clinsearch tokens "Patient has no history of fatigue, weight change, loss of appetite, or weakness."
    """
    from clinsearch.encoder.tokenizer import Tokenizer

    checkpoint = chosen_checkpoint(model, collection)
    if vectors:
        from clinsearch.encoder.encoder import Encoder

        taken_apart = Encoder(checkpoint).embed(text)
        show(
            form,
            lambda: inspection.print_embedding(taken_apart),
            lambda: structured.embedding_records(taken_apart),
        )
        return
    found = Tokenizer(checkpoint).tokens(text)
    show(form, lambda: inspection.print_tokens(found), lambda: structured.token_records(found))


@click.command(short_help="Look things up in a model's vocab.")
@click.option("--id", "token_id", type=int, metavar="N", help="The token with this id.")
@click.option("--token", metavar="TOKEN", help="The id of this token.")
@click.option("--prefix", metavar="TEXT", help="All tokens that begin so.")
@model_option
@collection_option
@format_option
def vocab(
    token_id: int | None,
    token: str | None,
    prefix: str | None,
    model: str | None,
    collection: Path,
    form: str,
) -> None:
    """Look entries of a model's vocab up by id, by token or by prefix.

    \b
    clinsearch vocab --id 5351 --model bio-clinicalbert
    clinsearch vocab --prefix cardio
    """
    from clinsearch.vocabulary import Vocabulary

    if sum(asked is not None for asked in (token_id, token, prefix)) != 1:
        raise click.UsageError("Give one of --id, --token and --prefix.")
    vocabulary = Vocabulary(chosen_checkpoint(model, collection))
    if token_id is not None:
        found = [vocabulary.by_id(token_id)]
    else:
        found = [vocabulary.by_token(token)] if token is not None else vocabulary.with_prefix(prefix or "")
    show(form, lambda: inspection.print_vocab(found), lambda: structured.vocab_records(found))


@click.command(short_help="Show a model's config, embedding matrix, pooling and fingerprint.")
@model_option
@pooling_option
@collection_option
@format_option
def model(model: str | None, pooling: str | None, collection: Path, form: str) -> None:
    """Describe a model: its config, its embedding matrix with a slice of it, its pooling and fingerprint.

    \b
    clinsearch model
    clinsearch model --model bio-clinicalbert
    """
    from clinsearch.collection import describe
    from clinsearch.encoder.encoder import Encoder

    found = describe(Encoder(chosen_checkpoint(model, collection, pooling)))
    show(form, lambda: inspection.print_model(found), lambda: structured.model_record(found))
