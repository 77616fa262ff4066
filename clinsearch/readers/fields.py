"""Names and values as files have them to a Note: aliases, dates, what cannot be stored."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime

from clinsearch.readers.outcomes import MAX_NOTE_CHARACTERS, CannotRead, FileFacts, too_long
from clinsearch.records import Note

ALIASES = {
    "text": ("text", "note_text", "note", "report"),
    "note_id": ("note_id", "id", "row_id", "document_id"),
    "patient_id": ("patient_id", "person_id", "subject_id", "mrn", "patient"),
    "encounter_id": ("encounter_id", "visit_occurrence_id", "hadm_id", "visit_id", "encounter"),
    "note_type": ("note_type", "category", "type", "document_type"),
    "note_datetime": ("note_datetime", "charttime", "note_date", "chartdate", "date", "datetime"),
    "title": ("title", "note_title", "description"),
}
KNOWN_NAMES = frozenset(alias for aliases in ALIASES.values() for alias in aliases)
HEADER_NAMES = KNOWN_NAMES - frozenset(ALIASES["text"])
MAX_IGNORED_NAMES = 1000
NAME = r"[^\W\d][\w .()/#%-]{0,39}"
UNNAMEABLE = "(no usual name)"
NOT_A_DATE = "note_datetime is not a date: use 2024-03-02 or 2024-03-02T21:40"

# fromisoformat alone takes any character for the T, and so reads a wrong time from 202403022140.
_ISO = re.compile(r"(\d{4}-\d\d-\d\d|\d{8})([Tt ].+)?", re.ASCII)
_AMERICAN = ("%m/%d/%Y", "%m/%d/%Y %H:%M", "%m/%d/%Y %H:%M:%S")


def normalised(name: str) -> str:
    """Return a column or key as it is compared: `Note-ID` is `note_id`."""
    return name.strip().lower().replace("-", "_").replace(" ", "_")


def is_name(name: str) -> bool:
    """Tell whether this may be the name of a column, rather than a value or text where a name belongs."""
    return re.fullmatch(NAME, name.strip()) is not None and len(name.split()) <= 3


def note_ignored(names: Iterable[str], ignored: set[str], *, known: frozenset[str] = KNOWN_NAMES) -> None:
    """Add the names that are not of a Note to those ignored in a file."""
    for name in names:
        if name.strip() and normalised(name) not in known and len(ignored) < MAX_IGNORED_NAMES:
            ignored.add(name.strip() if is_name(name) else UNNAMEABLE)


def by_name(pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
    """Gather values under their normalised names; of several under one name the first that is not empty."""
    values: dict[str, object] = {}
    for name, value in pairs:
        key = normalised(name)
        if key not in values or _is_empty(values[key]):
            values[key] = value
    return values


def build_note(
    values: Mapping[str, object], default_id: str, *, source: str, facts: FileFacts
) -> tuple[Note, list[str]]:
    """Make a Note of values by normalised name; also return what of them could not be used, and why.

    `default_id` is for a note that states none. Raises CannotRead where there is no usable text.
    """
    doubts: list[str] = []
    found = {field: _field(field, values, doubts) for field in ALIASES if field != "text"}
    written = found["note_datetime"]
    when = None if written is None else parse_datetime(written)
    if written is not None and when is None:
        doubts.append(NOT_A_DATE)
    note = Note(
        note_id=found["note_id"] or default_id,
        text=_text(values),
        patient_id=found["patient_id"],
        encounter_id=found["encounter_id"],
        note_type=found["note_type"],
        note_datetime=when,
        title=found["title"],
        source=source,
    )
    facts.has_default_ids |= found["note_id"] is None
    return note, doubts


def parse_datetime(written: str) -> datetime | None:
    """Read an ISO 8601 or American date; a zone is dropped and the local wall time kept."""
    try:
        if _ISO.fullmatch(written):
            return datetime.fromisoformat(written).replace(tzinfo=None)
    except ValueError:
        return None
    for form in _AMERICAN:
        try:
            return datetime.strptime(written, form)
        except ValueError:
            continue
    return None


def _text(values: Mapping[str, object]) -> str:
    value = _first(values, "text")
    if value is None:
        raise CannotRead("no text in it")
    if not isinstance(value, str):
        raise CannotRead(f"text is {_kind(value)}, not a string")
    if len(value) > MAX_NOTE_CHARACTERS:
        raise too_long(len(value))
    _check_storable("text", value)
    return value


def _field(field: str, values: Mapping[str, object], doubts: list[str]) -> str | None:
    value = _first(values, field)
    if value is None:
        return None
    if not isinstance(value, str):
        doubts.append(f"{field} is {_kind(value)}, not a string or number")
        return None
    _check_storable(field, value)
    return value.strip()


def _first(values: Mapping[str, object], field: str) -> object:
    return next((values[name] for name in ALIASES[field] if not _is_empty(values.get(name))), None)


def _is_empty(value: object) -> bool:
    return value is None or (isinstance(value, str) and (not value or value.isspace()))


def _kind(value: object) -> str:
    if isinstance(value, bool):
        return "true or false"
    return "an object" if isinstance(value, dict) else "an array"


def _check_storable(field: str, value: str) -> None:
    if "\0" in value:
        raise CannotRead(f"{field} holds a NUL character")
    try:
        value.encode()
    except UnicodeEncodeError:
        raise CannotRead(f"{field} holds an unpaired surrogate") from None
