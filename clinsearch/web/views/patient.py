"""One patient: all notes on lines of time, by type, what is measured over time, and a search within the notes."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from starlette.requests import Request
from starlette.responses import Response

from clinsearch.collection import Collection
from clinsearch.errors import InputError
from clinsearch.records import MeasuredName, MeasuredValue, PatientHit
from clinsearch.records.listings import ListedNote
from clinsearch.rendering.pictures.timelines import CHART_HEIGHT, CHART_WIDTH, Chart, placed_values
from clinsearch.web.addresses import address, note_address
from clinsearch.web.answers import answered
from clinsearch.web.operations.operation import Operation
from clinsearch.web.parameters import Parameter, Values
from clinsearch.web.templating import render
from clinsearch.web.views.lines import NOTES_ON_A_LINE, Line, line_of, lowered
from clinsearch.web.views.patients import summary
from clinsearch.web.views.stances import SIGNS, WORDS, says

CHARTS, VALUES_DRAWN = 8, 200


@dataclass(frozen=True, slots=True)
class Course:
    """Values of something; drawn: those that are simply so, of which the chart is made, if there are two or more."""

    name: MeasuredName
    values: Sequence[MeasuredValue]
    drawn: Sequence[MeasuredValue]
    chart: Chart | None


@dataclass(frozen=True, slots=True)
class Found:
    """What the page shows of a patient. lanes: a line for each type of note, all with the same beginning and end."""

    notes: Sequence[ListedNote]
    total: int
    by_type: Sequence[tuple[str, int]]
    line: Line | None
    hit: PatientHit | None
    courses: Sequence[Course]
    measured: Sequence[MeasuredName]


def _ask(collection: Collection, values: Values) -> Found:
    of_patient = {"patient_id": values["id"]}
    notes = collection.notes(limit=NOTES_ON_A_LINE, **of_patient)
    if not notes:
        raise InputError("There is no such patient here. Look at all patients: /patients.")
    counts = collection.counts("type", **of_patient)
    hits = collection.search(values["q"], 1, level="patient", **of_patient) if values["q"] else []
    measured = collection.measured(**of_patient)
    names = values["name"] or [one.name for one in measured if one.values > 1 and one.name != "age"][:CHARTS]
    return Found(
        notes=notes,
        total=sum(one.notes for one in counts),
        by_type=[(one.value or "no type", one.notes) for one in counts],
        line=line_of(notes),
        hit=hits[0] if hits else None,
        courses=[_course(collection, one, values["id"]) for one in measured if one.name in names],
        measured=measured,
    )


def _course(collection: Collection, name: MeasuredName, patient_id: str) -> Course:
    found = [one for one in collection.values(name.name, patient_id=patient_id) if one.name == name.name]
    dated = [(one.time, one) for one in found if one.time is not None and _is_so(one)]
    dated = sorted(dated, key=lambda one: one[0])[-VALUES_DRAWN:]
    times, drawn = [time for time, _ in dated], [one for _, one in dated]
    chart = placed_values(times, [one.low for one in drawn]) if len(drawn) > 1 else None
    return Course(name, found, drawn, chart)


def _is_so(value: MeasuredValue) -> bool:
    is_exact = value.comparator in ("=", "~") and value.low == value.high
    return is_exact and value.assertion is None and not value.of_other


PAGE = Operation(
    "patient",
    "One patient.",
    (
        Parameter("id", "The patient's id.", required=True),
        Parameter("q", "What to look for in the patient's notes."),
        Parameter("name", "Only this is shown of what is measured.", several=True),
    ),
    _ask,
    lambda found: {"notes": found.total},
)


async def page(request: Request) -> Response:
    """Show a patient."""
    if not request.query_params.get("id", "").strip():
        return render(request, "patient_id.html", {})
    values = PAGE.read(request.query_params)
    found = await answered(request, PAGE)
    return render(
        request,
        "patient.html",
        {
            "values": values,
            "found": found,
            "dates": _dates(found.notes),
            "asked": [
                (part, line_of(found.notes, part.in_notes)) for part in (found.hit.evidence if found.hit else ())
            ],
            "types": [(name, count, _of_type(found, name)) for name, count in found.by_type],
            "said_in": says,
            "words": WORDS,
            "signs": SIGNS,
            "summary": summary,
            "note_address": note_address,
            "address": address,
            "chart_size": (CHART_WIDTH, CHART_HEIGHT),
            "day": _day,
        },
    )


def _of_type(found: Found, name: str) -> Line:
    """Return the line of the notes of a type, at the dates where they stand on the line of all."""
    assert found.line is not None
    of_type = {one.note_id for one in found.notes if (one.note_type or "no type") == name}
    return lowered(found.line, [mark for mark in found.line.marks if mark.note_id in of_type])


def _dates(notes: Sequence[ListedNote]) -> tuple[str, ...]:
    days = sorted(one.note_datetime for one in notes if one.note_datetime)
    return tuple(dict.fromkeys(_day(day) for day in (days[0], days[-1]))) if days else ()


def _day(time: datetime) -> str:
    return time.date().isoformat()
