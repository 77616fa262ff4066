"""Patients that a search found, for reading in a terminal."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from rich.padding import Padding
from rich.table import Table
from rich.text import Text

from clinsearch.records import Hit, PatientEvidence, PatientHit, Stance
from clinsearch.rendering.signs import one_line, visible
from clinsearch.rendering.terminal.hits import lines_below, sentence
from clinsearch.rendering.terminal.layout import columns, write

WITHOUT_ID = "no patient id"
UNCERTAIN = "Vectors are searched in part here, or many notes say it: another patient may stand before number {}."
# What one note says of something, and what several say.
SAID: dict[Stance, tuple[str, str]] = {
    "affirmed": ("affirms it", "affirm it"),
    "negated": ("denies it", "deny it"),
    "possible": ("holds it possible", "hold it possible"),
    "historical": ("puts it in the past", "put it in the past"),
    "hypothetical": ("supposes it", "suppose it"),
    "other": ("says it of someone else", "say it of someone else"),
    "unread": ("in another language, not read for that", "in another language, not read for that"),
}


def print_patients(patients: Sequence[PatientHit], *, why: bool = False) -> None:
    """Show patients with their best sentences, these numbered through; with `why` what each score is made of."""
    if not patients:
        write("Nothing found.")
        return
    for line in _read_otherwise(patients[0]):
        write(Text(visible(line), style="dim"))
    number = 0
    for patient in patients:
        write(_heading(patient))
        for one in patient.evidence:
            about = f"{one.asked}, {one.score:.3f}: " if len(patient.evidence) > 1 else ""
            write(Padding(Text(visible(about + _summary(one)), style="dim"), (0, 0, 0, 2)))
            table = columns(right=[0, 1], count=3)
            for hit in one.hits:
                number += 1
                _add(table, number, hit, why=why)
            write(Padding(table, (0, 0, 0, 2)))
    uncertain = next((at for at, patient in enumerate(patients, start=1) if not patient.is_certain), None)
    if uncertain is not None:
        write(Text(UNCERTAIN.format(uncertain), style="dim"))


def _read_otherwise(patient: PatientHit) -> Iterator[str]:
    """Say what was searched for, where that is not what was written."""
    for one in patient.evidence:
        meant = next((hit.parts.meant for hit in one.hits if hit.parts is not None), None)
        if meant:
            yield f"Searched for: {meant} (as written: --exact --no-synonyms)"


def _heading(patient: PatientHit) -> Text:
    name = patient.patient_id if patient.patient_id is not None else WITHOUT_ID
    note = f" · {patient.note_id}" if patient.note_id is not None else ""
    return Text(one_line(name), style="bold").append(one_line(f"  {patient.score:.3f}{note}"), style="not bold dim")


def _summary(one: PatientEvidence) -> str:
    """Say how many notes speak of what is asked for, since when until when, and what they say of it."""
    if not one.notes:
        return "no note speaks of it; the nearest:"
    counted = [(one.said[stance], words[one.said[stance] > 1]) for stance, words in SAID.items() if one.said[stance]]
    if one.notes == 1:
        return f"1 note{_span(one.first, one.last)}: {', '.join(words for _, words in counted)}"
    return f"{one.notes} notes{_span(one.first, one.last)}: {', '.join(f'{count} {words}' for count, words in counted)}"


def _span(first: datetime | None, last: datetime | None) -> str:
    if first is None or last is None:
        return ", without a date"
    days = dict.fromkeys([first.date().isoformat(), last.date().isoformat()])
    return ", " + " to ".join(days)


def _add(table: Table, number: int, hit: Hit, *, why: bool) -> None:
    day = f" {hit.note_datetime.date().isoformat()}" if hit.note_datetime else ""
    place = Text(one_line(f"  {hit.note_id}{day}"), style="dim")
    table.add_row(Text(str(number), style="dim"), f"{hit.score:.3f}", sentence(hit).append_text(place))
    for line in lines_below(hit, why=why):
        table.add_row("", "", Text(visible(line), style="dim"))
