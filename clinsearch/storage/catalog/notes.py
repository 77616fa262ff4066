"""Queries of the catalog. All answers are of one snapshot: that of the connection's transaction."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Select, Subquery, func, select

from clinsearch.errors import NoteNotFound
from clinsearch.records import Filter, Note, Section
from clinsearch.records.digests import note_digest, text_digest
from clinsearch.records.keys import KeyArray
from clinsearch.records.notes import Span
from clinsearch.records.readings import is_english
from clinsearch.storage.catalog.counted import all_counts
from clinsearch.storage.catalog.filters import (
    IN_SECTION,
    about_notes,
    first_place,
    is_at,
    notes_passing,
    occurring,
    sentences_passing,
    standing,
)
from clinsearch.storage.catalog.kept import is_kept, kept
from clinsearch.storage.catalog.ownership import Ownership
from clinsearch.storage.catalog.rows import (
    ROWS_AT_ONCE,
    about_how_many,
    in_both,
    one_of,
    one_of_texts,
    raw_rows,
    read_keys,
)
from clinsearch.storage.catalog.rows import chunks as chunks
from clinsearch.storage.catalog.soundness import is_count, require_as_written, require_sound
from clinsearch.storage.catalog.tables import languages, notes, occurrences, sections, sentences
from clinsearch.storage.values import Kind, NoteLabel, Occurrence, StoredNote, TextKind

LABEL = (
    notes.c.key,
    notes.c.note_id,
    notes.c.title,
    notes.c.patient_id,
    notes.c.note_type,
    notes.c.note_datetime,
)
PLACE = (
    occurrences.c.sentence,
    sentences.c.text,
    occurrences.c.start,
    occurrences.c.end,
    sections.c.name,
    sentences.c.heading,
    sentences.c.digest,
    sentences.c.language,
    languages.c.language,
)
STORED = (notes.c.key, notes.c.note_id, notes.c.source, notes.c.digest, notes.c.patient_id)
NOTE = tuple(notes.c[field] for field in Note.__dataclass_fields__)

_SENTENCE_TEXTS = select(sentences.c.key, sentences.c.text).where(one_of(sentences.c.key, "keys"))
_SENTENCE_DIGESTS = select(sentences.c.key, sentences.c.digest).where(one_of(sentences.c.key, "keys"))


class Catalog(Ownership):
    """Queries over one connection."""

    def counts(self) -> dict[str, int]:
        """Count notes, distinct sentences, and their occurrences."""
        shown = ("notes", "sentences", "occurrences")
        return {name: rows for name, rows in all_counts(self.connection).items() if name in shown}

    def note_types(self) -> dict[str | None, int]:
        """Count notes by type, most first."""
        query = select(notes.c.note_type, func.count().label("count")).group_by(notes.c.note_type)
        rows = self.connection.execute(query.order_by(func.count().desc(), notes.c.note_type.nulls_first()))
        return {row[0]: row[1] for row in rows}

    def spelt(self, where: Filter) -> Filter:
        """Return the filter with types and sections spelt as in the catalog; the case given does not matter."""
        return replace(
            where,
            note_type=self._spellings(notes.c.note_type, where.note_type),
            section=self._spellings(sections.c.name, where.section),
            exclude_type=self._spellings(notes.c.note_type, where.exclude_type),
        )

    def _spellings(self, column: ColumnElement[Any], values: Sequence[str]) -> tuple[str, ...]:
        """Return the values of a column that equal one of these except for case; SQLite folds only ASCII."""
        if not values:
            return ()
        wanted = {value.casefold() for value in values}
        spelt = self.names_in(column)
        return tuple(sorted(value for value in spelt if value.casefold() in wanted)) or tuple(values)

    def names_in(self, column: ColumnElement[Any]) -> Iterable[str]:
        """Return the distinct values of a column in which few stand in many rows."""
        return self.connection.scalars(select(column).where(column.is_not(None)).distinct())

    def all_keys(self, kind: Kind) -> KeyArray:
        """Return the keys of everything that has a vector: of all sentences, or of all notes with a sentence."""
        if kind == "sentence":
            return self._keys(select(sentences.c.key))
        return self._keys(select(occurrences.c.note).distinct())

    def sentence_keys(self, where: Filter) -> KeyArray:
        """Return the keys of all sentences with an occurrence that passes, in order."""
        return np.unique(self._keys(sentences_passing(where)))

    def keys_passing(self, kind: TextKind, where: Filter) -> KeyArray:
        """Return the keys of all sentences, or notes, that pass, in order; cached until the next commit."""
        read = self.sentence_keys if kind == "sentence" else self.note_keys
        return kept(self.connection, (kind, where), lambda: read(where))

    def passing(self, sentence_keys: Sequence[int], where: Filter) -> KeyArray:
        """Return those of these keys whose sentences have an occurrence that passes, in order."""
        if is_kept(self.connection, ("sentence", where)):
            return in_both(sentence_keys, self.keys_passing("sentence", where))
        query = standing(where, occurrences.c.sentence)
        found = [self._keys(query.where(one_of(occurrences.c.sentence, keys))) for keys in chunks(sentence_keys)]
        return np.unique(np.concatenate([np.empty(0, dtype=np.int64), *found]))

    def share_of_notes(self, where: Filter) -> float:
        """Return about which share of all notes passes, ignoring sections; cached until the next commit."""
        query = select(notes.c.key).where(*about_notes(where))
        passing = kept(self.connection, ("notes passing", where), lambda: self._how_many(query, where))
        return passing / max(self.counts()["notes"], 1)

    def _how_many(self, query: Select[Any], where: Filter) -> int:
        """Count what passes; estimate it where that is quicker and known well enough."""
        if where.measured:  # the planner does not know which values belong together
            return self.connection.scalar(select(func.count()).select_from(query.subquery())) or 0
        return about_how_many(self.connection, query)

    def note_keys(self, where: Filter) -> KeyArray:
        """Return the keys of all notes that pass; if the filter names sections, of those that have one."""
        return self._keys(notes_passing(where))

    def first_occurrences(self, sentence_keys: Sequence[int], where: Filter) -> dict[int, tuple[Occurrence, int]]:
        """Return for each sentence its first occurrence that passes, and how many pass."""
        found = {}
        for keys in chunks(sentence_keys):
            for *row, places in self.connection.execute(_first_occurrences(where), {"keys": list(keys)}):
                found[row[0]] = (occurrence_of(row), places)
        return found

    def occurrences(self, sentence_keys: Sequence[int], where: Filter) -> list[Occurrence]:
        """Return every occurrence of these sentences that passes, by note and place."""
        found = []
        for keys in chunks(sentence_keys):
            query = (
                occurring(where, *PLACE, *LABEL)
                .join(sentences, sentences.c.key == occurrences.c.sentence)
                .where(one_of(occurrences.c.sentence, keys))
                .order_by(occurrences.c.note, occurrences.c.start)
            )
            found += [occurrence_of(row) for row in self.connection.execute(query)]
        return found

    def notes_with(self, sentence_keys: Collection[int]) -> dict[int, int]:
        """Count the notes that have each of these sentences."""
        query = select(occurrences.c.sentence, func.count(occurrences.c.note.distinct()))
        query = query.group_by(occurrences.c.sentence)
        found = (query.where(one_of(occurrences.c.sentence, keys)) for keys in chunks(sorted(sentence_keys)))
        return {key: notes for rows in map(self.connection.execute, found) for key, notes in rows}

    def note_sentences(self, note_key: int) -> list[Occurrence]:
        """Return a note's sentences in their order."""
        query = (
            occurring(Filter(), *PLACE, *LABEL)
            .join(sentences, sentences.c.key == occurrences.c.sentence)
            .where(occurrences.c.note == note_key)
            .order_by(occurrences.c.start)
        )
        return [occurrence_of(row) for row in self.connection.execute(query)]

    def note_spans(self, note_key: int) -> list[Span]:
        """Return where a note's sentences are, in their order. Raises CollectionDamaged."""
        query = select(occurrences.c.start, occurrences.c.end).where(occurrences.c.note == note_key)
        found = [(start, end) for start, end in raw_rows(self.connection, query.order_by(occurrences.c.start))]
        require_sound(all(is_count(start) and is_count(end) and start <= end for start, end in found))
        return found

    def notes_of(self, sentence_keys: Sequence[int], where: Filter) -> KeyArray:
        """Return the keys of the notes where these sentences have an occurrence that passes."""
        query = standing(where, occurrences.c.note)
        found = [self._keys(query.where(one_of(occurrences.c.sentence, keys))) for keys in chunks(sentence_keys)]
        return np.unique(np.concatenate([np.empty(0, dtype=np.int64), *found]))

    def sentences_in(self, note_keys: Sequence[int], where: Filter | None = None) -> dict[int, list[int]]:
        """Return, by note, the keys of the sentences that pass, in order; notes without any are left out."""
        found: dict[int, list[int]] = {}
        for keys in chunks(note_keys):
            query = standing(where or Filter(), occurrences.c.note, occurrences.c.sentence)
            query = query.where(one_of(occurrences.c.note, keys)).order_by(occurrences.c.note, occurrences.c.start)
            for note, sentence in raw_rows(self.connection, query):
                found.setdefault(note, []).append(sentence)
        return found

    def note_sections(self, note_key: int) -> list[Section]:
        """Return a note's sections in their order."""
        columns = [sections.c[field] for field in Section.__dataclass_fields__]
        query = select(*columns).where(sections.c.note == note_key).order_by(sections.c.position)
        return [Section(*row) for row in self.connection.execute(query)]

    def note(self, note_id: str, *, is_checked: bool = True) -> tuple[int, Note]:
        """Return a note and its key. Raises NoteNotFound and, if `is_checked`, CollectionDamaged if it was changed."""
        note_id = note_id.encode(errors="replace").decode()
        row = self.connection.execute(
            select(notes.c.key, notes.c.digest, *NOTE).where(notes.c.note_id == note_id)
        ).first()
        if row is None:
            raise NoteNotFound(f"No note {note_id} in this collection. `clinsearch notes` lists them.")
        key, digest, *fields = row
        note = Note(*fields)
        require_as_written(not is_checked or note_digest(note) == digest, note_id)
        return key, note

    def note_labels(self, note_keys: Sequence[int]) -> dict[int, NoteLabel]:
        """Return the labels of these notes, by key."""
        return {
            row[0]: NoteLabel(*row)
            for keys in chunks(note_keys)
            for row in self.connection.execute(select(*LABEL).where(one_of(notes.c.key, keys)))
        }

    def stored_notes(self, column: str, values: Sequence[Any]) -> list[StoredNote]:
        """Return the notes whose `note_id`, `digest` or `source` is one of these values, oldest first."""
        among = one_of_texts if column == "source" else one_of
        return [
            StoredNote(*row)
            for chunk in chunks(values)
            for row in self.connection.execute(
                select(*STORED).where(among(notes.c[column], chunk)).order_by(notes.c.key)
            )
        ]

    def notes_with_source(self) -> Iterator[StoredNote]:
        """Yield every note that was read from a file."""
        query = select(*STORED).where(notes.c.source.is_not(None))
        for row in self.connection.execute(query, execution_options={"yield_per": ROWS_AT_ONCE}):
            yield StoredNote(*row)

    def sentence_keys_of(self, digests: Sequence[bytes]) -> dict[bytes, int]:
        """Return the keys, by digest, of the sentences that are in the catalog."""
        return {
            digest: key
            for chunk in chunks(digests)
            for digest, key in self.connection.execute(
                select(sentences.c.digest, sentences.c.key).where(one_of(sentences.c.digest, chunk))
            )
        }

    def sentence_digests(self, sentence_keys: Sequence[int]) -> dict[int, bytes]:
        """Return the digests of the texts of these sentences, of those that are there."""
        found = (raw_rows(self.connection, _SENTENCE_DIGESTS, keys=list(keys)) for keys in chunks(sentence_keys))
        return {key: digest for rows in found for key, digest in rows}

    def sentence_texts(self, sentence_keys: Sequence[int]) -> dict[int, str]:
        """Return the texts of these sentences."""
        found = (raw_rows(self.connection, _SENTENCE_TEXTS, keys=list(keys)) for keys in chunks(sentence_keys))
        return {key: text for rows in found for key, text in rows}

    def _keys(self, query: Select[Any]) -> KeyArray:
        return np.sort(read_keys(self.connection, query))


@lru_cache(maxsize=64)
def _first_occurrences(where: Filter) -> Select[Any]:
    """Build the query for the first occurrence that passes of each of `keys`, and their number; takes 1 ms."""
    passing = occurring(where, first_place().label("first"), func.count().label("places"))
    first = passing.where(one_of(occurrences.c.sentence, "keys")).group_by(occurrences.c.sentence).subquery()
    return standing_at(first, first.c.places)


def standing_at(first: Subquery, *columns: ColumnElement[Any]) -> Select[Any]:
    """Select PLACE and LABEL of the occurrences at a subquery's places `first`, and further columns of it."""
    return (
        select(*PLACE, *LABEL, *columns)
        .select_from(first)
        .join(occurrences, is_at(first.c.first))
        .join(notes, notes.c.key == occurrences.c.note)
        .outerjoin(languages, languages.c.note == notes.c.key)
        .join(sections, IN_SECTION)
        .join(sentences, sentences.c.key == occurrences.c.sentence)
    )


def occurrence_of(row: Sequence[Any]) -> Occurrence:
    """Make an Occurrence of the columns PLACE and LABEL. Raises CollectionDamaged if the row was changed."""
    sentence_key, text, start, end, section, heading, digest, language, of_note = row[: len(PLACE)]
    require_sound(is_count(start) and is_count(end) and start <= end and is_count(heading))
    label = NoteLabel(*row[len(PLACE) : len(PLACE) + len(LABEL)])
    require_as_written(isinstance(text, str) and text_digest(text) == digest, label.note_id)
    return Occurrence(sentence_key, text, start, end, section, label, heading, is_english(language, of_note))
