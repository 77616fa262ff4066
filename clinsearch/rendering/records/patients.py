"""Patients that a search found as records; the keys are documented in docs/json.md."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from clinsearch.records import Hit, PatientHit
from clinsearch.rendering.records.formats import Record


def patient_records(patients: Iterable[PatientHit]) -> list[Record]:
    """Return patients as records."""
    return [asdict(patient) for patient in patients]


def patient_rows(patients: Iterable[PatientHit]) -> list[Record]:
    """Return a row for each sentence that is shown of a patient, as CSV has it."""
    return [
        {
            "patient_id": patient.patient_id,
            "patient_score": patient.score,
            "is_certain": patient.is_certain,
            "asked": one.asked,
            "notes": one.notes,
            "first": one.first,
            "last": one.last,
            **{str(stance): count for stance, count in one.said.items()},
            **_of_hit(hit),
        }
        for patient in patients
        for one in patient.evidence
        for hit in one.hits
    ]


def _of_hit(hit: Hit) -> Record:
    return {name: value for name, value in asdict(hit).items() if name not in ("patient_id", "parts", "variants")}
