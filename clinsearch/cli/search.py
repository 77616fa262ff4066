"""Commands that search."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from clinsearch.cli.options import collection_option, filter_options, format_option, k_option, model_option
from clinsearch.cli.output import show
from clinsearch.display import Results
from clinsearch.readers.requests import read_mark
from clinsearch.rendering.records.results import hit_records, word_hit_records
from clinsearch.rendering.terminal.results import print_hits, print_word_hits
from clinsearch.rendering.terminal.scores import said_line, score_line
from clinsearch.rendering.terminal.unmatched import print_unmatched

if TYPE_CHECKING:
    from clinsearch.collection import Collection
    from clinsearch.records import Hit


@click.command(short_help="Find sentences, notes, or words in context, by meaning.")
@click.argument("query", required=False)
@k_option
@click.option(
    "--level",
    type=click.Choice(["sentence", "note", "token"]),
    default="sentence",
    show_default=True,
    help="Give the k best sentences, the k notes with the best sentence each, or the k best words in context.",
)
@click.option(
    "--mode",
    type=click.Choice(["hybrid", "vector", "keyword"]),
    help="Rank by meaning and by words (hybrid, the default), or by one of them alone.",
)
@click.option(
    "--assertion",
    type=click.Choice(["match", "any", "affirmed", "negated"]),
    help="Prefer hits that say of the query's words what the query says (match, the default of hybrid); take all "
    "alike; or give only hits that affirm, or deny, them, be it of someone else.",
)
@click.option("--why", is_flag=True, help="Say below each hit what its score is made of.")
@click.option("--diverse", is_flag=True, help="Choose hits that differ from each other, not the best alone.")
@click.option(
    "--every-place",
    is_flag=True,
    help="Name every place where a sentence stands, or one in nearly the same words, not only the first.",
)
@click.option("--token", "word", metavar="WORD", help="Find words like this one of --note, in place of QUERY.")
@click.option("--note", "note_id", metavar="NOTE_ID", help="The note in which --token stands.")
@click.option("--at", type=click.IntRange(min=0), metavar="OFFSET", help="Where in the note, if more than once.")
@click.option("--same-token/--other-tokens", "same", default=None, help="Only the same word, or only others.")
@click.option("--pieces", is_flag=True, help="Single wordpieces instead of words.")
@filter_options
@model_option
@collection_option
@format_option
def search(
    query: str | None,
    k: int,
    level: str,
    every_place: bool,
    why: bool,
    collection: Path,
    form: str,
    **rest: Any,
) -> None:
    """Find what is nearest to QUERY in meaning and in words. A sentence that stands in many notes is one result, with
    those in nearly the same words.

    "Quoted words" are a phrase, word* is all that begins so.

    With --level token, to the word that QUERY marks by square brackets, in its context.
    `clinsearch explain --hit 2` then shows why the hit numbered 2 was found.

    \b
    clinsearch search "short of breath lying flat"
    clinsearch search "wound infection" --type "nursing note" --since 2024-01-01
    clinsearch search --level token "purulent [discharge] from the wound"
    clinsearch search --level token --token discharge --note P003-2023-11-16-discharge
    """
    from clinsearch.collection import Collection

    how = {name: rest.pop(name) for name in ("mode", "assertion", "diverse")}
    about_word = {name: rest.pop(name) for name in ("word", "note_id", "at", "same", "pieces")}
    if every_place and level != "sentence":
        raise click.UsageError("--every-place goes with sentences, not with another --level.")
    _require_one_question(query, level, **about_word)
    if level == "token" and (why or any(how.values())):
        raise click.UsageError(
            "--mode, --assertion, --diverse and --why go with sentences and notes, not with --level token."
        )
    notes = Collection(collection, model=rest.pop("model"))
    print_unmatched(notes.unmatched(**rest))
    if level == "token":
        _search_tokens(notes, query, k, form, **about_word, **rest)
        return
    text = str(query)
    how["mode"] = how["mode"] or "hybrid"
    hits = notes.search(text, k, level="note" if level == "note" else "sentence", **how, **rest)
    if every_place:
        asked = {"mode": how["mode"], "assertion": how["assertion"]}
        hits = Results(place for hit in hits for place in notes.places(hit, query=text, **asked, **rest))
    notes.remember(text, hits)
    show(form, lambda: print_hits(hits, partial(_below, why=why)), lambda: hit_records(hits))


def _below(hit: Hit, *, why: bool) -> list[str]:
    """Return what is said below a hit: what its score is made of, if that is asked for, and what is not simply so."""
    if hit.parts is None:
        return []
    said = said_line(hit.parts)
    return [*([score_line(hit.score, hit.parts)] if why else []), *([said] if said else [])]


def _require_one_question(
    query: str | None,
    level: str,
    *,
    word: str | None,
    note_id: str | None,
    at: int | None,
    same: bool | None,
    pieces: bool,
) -> None:
    is_of_note = (word, note_id, at) != (None, None, None)
    if level != "token" and (query is None or is_of_note or same is not None or pieces):
        raise click.UsageError("Give a QUERY; --token, --note, --at, --pieces and the like go with --level token.")
    if level == "token" and (is_of_note == (query is not None) or (is_of_note and None in (word, note_id))):
        raise click.UsageError("Give a QUERY with the word in brackets, or --token WORD and --note NOTE_ID.")


def _search_tokens(
    notes: Collection,
    query: str | None,
    k: int,
    form: str,
    *,
    word: str | None,
    note_id: str | None,
    at: int | None,
    **how: Any,
) -> None:
    marked = read_mark(query) if query is not None else notes.token(str(word), str(note_id), at=at)
    hits = notes.search_tokens(marked, k, **how)
    notes.remember(marked, hits)
    show(form, lambda: print_word_hits(hits), lambda: word_hit_records(hits))


@click.command(short_help="Find notes like one of them.")
@click.argument("note_id")
@k_option
@click.option(
    "--without-copies",
    is_flag=True,
    help="Leave out copies: notes that share most of their sentences, or of NOTE_ID's, with it.",
)
@click.option("--diverse", is_flag=True, help="Choose notes that differ from each other, not the most alike alone.")
@filter_options
@collection_option
@format_option
def similar(
    note_id: str, k: int, without_copies: bool, diverse: bool, collection: Path, form: str, **filters: Any
) -> None:
    """Find the notes most like a note, each taken as a whole.

    \b
    clinsearch similar P001-2024-03-02-emergency
    """
    from clinsearch.collection import Collection

    notes = Collection(collection)
    print_unmatched(notes.unmatched(**filters))
    hits = notes.similar(note_id, k, copies=not without_copies, diverse=diverse, **filters)
    notes.remember(note_id, hits)
    show(form, lambda: print_hits(hits), lambda: hit_records(hits))
