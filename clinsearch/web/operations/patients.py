"""Patients by what their notes say, and what is measured of them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from clinsearch.collection import Collection
from clinsearch.records import MeasuredName, MeasuredValue, PatientHit
from clinsearch.records.listings import ListedNote
from clinsearch.rendering.records.formats import Record
from clinsearch.rendering.records.listings import listed_records
from clinsearch.rendering.records.patients import patient_records
from clinsearch.rendering.records.values import name_records, value_records
from clinsearch.web.operations.operation import Operation
from clinsearch.web.operations.ranking import RANKING, Q, ranking_of
from clinsearch.web.parameters import FILTERS, MOST_RESULTS, OFFSET, K, Parameter, Values, filters_of

# So many values or notes are enough to see a course by; who wants all has the command line.
MOST_LISTED = 5_000

LIMIT = Parameter("limit", "How many to give.", int, MOST_RESULTS, least=1, most=MOST_LISTED)
_PATIENTS_K = Parameter("k", K.says, int, 20, least=1, most=MOST_RESULTS)


def patients(collection: Collection, values: Values) -> Sequence[PatientHit]:
    """Find patients."""
    return collection.search(values["q"], values["k"], level="patient", **ranking_of(values))


def _values(collection: Collection, values: Values) -> Sequence[MeasuredValue]:
    found = collection.values(values["name"], **filters_of(values))
    return found[values["offset"] : values["offset"] + values["limit"]]


def _measured(collection: Collection, values: Values) -> Sequence[MeasuredName]:
    return collection.measured(**filters_of(values))


def _notes(collection: Collection, values: Values) -> Sequence[ListedNote]:
    part = {name: values[name] for name in ("sort", "reverse", "limit", "offset")}
    return collection.notes(**part, **filters_of(values))


def _listed(notes: Sequence[ListedNote]) -> list[Record]:
    return list(listed_records(notes))


PATIENTS = Operation(
    "patients", "Patients whose notes speak of something, and what they say of it.",
    (Q, _PATIENTS_K, *RANKING, *FILTERS), patients, patient_records,
)  # fmt: skip
VALUES = Operation(
    "values", "The values of something, by patient and time.",
    (Parameter("name", "What is measured: A1c, ejection fraction.", required=True), LIMIT, OFFSET, *FILTERS),
    _values, value_records,
)  # fmt: skip
MEASURED = Operation("measured", "What is measured, and how often.", FILTERS, _measured, name_records)
NOTES = Operation(
    "notes", "The notes that pass, without their texts.",
    (
        Parameter("sort", "In which order.", default="date", choices=("date", "id", "patient", "type", "length")),
        Parameter("reverse", "The other way round.", bool, False),
        LIMIT, OFFSET, *FILTERS,
    ),
    _notes, _listed,
)  # fmt: skip
OPERATIONS: tuple[Operation[Any], ...] = (PATIENTS, VALUES, MEASURED, NOTES)
