"""Lists and counts of notes as records; the keys are documented in docs/json.md."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import asdict

from clinsearch.records.listings import ListedNote, NoteCount
from clinsearch.rendering.records.formats import Record

# The field of a note that is counted, where it has another name.
FIELDS = {"type": "note_type", "patient": "patient_id", "encounter": "encounter_id"}


def listed_records(notes: Iterable[ListedNote]) -> Iterator[Record]:
    """Yield each note as a record."""
    return map(asdict, notes)


def count_records(counts: Iterable[NoteCount]) -> list[Record]:
    """Return counts as records, the value under the name of what is counted."""
    return [{FIELDS.get(one.by, one.by): one.value, "notes": one.notes, "share": one.share} for one in counts]
