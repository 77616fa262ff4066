"""Criteria of cohorts of the patients of `kept_twice.write_many_kinds`, each asked in a way of its own."""

from __future__ import annotations

from dataclasses import fields
from typing import Any

from clinsearch.records.cohorts import Cohort

FEVER = {"name": "fever", "terms": ["fever"]}
CRITERIA: dict[str, dict[str, Any]] = {
    "terms": {"all": [FEVER]},
    "denied": {"all": [{**FEVER, "assertion": "negated"}]},
    "whoever says it": {"all": [{**FEVER, "assertion": "any", "synonyms": False}]},
    "a query": {"all": [{"name": "pain", "query": "short of breath lying flat", "k": 12}]},
    "a query by its score": {"all": [{"name": "pain", "query": "chest pain at night", "min_score": 0.4}]},
    "values": {"any": [{"where": "A1c > 7"}, {"where": ["A1c > 6", "A1c < 6.5"]}]},
    "often": {"all": [{**FEVER, "assertion": "any", "at_least": 2}]},
    "types, sections, dates": {
        "any": [
            {**FEVER, "note_types": ["PROGRESS NOTE", "ÄRZTEBRIEF"], "assertion": "any"},
            {"name": "drugs", "terms": ["aspirin", "warfarin"], "sections": ["meds", "no such section"]},
            {"name": "cough", "terms": ["cough"], "since": "2024-03-10", "until": "2024-03-25", "assertion": "any"},
        ]
    },
    "near in time": {
        "all": [
            {**FEVER, "assertion": "any"},
            {"name": "chills", "terms": ["chills"], "within_days": 5, "of": "fever", "assertion": "any"},
        ],
        "none": [{"name": "zebra", "terms": ["cough"], "note_types": ["zebra"]}],
    },
    "nested": {"all": [{"any": [FEVER, {"where": "K > 6"}]}], "none": [{"name": "edema", "terms": ["edema"]}]},
    "nobody": {"all": [{"name": "none", "terms": ["hypertrophic cardiomyopathy"]}]},
}


def written(name: str) -> dict[str, Any]:
    """Return criteria as `Collection.cohort` takes them."""
    return {"name": name, **CRITERIA[name]}


def found_of(cohort: Cohort) -> dict[str, Any]:
    """Return all that a cohort says, but for when it was found and in what state of the collection."""
    return {field.name: getattr(cohort, field.name) for field in fields(cohort) if field.name != "run"}
