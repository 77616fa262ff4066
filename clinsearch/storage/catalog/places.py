"""Queries of the catalog about the places of sentences, by the names of their sections and their notes' languages."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from heapq import merge
from itertools import islice
from typing import Any

from sqlalchemy import Connection, Select, func, select

from clinsearch.records import Filter
from clinsearch.storage.catalog.filters import first_place, occurring
from clinsearch.storage.catalog.notes import LABEL, PLACE, chunks, occurrence_of, standing_at
from clinsearch.storage.catalog.rows import ROWS_AT_ONCE, one_of, unindexed
from clinsearch.storage.catalog.tables import languages, notes, occurrences, sections, sentences
from clinsearch.storage.values import Occurrence, Standing


class PlaceCatalog:
    """Queries over one connection. What they return passes the filter."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def each(self, sentence_keys: Sequence[int], where: Filter) -> Iterator[Occurrence]:
        """Yield every place of these sentences, by note and place for each some thousand sentences."""
        for keys in chunks(sentence_keys):
            query = occurring(where, *PLACE, *LABEL).join(sentences, sentences.c.key == occurrences.c.sentence)
            query = query.where(one_of(occurrences.c.sentence, keys)).order_by(occurrences.c.note, occurrences.c.start)
            yield from map(
                occurrence_of, self._connection.execute(query, execution_options={"yield_per": ROWS_AT_ONCE})
            )

    def standings(self, sentence_keys: Sequence[int], where: Filter) -> dict[int, list[Standing]]:
        """Return the standings of each of these sentences in all notes, the first place first."""
        found: dict[int, list[Standing]] = {}
        for keys in chunks(sentence_keys):
            for *row, places in self._connection.execute(_of_sentences(where), {"keys": list(keys)}):
                found.setdefault(row[0], []).append(Standing(occurrence_of(row), places))
        return found

    def standings_in_notes(
        self, pairs: Iterable[tuple[int, int]], where: Filter
    ) -> dict[tuple[int, int], list[Standing]]:
        """Return the standings of sentences in one note each, the first place first; pairs: (note, sentence) keys."""
        wanted = set(pairs)
        found: dict[tuple[int, int], list[Standing]] = {}
        for some in chunks(sorted({note for note, _ in wanted})):
            among = set(some)
            keys = {sentence for note, sentence in wanted if note in among}
            values = {"notes": list(some), "keys": list(keys)}
            for *row, places in self._connection.execute(_in_notes(where), values):
                place = occurrence_of(row)
                pair = place.note.note_key, place.sentence_key
                if pair in wanted:
                    found.setdefault(pair, []).append(Standing(place, places))
        return found

    def counts(self, sentence_keys: Sequence[int]) -> dict[int, int]:
        """Count the places of each of these sentences in all notes."""
        query = select(occurrences.c.sentence, func.count()).group_by(occurrences.c.sentence)
        found = (query.where(one_of(occurrences.c.sentence, keys)) for keys in chunks(sentence_keys))
        return {key: places for rows in map(self._connection.execute, found) for key, places in rows}

    def first_places(self, sentence_keys: Sequence[int], most: int) -> list[tuple[int, int, int]]:
        """Return the first places of these sentences: (note key, offset, sentence key)."""
        at = (occurrences.c.note, occurrences.c.start)
        query = select(*at, occurrences.c.sentence).order_by(*at).limit(most)
        found = (query.where(one_of(occurrences.c.sentence, keys)) for keys in chunks(sentence_keys))
        places = merge(*([tuple(row) for row in self._connection.execute(of_some)] for of_some in found))
        return list(islice(places, most))


# Building such a query takes a millisecond.
@lru_cache(maxsize=64)
def _of_sentences(where: Filter) -> Select[Any]:
    among = occurring(where).where(one_of(occurrences.c.sentence, "keys"))
    return _first_by_section(among, occurrences.c.sentence)


@lru_cache(maxsize=64)
def _in_notes(where: Filter) -> Select[Any]:
    among = occurring(where).where(one_of(occurrences.c.note, "notes"))
    # By the notes' index: a sentence may be in half of all notes.
    among = among.where(one_of(unindexed(occurrences.c.sentence), "keys"))
    return _first_by_section(among, occurrences.c.note, occurrences.c.sentence)


def _first_by_section(among: Select[Any], *owners: Any) -> Select[Any]:
    """Select the first of some occurrences, and their number, for each owner, section name and language."""
    apart = (*owners, sections.c.name, languages.c.language)
    first = among.add_columns(first_place().label("first"), func.count().label("places")).group_by(*apart).subquery()
    return standing_at(first, first.c.places).order_by(notes.c.key, occurrences.c.start)
