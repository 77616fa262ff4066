"""What a caller may ask of a collection's notes themselves, without a model."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import TypeVar, Unpack

from clinsearch import retrieval
from clinsearch.display import Results
from clinsearch.errors import InputError
from clinsearch.readers.requests import FilterOptions, make_filter, require_around, require_choice
from clinsearch.records import Filter, Hit, Note, NoteView, Unmatched, WordHit
from clinsearch.records.listings import CountBy, ListedNote, NoteCount, Order
from clinsearch.records.passages import Passage
from clinsearch.storage.port import NoteLists, Reader

# So many notes are held at once of those that are given one by one, and of those with their texts.
LISTED_AT_ONCE, WHOLE_AT_ONCE = 500, 16

T = TypeVar("T")


class Contents:
    """The notes of a collection."""

    _reader: Reader

    def note(self, note_id: str) -> NoteView:
        """Return a note with its sections and sentences. Raises NoteNotFound."""
        with self._reader.catalog() as (catalog, _):
            return retrieval.note_view(catalog, note_id)

    def passage(self, note_id: str, start: int, end: int, *, sentences: int = 2) -> Passage:
        """Return a place of a note with so many sentences before and after it. Raises NoteNotFound, InputError."""
        require_around(sentences)
        return retrieval.passage_at(self.note(note_id), start, end, sentences)

    def passages(self, hits: Sequence[Hit], *, sentences: int = 2, apart: bool = False) -> list[Passage | None]:
        """Return the passage of each hit: its sentence with so many before and after it.

        Hits of one note whose passages overlap or touch share one, or with `apart` have each its own. None for a hit
        without a place.
        """
        require_around(sentences)
        with self._reader.catalog() as (catalog, _):
            return retrieval.passages_of(catalog, hits, sentences, apart=apart)

    def notes(
        self,
        *,
        sort: Order = "date",
        reverse: bool = False,
        limit: int | None = None,
        offset: int = 0,
        **filters: Unpack[FilterOptions],
    ) -> Results[ListedNote]:
        """List the notes that pass, without their texts; those without a date, a patient or a type come last."""
        return Results(self.each_note(sort=sort, reverse=reverse, limit=limit, offset=offset, **filters))

    def each_note(
        self,
        *,
        sort: Order = "date",
        reverse: bool = False,
        limit: int | None = None,
        offset: int = 0,
        **filters: Unpack[FilterOptions],
    ) -> Iterator[ListedNote]:
        """Yield what `notes` lists, of one commit, a few at a time."""
        require_choice("order", sort, Order)
        _require_part(limit, offset)

        def keys(lists: NoteLists, where: Filter) -> list[int]:
            return list(map(int, lists.ordered(where, sort, reverse=reverse, limit=limit, offset=offset)))

        return self._each(LISTED_AT_ONCE, make_filter(**filters), keys, lambda lists: lists.listed)

    def whole_notes(self, **filters: Unpack[FilterOptions]) -> Iterator[Note]:
        """Yield the notes that pass, as they were indexed, by id; of one commit, a few at a time."""

        def keys(lists: NoteLists, where: Filter) -> list[int]:
            return list(map(int, lists.ordered(where, "id")))

        return self._each(WHOLE_AT_ONCE, make_filter(**filters), keys, lambda lists: lists.notes)

    def found_notes(self) -> Iterator[tuple[Note, tuple[tuple[int, Hit | WordHit], ...]]]:
        """Yield the notes of the last search that was remembered, the best first, each with its hits by their numbers.

        Raises HitNotFound, NoteNotFound.
        """
        by_note: dict[str, list[tuple[int, Hit | WordHit]]] = {}
        for number, hit in enumerate(self._reader.last_search().hits, start=1):
            by_note.setdefault(hit.note_id, []).append((number, hit))
        with self._reader.catalog() as (catalog, _):
            for note_id, hits in by_note.items():
                yield catalog.note(note_id)[1], tuple(hits)

    def count(self, **filters: Unpack[FilterOptions]) -> int:
        """Count the notes that pass."""
        with self._reader.catalog() as (catalog, _):
            return catalog.lists.count(catalog.spelt(make_filter(**filters)))

    @contextmanager
    def at_one_commit(self) -> Iterator[None]:
        """Answer what is asked in this thread until the `with` block ends as of one commit, if this is a folder."""
        with self._reader.held():
            yield

    def stamp(self) -> str:
        """Return a text that is another after every change of the notes."""
        state = (self._reader.milestone(), self.count())
        return hashlib.blake2b(repr(state).encode(), digest_size=8).hexdigest()

    def counts(self, by: CountBy, **filters: Unpack[FilterOptions]) -> Results[NoteCount]:
        """Count the notes that pass by something, most first; by time in its order."""
        require_choice("count by", by, CountBy)
        with self._reader.catalog() as (catalog, _):
            return Results(catalog.lists.counted(by, catalog.spelt(make_filter(**filters))))

    def unmatched(self, **filters: Unpack[FilterOptions]) -> list[Unmatched]:
        """Return the values of a filter that no note, or section, has, each with the nearest that there are."""
        with self._reader.catalog() as (catalog, _):
            return catalog.unmatched(make_filter(**filters))

    def _each(
        self,
        at_once: int,
        where: Filter,
        keys_of: Callable[[NoteLists, Filter], list[int]],
        read_of: Callable[[NoteLists], Callable[[list[int]], list[T]]],
    ) -> Iterator[T]:
        with self._reader.catalog() as (catalog, _):
            keys, read = keys_of(catalog.lists, catalog.spelt(where)), read_of(catalog.lists)
            for start in range(0, len(keys), at_once):
                yield from read(keys[start : start + at_once])


def _require_part(limit: int | None, offset: int) -> None:
    if offset < 0 or (limit is not None and limit < 1):
        raise InputError("Of a list, 1 note or more is given, from its beginning or after so many.")
