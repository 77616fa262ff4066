"""The values that can be filtered by, and suggestions for a value that nothing has."""

from __future__ import annotations

from datetime import datetime, time
from functools import partial
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from clinsearch.records import Filter, Unmatched
from clinsearch.records.measurements import Condition
from clinsearch.storage.catalog.measurements import MeasurementCatalog
from clinsearch.storage.catalog.rows import one_of_texts
from clinsearch.storage.catalog.similarity import MOST_NAMED, near
from clinsearch.storage.catalog.tables import notes, sections

# If there are more ids, only those next to the one asked for, in sorted order, are compared.
MOST_IDS = 20_000
NEIGHBOURS = 50

COLUMNS: dict[str, ColumnElement[Any]] = {
    "patient_id": notes.c.patient_id,
    "encounter_id": notes.c.encounter_id,
    "note_type": notes.c.note_type,
    "section": sections.c.name,
    "exclude_type": notes.c.note_type,
}
IDS = ("patient_id", "encounter_id")
_TIME = notes.c.note_datetime


class FilterValues:
    """Queries over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def unmatched(self, where: Filter) -> list[Unmatched]:
        """Return the values of a filter that nothing has, each with the most similar existing ones.

        If none is similar, types and sections come with the most frequent ones, ids with none; a date with the newest
        or oldest that there is.
        """
        found = []
        for field, column in COLUMNS.items():
            for value in getattr(where, field):
                if not self._has(column, value, is_id=field in IDS):
                    nearest = self._near_ids(column, value) if field in IDS else self._near_names(column, value)
                    found.append(Unmatched(field, value, tuple(nearest)))
        found += [one for condition in where.measured if (one := self._unmeasured(condition))]
        return found + self._undated(where)

    def _undated(self, where: Filter) -> list[Unmatched]:
        """Say the first and the last date that are asked for if every note is before, or after, it."""
        of_notes = self._connection.execute(select(func.max(_TIME), func.min(_TIME))).one()
        newest, oldest = (one if isinstance(one, datetime) else None for one in of_notes)
        found = []
        if where.since and not (newest and newest >= where.since):
            found.append(Unmatched("since", _day(where.since), (_day(newest),) if newest else ()))
        if where.until and not (oldest and oldest <= where.until):
            found.append(Unmatched("until", _day(where.until), (_day(oldest),) if oldest else ()))
        return found

    def _unmeasured(self, condition: Condition) -> Unmatched | None:
        """Say what is asked to be measured and never is, or not in this unit, with the nearest there are."""
        measured = MeasurementCatalog(self._connection)
        units = measured.units(condition.name)
        if condition.unit in units:
            return None
        if not units:
            return Unmatched("where", condition.name, tuple(measured.names_like(condition.name)))
        return Unmatched(
            "where", _in_unit(condition.name, condition.unit), tuple(map(partial(_in_unit, condition.name), units))
        )

    def _has(self, column: ColumnElement[Any], value: str, *, is_id: bool) -> bool:
        if self._connection.execute(select(column).where(one_of_texts(column, [value])).limit(1)).first():
            return True
        # SQLite folds the case of ASCII only.
        return not is_id and value.casefold() in map(str.casefold, self._all(self._distinct(column)))

    def _near_names(self, column: ColumnElement[Any], value: str) -> list[str]:
        query = select(column).where(column.is_not(None)).group_by(column).order_by(func.count().desc(), column)
        names = self._all(query)
        return near(value, names) or names[:MOST_NAMED]

    def _near_ids(self, column: ColumnElement[Any], value: str) -> list[str]:
        query = self._distinct(column)
        ids = self._all(query.limit(MOST_IDS + 1))
        if len(ids) > MOST_IDS:
            ids = self._all(query.where(column < value).order_by(column.desc()).limit(NEIGHBOURS))
            ids += self._all(query.where(column > value).order_by(column).limit(NEIGHBOURS))
        return near(value, ids)

    def _distinct(self, column: ColumnElement[Any]) -> Select[Any]:
        return select(column).where(column.is_not(None)).distinct()

    def _all(self, query: Select[Any]) -> list[str]:
        return list(self._connection.scalars(query))


def _in_unit(name: str, unit: str) -> str:
    return f"{name} in {unit}" if unit else f"{name} without a unit"


def _day(moment: datetime) -> str:
    """Write a moment, if it is the first or last of its day as the day."""
    is_day = moment.time() in (time.min, time.max)
    return moment.date().isoformat() if is_day else moment.isoformat(" ", "minutes")
