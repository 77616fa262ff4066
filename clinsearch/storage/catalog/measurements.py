"""Queries of the catalog about what sentences measure."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, func, select

from clinsearch.records import Filter, MeasuredName
from clinsearch.records.keys import KeyArray
from clinsearch.records.measurements import Condition, Measurement
from clinsearch.storage.catalog.filters import IN_SECTION, about_notes
from clinsearch.storage.catalog.rows import chunks, one_of, one_of_texts, read_keys, unindexed
from clinsearch.storage.catalog.similarity import MOST_NAMED, near
from clinsearch.storage.catalog.tables import measurements, notes, occurrences, sections

FIELDS = tuple(Measurement.__dataclass_fields__)
_COLUMNS = [measurements.c[field] for field in FIELDS]
_ROWS = select(measurements.c.sentence, *_COLUMNS)
# How many values beside what is asked for are looked at on either side.
BESIDE = 100

Measured = dict[int, tuple[Measurement, ...]]


class MeasurementCatalog:
    """Queries over one connection."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    def near(self, condition: Condition, most: int) -> Measured:
        """Return, by sentence, at most so many measurements that may be as a condition asks, and the nearest others."""
        low, high = measurements.c.low, measurements.c.high
        place = measurements.c.sentence, measurements.c.position
        upwards, downwards = (low, *place), [column.desc() for column in (low, *place)]
        named = _ROWS.where(measurements.c.name == condition.name)
        least, greatest = condition.low - condition.tolerance, condition.high + condition.tolerance
        if condition.comparator in (">", ">="):
            wanted, beside = [high >= least], [named.where(high < least).order_by(*downwards)]
        elif condition.comparator in ("<", "<="):
            wanted, beside = [low <= greatest], [named.where(low > greatest).order_by(*upwards)]
        else:
            wanted = [low <= greatest, high >= least]
            beside = [named.where(high < least).order_by(*downwards), named.where(low > greatest).order_by(*upwards)]
        as_asked = named.where(*wanted).order_by(*upwards).limit(most)
        return _by_sentence(self._rows([as_asked, *(query.limit(BESIDE) for query in beside)]))

    def of(self, sentence_keys: Sequence[int]) -> Measured:
        """Return what these sentences measure, in the order of their texts."""
        sentence = measurements.c.sentence
        ordered = _ROWS.order_by(sentence, measurements.c.position)
        return _by_sentence(self._rows(ordered.where(one_of(sentence, keys)) for keys in chunks(sentence_keys)))

    def sentences_of(self, names: Sequence[str], where: Filter) -> KeyArray:
        """Return the keys of the sentences that measure something of these names where it passes, in order."""
        # With a filter by the sentences of the notes that pass: SQLite would go through all of a name for each of them.
        name = measurements.c.name if where == Filter() else unindexed(measurements.c.name)
        query = _measuring(where, measurements.c.sentence).where(name.in_(names)).distinct()
        return read_keys(self._connection, query.order_by(measurements.c.sentence))

    def counted(self, where: Filter) -> list[MeasuredName]:
        """Return what is measured at places that pass, how often and in how many notes, most first."""
        of, often = (measurements.c.name, measurements.c.unit), func.count().label("often")
        query = _measuring(where, *of, often, func.count(occurrences.c.note.distinct()))
        query = query.group_by(*of).order_by(often.desc(), *of)
        return [MeasuredName(*row) for row in self._connection.execute(query)]

    def names(self) -> dict[str, int]:
        """Return everything that is measured, and how often, most first."""
        name, often = measurements.c.name, func.count().label("often")
        query = select(name, often).group_by(name).order_by(often.desc(), name)
        return dict(self._connection.execute(query).all())

    def names_like(self, name: str) -> list[str]:
        """Return the names of what is measured that are the most similar to one; if none is, the most frequent."""
        names = list(self.names())
        return near(name, names) or names[:MOST_NAMED]

    def units(self, name: str) -> list[str]:
        """Return the units in which something of this name is measured, the most frequent first."""
        unit = measurements.c.unit
        query = select(unit).where(measurements.c.name == name).group_by(unit).order_by(func.count().desc(), unit)
        return list(self._connection.scalars(query))

    def _rows(self, queries: Iterable[Select[Any]]) -> Iterable[Any]:
        for query in queries:
            yield from self._connection.execute(query)


def _measuring(where: Filter, *columns: ColumnElement[Any]) -> Select[Any]:
    """Select columns of the measurements at places that pass."""
    at_sentence = occurrences.c.sentence == measurements.c.sentence
    query = select(*columns).select_from(measurements).join(occurrences, at_sentence)
    if where == Filter():
        return query
    if where.section:
        query = query.join(sections, IN_SECTION).where(one_of_texts(sections.c.name, where.section))
    return query.join(notes, notes.c.key == occurrences.c.note).where(*about_notes(where))


def _by_sentence(rows: Iterable[Any]) -> Measured:
    found: Measured = {}
    for key, *fields in rows:
        found[key] = (*found.get(key, ()), Measurement(*fields))
    return found
