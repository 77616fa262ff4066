"""Lists and counts of notes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from sqlalchemy import ColumnElement, Connection, Select, String, cast, func, select

from clinsearch.records import Filter, Note
from clinsearch.records.digests import note_digest
from clinsearch.records.keys import KeyArray
from clinsearch.records.listings import CountBy, ListedNote, NoteCount, Order
from clinsearch.storage.catalog.filters import notes_passing
from clinsearch.storage.catalog.rows import chunks, one_of, one_of_texts, raw_rows
from clinsearch.storage.catalog.soundness import is_count, require_as_written, require_sound
from clinsearch.storage.catalog.tables import languages, notes, occurrences, sections

_WRITTEN_TIME = cast(notes.c.note_datetime, String)
_TIMES: dict[CountBy, ColumnElement[Any]] = {
    "year": func.substr(_WRITTEN_TIME, 1, 4),
    "month": func.substr(_WRITTEN_TIME, 1, 7),
    "day": func.substr(_WRITTEN_TIME, 1, 10),
}
_COUNTED: dict[CountBy, ColumnElement[Any]] = {
    "type": notes.c.note_type,
    "patient": notes.c.patient_id,
    "encounter": notes.c.encounter_id,
    "language": languages.c.language,
    **_TIMES,
}
# Sections cover a note's text to its end; to count its characters SQLite would read it.
_END = select(func.max(sections.c.end)).where(sections.c.note == notes.c.key).scalar_subquery()
_LENGTH = func.coalesce(_END, func.length(notes.c.text))
_SENTENCES = select(func.count()).where(occurrences.c.note == notes.c.key).scalar_subquery()
_FIRST: dict[Order, tuple[ColumnElement[Any], ...]] = {
    "date": (),
    "id": (notes.c.note_id,),
    "patient": (notes.c.patient_id,),
    "type": (notes.c.note_type,),
    "length": (_LENGTH,),
}
_LISTED = (
    *(notes.c[field] for field in ("note_id", "patient_id", "encounter_id", "note_type", "note_datetime", "title")),
    notes.c.source,
    languages.c.language,
    _LENGTH,
    _SENTENCES,
)
_NOTE = tuple(notes.c[field] for field in Note.__dataclass_fields__)
_TEXTS = ("note_id", "patient_id", "encounter_id", "note_type", "title", "source", "language")


class NoteLists:
    """Queries over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def count(self, where: Filter) -> int:
        """Count the notes that pass."""
        return self._connection.scalar(select(func.count()).select_from(notes_passing(where).subquery())) or 0

    def ordered(
        self, where: Filter, order: Order, *, reverse: bool = False, limit: int | None = None, offset: int = 0
    ) -> KeyArray:
        """Return the keys of the notes that pass, in an order; notes without what it goes by come last."""
        at = (*_FIRST[order], notes.c.note_datetime)
        by = [one for column in at for one in (column.is_(None), column.desc() if reverse else column)]
        query = notes_passing(where).order_by(*by, notes.c.note_id.desc() if reverse else notes.c.note_id)
        rows = raw_rows(self._connection, query.limit(limit).offset(offset))
        require_sound(all(is_count(key) for (key,) in rows))
        return np.fromiter((key for (key,) in rows), dtype=np.int64, count=len(rows))

    def listed(self, note_keys: Sequence[int]) -> list[ListedNote]:
        """Return notes without their texts, in the order of their keys given."""
        query = select(notes.c.key, *_LISTED).outerjoin(languages, languages.c.note == notes.c.key)
        return [_listed(row) for row in self._in_order(query, note_keys)]

    def notes(self, note_keys: Sequence[int]) -> list[Note]:
        """Return notes, in the order of their keys given. Raises CollectionDamaged if one was changed."""
        found = []
        for digest, *fields in self._in_order(select(notes.c.key, notes.c.digest, *_NOTE), note_keys):
            note = Note(*fields)
            require_as_written(note_digest(note) == digest, note.note_id)
            found.append(note)
        return found

    def counted(self, by: CountBy, where: Filter) -> list[NoteCount]:
        """Count the notes that pass by something, most first; by time in its order."""
        rows = self._connection.execute(_by_section(where) if by == "section" else _by(_COUNTED[by], where)).all()
        require_sound(all(isinstance(value, str | None) for value, _ in rows))
        total = max(self.count(where), 1)
        rows = sorted(rows, key=_by_value if by in _TIMES else _most_first)
        return [NoteCount(by, value, count, count / total) for value, count in rows]

    def _in_order(self, query: Select[Any], note_keys: Sequence[int]) -> list[Sequence[Any]]:
        """Return the rows of notes, but for their first column, the key, in the order of their keys given."""
        found = {
            row[0]: row[1:]
            for some in chunks(list(note_keys))
            for row in self._connection.execute(query.where(one_of(notes.c.key, some)))
        }
        return [found[key] for key in note_keys]


def _by(column: ColumnElement[Any], where: Filter) -> Select[Any]:
    query = select(column, func.count()).select_from(notes).outerjoin(languages, languages.c.note == notes.c.key)
    return query.where(notes.c.key.in_(notes_passing(where))).group_by(column)


def _by_section(where: Filter) -> Select[Any]:
    query = select(sections.c.name, func.count(sections.c.note.distinct())).group_by(sections.c.name)
    query = query.where(sections.c.note.in_(notes_passing(where)))
    return query.where(one_of_texts(sections.c.name, where.section)) if where.section else query


def _by_value(row: Sequence[Any]) -> tuple[bool, str]:
    return row[0] is None, row[0] or ""


def _most_first(row: Sequence[Any]) -> tuple[int, bool, str]:
    return -row[1], row[0] is not None, row[0] or ""


def _listed(row: Sequence[Any]) -> ListedNote:
    one = ListedNote(*row)
    require_sound(all(isinstance(getattr(one, name), str | None) for name in _TEXTS))
    require_sound(isinstance(one.note_id, str) and is_count(one.characters))
    return one
