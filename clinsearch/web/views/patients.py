"""Patients by what their notes say of something, each with the evidence and its notes on a line of time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from starlette.requests import Request
from starlette.responses import Response

from clinsearch.collection import Collection
from clinsearch.records import Hit, PatientEvidence, PatientHit
from clinsearch.records.listings import NoteCount
from clinsearch.web.addresses import address, note_address
from clinsearch.web.answers import answered
from clinsearch.web.operations.operation import Operation
from clinsearch.web.operations.patients import PATIENTS, patients
from clinsearch.web.operations.ranking import RANKING
from clinsearch.web.parameters import FILTERS, Parameter, Values, filters_of
from clinsearch.web.templating import render
from clinsearch.web.views.lines import NOTES_ON_A_LINE, Line, line_of
from clinsearch.web.views.stances import SIGNS, WORDS, Chosen, Count, chosen, counted, says

PATIENTS_LISTED = 200
SAID = Parameter("said", "Only patients whose notes say this: 1:affirmed, 1:only:other.", several=True)


@dataclass(frozen=True, slots=True)
class Shown:
    """A patient as the page shows it; lines: one for each thing asked for, of the notes that pass, or the first of very
    many."""

    hit: PatientHit
    lines: Sequence[Line | None]


@dataclass(frozen=True, slots=True)
class Found:
    """What the page shows: all patients that a search found, and those chosen; without one, whose notes there are."""

    found: Sequence[PatientHit]
    shown: Sequence[Shown]
    chosen: Sequence[Chosen]
    listed: Sequence[NoteCount]


@dataclass(frozen=True, slots=True)
class Choice:
    """A link that chooses patients by what their notes say; is_on: whether it does now."""

    words: str
    stance: str
    count: int
    href: str
    is_on: bool
    is_only: bool


def _ask(collection: Collection, values: Values) -> Found:
    if values["q"] is None:
        return Found((), (), (), collection.counts("patient", **filters_of(values))[:PATIENTS_LISTED])
    by = chosen(values["said"])
    found = patients(collection, values)
    kept = [hit for hit in found if all(one.fits(hit) for one in by)]
    return Found(found, [_shown(collection, hit, values) for hit in kept], by, ())


def _shown(collection: Collection, hit: PatientHit, values: Values) -> Shown:
    if hit.patient_id is None:
        return Shown(hit, [None] * len(hit.evidence))
    filters = filters_of(values) | {"patient_id": hit.patient_id}
    notes = collection.notes(limit=NOTES_ON_A_LINE, **filters)
    return Shown(hit, [line_of(notes, one.in_notes) for one in hit.evidence])


PAGE = Operation(
    "patients",
    PATIENTS.summary,
    (*(replace(one, required=False) for one in PATIENTS.parameters), SAID),
    _ask,
    lambda found: {"patients": len(found.found)},
)


async def page(request: Request) -> Response:
    """Show the patients that a search finds."""
    values = PAGE.read(request.query_params)
    found = await answered(request, PAGE)
    parts = max((len(hit.evidence) for hit in found.found), default=0)
    return render(
        request,
        "patients.html",
        {
            "values": values,
            "found": found,
            "groups": [(found.found[0].evidence[part].asked, _choices(values, found, part)) for part in range(parts)],
            "everybody": _address(values, ()),
            "kept": [(name, one) for name, some in _state(values).items() for one in _several(some)],
            "said_in": says,
            "words": WORDS,
            "signs": SIGNS,
            "summary": summary,
            "note_address": note_address,
            "address": address,
            "api": address("/api/v1/patients", **(_state(values) | {"q": values["q"], "k": values["k"]})),
            "why_of": lambda hit: _why(values, hit),
            "uncertain": any(not hit.is_certain for hit in found.found),
        },
    )


def summary(evidence: PatientEvidence) -> str:
    """Say in how many notes something is spoken of, and when."""
    if not evidence.notes:
        return "No note speaks of it. The nearest sentences:"
    notes = f"{evidence.notes:,} note{'s' * (evidence.notes > 1)} speak{'s' * (evidence.notes == 1)} of it"
    if evidence.first is None or evidence.last is None:
        return f"{notes}, without a date"
    days = dict.fromkeys([evidence.first.date().isoformat(), evidence.last.date().isoformat()])
    return f"{notes}, {' to '.join(days)}"


def _why(values: Values, hit: Hit) -> str:
    search = {"q": values["q"], "level": "patient", "k": values["k"], **_state(values)}
    return address("/why", **search, note=hit.note_id, start=str(hit.start), end=str(hit.end))


def _choices(values: Values, found: Found, part: int) -> list[Choice]:
    return [
        _choice(values, found, part + 1, count, is_only=is_only)
        for count in counted(found.found, part)
        for is_only in ((False, True) if 0 < count.only < count.patients else (False,))
    ]


def _choice(values: Values, found: Found, part: int, count: Count, *, is_only: bool) -> Choice:
    this = Chosen(part, count.stance, is_only)
    others = [str(one) for one in found.chosen if one.nth != part]
    is_on = this in found.chosen
    href = _address(values, others if is_on else [*others, str(this)])
    number = count.only if is_only else count.patients
    return Choice("only so" if is_only else WORDS[count.stance], count.stance, number, href, is_on, is_only)


def _address(values: Values, said: Sequence[str]) -> str:
    return address("/patients", q=values["q"], **_state(values), k=values["k"], said=said)


def _state(values: Values) -> dict[str, object]:
    """Return what a search was asked with besides its query, where that is not the usual."""
    state = {one.name: values[one.name] for one in FILTERS}
    for one in RANKING:
        if values[one.name] != one.default:
            state[one.name] = int(values[one.name]) if one.kind is bool else values[one.name]
    return {name: str(value) if isinstance(value, int) else value for name, value in state.items() if value}


def _several(value: object) -> tuple[object, ...]:
    return value if isinstance(value, tuple) else (value,)
