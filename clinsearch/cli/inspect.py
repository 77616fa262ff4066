"""Commands that take a model apart; none of them needs a collection."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from clinsearch.cli.options import (
    chosen_checkpoint,
    collection_option,
    format_option,
    is_named,
    model_option,
    pooling_option,
)
from clinsearch.cli.output import show
from clinsearch.rendering.records import inspection as inspection_records
from clinsearch.rendering.terminal import inspection

if TYPE_CHECKING:
    from clinsearch.encoder.checkpoint import Checkpoint
    from clinsearch.inspection.vocabulary import Vocabulary
    from clinsearch.records.inspection import TokenizedText, VocabEntry, WordPath

ENTRIES_SHOWN = 50  # in a terminal; a file gets all there is


@click.command(short_help="Show how a model splits a text into tokens, and their vectors.")
@click.argument("text", required=False)
@click.option("--note", "note_id", metavar="NOTE_ID", help="A note of the collection, sentence by sentence.")
@click.option("--ids", is_flag=True, help="Only ids and places: quicker, as no weights are loaded.")
@click.option("--vectors", is_flag=True, help="Also the vectors: slices in the table, whole in JSON and CSV.")
@model_option
@collection_option
@format_option
def tokens(
    text: str | None,
    note_id: str | None,
    ids: bool,
    vectors: bool,
    model: str | None,
    collection: Path,
    form: str,
) -> None:
    """Split a text, or a note, into tokens: ids, words, places, and how far context moves each vector.

    A token's static vector is its row of the word-embedding matrix, before position and type embeddings and
    LayerNorm; its contextual one is its row of last_hidden_state. Of both the length is shown, and their cosine.
    A note is taken apart uncut by its sentences, as it is encoded; headings are not encoded.

    \b
    clinsearch tokens "Patient has no history of fatigue, weight change, loss of appetite, or weakness."
    clinsearch tokens --note NOTE_ID
    """
    if (text is None) == (note_id is None) or (ids and vectors):
        raise click.UsageError("Give one text or --note NOTE_ID, and at most one of --ids and --vectors.")
    split = _splitter(chosen_checkpoint(model, collection), ids)
    if note_id is None:
        found = [split(text or "")]
    else:
        from clinsearch.collection import Collection
        from clinsearch.inspection.tokenization import take_note_apart

        found = take_note_apart(Collection(collection).note(note_id), split)
    show(
        form,
        lambda: inspection.print_tokenized(found, vectors=vectors),
        lambda: inspection_records.tokenized_records(found, vectors=vectors, of_note=note_id is not None),
    )


def _splitter(checkpoint: Checkpoint, ids: bool) -> Callable[[str], TokenizedText]:
    from clinsearch.inspection.tokenization import split_text, take_apart

    if ids:
        from clinsearch.encoder.tokenizer import Tokenizer

        return partial(split_text, Tokenizer(checkpoint))
    from clinsearch.encoder.encoder import Encoder

    return partial(take_apart, Encoder(checkpoint))


@click.command(short_help="Look things up in a model's vocab.")
@click.option("--id", "token_id", type=int, metavar="N", help="The token with this id.")
@click.option("--token", metavar="TOKEN", help="The id of this token.")
@click.option("--prefix", metavar="TEXT", help="All tokens that begin so.")
@click.option("--contains", metavar="TEXT", help="All tokens that hold this.")
@click.option("--regex", metavar="PATTERN", help="All tokens in which this regular expression finds something.")
@click.option("--limit", type=click.IntRange(min=1), metavar="N", help="How many to list; in a table 50, else all.")
@click.option("--offset", type=click.IntRange(min=0), default=0, metavar="N", help="How many to pass over first.")
@click.option("--neighbors", is_flag=True, help="With --id or --token: the nearest rows of the embedding matrix.")
@click.option("-k", type=click.IntRange(min=1), default=10, show_default=True, help="With --neighbors: how many.")
@click.option("--occurrences", is_flag=True, help="With --id or --token: where it stands in the collection's notes.")
@click.option("--coverage", is_flag=True, help="How well the vocab fits the words of the collection's notes.")
@model_option
@collection_option
@format_option
def vocab(limit: int | None, offset: int, k: int, model: str | None, collection: Path, form: str, **asked: Any) -> None:
    """Look entries of a model's vocab up: by id, by token, or by how they are spelt.

    Capitals count, as the vocab has them; --regex "(?i)..." takes either. The neighbors of an entry are those
    whose static vectors, rows of the embedding matrix, have the highest cosine with its own.

    \b
    clinsearch vocab --id 5351 --model bio-clinicalbert
    clinsearch vocab --contains card --limit 20
    clinsearch vocab --regex "^##.*itis$"
    clinsearch vocab --token fatigue --neighbors -k 5
    clinsearch vocab --token wound --occurrences
    clinsearch vocab --coverage
    """
    from clinsearch.inspection.vocabulary import Vocabulary

    views = [view for view in ("neighbors", "occurrences", "coverage") if asked[view]]
    given = [name for name in LOOK_UPS if asked[name] is not None]
    _require_one_question(given, views)
    if views == ["coverage"]:
        _show_coverage(collection, model, form)
        return
    checkpoint = chosen_checkpoint(model, collection)
    vocabulary = Vocabulary(checkpoint)
    found = LOOK_UPS[given[0]](vocabulary, asked[given[0]])
    if views == ["neighbors"]:
        _show_neighbors(checkpoint, vocabulary, found[0], k, form)
    elif views == ["occurrences"]:
        _show_occurrences(collection, model, found[0], limit or ENTRIES_SHOWN, offset, form)
    else:
        _show_page(found, limit or (ENTRIES_SHOWN if form == "table" else len(found)), offset, form)


def _require_one_question(given: list[str], views: list[str]) -> None:
    is_of_token = len(given) == 1 and given[0] in ("token_id", "token")
    if views == ["coverage"]:
        is_one = not given
    elif views:
        is_one = len(views) == 1 and is_of_token
    else:
        is_one = len(given) == 1
    if not is_one:
        raise click.UsageError(
            "Give one of --id, --token, --prefix, --contains, --regex and --coverage; "
            "with --id or --token also --neighbors or --occurrences."
        )


LOOK_UPS: dict[str, Callable[[Vocabulary, Any], list[VocabEntry]]] = {
    "token_id": lambda vocabulary, id: [vocabulary.by_id(id)],
    "token": lambda vocabulary, token: [vocabulary.by_token(token)],
    "prefix": lambda vocabulary, prefix: vocabulary.with_prefix(prefix),
    "contains": lambda vocabulary, text: vocabulary.containing(text),
    "regex": lambda vocabulary, pattern: vocabulary.matching(pattern),
}


def _show_page(found: list[VocabEntry], limit: int, offset: int, form: str) -> None:
    """Show a page of entries, and which of how many they are; beside rows for a file only if there are more."""
    shown = found[offset : offset + limit]
    place = inspection.page_line(offset, len(shown), len(found))
    show(form, lambda: inspection.print_vocab(shown, place), lambda: inspection_records.vocab_records(shown))
    if form != "table" and len(shown) < len(found):
        click.echo(place, err=True)


def _show_occurrences(
    collection: Path, model: str | None, entry: VocabEntry, limit: int, offset: int, form: str
) -> None:
    from clinsearch.collection import Collection

    found = Collection(collection, model=model).occurrences(entry.id, limit=limit, offset=offset)
    show(
        form,
        lambda: inspection.print_occurrences(found),
        lambda: inspection_records.occurrences_record(found),
        lambda: inspection_records.occurrences_rows(found),
    )


def _show_coverage(collection: Path, model: str | None, form: str) -> None:
    from clinsearch.collection import Collection

    found = Collection(collection, model=model).coverage()
    show(form, lambda: inspection.print_coverage(found), lambda: inspection_records.coverage_record(found))


def _show_neighbors(checkpoint: Checkpoint, vocabulary: Vocabulary, entry: VocabEntry, k: int, form: str) -> None:
    from clinsearch.encoder.encoder import Encoder

    near = vocabulary.nearest(entry, Encoder(checkpoint).embedding_matrix, k)
    show(form, lambda: inspection.print_nearest(entry, near), lambda: inspection_records.vocab_records(near))


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
    from clinsearch.encoder.encoder import Encoder
    from clinsearch.inspection.description import describe

    found = describe(Encoder(chosen_checkpoint(model, collection, pooling)))
    show(form, lambda: inspection.print_model(found), lambda: inspection_records.model_record(found))


@click.command(short_help="Follow a word's vector through a model's layers.")
@click.argument("text")
@click.option("--word", required=True, metavar="WORD", help="Which word of the text, whatever its case.")
@click.option("--at", type=click.IntRange(min=0), metavar="OFFSET", help="A character of it, if it stands twice.")
@click.option("-k", type=click.IntRange(min=1), default=5, show_default=True, help="How many nearest words to give.")
@click.option(
    "--sentences",
    type=click.IntRange(min=1),
    default=300,
    show_default=True,
    help="In how many sentences of the collection to look for them.",
)
@model_option
@collection_option
@format_option
def layers(text: str, model: str | None, collection: Path, form: str, **asked: Any) -> None:
    """Follow a word's vector through the layers: its length, how far it turns, and the nearest words at each.

    The vector of a word is the mean of its tokens' hidden states. Its neighbors are words of the collection: of
    the sentences nearest to the text, up to half of them such as hold the word. Without a collection, and with a
    --model of its own, they are the other words of the text.

    \b
    clinsearch layers "Denies chest pain on exertion." --word pain
    """
    found = _word_path(text, model, collection, **asked)
    show(
        form,
        lambda: inspection.print_path(found),
        lambda: inspection_records.path_record(found),
        lambda: inspection_records.path_rows(found),
    )


def _word_path(text: str, model: str | None, collection: Path, *, sentences: int, **asked: Any) -> WordPath:
    if is_named() or (model is None and collection.exists()):
        from clinsearch.collection import Collection

        return Collection(collection, model=model).layers(text, sentences=sentences, **asked)
    from clinsearch.encoder.encoder import Encoder
    from clinsearch.inspection.layers import word_layers

    return word_layers(Encoder(chosen_checkpoint(model, collection)), text, **asked)
