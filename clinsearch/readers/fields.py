"""From the values in files to a Note."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from clinsearch.readers.cells import read_cell
from clinsearch.readers.columns import ALIASES, HEADER_NAMES, USUAL, Columns, by_name, note_ignored
from clinsearch.readers.dates import depends_on_order, parse_datetime
from clinsearch.readers.document import Document, read_spans
from clinsearch.readers.outcomes import MAX_NOTE_CHARACTERS, CannotRead, FileFacts, no_text, too_long
from clinsearch.readers.values import check_storable, is_empty, kind_of
from clinsearch.records import Note

__all__ = ["Doubt", "Manner", "build_note", "parse_datetime"]

HEADINGS = "headings"
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
    text = manner.columns.text_of(values)
    inside = final_document(text, values.get(HEADINGS)) if manner.columns.are_final else _document(text)
    return _note(values, inside, default_id=default_id, source=source, facts=facts, manner=manner)


def note_of(document: Document, default_id: str, *, source: str, facts: FileFacts) -> tuple[Note, list[Doubt]]:
    """Make a Note of a document, as `build_note` does of values; its text is never read for another format's."""
    _check_text(document.text)
    values = by_name(document.fields.items())
    note_ignored(document.fields, facts.ignored_fields, known=HEADER_NAMES)
    inside = replace(document, fields={})
    return _note(values, inside, default_id=default_id, source=source, facts=facts, manner=Manner())


def _note(
    values: Mapping[str, object], inside: Document, *, default_id: str, source: str, facts: FileFacts, manner: Manner
) -> tuple[Note, list[Doubt]]:
    doubts = [Doubt("document", reason) for reason in inside.doubts]
    found = {field: read_field(field, values, manner, doubts) for field in ALIASES}
    own = by_name(inside.fields.items())
    found |= {field: read_field(field, own, Manner(), doubts) for field, value in found.items() if value is None}
    written = found["note_datetime"]
    when = None
    if written is not None:
        when = parse_datetime(written, day_first=manner.are_day_first() if depends_on_order(written) else None)
        if when is None:
            doubts.append(Doubt("date", NOT_A_DATE))
    note = Note(
        note_id=found["note_id"] or default_id,
        text=inside.text,
        patient_id=found["patient_id"],
        encounter_id=found["encounter_id"],
        note_type=found["note_type"],
        note_datetime=when,
        title=found["title"],
        source=source,
        headings=inside.headings,
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
    return value.removesuffix(".0") if field in manner.whole and not manner.columns.are_final else value


def _document(value: object) -> Document:
    document = read_cell(_text(value))
    _check_text(document.text)
    return document


def final_document(value: object, headings: object) -> Document:
    """Return a text as it is, with the places of its headings, if these can be."""
    text = _text(value)
    _check_text(text)
    try:
        return Document(text, read_spans(headings))
    except CannotRead as fault:
        return Document(text, doubts=(fault.reason,))


def _text(value: object) -> str:
    if is_empty(value):
        raise no_text()
    if not isinstance(value, str):
        remedy = "decode them first" if isinstance(value, bytes) else "write one record for each note"
        raise CannotRead(f"text is {kind_of(value)}, not a string; {remedy}")
    return value


def _check_text(text: str) -> None:
    if is_empty(text):
        raise no_text()
    if len(text) > MAX_NOTE_CHARACTERS:
        raise too_long(len(text))
    check_storable("text", text)


def is_numbered(note_id: str, file_id: str) -> bool:
    """Tell whether an id is the file's, or is made of the file's and a record's number."""
    return re.fullmatch(re.escape(file_id) + r"(#\d+)?", note_id) is not None
