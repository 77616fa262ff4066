"""What passes a filter, as queries of the catalog."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Select, func, null, select

from clinsearch.records import Filter
from clinsearch.storage.catalog.tables import notes, occurrences, sections

# A place as one number, so that the first of many is found without keeping them: above these bits the note's key.
START_BITS = 32
IN_SECTION = (sections.c.note == occurrences.c.note) & (sections.c.position == occurrences.c.section)


def occurring(where: Filter, *columns: ColumnElement[Any]) -> Select[Any]:
    """Select from the occurrences that pass, with their notes and sections at hand.

    For few sentences or one note: each occurrence is looked at, and no index of what is filtered by is used. SQLite
    would choose that of a type that a tenth of all notes have, and go through all of these.
    """
    query = (
        select(*columns)
        .select_from(occurrences)
        .join(notes, notes.c.key == occurrences.c.note)
        .join(sections, IN_SECTION)
        .where(*about_notes(where, by_index=False))
    )
    return query.where(unindexed(sections.c.name).in_(where.section)) if where.section else query


def first_place() -> ColumnElement[int]:
    """Return, of a group of occurrences, where the first of them stands, as `is_at` takes it."""
    return func.min(occurrences.c.note * (1 << START_BITS) + occurrences.c.start)


def is_at(place: ColumnElement[int]) -> ColumnElement[bool]:
    """Return the condition that an occurrence stands at that place."""
    note, start = place.op(">>")(START_BITS), place.op("&")((1 << START_BITS) - 1)
    return (occurrences.c.note == note) & (occurrences.c.start == start)


def standing(where: Filter, *columns: ColumnElement[Any]) -> Select[Any]:
    """Select as `occurring` does, columns of the occurrences alone: nothing is joined that the filter does not need."""
    if where.section:
        return occurring(where, *columns)
    query = select(*columns).select_from(occurrences)
    about = about_notes(where, by_index=False)
    return query.join(notes, notes.c.key == occurrences.c.note).where(*about) if about else query


def sentences_passing(where: Filter, *, by_index: bool = True) -> Select[Any]:
    """Select the keys of all sentences that stand in what passes, as often as they do.

    by_index: as of notes_passing.
    """
    query = select(occurrences.c.sentence)
    if where.section:
        name = sections.c.name if by_index else unindexed(sections.c.name)
        query = query.join(sections, IN_SECTION).where(name.in_(where.section))
    if about := about_notes(where, by_index=by_index):
        query = query.join(notes, notes.c.key == occurrences.c.note).where(*about)
    return query


def notes_passing(where: Filter, *, by_index: bool = True) -> Select[Any]:
    """Select the keys of all notes that pass; with a section asked for, of those that have it.

    by_index: whether by the indexes of what is filtered by, or, for few notes, each by itself.
    """
    query = select(notes.c.key).where(*about_notes(where, by_index=by_index))
    if where.section and by_index:
        return query.where(notes.c.key.in_(select(sections.c.note).where(sections.c.name.in_(where.section))))
    if where.section:
        own = select(sections.c.note).where(sections.c.note == notes.c.key)
        return query.where(own.where(unindexed(sections.c.name).in_(where.section)).exists())
    return query


def about_notes(where: Filter, *, by_index: bool = True) -> list[ColumnElement[bool]]:
    """Return the conditions that a note must meet; its sections have theirs."""
    patient, note_type, time = notes.c.patient_id, notes.c.note_type, notes.c.note_datetime
    if not by_index:
        patient, note_type, time = unindexed(patient), unindexed(note_type), unindexed(time)
    conditions: list[ColumnElement[bool]] = []
    if where.patient_id:
        conditions.append(patient.in_(where.patient_id))
    if where.encounter_id:
        conditions.append(notes.c.encounter_id.in_(where.encounter_id))
    if where.note_type:
        conditions.append(note_type.in_(where.note_type))
    if where.since:
        conditions.append(time >= where.since)
    if where.until:
        conditions.append(time <= where.until)
    return conditions


def unindexed(column: ColumnElement[Any]) -> Any:
    """Return a column as SQLite looks at it row by row, not by an index of it."""
    return func.ifnull(column, null(), type_=column.type)
