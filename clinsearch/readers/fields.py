"""From the values in files to a Note."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass

from clinsearch.readers.columns import ALIASES, USUAL, Columns
from clinsearch.readers.dates import depends_on_order, parse_datetime
from clinsearch.readers.markup import refuse_markup
from clinsearch.readers.outcomes import MAX_NOTE_CHARACTERS, CannotRead, FileFacts, too_long
from clinsearch.readers.values import check_storable, is_empty, kind_of
from clinsearch.records import Note

__all__ = ["Doubt", "Manner", "build_note", "parse_datetime"]

NOT_A_DATE = "note_datetime is not a date: use 2024-03-02 or 2024-03-02T21:40"


@dataclass(frozen=True, slots=True)
class Doubt:
    """A value of a note that could not be used, and why; the note is kept."""

    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class Manner:
    """How to read the values of a file.

    are_day_first: called only for a date like 3/2/2024. whole: the fields whose ids a program wrote as fractions.
    """

    columns: Columns = USUAL
    are_day_first: Callable[[], bool] = lambda: False
    whole: frozenset[str] = frozenset()


def build_note(
    values: Mapping[str, object], default_id: str, *, source: str, facts: FileFacts, manner: Manner
) -> tuple[Note, list[Doubt]]:
    """Make a Note of values by normalised name; also return the values that could not be used, and why.

    `default_id` is for a note without an id. Raises CannotRead if there is no usable text.
    """
    doubts: list[Doubt] = []
    found = {field: read_field(field, values, manner, doubts) for field in ALIASES}
    written = found["note_datetime"]
    when = None
    if written is not None:
        when = parse_datetime(written, day_first=manner.are_day_first() if depends_on_order(written) else None)
        if when is None:
            doubts.append(Doubt("date", NOT_A_DATE))
    note = Note(
        note_id=found["note_id"] or default_id,
        text=_text(manner.columns.text_of(values)),
        patient_id=found["patient_id"],
        encounter_id=found["encounter_id"],
        note_type=found["note_type"],
        note_datetime=when,
        title=found["title"],
        source=source,
    )
    facts.has_default_ids |= found["note_id"] is None
    return note, doubts


def read_field(field: str, values: Mapping[str, object], manner: Manner, doubts: list[Doubt]) -> str | None:
    """Return a field's value as a Note has it, None if there is no usable one."""
    value = manner.columns.value(field, values)
    if value is None:
        return None
    if not isinstance(value, str):
        doubts.append(Doubt("field", f"{field} is {kind_of(value)}, not a string or number"))
        return None
    check_storable(field, value)
    value = value.strip()
    return value.removesuffix(".0") if field in manner.whole else value


def _text(value: object) -> str:
    if is_empty(value):
        raise CannotRead("no text in it", kind="no_text")
    if not isinstance(value, str):
        raise CannotRead(f"text is {kind_of(value)}, not a string")
    if len(value) > MAX_NOTE_CHARACTERS:
        raise too_long(len(value))
    check_storable("text", value)
    refuse_markup(value)
    return value


def is_numbered(note_id: str, file_id: str) -> bool:
    """Tell whether an id is the file's, or is made of the file's and a record's number."""
    return re.fullmatch(re.escape(file_id) + r"(#\d+)?", note_id) is not None
