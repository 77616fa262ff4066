"""Filters as queries of the catalog."""

from __future__ import annotations

from typing import Any

from sqlalchemy import ColumnElement, Integer, Select, func, literal, select

from clinsearch.records import Filter
from clinsearch.storage.catalog.conditions import measuring
from clinsearch.storage.catalog.rows import one_of_texts, unindexed
from clinsearch.storage.catalog.tables import languages, notes, occurrences, sections

# A place as one number, the note's key above this many bits of offset, so that MIN finds the first place.
START_BITS = 32
IN_SECTION = (sections.c.note == occurrences.c.note) & (sections.c.position == occurrences.c.section)


def occurring(where: Filter, *columns: ColumnElement[Any]) -> Select[Any]:
    """Select from the occurrences that pass, joined with their notes, these's languages, and sections.

    For few sentences or one note: checks each occurrence, and uses no index of the filter's columns. SQLite would use
    that of a type that a tenth of all notes have, and scan all of these.
    """
    query = (
        select(*columns)
        .select_from(occurrences)
        .join(notes, notes.c.key == occurrences.c.note)
        .outerjoin(languages, languages.c.note == notes.c.key)
        .join(sections, IN_SECTION)
        .where(*about_notes(where, by_index=False))
    )
    return query.where(one_of_texts(unindexed(sections.c.name), where.section)) if where.section else query


def first_place() -> ColumnElement[int]:
    """Return the first place of a group of occurrences, as a number for `is_at`."""
    return func.min(occurrences.c.note * (1 << START_BITS) + occurrences.c.start)


def is_at(place: ColumnElement[int]) -> ColumnElement[bool]:
    """Return the condition that an occurrence is at that place."""
    note, start = place.op(">>")(literal(START_BITS, Integer)), place.op("&")((1 << START_BITS) - 1)
    return (occurrences.c.note == note) & (occurrences.c.start == start)


def standing(where: Filter, *columns: ColumnElement[Any]) -> Select[Any]:
    """Select columns of the occurrences that pass, as `occurring`, without joins that the filter does not need."""
    if where.section:
        return occurring(where, *columns)
    query = select(*columns).select_from(occurrences)
    about = about_notes(where, by_index=False)
    return query.join(notes, notes.c.key == occurrences.c.note).where(*about) if about else query


def sentences_passing(where: Filter, *, by_index: bool = True) -> Select[Any]:
    """Select the key of the sentence of every occurrence that passes; keys may repeat.

    by_index: as in notes_passing.
    """
    query = select(occurrences.c.sentence)
    if where.section:
        name = sections.c.name if by_index else unindexed(sections.c.name)
        query = query.join(sections, IN_SECTION).where(one_of_texts(name, where.section))
    if about := about_notes(where, by_index=by_index):
        query = query.join(notes, notes.c.key == occurrences.c.note).where(*about)
    return query


def notes_passing(where: Filter, *, by_index: bool = True) -> Select[Any]:
    """Select the keys of all notes that pass; if the filter names sections, of those that have one.

    by_index: whether to use the indexes of the filter's columns, or to check each note, which is for few notes.
    """
    query = select(notes.c.key).where(*about_notes(where, by_index=by_index))
    if where.section and by_index:
        return query.where(notes.c.key.in_(select(sections.c.note).where(one_of_texts(sections.c.name, where.section))))
    if where.section:
        own = select(sections.c.note).where(sections.c.note == notes.c.key)
        return query.where(own.where(one_of_texts(unindexed(sections.c.name), where.section)).exists())
    return query


def about_notes(where: Filter, *, by_index: bool = True) -> list[ColumnElement[bool]]:
    """Return the conditions on notes; those on sections are separate."""
    patient, note_type, time = notes.c.patient_id, notes.c.note_type, notes.c.note_datetime
    if not by_index:
        patient, note_type, time = unindexed(patient), unindexed(note_type), unindexed(time)
    conditions: list[ColumnElement[bool]] = []
    if where.patient_id:
        conditions.append(one_of_texts(patient, where.patient_id))
    if where.encounter_id:
        conditions.append(one_of_texts(notes.c.encounter_id, where.encounter_id))
    if where.note_type:
        conditions.append(one_of_texts(note_type, where.note_type))
    if where.exclude_type:
        others = unindexed(notes.c.note_type)
        conditions.append(others.is_(None) | others.not_in(where.exclude_type))
    if where.after:
        assert isinstance(where.after, int)  # several are of several databases, each of which has one
        conditions.append(notes.c.key > where.after)
    if where.since:
        conditions.append(time >= where.since)
    if where.until:
        conditions.append(time <= where.until)
    conditions += [measuring(notes.c.key, condition, by_index=by_index) for condition in where.measured]
    return conditions
