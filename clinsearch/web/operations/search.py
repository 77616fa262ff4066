"""Searches: for sentences and notes, words in context, notes like a note; their places, and counts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, get_args

from clinsearch.collection import Collection
from clinsearch.errors import HitNotFound
from clinsearch.records import Hit, WordHit
from clinsearch.records.listings import CountBy, NoteCount
from clinsearch.records.passages import Passage
from clinsearch.rendering.records.formats import Record
from clinsearch.rendering.records.hits import hit_records, hits_in_context, word_hit_records
from clinsearch.rendering.records.listings import count_records
from clinsearch.web.operations.operation import Operation
from clinsearch.web.operations.ranking import DIVERSE, LEVEL, MIN_SCORE, RANKING, WORDS_FOUND, Q, ranking_of
from clinsearch.web.parameters import FILTERS, K, Parameter, Values, filters_of

# As many sentences around a hit as are of use in a list of hits; a note is opened for more.
MOST_AROUND = 20

CONTEXT = Parameter("context", "Give so many sentences before and after each hit.", int, least=0, most=MOST_AROUND)


@dataclass(frozen=True, slots=True)
class FoundHits:
    """What a search found, and where it was asked for the passage of each hit."""

    hits: Sequence[Hit]
    passages: Sequence[Passage | None] | None = None


def _search(collection: Collection, values: Values) -> FoundHits:
    options: dict[str, Any] = {**ranking_of(values), "min_score": values["min_score"]}
    hits = collection.search(values["q"], values["k"], level=values["level"], diverse=values["diverse"], **options)
    around = values["context"]
    return FoundHits(hits, None if around is None else collection.passages(hits, sentences=around))


def _search_records(found: FoundHits) -> list[Record]:
    if found.passages is not None:
        return hits_in_context(found.hits, found.passages)
    return hit_records(found.hits)


def _words(collection: Collection, values: Values) -> Sequence[WordHit]:
    return collection.search_tokens(
        values["q"], values["k"], same=values["same"], pieces=values["pieces"], **filters_of(values)
    )


def _similar(collection: Collection, values: Values) -> Sequence[Hit]:
    return collection.similar(
        values["id"],
        values["k"],
        copies=not values["without_copies"],
        diverse=values["diverse"],
        **filters_of(values),
    )


def _places(collection: Collection, values: Values) -> Sequence[Hit]:
    """Search again as the hit was found, and return its places; the address has the same `k`."""
    options: dict[str, Any] = dict(ranking_of(values))
    hits = collection.search(values["q"], values["k"], diverse=values["diverse"], **options)
    named = (values["id"], values["start"], values["end"])
    hit = next((hit for hit in hits if (hit.note_id, hit.start, hit.end) == named), None)
    if hit is None:
        raise HitNotFound("The search does not find that place now: the notes may have changed. Search again.")
    return collection.places(hit, query=values["q"], **options)


def _counts(collection: Collection, values: Values) -> Sequence[NoteCount]:
    return collection.counts(values["by"], **filters_of(values))


SEARCH = Operation(
    "search",
    "Find sentences or notes by meaning and by words; patients have an operation of their own.",
    (
        Q,
        replace(LEVEL, says="What to find.", choices=("sentence", "note")),
        K,
        *RANKING,
        DIVERSE,
        MIN_SCORE,
        CONTEXT,
        *FILTERS,
    ),
    _search,
    _search_records,
)
WORDS = Operation(
    "words",
    "Find words in their context like the one that square brackets mark.",
    (
        Parameter(
            "q", 'A word, or a text in which one is marked: "purulent [discharge] from the wound".', required=True
        ),
        K,
        *WORDS_FOUND,
        *FILTERS,
    ),
    _words,
    word_hit_records,
)
SIMILAR = Operation(
    "similar",
    "Find the notes most like a note, each taken as a whole.",
    (
        Parameter("id", "The note's id.", required=True),
        K,
        Parameter("without_copies", "Whether to leave out copies: notes that share most of their text.", bool, False),
        DIVERSE,
        *FILTERS,
    ),
    _similar,
    hit_records,
)
PLACES = Operation(
    "places",
    "Give every place where the sentence of a hit stands, and those in nearly the same words.",
    (
        Q,
        Parameter("id", "The note of the hit.", required=True),
        Parameter("start", "Where the hit begins in the note, in characters.", int, least=0, required=True),
        Parameter("end", "Where it ends.", int, least=0, required=True),
        K,
        *RANKING,
        DIVERSE,
        *FILTERS,
    ),
    _places,
    hit_records,
    schema="search",
)
COUNTS = Operation(
    "counts",
    "Count the notes that pass, by something.",
    (Parameter("by", "What to count by.", required=True, choices=get_args(CountBy)), *FILTERS),
    _counts,
    count_records,
)
OPERATIONS: tuple[Operation[Any], ...] = (SEARCH, WORDS, SIMILAR, PLACES, COUNTS)
