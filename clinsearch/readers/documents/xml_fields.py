"""What the attributes of XML elements say of a note, and what elements of texts are called."""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from clinsearch.readers.columns import ALIASES, HEADER_NAMES, normalised
from clinsearch.readers.document import Document
from clinsearch.readers.documents.draft import Draft
from clinsearch.readers.documents.xml_text import local

LONGEST_VALUE = 500
_LONGEST_LABEL = 80
# An element of these names is a text, whatever is in it.
TEXTS = frozenset(
    map(
        normalised,
        (
            *("text", "note_text", "report_text", "clinical_text", "document_text", "note_content", "note_body"),
            *("transcription", "narrative", "abstract_text", "full_text", "free_text", "full_summary"),
        ),
    )
)
# The elements whose id is a field of the note.
WITH_IDS = {
    normalised(alias): normalised(name) for name in ("patient_id", "encounter_id") for alias in ALIASES[name]
} | {"visit": "encounterid", "subject": "patientid", "person": "patientid"}
# What programs call the values of a row, whose column is an attribute.
_CELLS = frozenset({"field", "column", "col", "property"})
_PLACES = frozenset({"start", "end", "begin", "offset", "spans"})


def called(tag: str, attributes: Mapping[str, str]) -> str:
    """Return an element's name in its normalised form; in rows of a database (`<field name="…">`) the column's."""
    name = normalised(local(tag))
    if name in _CELLS:
        columns = (value for key, value in attributes.items() if normalised(local(key)) == "name")
        return normalised(next(columns, "")[:_LONGEST_LABEL]) or name
    return name


def label(attributes: Mapping[str, str]) -> str:
    """Return what an element says of the part of a text that it is."""
    said = (" ".join(value.split()) for key, value in attributes.items() if normalised(key) in ("label", "heading"))
    return next((label for label in said if len(label) <= _LONGEST_LABEL), "")


def known_in(name: str, attributes: Mapping[str, str]) -> dict[str, object]:
    """Return what the attributes of an element of this name say of the note, by the names that tables have."""
    pairs = ((normalised(local(key)), value.strip()) for key, value in attributes.items())
    return {name_within(name, key): value[:LONGEST_VALUE] for key, value in pairs if value and key in HEADER_NAMES}


def name_within(element: str, name: str) -> str:
    """Return which field of the note a value is: the id of a patient is not the note's."""
    return WITH_IDS.get(element, name) if name == "id" else name


def texts_in(attributes: Mapping[str, str]) -> Iterable[tuple[str, Document]]:
    """Yield the texts that are an element's attributes, as databases write rows."""
    if len(attributes) < 2 or any(normalised(local(key)) in _PLACES for key in attributes):
        return
    for key, value in attributes.items():
        if normalised(local(key)) in TEXTS and value.strip():
            draft = Draft()
            draft.write_as_is(value)
            yield normalised(local(key)), draft.document({})
