"""Says which values of a filter nothing in the collection has, and which there are."""

from __future__ import annotations

from clinsearch.records import Unmatched

NOTHING_HAS = {
    "patient_id": "No note is of the patient {}.",
    "encounter_id": "No note is of the encounter {}.",
    "note_type": "No note is of the type {}.",
    "section": "No note has a section {}.",
    "where": "No note measures {}.",
    "exclude_type": "No note is of the type {}.",
    "since": "No note is of {} or later.",
    "until": "No note is of {} or earlier.",
}


def unmatched_line(one: Unmatched) -> str:
    """Name a value, and the nearest that there are."""
    nearest = f" The nearest there are: {', '.join(one.nearest)}." if one.nearest else ""
    return NOTHING_HAS[one.field].format(one.value) + nearest
