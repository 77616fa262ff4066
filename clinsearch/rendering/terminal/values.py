"""Values over time for reading in a terminal."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import groupby

from rich.padding import Padding
from rich.text import Text

from clinsearch.records import MeasuredName, MeasuredValue
from clinsearch.rendering.reasons import SAID
from clinsearch.rendering.signs import one_line
from clinsearch.rendering.terminal.layout import columns, write

DIGITS = 4


def print_values(values: Sequence[MeasuredValue]) -> None:
    """Show values in the order of time, those of one patient under one heading."""
    if not values:
        write("Nothing found.")
        return
    is_of_several = len({one.name for one in values}) > 1
    for patient, of_patient in groupby(values, key=lambda one: one.patient_id):
        write(Text(one_line(patient or "of no patient"), style="bold"))
        table = columns(right=[1, 2], count=6)
        for one in of_patient:
            name = one.name if is_of_several else ""
            row = (one.date or "", _as_written(one), _in_usual_unit(one), name, one.note_id)
            table.add_row(*map(one_line, row), Text(_said(one), style="dim"))
        write(Padding(table, (0, 0, 0, 2)))


def print_names(names: Sequence[MeasuredName]) -> None:
    """Show what is measured, and how often."""
    if not names:
        write("Nothing found.")
        return
    table = columns(right=[0], count=4)
    for one in names:
        in_notes = f"in {one.notes:,} note{'s' if one.notes > 1 else ''}"
        table.add_row(f"{one.values:,}", *map(one_line, (one.name, one.unit, in_notes)))
    write(table)


def _as_written(one: MeasuredValue) -> str:
    return f"{one.value} {one.written_unit}".strip()


def _in_usual_unit(one: MeasuredValue) -> str:
    low, high = _plain(one.low), _plain(one.high)
    value = low if low == high else f"{low} to {high}"
    return f"{'' if one.comparator == '=' else one.comparator + ' '}{value} {one.unit}".strip()


def _plain(value: float) -> str:
    """Write a number with as many digits as it needs."""
    return f"{value:,.{DIGITS}f}".rstrip("0").rstrip(".")


def _said(one: MeasuredValue) -> str:
    """Say what a value is, where that is not that it is the patient's own and so."""
    said = [SAID[one.assertion]] if one.assertion else []
    return ", ".join([*said, *([SAID["other"]] if one.of_other else [])])
