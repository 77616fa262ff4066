"""Which notes are left of a damaged catalog: those whose digest is right. What was deleted does not come back.

The catalog overwrites what is deleted with zeros, so that a row that is found is one that was there.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from pathlib import Path

from clinsearch.encoder.pooling import POOLINGS
from clinsearch.errors import CollectionError
from clinsearch.records import Note
from clinsearch.records.digests import note_digest
from clinsearch.storage.catalog.columns import read_spans
from clinsearch.storage.folder.own_files import nothing_at
from clinsearch.storage.folder.rescuing.pages import opened_pages
from clinsearch.storage.folder.rescuing.rows import Value, rows_of

# The columns of notes behind the key, with those of the migrations at the end; see `catalog.tables`.
COLUMNS = (
    "note_id",
    "patient_id",
    "encounter_id",
    "note_type",
    "note_datetime",
    "title",
    "text",
    "source",
    "digest",
    "headings",
)
TEXTS = ("note_id", "patient_id", "encounter_id", "note_type", "title", "text", "source")
# Of the row of the collection: how many columns it has at least, and where the model and the pooling stand.
LEAST_OF_OWNER, MODEL, POOLING = 8, 1, 2


@dataclass(slots=True)
class Remains:
    """What is left: notes by key, the ids of notes that are not as they were written, and what the catalog says.

    counted: how many notes the catalog counts. model, pooling: of the encoder. None where that cannot be read.
    """

    notes: dict[int, Note] = field(default_factory=dict)
    lost: dict[int, str] = field(default_factory=dict)
    counted: int | None = None
    model: str | None = None
    pooling: str | None = None


def read_remains(folder: Path) -> Remains:
    """Read what is left of a folder's catalog. Raises CollectionError if it cannot be read at all."""
    if not folder.is_dir():
        raise nothing_at(folder)
    found = Remains()
    try:
        with opened_pages(folder) as pages:
            for key, values in rows_of(pages):
                _take(found, key, values)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise CollectionError(f"The catalog in {folder} cannot be read: {reason}.") from None
    ids = {note.note_id for note in found.notes.values()}
    found.lost = {key: note_id for key, note_id in found.lost.items() if note_id not in ids}
    return found


def _take(found: Remains, key: int, values: tuple[Value, ...]) -> None:
    """Take from a row of whatever table what it says, if it is one of those that are looked for."""
    if values[:1] == ("notes",) and len(values) == 2 and isinstance(values[1], int) and values[1] > 0:
        found.counted = min(values[1], found.counted or values[1])  # the highest key is in such a row, too
    elif len(values) >= LEAST_OF_OWNER and values[POOLING] in POOLINGS and isinstance(values[MODEL], str):
        found.model, found.pooling = str(values[MODEL]), str(values[POOLING])
    elif len(COLUMNS) <= len(values) <= len(COLUMNS) + 1 and values[0] is None:
        _take_note(found, key, dict(zip(COLUMNS, values[1:], strict=False)))


def _take_note(found: Remains, key: int, row: dict[str, Value]) -> None:
    digest, note_id = row["digest"], row["note_id"]
    is_note = isinstance(note_id, str) and isinstance(row["text"], str) and isinstance(digest, bytes)
    if not is_note or not all(row[name] is None or isinstance(row[name], str) for name in TEXTS):
        return
    note = _note(row)
    if note is not None and note_digest(note) == digest:
        found.notes[key] = note
    else:
        found.lost[key] = str(note_id)


def _note(row: dict[str, Value]) -> Note | None:
    moment = row["note_datetime"]
    try:
        when = None if moment is None else datetime.fromisoformat(str(moment))
    except ValueError:
        return None
    fields = {name: row[name] for name in TEXTS}
    return Note(**fields, note_datetime=when, headings=read_spans(row.get("headings")))  # type: ignore[arg-type]
