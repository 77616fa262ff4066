"""The records of a table as values by normalised name, one by one: CSV, JSON Lines and JSON arrays."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import chain
from typing import Any, TypeAlias

from clinsearch.readers.columns import WHICH_TEXT, Columns, by_name, named, normalised, note_ignored
from clinsearch.readers.csv_rows import csv_rows
from clinsearch.readers.decoding import BINARY, Overlong, lines, whole_text
from clinsearch.readers.json_objects import flat
from clinsearch.readers.outcomes import MAX_RECORD_CHARACTERS, CannotRead, FileFacts, too_long

MAX_NAMES_MET = 100_000
# Numbers stay as they are written: an id of 20 digits or 1.10 must not change.
_JSON = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=lambda _: None)


@dataclass(frozen=True, slots=True)
class Record:
    """A record and its number, from 1; `values` is the fault if it cannot be read."""

    number: int
    values: Mapping[str, object] | CannotRead


Records: TypeAlias = Callable[[Iterable[str], Columns, FileFacts], Iterator[Record]]


def csv_records(
    pieces: Iterable[str], columns: Columns, facts: FileFacts, *, delimiter: str | None = None
) -> Iterator[Record]:
    """Yield each row; add the names of columns that a Note doesn't have to `facts`.

    At malformed quotes the file is given up: nothing then shows which later line begins a row, and a line from the
    middle of a note would pass for another patient's note.
    """
    rows = csv_rows(pieces, delimiter)
    _, header = next(rows, (0, []))
    if isinstance(header, CannotRead):
        raise header
    if not header:
        raise CannotRead("no text in it", kind="no_text")
    if any("\0" in cell for cell in header):
        raise CannotRead(BINARY, kind="file")
    columns = columns.fitted({normalised(name) for name in header})
    if fault := columns.check(header):
        raise CannotRead(fault, kind="columns")
    note_names(header, columns, facts)
    for number, row in rows:
        if isinstance(row, CannotRead):
            yield Record(number, row)
        elif len(row) == len(header):
            yield Record(number, by_name(zip(header, row, strict=True)))
        else:
            yield Record(number, CannotRead(f"cells in the row: {len(row)}, in the header: {len(header)}"))


def json_records(pieces: Iterable[str], columns: Columns, facts: FileFacts, *, are_lines: bool) -> Iterator[Record]:
    """Yield the records of a file in JSON, a record a line or one JSON value; add unknown keys to `facts`.

    are_lines: what its name says, for a file of which the beginning does not show it.
    """
    rest = iter(pieces)
    beginning = next(rest, "")
    shown = _has_lines(beginning)
    read = _records_in_lines if (are_lines if shown is None else shown) else _records_of_value
    yield from read(chain([beginning], rest), columns, facts)


def _has_lines(beginning: str) -> bool | None:
    """Tell whether a file has a record a line, as many programs write under the name .json; None if both may be."""
    first, _, second = beginning.lstrip("\ufeff \t\r\n").partition("\n")
    first, second = first.strip(), second.lstrip()
    if first == "{" or (first.startswith("[") and not (first.endswith("]") and second)):
        return False
    return True if first.startswith("{") and first.endswith("}") and second.startswith("{") else None


def _records_in_lines(pieces: Iterable[str], columns: Columns, facts: FileFacts) -> Iterator[Record]:
    """Yield each line that is not blank."""
    number = 0
    for line in lines(pieces, newline="\n"):
        if isinstance(line, str) and line.isspace():
            continue
        number += 1
        yield _record(number, partial(_of_line, line), columns, facts)
    if not number:
        raise CannotRead("no text in it", kind="no_text")


def _records_of_value(pieces: Iterable[str], columns: Columns, facts: FileFacts) -> Iterator[Record]:
    """Yield each object of an array, or the single object of a file; either may span lines."""
    try:
        text = whole_text(pieces)
    except CannotRead as fault:
        if fault.kind != "too_long":
            raise
        reason = f"more than {MAX_RECORD_CHARACTERS:,} characters of JSON; write it as .jsonl, a record a line"
        raise CannotRead(reason, kind="too_long") from None
    if not text.strip():
        raise CannotRead("no text in it", kind="no_text")
    parsed = _parsed(text)
    listed = parsed if isinstance(parsed, list) else [parsed]
    if not listed:
        raise CannotRead("no text in it", kind="no_text")
    for number, value in enumerate(listed, start=1):
        yield _record(number, partial(_itself, value), columns, facts)


def _record(number: int, read: Callable[[], Any], columns: Columns, facts: FileFacts) -> Record:
    """Return a record of JSON; raise CannotRead if by the first one the whole file is not what was asked for."""
    try:
        return Record(number, _of_object(read(), columns, facts))
    except CannotRead as fault:
        if fault.kind == "columns":
            raise
        return Record(number, fault)


def _of_line(line: str | Overlong) -> Any:
    if isinstance(line, Overlong):
        raise too_long(line.characters, what="record", limit=MAX_RECORD_CHARACTERS)
    return _parsed(line)


def _itself(value: Any) -> Any:
    return value


def _of_object(value: Any, columns: Columns, facts: FileFacts) -> dict[str, object]:
    if not isinstance(value, dict):
        raise CannotRead("not a JSON object")
    if isinstance(resource := value.get("resourceType"), str):
        what = f"FHIR {resource}" if re.fullmatch(r"[A-Za-z]{1,40}", resource) else "FHIR resource"
        raise CannotRead(
            f"a {what}, which is not read; write its text as a record with note_id, patient_id and text", kind="fhir"
        )
    value = flat(value, columns)
    if not facts.names_met and (fault := columns.misfit(value)):
        raise CannotRead(fault, kind="columns")
    note_names(value, columns, facts)
    values = by_name(value.items())
    if not columns.has_text(values):
        there = named(value)
        raise CannotRead(f"no text in it; {there}{WHICH_TEXT}" if there else "no text in it", kind="no_text")
    return values


def note_names(names: Collection[str], columns: Columns, facts: FileFacts) -> None:
    """Add names to those met in a file, and those that a Note doesn't have to the ignored ones."""
    if facts.names_met.issuperset(names):
        return
    new = [name for name in names if name not in facts.names_met]
    if len(facts.names_met) < MAX_NAMES_MET:
        facts.names_met.update(new)
    note_ignored(new, facts.ignored_fields, known=columns.known({normalised(name) for name in names}))


def _parsed(text: str) -> Any:
    try:
        return _JSON.decode(text)
    except json.JSONDecodeError as error:
        line = f"line {error.lineno}, " if "\n" in text.rstrip() else ""
        raise CannotRead(f"not JSON: {error.msg.strip(' :')} ({line}column {error.colno})") from None
    except RecursionError:
        raise CannotRead("JSON nested too deep") from None
