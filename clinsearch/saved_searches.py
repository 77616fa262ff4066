"""Searches that are kept under a name and run again, for all that is found or only for what has come since."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, cast

from clinsearch.collection import Collection
from clinsearch.display import Results
from clinsearch.readers.requests import MOST_RESULTS, SearchOptions
from clinsearch.records import Hit, PatientHit
from clinsearch.records.saved_searches import SavedRun, SavedSearch, SearchRequest
from clinsearch.retrieval import Level
from clinsearch.storage import open_reader

# Of more places that runs have shown, the newest are remembered; a hit in more places counts by its first.
MOST_SEEN, MOST_PLACES = 20_000, 200
# The options that `Collection.places` has no use for.
_OF_SEARCH_ALONE = ("diverse", "min_score")
# The filters that take several values.
LISTS = ("patient_id", "encounter_id", "note_type", "exclude_type", "section", "where")


class SavedSearches:
    """The searches that are kept with a collection."""

    def __init__(self, collection: Collection) -> None:
        self._collection = collection
        self._reader = open_reader(collection.location)

    def names(self) -> list[str]:
        """Return the names of all saved searches, in order."""
        return self._reader.saved_names()

    def get(self, name: str) -> SavedSearch:
        """Return a saved search. Raises SearchNotFound."""
        return self._reader.saved_search(name)

    def delete(self, name: str) -> None:
        """Take a saved search out. Raises SearchNotFound."""
        self._reader.delete_saved(name)

    def begin(self, name: str, request: SearchRequest) -> SavedRun:
        """Run a search that is to be saved under a name, in place of one of the same name; `keep` then saves it."""
        request = replace(request, options=_as_json(request.options))
        return self._run(SavedSearch(name, request), None)

    def run(self, name: str, *, new: bool = False) -> SavedRun:
        """Run a saved search; `new`: find only what has come since its last run. `keep` then remembers the run.

        New are notes that came since, or came again with another text, and in these what no run has shown.
        Raises SearchNotFound.
        """
        saved = self.get(name)
        return self._run(saved, saved if new else None)

    def keep(self, run: SavedRun) -> None:
        """Remember what a run has shown, so that the next one knows what is new; for when it was shown."""
        shown = [mark for result in run.results for mark in self._marks(result, run.saved.request)]
        seen = tuple(dict.fromkeys([*shown, *run.saved.seen]))[:MOST_SEEN]
        now = datetime.now().replace(microsecond=0)
        self._reader.save_search(replace(run.saved, milestone=run.milestone, seen=seen, ran_at=now))

    def _run(self, saved: SavedSearch, since: SavedSearch | None) -> SavedRun:
        # First, so that a note that comes meanwhile is new to the next run.
        milestone = self._reader.milestone()
        if since is None:
            return SavedRun(saved, find(self._collection, saved.request), milestone)
        # All notes are new to another collection, and to one that was set back.
        last = since.milestone
        after = last.newest if last and self._reader.has_passed(last) else 0
        new = _New(self._collection, saved.request, frozenset(since.seen), after)
        return SavedRun(saved, new.results(), milestone)

    def _marks(self, result: Hit | PatientHit, request: SearchRequest) -> Iterator[str]:
        """Yield the marks of all places that a result stands for."""
        for hit in _hits(result):
            yield _mark(hit)
            if _stands_for_others(hit, request) and not request.every_place:
                yield from map(_mark, _places(self._collection, request, hit, 0)[:MOST_PLACES])


@dataclass(frozen=True, slots=True)
class _New:
    """What a search finds that is new: in notes with a higher number than `after`, at places that were not seen."""

    collection: Collection
    request: SearchRequest
    seen: frozenset[str]
    after: int | tuple[int, ...]

    def results(self) -> Results[Any]:
        """Return the first k that are new, asking for more results while too few of them are."""
        k, request = self.request.k, replace(self.request, every_place=False)
        while True:
            found = find(self.collection, replace(request, k=k), after=self.after)
            new = [places for places in map(self._new, found) if places]
            if len(new) >= request.k or len(found) < k or k == MOST_RESULTS:
                break
            k = min(4 * k, MOST_RESULTS)
        shown = None if self.request.every_place else 1
        return Results(one for places in new[: request.k] for one in places[:shown])

    def _new(self, result: Hit | PatientHit) -> list[Any]:
        """Return a result if it is new, or of a sentence that stands in several places those that are."""
        if isinstance(result, PatientHit) or not _stands_for_others(result, self.request):
            return [result] if any(_mark(hit) not in self.seen for hit in _hits(result)) else []
        if not self.request.every_place and _mark(result) not in self.seen:
            return [result]
        places = _places(self.collection, self.request, result, self.after)
        return [place for place in places if _mark(place) not in self.seen]


def find(
    collection: Collection, request: SearchRequest, *, after: int | tuple[int, ...] = 0
) -> Results[Hit] | Results[PatientHit]:
    """Do a search; `after`: only in notes with a higher number than this."""
    options = cast(SearchOptions, {**request.options, **({"after": after} if after else {})})
    if request.level == "patient":
        return collection.search(request.query, request.k, level="patient", **options)
    hits = collection.search(request.query, request.k, level=cast(Level, request.level), **options)
    if not request.every_place or request.level != "sentence":
        return hits
    return Results(place for hit in hits for place in _places(collection, request, hit, after))


def _places(collection: Collection, request: SearchRequest, hit: Hit, after: int | tuple[int, ...]) -> list[Hit]:
    options = {name: value for name, value in request.options.items() if name not in _OF_SEARCH_ALONE}
    if after:
        options["after"] = after
    return collection.places(hit, query=request.query, **options)


def _stands_for_others(hit: Hit, request: SearchRequest) -> bool:
    return request.level == "sentence" and ((hit.occurrences or 1) > 1 or hit.variants > 0)


def _hits(result: Hit | PatientHit) -> list[Hit]:
    return [result] if isinstance(result, Hit) else [hit for one in result.evidence for hit in one.hits]


def _mark(hit: Hit) -> str:
    """Return what a place is known by again: a digest of the note's id and the sentence, wherever it stands in it."""
    return hashlib.blake2b(f"{hit.note_id}\0{hit.sentence}".encode(), digest_size=8).hexdigest()


def _as_json(options: Mapping[str, Any]) -> dict[str, Any]:
    """Return options as they are kept: filters that take several values as lists, dates as text."""
    kept = {name: value.isoformat() if isinstance(value, date) else value for name, value in options.items()}
    for name in LISTS:
        if name in kept:
            kept[name] = [kept[name]] if isinstance(kept[name], str) else list(kept[name])
    return kept
