"""A cohort as a record, which is also what is written down of a run; the keys are documented in docs/json.md."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from clinsearch.records.cohorts import Cohort, CohortMember
from clinsearch.rendering.records.formats import Record
from clinsearch.retrieval import canonical


def cohort_record(cohort: Cohort) -> Record:
    """Return a cohort as a record."""
    record: Record = {
        "name": cohort.definition.name,
        "description": cohort.definition.description,
        "run": asdict(cohort.run),
        "criteria": canonical(cohort.definition.criteria),
        "population": asdict(cohort.population),
        "found": [asdict(one) for one in cohort.found],
        "patients": [_member(one) for one in cohort.members],
    }
    return record if cohort.comparison is None else {**record, "comparison": asdict(cohort.comparison)}


def cohort_rows(cohort: Cohort) -> list[Record]:
    """Return a row for each piece of evidence; a patient without any has one row."""
    empty: dict[str, Any] = dict.fromkeys(("criterion", "note_id", "note_type", "note_datetime", "section", "sentence"))
    rows = []
    for member in cohort.members:
        for one in [asdict(one) for one in member.evidence] or [{**empty, "note_id": member.note_id}]:
            rows.append({"patient_id": member.patient_id, **one, "said": " ".join(one.get("said", ()))})
    return rows


def _member(member: CohortMember) -> Record:
    return {
        "patient_id": member.patient_id,
        "note_id": member.note_id,
        "evidence": [asdict(one) for one in member.evidence],
    }
