"""Which column, key or header line is which field of a Note."""

from __future__ import annotations

import re
from collections.abc import Collection, Container, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property, lru_cache

from clinsearch.errors import InputError
from clinsearch.readers.presets import Preset, preset_named, preset_of
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
    "full_text",
    "report_content",
    "transcription",
    "notes",
    "content",
    "body",
)
ALIASES = {
    "note_id": ("note_id", "id", "row_id", "document_id", "doc_id", "report_id", "note_csn_id"),
    "patient_id": ("patient_id", "person_id", "subject_id", "pat_id", "mrn", "pat_mrn_id", "patient_mrn", "patient"),
    "encounter_id": (
        *(
            "encounter_id",
            "visit_occurrence_id",
            "hadm_id",
            "visit_id",
            "pat_enc_csn_id",
            "encntr_id",
            "enc_id",
            "csn",
            "encounter",
        ),
    ),
    "note_type": ("note_type", "category", "type", "document_type", "report_type"),
    "note_datetime": (
        *("note_datetime", "charttime", "note_date", "chartdate", "date", "datetime"),
        *(
            "visit_date",
            "encounter_date",
            "service_date",
            "date_of_service",
            "contact_date",
            "report_date",
            "document_date",
        ),
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


@dataclass(frozen=True)
class Columns:
    """Which columns or keys of a table are which fields: those that the caller named, else a preset's, else the usual.

    named: by field, the column as it was given. A table that lacks the one named for the text or the note's id is
    refused; any other field is then looked for under its usual names. met: the fields whose named column is there.
    """

    named: Mapping[str, str] = field(default_factory=dict)
    preset: Preset | None = None
    met: frozenset[str] = frozenset({"text", "note_id"})

    def fitted(self, names: Collection[str]) -> Columns:
        """Return the columns for a table with these normalised names: with a preset, if it is one unmistakably."""
        met = self.met.union(of for of, column in self.named.items() if normalised(column) in names)
        return replace(self, preset=self.preset or preset_of(names), met=met)

    def known(self, names: Container[str]) -> frozenset[str]:
        """Return the normalised names that are fields of a Note in a table with these normalised names."""
        named = {column for columns in self._names.values() for column in columns}
        marks = {self.preset.wrong[0]} if self.preset and self.preset.wrong else set()
        beside = self.preset.beside if self.preset else ()
        return HEADER_NAMES.union(self._text_names(names), named, marks, beside)

    def fields_in(self, header: Collection[str]) -> dict[str, tuple[str, ...]]:
        """Return which columns of a header are which fields, of several for one in the order they are looked for."""
        there = {normalised(name): name for name in header if is_name(name)}
        names = {"text": self._text_names(there), **self._names}
        found = {of: tuple(there[name] for name in those if name in there) for of, those in names.items()}
        return {of: columns for of, columns in found.items() if columns}

    def wanted(self, header: Iterable[str]) -> list[str]:
        """Return the columns of a header that say anything of a Note, or of which known table this is."""
        header = list(header)
        signs = map(normalised, self.preset.signs if self.preset else ())
        wanted = self.known({normalised(name) for name in header}).union(_LINE, signs)
        return [name for name in header if normalised(name) in wanted]

    def has_text(self, names: Container[str]) -> bool:
        """Tell whether one of these normalised names is the text's."""
        return any(name in names for name in self._text_names(names))

    def has_id(self, header: Iterable[str]) -> bool:
        """Tell whether a header has a column for the note's id."""
        return not {normalised(name) for name in header}.isdisjoint(self._names["note_id"])

    def text_of(self, values: Mapping[str, object]) -> object:
        """Return the text in a record's values by normalised name, None if it has none."""
        return first(values, self._text_names(values))

    @property
    def are_final(self) -> bool:
        """Whether texts are as they will be indexed, and are not read as other formats."""
        return self.preset is not None and self.preset.is_final

    def piece_of(self, values: Mapping[str, object]) -> object:
        """Return a row's piece of its note's text, white space included; None if it has none."""
        found = (values[name] for name in self._text_names(values) if name in values)
        return next((value for value in found if not is_empty_piece(value)), None)

    def value(self, of: str, values: Mapping[str, object]) -> object:
        """Return a field's value in a record's values, the first that is not empty; None if it has none."""
        codes = self._codes.get(of)
        if codes is None:
            return first(values, self._names[of])
        named = {name: _decoded(values[name], codes) for name in self._names[of] if name in values}
        return first(named, named)

    def line(self, values: Mapping[str, object]) -> object:
        """Return what may be the number of a row within its note."""
        return first(values, _LINE)

    def is_wrong(self, values: Mapping[str, object]) -> bool:
        """Tell whether a table marks a record as an error, which is no note."""
        if self.preset is None or self.preset.wrong is None:
            return False
        column, mark = self.preset.wrong
        value = values.get(column)
        return isinstance(value, str) and value.strip().removesuffix(".0") == mark

    def check(self, header: Sequence[str], there: str | None = None) -> str | None:
        """Return what is wrong with a header, None if nothing is; `there`: what to say of the columns it has."""
        names = {normalised(cell) for cell in header}
        there = there or named(header)
        if fault := self.misfit(header, there):
            return fault
        if not self.has_text(names):
            column = self.named.get("text")
            wanted = f"called {column}" if column else f"for the text ({', '.join(TEXT_NAMES)}, …)"
            return (
                f"no column {wanted}; {there}{WHICH_TEXT}" if there else f"no column {wanted}{OR_NAME_IT}; {NO_HEADER}"
            )
        note_id = self.named.get("note_id")
        if note_id and normalised(note_id) not in names:
            return f"no column called {note_id}; {there or NO_HEADER}"
        return None

    def misfit(self, header: Iterable[str], there: str | None = None) -> str | None:
        """Return what a header lacks of the preset that was asked for, None if it lacks nothing."""
        header = list(header)
        lacking = self.preset.lacks({normalised(cell) for cell in header}) if self.preset else []
        if self.preset is None or not lacking:
            return None
        there = there or named(header) or NO_HEADER
        return f"not {self.preset.name}: it has no {', '.join(lacking)}; {there}"

    @cached_property
    def _names(self) -> Mapping[str, tuple[str, ...]]:
        """The normalised names of each field but the text, in the order in which they are looked for."""
        names = {of: self.preset.columns[of] for of in _FIELDS} if self.preset else dict(_FIELDS)
        for of, column in self.named.items():
            if of != "text":
                others = () if of in self.met else names[of]
                names[of] = (normalised(column), *others)
        return names

    @cached_property
    def _codes(self) -> Mapping[str, Mapping[str, str]]:
        return {of: codes for of, codes in self.preset.codes.items() if of not in self.named} if self.preset else {}

    def _text_names(self, there: Container[str]) -> tuple[str, ...]:
        if "text" in self.named:
            return (normalised(self.named["text"]),)
        if self.preset is not None:
            return self.preset.columns["text"]
        if _TEXT[0] in there or any(name in there for name in _TEXT):
            return _TEXT
        return _OTHER_TEXT


USUAL = Columns()


def columns_named(named: Mapping[str, str], preset: str | None = None, **short: str | None) -> Columns:
    """Return the columns that a caller named by field, also by `short` keywords, and of a preset.

    Raises InputError for a field that notes don't have and an unknown preset.
    """
    fields = ("text", *ALIASES)
    named = {**named, **{of: column for of, column in short.items() if column is not None}}
    for of, column in named.items():
        if of not in fields:
            raise InputError(f"Notes have no field {of}. A column can be named for {', '.join(fields)}.")
        if not normalised(column):
            raise InputError(f"The column for {of} has no name. Write {of}=COLUMN.")
    return Columns(named, preset_named(preset) if preset else None)


def _decoded(value: object, codes: Mapping[str, str]) -> object:
    if not isinstance(value, str):
        return value
    return codes.get(value.strip().removesuffix(".0"), value)


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
    return listed(cells) if telling and all(cell == cell.strip() and is_name(cell) for cell in cells) else None


def listed(names: Iterable[str]) -> str:
    """Return what are columns for certain for a message, without those that do not look like names."""
    names = [name if is_name(name) else UNNAMEABLE for name in names]
    return f"it has {', '.join(names[:MAX_COLUMNS_NAMED])}"
