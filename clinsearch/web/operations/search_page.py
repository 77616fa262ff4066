"""What the search page shows at once: what was found, each hit among its neighbours, and what there is to filter by."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, cast

from clinsearch.collection import Collection
from clinsearch.records import Hit, Unmatched, WordHit
from clinsearch.records.listings import CountBy, NoteCount
from clinsearch.records.passages import Passage
from clinsearch.rendering.records.formats import Record
from clinsearch.rendering.records.hits import hit_records, word_hit_records
from clinsearch.web.kept import LastAnswers
from clinsearch.web.operations.operation import Operation
from clinsearch.web.operations.ranking import DIVERSE, LEVEL, MIN_SCORE, RANKING, WORDS_FOUND, Q, ranking_of
from clinsearch.web.operations.search import CONTEXT
from clinsearch.web.parameters import FILTERS, K, Values, filters_of

# Counts of so many values take some megabytes.
MOST_COUNTS = 20_000
# What notes are counted by, with the parameters that choose among these values.
COUNTED: dict[CountBy, tuple[str, ...]] = {
    "type": ("type", "exclude_type"),
    "section": ("section",),
    "patient": ("patient",),
    "year": ("since", "until"),
}
PAGE = (
    replace(Q, required=False),
    LEVEL,
    K,
    *RANKING,
    DIVERSE,
    MIN_SCORE,
    replace(CONTEXT, default=1),
    *WORDS_FOUND,
    *FILTERS,
)


@dataclass(frozen=True, slots=True)
class SearchPage:
    """What a search page shows. counts: by what is counted, of the notes that pass all other filters.

    notes: how many pass all filters. unmatched: values of the filter that nothing has.
    """

    notes: int
    counts: dict[CountBy, Sequence[NoteCount]]
    unmatched: Sequence[Unmatched] = ()
    hits: Sequence[Hit] = ()
    passages: Sequence[Passage | None] = ()
    words: Sequence[WordHit] = ()


def _is_small(page: SearchPage) -> bool:
    return sum(map(len, page.counts.values())) <= MOST_COUNTS


_LAST: LastAnswers[SearchPage] = LastAnswers(is_small=_is_small)


def counted(collection: Collection, values: Values) -> SearchPage:
    """Count what there is to filter by, or return what was counted before: the next query has most often the same."""
    asked = tuple(values[one.name] for one in FILTERS)
    return _LAST.get(collection, asked, lambda: _counted(collection, values))


def _counted(collection: Collection, values: Values) -> SearchPage:
    counts: dict[CountBy, Sequence[NoteCount]] = {}
    for by, names in COUNTED.items():
        others = {name: value for name, value in values.items() if name not in names}
        counts[by] = collection.counts(by, **filters_of(others))
    unmatched = collection.unmatched(**filters_of(values))
    return SearchPage(collection.count(**filters_of(values)), counts, unmatched)


def _page(collection: Collection, values: Values) -> SearchPage:
    page = counted(collection, values)
    if not values["q"]:
        return page
    if values["level"] == "token":
        chosen = {"same": values["same"], "pieces": values["pieces"], **filters_of(values)}
        return replace(page, words=collection.search_tokens(values["q"], values["k"], **cast(Any, chosen)))
    options: dict[str, Any] = {**ranking_of(values), "min_score": values["min_score"], "diverse": values["diverse"]}
    hits = collection.search(values["q"], values["k"], level=values["level"], **options)
    passages = collection.passages(hits, sentences=values["context"], apart=True)
    return replace(page, hits=hits, passages=passages)


def _page_records(page: SearchPage) -> list[Record]:
    return word_hit_records(page.words) if page.words else hit_records(page.hits)


SEARCH_PAGE = Operation("page", "A search as its page shows it.", PAGE, _page, _page_records)
