"""Commands that take a model apart; none of them needs a collection."""

from __future__ import annotations

from typing import TYPE_CHECKING

import click

from clinsearch.cli.options import format_option, model_option, pooling_option
from clinsearch.cli.output import show
from clinsearch.rendering import inspection, structured

if TYPE_CHECKING:
    from clinsearch.encoder.checkpoint import Checkpoint


@click.command(short_help="Show how a model splits a text into tokens.")
@click.argument("text")
@click.option("--vectors", is_flag=True, help="Also each token's static and contextual vector.")
@model_option
@format_option
def tokens(text: str, vectors: bool, model: str | None, form: str) -> None:
    """Split a text into tokens, as the model sees it: id, token, place in the text, word.

    \b
    clinsearch tokens "Patient has no history of fatigue, weight change, loss of appetite, or weakness."
    """
    from clinsearch.encoder.tokenizer import Tokenizer

    if vectors:
        from clinsearch.encoder.encoder import Encoder

        taken_apart = Encoder(_checkpoint(model)).embed(text)
        show(
            form,
            lambda: inspection.print_embedding(taken_apart),
            lambda: structured.embedding_records(taken_apart),
        )
        return
    found = Tokenizer(_checkpoint(model)).tokens(text)
    show(form, lambda: inspection.print_tokens(found), lambda: structured.token_records(found))


@click.command(short_help="Look things up in a model's vocab.")
@click.option("--id", "token_id", type=int, metavar="N", help="The token with this id.")
@click.option("--token", metavar="TOKEN", help="The id of this token.")
@click.option("--prefix", metavar="TEXT", help="All tokens that begin so.")
@model_option
@format_option
def vocab(token_id: int | None, token: str | None, prefix: str | None, model: str | None, form: str) -> None:
    """Look entries of a model's vocab up by id, by token or by prefix.

    \b
    clinsearch vocab --id 5351 --model bio-clinicalbert
    clinsearch vocab --prefix cardio
    """
    from clinsearch.vocabulary import Vocabulary

    if sum(asked is not None for asked in (token_id, token, prefix)) != 1:
        raise click.UsageError("Give one of --id, --token and --prefix.")
    vocabulary = Vocabulary(_checkpoint(model))
    if token_id is not None:
        found = [vocabulary.by_id(token_id)]
    else:
        found = [vocabulary.by_token(token)] if token is not None else vocabulary.with_prefix(prefix or "")
    show(form, lambda: inspection.print_vocab(found), lambda: structured.vocab_records(found))


@click.command(short_help="Show a model's config, embedding matrix, pooling and fingerprint.")
@model_option
@pooling_option
@format_option
def model(model: str | None, pooling: str | None, form: str) -> None:
    """Describe a model: its config, its embedding matrix with a slice of it, its pooling and fingerprint.

    \b
    clinsearch model
    clinsearch model --model bio-clinicalbert
    """
    from clinsearch.collection import describe
    from clinsearch.encoder.encoder import Encoder

    found = describe(Encoder(_checkpoint(model, pooling)))
    show(form, lambda: inspection.print_model(found), lambda: structured.model_record(found))


def _checkpoint(model: str | None, pooling: str | None = None) -> Checkpoint:
    from clinsearch.encoder.checkpoint import DEFAULT_MODEL, find_checkpoint
    from clinsearch.encoder.pooling import as_pooling

    return find_checkpoint(model or DEFAULT_MODEL, as_pooling(pooling) if pooling else None)
