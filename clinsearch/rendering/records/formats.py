"""Records written as JSON, JSON lines and CSV."""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, TypeAlias

import numpy as np

from clinsearch.rendering.signs import UNSEEN, visible

# What JSON lets stand as it is and a terminal does not; all of it stands in texts, where it can be written by number.
ESCAPED = re.compile(f"[\x7f-\x9f{UNSEEN}\ud800-\udfff]")
# A cell that begins so is a formula to a spreadsheet, which the apostrophe before it makes text again (OWASP, "CSV
# Injection"); the same in full width.
FORMULA = re.compile(r"[=+\-@\t\r\n\uff1d\uff0b\uff0d\uff20]")

Record: TypeAlias = dict[str, Any]


def dumps(result: Record | Sequence[Record], form: str, *, is_ascii: bool = False) -> str:
    """Write a result as `json`, `jsonl` or `csv`; JSON is exact, and with `is_ascii` has nothing but ASCII in it.

    CSV is for spreadsheets and eyes: what would steer a terminal is a sign in it, and what would be a formula is text.
    """
    if form == "json":
        return _json(result, is_ascii, indent=2)
    listed = [result] if isinstance(result, Mapping) else list(result)
    if form == "jsonl":
        return "\n".join(_json(record, is_ascii) for record in listed)
    return _csv(listed)


def streamed(records: Iterable[Record], form: str, *, is_ascii: bool = False) -> Iterator[str]:
    """Yield the lines of what `dumps` writes, record by record; in CSV the first one has every name."""
    records = iter(records)
    if form == "jsonl":
        yield from (_json(record, is_ascii) for record in records)
    elif form == "csv":
        yield from _csv_rows(records)
    else:
        yield from _array(records, is_ascii)


def _csv_rows(records: Iterator[Record]) -> Iterator[str]:
    for first in records:
        yield _csv([first])
        for record in records:
            yield _csv([{name: record.get(name) for name in first}]).partition("\n")[2]


def _array(records: Iterator[Record], is_ascii: bool) -> Iterator[str]:
    first = next(records, None)
    if first is None:
        yield "[]"
        return
    yield "["
    before = first
    for record in records:
        yield f"{_indented(before, is_ascii)},"
        before = record
    yield _indented(before, is_ascii)
    yield "]"


def _indented(record: Record, is_ascii: bool) -> str:
    return "  " + _json(record, is_ascii, indent=2).replace("\n", "\n  ")


def _json(value: Any, is_ascii: bool = False, indent: int | None = None) -> str:
    written = json.dumps(value, ensure_ascii=is_ascii, indent=indent, default=_plain)
    return ESCAPED.sub(lambda sign: f"\\u{ord(sign[0]):04x}", written)


def _csv(records: Sequence[Record]) -> str:
    names = list(dict.fromkeys(name for record in records for name in record))
    buffer = io.StringIO()
    writer = csv.writer(buffer, lineterminator="\n")
    writer.writerow(map(_cell, names))
    writer.writerows([_cell(record.get(name)) for name in names] for record in records)
    return buffer.getvalue().rstrip("\n")


def _cell(value: Any) -> Any:
    if isinstance(value, list | tuple | dict):
        return _json(value)
    if isinstance(value, str):
        return f"'{visible(value)}" if FORMULA.match(value) else visible(value)
    return _plain(value) if isinstance(value, datetime) else value


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        return value.isoformat()
    if isinstance(value, np.ndarray):
        return value.tolist()
    raise TypeError(f"{type(value).__name__} has no form in JSON")
