"""Lists and counts of notes for reading in a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from rich.table import Table
from rich.text import Text

from clinsearch.records.listings import CountBy, ListedNote, NoteCount
from clinsearch.rendering.signs import one_line
from clinsearch.rendering.terminal.layout import columns, write
from clinsearch.rendering.wording import language_name

OF_NONE: dict[CountBy, str] = {
    "type": "of no type",
    "patient": "of no patient",
    "encounter": "of no encounter",
    "section": "before any heading",
    "language": "English, or too short to tell",
    "year": "without a date",
    "month": "without a date",
    "day": "without a date",
}


def print_listed(notes: Sequence[ListedNote], place: str) -> None:
    """Show notes, one a line, and which of how many they are."""
    table = columns(right=[1, 4], count=5)
    for note in notes:
        day = note.note_datetime.date().isoformat() if note.note_datetime else ""
        about = " · ".join(part for part in (note.note_type, note.title) if part)
        row = (day, one_line(note.patient_id or ""), one_line(about), f"{note.characters:,}")
        table.add_row(Text(one_line(note.note_id), style="bold"), *row)
    _write_part(table, place)


def print_counts(counts: Sequence[NoteCount], place: str) -> None:
    """Show how many notes have each value, and which share that is."""
    table = columns(right=[0, 1], count=3)
    for one in counts:
        table.add_row(f"{one.notes:,}", f"{one.share:.1%}", one_line(_name(one)))
    _write_part(table, place)


def _write_part(table: Table, place: str) -> None:
    if table.row_count:
        write(table)
    if place:
        write(Text(place, style="dim"))


def _name(one: NoteCount) -> str:
    if one.value is None:
        return OF_NONE[one.by]
    return language_name(one.value) if one.by == "language" else one.value
