"""How searches rank, and what they are asked for besides filters: the parameters of all that search, each once."""

from __future__ import annotations

from typing import cast, get_args

from clinsearch.readers.requests import AssertionChoice, Mode, SearchOptions
from clinsearch.web.parameters import Parameter, Values, filters_of

LEVELS = ("sentence", "note", "token", "patient")

Q = Parameter("q", "What to look for, in your own words.", required=True)
LEVEL = Parameter(
    "level", "What to find: sentences, notes, words in context, or patients.", default="sentence", choices=LEVELS
)
RANKING = (
    Parameter(
        "mode",
        "Rank by meaning and by words (hybrid), or by one of them alone.",
        default="hybrid",
        choices=get_args(Mode),
    ),
    Parameter(
        "assertion",
        "Prefer hits that say of the query's words what it says (match, as hybrid does by itself); take all alike; or "
        "give only hits that affirm, or deny, them.",
        choices=get_args(AssertionChoice),
    ),
    Parameter("exact", "Whether to take words as they are written, be they misspelt.", bool, False),
    Parameter("synonyms", "Whether other names of the query's words count.", bool, True),
)
DIVERSE = Parameter("diverse", "Whether to choose hits that differ from each other, not the best alone.", bool, False)
MIN_SCORE = Parameter("min_score", "Leave out hits with a lower score.", float, least=0, most=1)
WORDS_FOUND = (
    Parameter("same", "Only the same word, or only others; both where it is not said.", bool),
    Parameter("pieces", "Whether to find single wordpieces in place of words.", bool, False),
)


def ranking_of(values: Values) -> SearchOptions:
    """Return how a search ranks, and its filter, as the library takes them."""
    ranking = {one.name: values[one.name] for one in RANKING}
    return cast(SearchOptions, {**ranking, **filters_of(values)})
