"""Lists the values of something over time, and what is measured at all."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any

from clinsearch.errors import InputError
from clinsearch.language.assertions import said_at
from clinsearch.language.measurements.naming import names_in
from clinsearch.readers.partial_dates import parse_beside
from clinsearch.records import AssertedSpan, Filter, MeasuredName, MeasuredValue, Said
from clinsearch.records.measurements import Measurement
from clinsearch.retrieval.reading import QueryReader
from clinsearch.storage.port import Catalog, MeasurementCatalog
from clinsearch.storage.values import Occurrence


def find_values(catalog: Catalog, reader: QueryReader, name: str, where: Filter) -> list[MeasuredValue]:
    """Return the values of what is named, in every note that passes, by patient and time.

    Raises InputError if nothing in the collection is measured by such a name.
    """
    names = _measured_names(catalog.measurements, reader, name)
    keys = catalog.measurements.sentences_of(names, where).tolist()
    measured, spans = catalog.measurements.of(keys), catalog.texts.assertions(keys)
    found = [
        _value(place, one, spans[place.sentence_key])
        for place in catalog.occurrences(keys, where)
        for one in measured[place.sentence_key]
        if one.name in names
    ]
    return sorted(found, key=_by_patient_and_time)


def count_measured(catalog: Catalog, where: Filter) -> list[MeasuredName]:
    """Return what is measured in the notes that pass, and how often, most first."""
    return catalog.measurements.counted(where)


def _measured_names(measurements: MeasurementCatalog, reader: QueryReader, written: str) -> Sequence[str]:
    known = measurements.names()
    plain = " ".join(written.split()).lower()
    if plain in known:
        return [plain]
    for text in _wordings(reader, written):
        if names := [name for name in names_in(text) if name in known]:
            return names
    if not known:
        raise InputError("Nothing is measured in these notes.")
    nearest = measurements.names_like((names_in(written) or [plain])[0])
    raise InputError(f"Nothing here is measured by this name. The nearest there are: {', '.join(nearest)}.")


def _wordings(reader: QueryReader, written: str) -> Iterator[str]:
    """Yield a name as it is written, rightly spelt, written out, and as it is called else."""
    yield written
    read = reader.read(written)
    yield from (read.text, read.meant)
    yield from (one.text for expansion in read.expansions for one in expansion.alternatives)


def _value(place: Occurrence, measured: Measurement, spans: Sequence[AssertedSpan]) -> MeasuredValue:
    section = place.section if measured.start >= place.heading else None
    said = said_at(spans, measured.start, measured.end, section) if place.is_read else Said()
    note = place.note
    noted, own = note.note_datetime, measured.date
    moment = parse_beside(own, noted) if own else noted
    return MeasuredValue(
        name=measured.name,
        patient_id=note.patient_id,
        date=own or (noted.date().isoformat() if noted else None),
        time=moment or noted,
        value=measured.value,
        written_unit=measured.written_unit,
        comparator=measured.comparator,
        low=measured.low,
        high=measured.high,
        unit=measured.unit,
        assertion=None if said.assertion == Said().assertion else said.assertion,
        of_other=said.of_other,
        note_id=note.note_id,
        note_type=note.note_type,
        note_datetime=noted,
        section=place.section,
        sentence=place.text,
        start=place.start,
        end=place.end,
    )


def _by_patient_and_time(one: MeasuredValue) -> tuple[Any, ...]:
    return one.patient_id is None, one.patient_id, one.time is None, one.time or datetime.min, one.note_id, one.start
