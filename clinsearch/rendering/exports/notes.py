"""Writes notes with all that is known of them and their texts: as CSV, JSON Lines or Parquet."""

from __future__ import annotations

import csv
import io
import json
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import datetime
from itertools import chain
from pathlib import Path
from typing import BinaryIO, TypeAlias

from clinsearch.errors import InputError
from clinsearch.records import Hit, Note, WordHit
from clinsearch.rendering.exports.parquet import write_parquet
from clinsearch.rendering.files import new_file
from clinsearch.rendering.records.formats import FORMULA, Record, streamed

FIELDS = ("note_id", "patient_id", "encounter_id", "note_type", "note_datetime", "title", "source", "headings", "text")
Hits: TypeAlias = tuple[tuple[int, Hit | WordHit], ...]
FoundNote: TypeAlias = tuple[Note, Hits]


@dataclass(frozen=True, slots=True)
class Exported:
    """What was written. changed_cells: how many cells of a CSV got an apostrophe, so that they are no formulas."""

    path: str
    notes: int
    changed_cells: int = 0


def export_notes(
    notes: Iterable[Note | FoundNote], path: str | Path, *, raw: bool = False, force: bool = False
) -> Exported:
    """Write notes to a file by its ending: .csv, .jsonl or .parquet, for its owner alone; none of it if that fails.

    A cell of a CSV that would be a formula in a spreadsheet gets an apostrophe before it, unless it is to be `raw`.
    Notes may come with the hits that found them, each with its number. Raises InputError, also for a file that is
    there, unless `force`.
    """
    path = Path(path)
    write = _WRITERS.get(path.suffix.lower())
    if write is None:
        raise InputError(f"{path} has none of the endings {', '.join(_WRITERS)}, by which it is told how to write it.")
    counted = _Counted(note_records(notes))
    with new_file(path, may_replace=force) as file:
        changed = write(counted, file, raw)
    return Exported(str(path), counted.count, changed)


def note_records(notes: Iterable[Note | FoundNote]) -> Iterator[Record]:
    """Yield notes as records; those with hits have these, too."""
    for one in notes:
        note, hits = one if isinstance(one, tuple) else (one, None)
        record = asdict(note)
        found = {} if hits is None else {"hits": [_place(number, hit) for number, hit in hits]}
        yield {**{name: record[name] for name in FIELDS[:-1]}, **found, "text": note.text}


def _place(number: int, hit: Hit | WordHit) -> Record:
    return {"hit": number, "score": hit.score, "start": hit.start, "end": hit.end}


class _Counted:
    """Records that are counted as they are read."""

    def __init__(self, records: Iterator[Record]) -> None:
        self._records = records
        self.count = 0

    def __iter__(self) -> Iterator[Record]:
        for record in self._records:
            self.count += 1
            yield record


def _write_jsonl(records: Iterable[Record], file: BinaryIO, _raw: bool) -> int:
    for line in streamed(records, "jsonl"):
        file.write(f"{line}\n".encode())
    return 0


def _write_csv(records: Iterable[Record], file: BinaryIO, raw: bool) -> int:
    # With both signs of a line's end in it, cells with either are quoted.
    text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
    writer, changed = csv.writer(text, lineterminator="\r\n"), 0
    rows = iter(records)
    first = next(rows, None)
    writer.writerow(first or FIELDS)
    for record in chain([first] if first else [], rows):
        changed += 0 if raw else _defuse(record)
        writer.writerow(map(_cell, record.values()))
    text.detach()
    return changed


def _defuse(record: Record) -> int:
    """Put an apostrophe before each value that would be a formula, and move the places of headings; count them."""
    formulas = [name for name, value in record.items() if isinstance(value, str) and FORMULA.match(value)]
    record |= {name: f"'{record[name]}" for name in formulas}
    if "text" in formulas:
        record["headings"] = [(start + 1, end + 1) for start, end in record["headings"]]
    return len(formulas)


def _cell(value: object) -> object:
    if isinstance(value, list | tuple):
        return json.dumps(value)
    return value.isoformat() if isinstance(value, datetime) else value


def _write_parquet(records: Iterable[Record], file: BinaryIO, _raw: bool) -> int:
    write_parquet(records, file, FIELDS)
    return 0


_WRITERS: dict[str, Callable[[Iterable[Record], BinaryIO, bool], int]] = {
    ".csv": _write_csv,
    ".jsonl": _write_jsonl,
    ".parquet": _write_parquet,
}
