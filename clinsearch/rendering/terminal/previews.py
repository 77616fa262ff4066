"""What a run would read, and the formats that are read, for reading in a terminal."""

from __future__ import annotations

from collections.abc import Sequence

from clinsearch.records.previews import FormatPreview, NoteMetadata, Preview, ReadFormat, TablePreview
from clinsearch.rendering.signs import visible
from clinsearch.rendering.terminal.layout import columns, write
from clinsearch.rendering.terminal.reports import print_left_out

MOST_TABLES = 20
HEADINGS = {
    "format": "Formats",
    "compression": "Compressed, each of these too",
    "preset": "Tables that are known",
    "plugin": "Readers that are installed besides",
}


def print_preview(preview: Preview) -> None:
    """Show what would be read, by format and table, and what would be left out."""
    write(f"Nothing was written. A run would read {_counted(preview.notes, 'note')}.")
    table = columns(right=(1, 2, 3), count=5)
    for form in preview.formats:
        files, notes = _counted(form.files, "file"), _counted(form.notes, "note")
        table.add_row(form.format, files, _size(form.bytes), notes, _filled(form))
    if preview.formats:
        write(table)
    for one in preview.tables[:MOST_TABLES]:
        write(_table(one))
    if len(preview.tables) > MOST_TABLES:
        write(f"… and tables of {len(preview.tables) - MOST_TABLES:,} other forms.")
    if preview.first:
        write(f"The first note: {_metadata(preview.first)}.")
    print_left_out(preview.failures, preview.doubts)


def print_formats(formats: Sequence[ReadFormat]) -> None:
    """Show the formats that are read, with their endings, and what has to be installed for some."""
    for kind, heading in HEADINGS.items():
        listed = [form for form in formats if form.kind == kind]
        if not listed:
            continue
        write(f"{heading}:")
        table = columns(count=3)
        for form in listed:
            name, more = (form.name, form.what) if form.kind == "preset" else (form.what, " ".join(form.endings))
            table.add_row(f"  {name}", more, _extra(form))
        write(table)


def _extra(form: ReadFormat) -> str:
    if form.needs:
        return form.needs
    return f"installed ({form.extra})" if form.extra else ""


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what if count == 1 else what + 's'}"


def _size(size: int) -> str:
    for unit in ("bytes", "kB", "MB"):
        if size < 1000:
            return f"{size:,} {unit}"
        size //= 1000
    return f"{size:,} GB"


def _filled(form: FormatPreview) -> str:
    return ", ".join(f"{name} in {count:,}" for name, count in form.filled.items() if count)


def _table(table: TablePreview) -> str:
    named = visible(table.source) + (f" and {table.tables - 1:,} more" if table.tables > 1 else "")
    preset = f" ({table.preset})" if table.preset else ""
    fields = ", ".join(f"{field} = {', else '.join(map(visible, names))}" for field, names in table.columns.items())
    return f"{named}{preset}: {fields or 'no column is known'}."


def _metadata(note: NoteMetadata) -> str:
    when = note.note_datetime.isoformat(" ", "minutes") if note.note_datetime else None
    values = {
        "note_id": note.note_id,
        "patient_id": note.patient_id,
        "encounter_id": note.encounter_id,
        "note_type": note.note_type,
        "note_datetime": when,
        "title": note.title,
    }
    known = [f"{name} {visible(value)}" for name, value in values.items() if value]
    return f"{', '.join(known)}; {note.characters:,} characters"
