"""The block of fields at the top of a text file, between `---` lines: flat YAML, nothing more."""

from __future__ import annotations

import re
from dataclasses import dataclass

from clinsearch.readers.columns import HEADER_NAMES, NAME, normalised

MAX_LINES = 200
_OPENING = re.compile(r"\ufeff?---[ \t]*\r?\n")
_CLOSING = re.compile(r"(?:---|\.\.\.)[ \t]*(?:\r?\n|\Z)(?:\r?\n)?")
_FIELD = re.compile(rf"(?P<name>{NAME}):(?P<value>[^\n]*)\n")
# Belongs to the field above it: items of a list, and indented lines.
_BELOW = re.compile(r"(?:[ \t]+[^\n]*\S|- [^\n]*|-)[ \t]*\r?\n")
_BLANK = re.compile(r"(?:[ \t]*|#[^\n]*)\r?\n")
_BLOCK_SIGNS = (">", "|", ">-", "|-", ">+", "|+")


@dataclass(frozen=True, slots=True)
class Header:
    """Fields as they are written, and where the text begins; `fault` says why a block was not read as fields."""

    fields: list[tuple[str, object]]
    text_start: int = 0
    fault: str | None = None


def read_header(text: str) -> Header:
    """Read the fields at the very top of a text, if any is a field of a note."""
    opening = _OPENING.match(text)
    if opening is None:
        return Header([])
    fields: list[tuple[str, list[str]]] = []
    place = opening.end()
    for number in range(2, MAX_LINES + 2):
        if closing := _CLOSING.match(text, place):
            return _header(fields, closing.end())
        if field := _FIELD.match(text, place):
            fields.append((field["name"], [field["value"].strip()]))
        elif fields and (field := _BELOW.match(text, place)):
            fields[-1][1].append(field[0].rstrip())
        elif not (field := _BLANK.match(text, place)):
            return _not_read(fields, f"its line {number} is not of the form `name: value`")
        place = field.end()
    return _not_read(fields, f"it has no second --- within {MAX_LINES} lines")


def _header(fields: list[tuple[str, list[str]]], text_start: int) -> Header:
    if not _tells_of_a_note(fields):
        return Header([])
    return Header([(name, _value(written)) for name, written in fields], text_start)


def _not_read(fields: list[tuple[str, list[str]]], fault: str) -> Header:
    return Header([], fault=f"its header was not read: {fault}" if _tells_of_a_note(fields) else None)


def _tells_of_a_note(fields: list[tuple[str, list[str]]]) -> bool:
    return not HEADER_NAMES.isdisjoint(normalised(name) for name, _ in fields)


def _value(written: list[str]) -> object:
    """Return a field's value: a string, a list or object if YAML has one, None if empty."""
    value, below = written[0], written[1:]
    if value in _BLOCK_SIGNS:
        return " ".join(line.strip() for line in below)
    if below and all(line.lstrip().startswith("-") for line in below):
        return below
    if below:
        return " ".join([value, *(line.strip() for line in below)]) if value else {"": below}
    if value[:1] == "[" and value[-1:] == "]":
        return [value]
    if value[:1] == "{" and value[-1:] == "}":
        return {"": value}
    if len(value) > 1 and value[0] == value[-1] and value[0] in "\"'":
        return value[1:-1]
    return None if value == "~" else value
