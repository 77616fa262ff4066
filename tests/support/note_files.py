"""Files of notes, written and read."""

from __future__ import annotations

import csv
import gzip
import io
import json
from pathlib import Path

from clinsearch.readers import NoteFiles, Unreadable
from clinsearch.records import Note

SECRET = "zyxwarfarin"


def written(path: Path, content: str | bytes, *, encoding: str = "utf-8") -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    data = content.encode(encoding) if isinstance(content, str) else content
    path.write_bytes(gzip.compress(data, 1) if path.suffix.lower() == ".gz" else data)
    return path


def outcomes(*paths: Path, encoding: str = "utf-8") -> list[Note | Unreadable]:
    return list(NoteFiles(paths, encoding=encoding))


def notes(*paths: Path, encoding: str = "utf-8") -> list[Note]:
    found = outcomes(*paths, encoding=encoding)
    assert all(isinstance(one, Note) for one in found), found
    return [one for one in found if isinstance(one, Note)]


def only_note(path: Path, *, encoding: str = "utf-8") -> Note:
    (note,) = notes(path, encoding=encoding)
    return note


def reasons(*paths: Path, encoding: str = "utf-8") -> list[tuple[str, int | None]]:
    found = outcomes(*paths, encoding=encoding)
    return [(one.reason, one.record) for one in found if isinstance(one, Unreadable)]


def csv_of(*rows: list[str], delimiter: str = ",") -> str:
    out = io.StringIO(newline="")
    csv.writer(out, delimiter=delimiter).writerows(rows)
    return out.getvalue()


def jsonl_of(*records: object) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)
