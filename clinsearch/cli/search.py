"""Commands that search for sentences and notes."""

from __future__ import annotations

from dataclasses import dataclass

import click

from clinsearch.cli.found import write_found, write_run
from clinsearch.cli.options import context_option, filter_options, format_option, k_option, together
from clinsearch.cli.output import write_result
from clinsearch.cli.source import Source, is_given, model_option, opened, source_options, terms_option
from clinsearch.cli.words import WordOptions, word_options, write_words
from clinsearch.readers.requests import AssertionChoice, FilterOptions, Mode, SearchOptions
from clinsearch.records.saved_searches import SearchRequest
from clinsearch.rendering.records.hits import hit_records
from clinsearch.rendering.signs import tell
from clinsearch.rendering.terminal.hits import print_hits


@dataclass(frozen=True, slots=True)
class Ranking:
    """How sentences and notes are ranked, and what is said of each."""

    mode: Mode | None
    assertion: AssertionChoice | None
    why: bool
    diverse: bool
    every_place: bool
    synonyms: bool
    exact: bool
    min_score: float | None
    context: int | None
    save: str | None


why_option = click.option("--why", is_flag=True, help="Say below each hit what its score is made of.")
ranking_options = together(
    "ranking",
    Ranking,
    click.option(
        "--mode",
        type=click.Choice(["hybrid", "vector", "keyword"]),
        help="Rank by meaning and by words (hybrid, the default), or by one of them alone.",
    ),
    click.option(
        "--assertion",
        type=click.Choice(["match", "any", "affirmed", "negated"]),
        help="Prefer hits that say of the query's words what the query says (match, the default of hybrid); take all "
        "alike; or give only hits that affirm, or deny, them, be it of someone else.",
    ),
    why_option,
    click.option("--diverse", is_flag=True, help="Choose hits that differ from each other, not the best alone."),
    click.option(
        "--every-place",
        is_flag=True,
        help="Name every place where a sentence stands, or one in nearly the same words, not only the first.",
    ),
    click.option(
        "--synonyms/--no-synonyms",
        default=True,
        help="Search for abbreviations and other names of the query's words too (the default), or for it as it is.",
    ),
    click.option("--exact", is_flag=True, help="Take words as they are written, be they misspelt."),
    click.option(
        "--min-score",
        type=click.FloatRange(0, 1),
        metavar="SCORE",
        help="Leave out hits with a lower score, of 0 to 1.",
    ),
    context_option,
    click.option(
        "--save",
        metavar="NAME",
        help="Keep the query with its options under a name: `clinsearch run NAME` searches again.",
    ),
)


@click.command(short_help="Find sentences, or notes, by meaning and by words.")
@click.argument("query", required=False, metavar="QUERY")
@k_option
@click.option(
    "--level",
    type=click.Choice(["sentence", "note", "patient", "token"]),
    default="sentence",
    show_default=True,
    help="Give the k best sentences, the k best notes with the best sentence of each, or the k best patients with "
    "what their notes say of it; token is `clinsearch words`.",
)
@ranking_options
@word_options(hidden=True)
@filter_options
@source_options(terms_option, model_option)
@format_option
def search(
    query: str | None,
    k: int,
    level: str,
    ranking: Ranking,
    word: WordOptions,
    filters: FilterOptions,
    source: Source,
    form: str,
) -> None:
    """Find what is nearest to QUERY in meaning and in words. A sentence that stands in many notes is one result, with
    those in nearly the same words.

    "Quoted words" are a phrase, word* is all that begins so.

    `clinsearch explain --hit 2` then shows why the hit numbered 2 was found. `clinsearch words` finds single words in
    their context.

    \b
    clinsearch search "short of breath lying flat"
    clinsearch search "wound infection" --type "nursing note" --since 2024-01-01
    clinsearch search "no chest pain" --level note --why
    clinsearch search "warfarin with GI bleed" --level patient -k 5
    clinsearch search "wound infection" --save infections
    """
    _require_fitting(query, level, word)
    if level == "token":
        write_words(query, k, word, filters, source, form)
        return
    from clinsearch.saved_searches import SavedSearches, find

    notes, request = opened(source, filters), _request(str(query), k, level, ranking, filters)
    if ranking.save is None:
        write_found(notes, request, find(notes, request), form)
    else:
        write_run(notes, SavedSearches(notes).begin(ranking.save, request), form)
        tell(f"Saved: `clinsearch run {ranking.save}` searches again, with --new for what has come since.")


def _require_fitting(query: str | None, level: str, word: WordOptions) -> None:
    """Raise UsageError for options that do not go with the level."""
    if level != "sentence" and is_given("every_place"):
        raise click.UsageError("--every-place goes with sentences, not with another --level.")
    if level == "patient" and (is_given("diverse") or is_given("context")):
        raise click.UsageError("--diverse and --context go with sentences and notes, not with --level patient.")
    if level != "token" and word != WordOptions():
        raise click.UsageError(
            "--token, --note, --at, --pieces and the like go with `clinsearch words`, or --level token."
        )
    if level != "token" and query is None:
        raise click.UsageError('Give a QUERY, such as "short of breath lying flat".')
    if level == "token" and any(map(is_given, ("mode", "assertion", "why", "diverse", "context", "save"))):
        raise click.UsageError(
            "--mode, --assertion, --diverse, --why, --context and --save do not go with --level token."
        )


def _request(query: str, k: int, level: str, ranking: Ranking, filters: FilterOptions) -> SearchRequest:
    mode, assertion, synonyms, exact = ranking.mode or "hybrid", ranking.assertion, ranking.synonyms, ranking.exact
    options = SearchOptions(mode=mode, assertion=assertion, synonyms=synonyms, exact=exact, min_score=ranking.min_score)
    every_place = ranking.every_place and level == "sentence"
    context = None if level == "patient" else ranking.context
    asked = {**options, "diverse": ranking.diverse, **filters}
    return SearchRequest(query, k, level, every_place, ranking.why, context, asked)


@dataclass(frozen=True, slots=True)
class Choice:
    """Which of the notes like a note are chosen, and what is said of each."""

    without_copies: bool
    diverse: bool
    why: bool


choice_options = together(
    "choice",
    Choice,
    click.option(
        "--without-copies",
        is_flag=True,
        help="Leave out copies: notes that share most of their sentences, or of NOTE_ID's, with it.",
    ),
    click.option("--diverse", is_flag=True, help="Choose notes that differ from each other, not the most alike alone."),
    why_option,
)


@click.command(short_help="Find notes like one of them.")
@click.argument("note_id")
@k_option
@choice_options
@filter_options
@source_options()
@format_option
def similar(note_id: str, k: int, choice: Choice, filters: FilterOptions, source: Source, form: str) -> None:
    """Find the notes most like a note, each taken as a whole.

    \b
    clinsearch similar P001-2024-03-02-emergency
    clinsearch similar P001-2024-03-02-emergency --why
    """
    notes = opened(source, filters)
    hits = notes.similar(note_id, k, copies=not choice.without_copies, diverse=choice.diverse, **filters)
    notes.remember(note_id, hits)
    write_result(form, lambda: print_hits(hits, why=choice.why), lambda: hit_records(hits))
