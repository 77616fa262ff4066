"""The tables of notes that are known by name: which of their columns are which fields, and what their codes mean."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

from clinsearch.errors import InputError


@dataclass(frozen=True, slots=True)
class Preset:
    """A table of notes as its makers document it; all columns by their normalised names.

    what: what it is, for a list. columns: by field, in the order in which they are looked for. signs: the columns by
    which it is known, and without which a table is not it; none that may be empty, as keys of JSON are then left out.
    codes: by field, the names of values that are codes; a code
    with an empty name says nothing. wrong: the column, and its value, of notes that were found to be errors. beside:
    columns that are known and say nothing of a note. is_final: whether its texts are as they will be indexed, with the
    places of their headings in a column of that name.
    """

    name: str
    what: str
    columns: Mapping[str, tuple[str, ...]]
    signs: tuple[str, ...]
    codes: Mapping[str, Mapping[str, str]] = field(default_factory=dict)
    wrong: tuple[str, str] | None = None
    beside: tuple[str, ...] = ()
    is_final: bool = False

    def lacks(self, names: Collection[str]) -> list[str]:
        """Return the columns that this table has and one with these normalised names has not."""
        return [written for written in self.signs if written.replace("_", "") not in names]


def _normalised(columns: Mapping[str, tuple[str, ...]]) -> Mapping[str, tuple[str, ...]]:
    return MappingProxyType({of: tuple(name.replace("_", "") for name in names) for of, names in columns.items()})


MIMIC_IV_NOTE = Preset(
    "mimic-iv-note",
    "MIMIC-IV-Note: discharge.csv, radiology.csv",
    _normalised(
        {
            "text": ("text",),
            "note_id": ("note_id",),
            "patient_id": ("subject_id",),
            "encounter_id": ("hadm_id",),
            "note_type": ("note_type",),
            "note_datetime": ("charttime",),
            "title": (),
        }
    ),
    signs=("note_id", "subject_id", "note_type", "note_seq", "charttime", "text"),
    codes={
        "note_type": {
            "DS": "Discharge summary",
            "AD": "Discharge summary addendum",
            "RR": "Radiology report",
            "AR": "Radiology report addendum",
        }
    },
)
MIMIC_III = Preset(
    "mimic-iii",
    "MIMIC-III: NOTEEVENTS.csv",
    _normalised(
        {
            "text": ("text",),
            "note_id": ("row_id",),
            "patient_id": ("subject_id",),
            "encounter_id": ("hadm_id",),
            "note_type": ("category",),
            "note_datetime": ("charttime", "chartdate"),
            "title": ("description",),
        }
    ),
    signs=("row_id", "subject_id", "chartdate", "category", "text"),
    wrong=("iserror", "1"),
)
OMOP_NOTE = Preset(
    "omop-note",
    "OMOP CDM: the table NOTE",
    _normalised(
        {
            "text": ("note_text",),
            "note_id": ("note_id",),
            "patient_id": ("person_id",),
            "encounter_id": ("visit_occurrence_id",),
            "note_type": (
                # No columns of the table, but what queries of it join.
                *("note_type", "note_class_concept_name", "note_type_concept_name"),
                *("note_type_concept_id", "note_source_value", "note_class_concept_id"),
            ),
            "note_datetime": ("note_datetime", "note_date"),
            "title": ("note_title",),
        }
    ),
    signs=("note_id", "person_id", "note_date", "note_type_concept_id", "note_text"),
    codes={
        # The vocabulary "Note Type"; later versions say there only where a note comes from, as 32817: an EHR.
        "note_type": {
            "44814637": "Discharge summary",
            "44814638": "Admission note",
            "44814639": "Inpatient note",
            "44814640": "Outpatient note",
            "44814641": "Radiology report",
            "44814642": "Pathology report",
            "44814643": "Ancillary report",
            "44814644": "Nursing report",
            "44814645": "Note",
            "44814646": "Emergency department note",
            "32817": "",
            "0": "",
        },
        "encounter_id": {"0": ""},
    },
)
MTSAMPLES = Preset(
    "mtsamples",
    "MTSamples: mtsamples.csv",
    _normalised(
        {
            "text": ("transcription",),
            # Its first column has no name and counts rows, as that of every other such table: no id.
            "note_id": ("note_id",),
            "patient_id": (),
            "encounter_id": (),
            "note_type": ("medical_specialty",),
            "note_datetime": (),
            "title": ("sample_name", "description"),
        }
    ),
    signs=("description", "medical_specialty", "sample_name", "transcription"),
)
_OWN = ("note_id", "patient_id", "encounter_id", "note_type", "note_datetime", "title", "text")
CLINSEARCH = Preset(
    "clinsearch",
    "what clinsearch export writes",
    _normalised({name: (name,) for name in _OWN}),
    signs=(*_OWN, "source", "headings"),
    beside=("source", "headings", "hits"),
    is_final=True,
)
PRESETS = (MIMIC_IV_NOTE, MIMIC_III, OMOP_NOTE, MTSAMPLES, CLINSEARCH)


def preset_named(name: str) -> Preset:
    """Return a preset by its name. Raises InputError if there is none of that name."""
    for preset in PRESETS:
        if preset.name == name:
            return preset
    raise InputError(f"There is no preset {name}. There are: {', '.join(one.name for one in PRESETS)}.")


def preset_of(names: Collection[str]) -> Preset | None:
    """Return the preset that a table with these normalised names unmistakably is, None if it is none."""
    return next((preset for preset in PRESETS if not preset.lacks(names)), None)
