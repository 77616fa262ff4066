"""The command that finds words in their context; `search --level token` is its other name."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import click

from clinsearch.cli.options import Decorator, filter_options, format_option, k_option, together
from clinsearch.cli.output import write_result
from clinsearch.cli.source import Source, model_option, opened, source_options
from clinsearch.readers.requests import FilterOptions, read_mark
from clinsearch.rendering.records.hits import word_hit_records
from clinsearch.rendering.terminal.hits import print_word_hits

if TYPE_CHECKING:
    from clinsearch.collection import Collection
    from clinsearch.records import MarkedText


@dataclass(frozen=True, slots=True)
class WordOptions:
    """A word of a note that stands in place of a query, and which words are to be found."""

    word: str | None = None
    note_id: str | None = None
    at: int | None = None
    same: bool | None = None
    pieces: bool = False


def word_options(*, hidden: bool = False) -> Decorator:
    """Add the options that go with words alone; the command gets a `word`."""
    return together(
        "word",
        WordOptions,
        click.option(
            "--token",
            "word",
            metavar="WORD",
            hidden=hidden,
            help="Find words like this one of --note, in place of QUERY.",
        ),
        click.option("--note", "note_id", metavar="NOTE_ID", hidden=hidden, help="The note in which --token stands."),
        click.option(
            "--at",
            type=click.IntRange(min=0),
            metavar="OFFSET",
            hidden=hidden,
            help="A character of it, if it stands there more than once.",
        ),
        click.option(
            "--same-token/--other-tokens",
            "same",
            default=None,
            hidden=hidden,
            help="Only the same word, or only others.",
        ),
        click.option("--pieces", is_flag=True, hidden=hidden, help="Single wordpieces instead of words."),
    )


@click.command(short_help="Find words in their context.")
@click.argument("query", required=False)
@k_option
@word_options()
@filter_options
@source_options(model_option)
@format_option
def words(query: str | None, k: int, word: WordOptions, filters: FilterOptions, source: Source, form: str) -> None:
    """Find the words nearest, each in its context, to the one that QUERY marks by square brackets.

    In place of QUERY a word of a note may be given by --token and --note. `clinsearch explain --hit 2` then takes the
    score of the hit numbered 2 apart.

    \b
    clinsearch words "purulent [discharge] from the wound"
    clinsearch words "purulent [discharge] from the wound" --other-tokens
    clinsearch words --token discharge --note P003-2023-11-16-discharge
    """
    write_words(query, k, word, filters, source, form)


def write_words(
    query: str | None, k: int, word: WordOptions, filters: FilterOptions, source: Source, form: str
) -> None:
    """Find words and write them. Raises UsageError unless there is either a query or a word of a note."""
    is_of_note = (word.word, word.note_id, word.at) != (None, None, None)
    if is_of_note == (query is not None) or (is_of_note and None in (word.word, word.note_id)):
        raise click.UsageError("Give either a QUERY with the word in brackets, or --token WORD and --note NOTE_ID.")
    notes = opened(source, filters)
    marked = _marked(notes, query, word)
    hits = notes.search_tokens(marked, k, same=word.same, pieces=word.pieces, **filters)
    notes.remember(marked, hits)
    write_result(form, lambda: print_word_hits(hits), lambda: word_hit_records(hits))


def _marked(notes: Collection, query: str | None, word: WordOptions) -> MarkedText:
    return read_mark(query) if query is not None else notes.token(str(word.word), str(word.note_id), at=word.at)
