"""CSV and JSON Lines files: one note a record, read record by record."""

from __future__ import annotations

import csv
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain

from clinsearch.readers.decoding import Overlong, lines
from clinsearch.readers.fields import (
    ALIASES,
    KNOWN_NAMES,
    build_note,
    by_name,
    is_name,
    normalised,
    note_ignored,
)
from clinsearch.readers.folders import NoteFile
from clinsearch.readers.outcomes import MAX_RECORD_CHARACTERS, CannotRead, FileFacts, Unreadable, too_long
from clinsearch.records import Note

DELIMITERS = ",;\t"
MAX_COLUMNS_NAMED = 30


def read_csv(pieces: Iterable[str], file: NoteFile, *, facts: FileFacts) -> Iterator[Note | Unreadable]:
    """Yield the note of each row; add the names of columns that a Note doesn't have to `facts`.

    Where quotes are malformed the file is given up: nothing tells then which later line begins a row,
    and a line from the middle of a note would be taken for the note of another patient.
    """
    rows = _rows(lines(pieces, newline=""))
    _, header = next(rows, (0, []))
    _check_header(header)
    note_ignored(header, facts.ignored_fields)
    for record, row in rows:
        if len(row) == len(header):
            yield from _outcomes(by_name(zip(header, row, strict=True)), file, record=record, facts=facts)
        else:
            facts.has_lost_records = True
            yield Unreadable(file.path, f"cells in the row: {len(row)}, in the header: {len(header)}", record)


def read_jsonl(pieces: Iterable[str], file: NoteFile, *, facts: FileFacts) -> Iterator[Note | Unreadable]:
    """Yield the note of each line; add the names of keys that a Note doesn't have to `facts`."""
    record = 0
    for line in lines(pieces, newline="\n"):
        if isinstance(line, str) and line.isspace():
            continue
        record += 1
        try:
            values = _parsed(line)
        except CannotRead as problem:
            facts.has_lost_records = True
            yield Unreadable(file.path, problem.reason, record)
            continue
        note_ignored(values, facts.ignored_fields)
        yield from _outcomes(by_name(values.items()), file, record=record, facts=facts)
    if not record:
        raise CannotRead("no text in it")


def _outcomes(
    values: Mapping[str, object], file: NoteFile, *, record: int, facts: FileFacts
) -> Iterator[Note | Unreadable]:
    try:
        note, doubts = build_note(values, f"{file.note_id}#{record}", source=str(file.path), facts=facts)
    except CannotRead as problem:
        facts.has_lost_records = True
        yield Unreadable(file.path, problem.reason, record)
        return
    yield note
    for reason in doubts:
        yield Unreadable(file.path, reason, record)


def _parsed(line: str | Overlong) -> dict[str, object]:
    if isinstance(line, Overlong):
        raise too_long(line.characters, what="record", limit=MAX_RECORD_CHARACTERS)
    try:
        # Numbers as they are written: an id of 20 digits or 1.10 must not change.
        value = json.loads(line, parse_int=str, parse_float=str, parse_constant=lambda _: None)
    except json.JSONDecodeError as error:
        raise CannotRead(f"not JSON: {error.msg.strip(' :')} (column {error.colno})") from None
    except RecursionError:
        raise CannotRead("JSON nested too deep") from None
    if not isinstance(value, dict):
        raise CannotRead("not a JSON object")
    return value


class _Feed:
    """Hands lines to csv.reader, and stops a row that never ends: an unclosed quote takes all after it."""

    def __init__(self, source: Iterable[str | Overlong]) -> None:
        self._source = iter(source)
        self._row_characters = 0
        self.number = 0

    def begin_row(self, number: int) -> None:
        self.number = number
        self._row_characters = 0

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        line = next(self._source)
        self._row_characters += line.characters if isinstance(line, Overlong) else len(line)
        if isinstance(line, Overlong) or self._row_characters > MAX_RECORD_CHARACTERS:
            raise _given_up(f"a row of more than {MAX_RECORD_CHARACTERS:,} characters", self.number)
        return line


def _rows(source: Iterator[str | Overlong]) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that is not blank with its number, the header as 0."""
    first = next((line for line in source if isinstance(line, Overlong) or not line.isspace()), "")
    csv.field_size_limit(max(csv.field_size_limit(), MAX_RECORD_CHARACTERS))
    feed = _Feed(chain([first], source))
    reader = csv.reader(feed, delimiter=_delimiter(first), strict=True)
    number = 0
    while True:
        feed.begin_row(number)
        try:
            row = next(reader, None)
        except csv.Error:
            raise _given_up("a quote out of place or never closed", number) from None
        if row is None:
            return
        if len(row) > 1 or (row and row[0].strip()):
            yield number, row
            number += 1


def _given_up(reason: str, number: int) -> CannotRead:
    return CannotRead(f"{reason}; the rest of the file was not read", number or None)


def _delimiter(first: str | Overlong) -> str:
    if isinstance(first, Overlong):
        return DELIMITERS[0]
    unquoted = re.sub(r'"[^"]*"', "", first)
    return max(DELIMITERS, key=unquoted.count)


def _check_header(header: Sequence[str]) -> None:
    if not header:
        raise CannotRead("no text in it")
    names = ALIASES["text"]
    if not any(normalised(cell) in names for cell in header):
        wanted = f"no column for the text ({', '.join(names[:-1])} or {names[-1]})"
        raise CannotRead(f"{wanted}; {_columns(header)}")


def _columns(header: Sequence[str]) -> str:
    # Where there is no header, the first line is of a note and may not be shown.
    named = [cell for cell in header if cell]
    telling = any("_" in cell or normalised(cell) in KNOWN_NAMES for cell in named)
    if telling and all(cell == cell.strip() and is_name(cell) for cell in named):
        return f"it has {', '.join(named[:MAX_COLUMNS_NAMED])}"
    return "its first line does not look like a header"
