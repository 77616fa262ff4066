"""Tables of notes, written and read."""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from pathlib import Path

from hypothesis import HealthCheck, Phase, settings

from clinsearch.readers import NoteFiles, Unreadable
from clinsearch.records import Note

QUICK = settings(
    max_examples=40,
    deadline=None,
    phases=(Phase.explicit, Phase.generate),
    suppress_health_check=list(HealthCheck),
)


def table(path: Path, *rows: Sequence[str], delimiter: str = ",") -> Path:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(rows)
    path.write_bytes(out.getvalue().encode())
    return path


def read(*paths: Path, **options: str) -> tuple[list[Note], list[Unreadable]]:
    found = list(NoteFiles(list(paths), **options))
    notes = [one for one in found if isinstance(one, Note)]
    return notes, [one for one in found if isinstance(one, Unreadable)]


def texts(*paths: Path) -> dict[str, str]:
    notes, faults = read(*paths)
    assert not faults
    return {note.note_id: note.text for note in notes}
