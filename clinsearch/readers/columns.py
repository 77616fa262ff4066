"""Which column, key or header line is which field of a Note."""

from __future__ import annotations

import re
from collections.abc import Container, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from clinsearch.readers.values import is_empty, is_empty_piece

TEXT_NAMES = ("text", "note_text", "note", "report")
# Each of these may be a remark beside the text; it is the text only if no column above is there.
OTHER_TEXT_NAMES = (
    "report_text",
    "clinical_note",
    "clinical_notes",
    "clinical_text",
    "note_content",
    "note_body",
    "document_text",
    "transcription",
    "notes",
    "content",
    "body",
)
ALIASES = {
    "note_id": ("note_id", "id", "row_id", "document_id", "doc_id", "report_id"),
    "patient_id": ("patient_id", "person_id", "subject_id", "pat_id", "mrn", "patient"),
    "encounter_id": ("encounter_id", "visit_occurrence_id", "hadm_id", "visit_id", "pat_enc_csn_id", "encounter"),
    "note_type": ("note_type", "category", "type", "document_type", "report_type"),
    "note_datetime": (
        *("note_datetime", "charttime", "note_date", "chartdate", "date", "datetime"),
        *("visit_date", "encounter_date", "service_date", "date_of_service", "contact_date", "report_date"),
    ),
    "title": ("title", "note_title", "description"),
}
LINE_NAMES = ("line", "line_num", "line_number", "line_no", "note_line", "line_nbr", "line_id")
MAX_IGNORED_NAMES = 1000
MAX_COLUMNS_NAMED = 30
NAME = r"[^\W\d][\w .()/#%-]{0,39}"
WHICH_TEXT = "; if one of them is the text, say so: --text-column NAME"
OR_NAME_IT = ", nor one named with --text-column"
NO_HEADER = "its first line does not look like a header"
UNNAMEABLE = "(no usual name)"


@lru_cache(maxsize=10_000)
def normalised(name: str) -> str:
    """Return a column or key in its normalised form: `Note-ID` and `noteId` are `noteid`."""
    return re.sub(r"[\W_]+", "", name).lower()


_TEXT = tuple(map(normalised, TEXT_NAMES))
_OTHER_TEXT = tuple(map(normalised, OTHER_TEXT_NAMES))
_FIELDS = {field: tuple(map(normalised, aliases)) for field, aliases in ALIASES.items()}
_LINE = tuple(map(normalised, LINE_NAMES))
HEADER_NAMES = frozenset(alias for aliases in _FIELDS.values() for alias in aliases)


@dataclass(frozen=True, slots=True)
class Columns:
    """The names of columns or keys that the caller gave; None for the usual ones."""

    text: str | None = None
    note_id: str | None = None

    def known(self, names: Container[str]) -> frozenset[str]:
        """Return the normalised names that are fields of a Note in a table with these normalised names."""
        return HEADER_NAMES | frozenset(self._text_names(names)) | frozenset(self._id_names())

    def has_text(self, names: Container[str]) -> bool:
        """Tell whether one of these normalised names is the text's."""
        return any(name in names for name in self._text_names(names))

    def text_of(self, values: Mapping[str, object]) -> object:
        """Return the text in a record's values by normalised name, None if it has none."""
        return first(values, self._text_names(values))

    def piece_of(self, values: Mapping[str, object]) -> object:
        """Return a row's piece of its note's text, white space included; None if it has none."""
        found = (values[name] for name in self._text_names(values) if name in values)
        return next((value for value in found if not is_empty_piece(value)), None)

    def value(self, field: str, values: Mapping[str, object]) -> object:
        """Return a field's value in a record's values, the first that is not empty; None if it has none."""
        return first(values, self._id_names() if field == "note_id" else _FIELDS[field])

    def line(self, values: Mapping[str, object]) -> object:
        """Return what may be the number of a row within its note."""
        return first(values, _LINE)

    def check(self, header: Sequence[str]) -> str | None:
        """Return what is wrong with a header, None if nothing is."""
        names = {normalised(cell) for cell in header}
        if not self.has_text(names):
            wanted = f"called {self.text}" if self.text else f"for the text ({', '.join(TEXT_NAMES)}, …)"
            there = named(header)
            return (
                f"no column {wanted}; {there}{WHICH_TEXT}" if there else f"no column {wanted}{OR_NAME_IT}; {NO_HEADER}"
            )
        if self.note_id and normalised(self.note_id) not in names:
            return f"no column called {self.note_id}; {named(header) or NO_HEADER}"
        return None

    def _text_names(self, there: Container[str]) -> tuple[str, ...]:
        if self.text is not None:
            return (normalised(self.text),)
        if _TEXT[0] in there or any(name in there for name in _TEXT):
            return _TEXT
        return _OTHER_TEXT

    def _id_names(self) -> tuple[str, ...]:
        return _FIELDS["note_id"] if self.note_id is None else (normalised(self.note_id),)


USUAL = Columns()


def first(values: Mapping[str, object], names: Iterable[str]) -> object:
    """Return the first of the values under these names that is not empty."""
    for name in names:
        value = values.get(name)
        if value is not None and not is_empty(value):
            return value
    return None


def by_name(pairs: Iterable[tuple[str, object]]) -> dict[str, object]:
    """Return values by normalised name; of several under one name the first that is not empty."""
    values: dict[str, object] = {}
    for name, value in pairs:
        key = normalised(name)
        if key not in values or is_empty(values[key]):
            values[key] = value
    return values


def is_name(name: str) -> bool:
    """Tell whether this may be a column's name, not a value or text in its place."""
    return re.fullmatch(NAME, name.strip()) is not None and len(name.split()) <= 3


def is_line_name(name: str) -> bool:
    """Tell whether a column of this name may number the rows of a note."""
    return normalised(name) in _LINE


def note_ignored(names: Iterable[str], ignored: set[str], *, known: frozenset[str]) -> None:
    """Add the names that no Note has to those ignored in a file."""
    for name in names:
        if name.strip() and normalised(name) not in known and len(ignored) < MAX_IGNORED_NAMES:
            ignored.add(name.strip() if is_name(name) else UNNAMEABLE)


def named(header: Iterable[str]) -> str | None:
    """Return a table's columns, or a record's keys, for a message; None if they do not look like names.

    Without a header the first line is text of a note, which must not be shown.
    """
    cells = [cell for cell in header if cell]
    known = HEADER_NAMES.union(_TEXT, _OTHER_TEXT)
    telling = any("_" in cell or normalised(cell) in known for cell in cells)
    if telling and all(cell == cell.strip() and is_name(cell) for cell in cells):
        return f"it has {', '.join(cells[:MAX_COLUMNS_NAMED])}"
    return None
