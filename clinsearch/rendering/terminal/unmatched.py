"""Says, on stderr, which values of a filter nothing in the collection has."""

from __future__ import annotations

from collections.abc import Iterable

from clinsearch.records import Unmatched
from clinsearch.rendering.signs import visible
from clinsearch.rendering.terminal.layout import console

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


def print_unmatched(values: Iterable[Unmatched]) -> None:
    """Name each value, and the nearest that there are."""
    out = console(stderr=True)
    for one in values:
        nearest = f" The nearest there are: {', '.join(one.nearest)}." if one.nearest else ""
        out.print(visible(NOTHING_HAS[one.field].format(one.value) + nearest), soft_wrap=True)
