"""The rows of a table in CSV as the programs write them that export notes: delimiters, quotes, and what is no row."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from clinsearch.readers.decoding import Overlong, lines
from clinsearch.readers.outcomes import MAX_RECORD_CHARACTERS, CannotRead

DELIMITERS = ",;\t|"
_QUOTED = re.compile(r'"[^"]*"')
# Excel's line above the header.
_SAID = re.compile(r"""["']?sep=([,;\t|])["']?\s*""", re.IGNORECASE)
# Spark and MySQL write a quote within quotes so; where quotes are doubled it would end a cell, and nothing may follow.
_ESCAPED = re.compile(r'\\"[^"\s,;|]')
_ESCAPED_QUOTE = re.compile(r'(?<!\\)((?:\\\\)*)\\"')
# What sqlcmd and psql write below a header and a table.
_RULE = re.compile(r"-+")
_COUNT = re.compile(r"\(\d+ rows?(?: affected)?\)|Completion time: \S+")
_ENDS = " \t\r\n\x1a"


@dataclass(frozen=True, slots=True)
class _Dialect:
    """How a table is written."""

    delimiter: str
    has_blanks: bool = False
    has_escapes: bool = False


def csv_rows(pieces: Iterable[str], usual: str | None) -> Iterator[tuple[int, list[str]]]:
    """Yield each row that is not blank with its number, the header as 0; `usual`: the delimiter that its name says."""
    rest = iter(pieces)
    beginning = next(rest, "")
    source = lines(chain([beginning], rest), newline="")
    first = _next_line(source)
    if isinstance(first, str) and (said := _SAID.fullmatch(first)):
        usual, first = said[1], _next_line(source)
    dialect = _dialect(first, usual, has_escapes=_ESCAPED.search(beginning) is not None)
    width = 0
    for number, row in _rows(_Feed(chain([first], source), has_escapes=dialect.has_escapes), dialect):
        if not number:
            width = len(row)
        elif len(row) > width and not any(cell.strip() for cell in row[width:]):
            row = row[:width]  # each of its lines ends with a delimiter
        yield number, row


def _next_line(source: Iterator[str | Overlong]) -> str | Overlong:
    return next((line for line in source if isinstance(line, Overlong) or not line.isspace()), "")


def _dialect(first: str | Overlong, usual: str | None, *, has_escapes: bool) -> _Dialect:
    """Return how a table with this header is written, with the delimiter of its name where it has that or none."""
    if isinstance(first, Overlong):
        return _Dialect(usual or DELIMITERS[0], has_escapes=has_escapes)
    unquoted = _QUOTED.sub("", first)
    met = max(DELIMITERS, key=unquoted.count)
    delimiter = usual if usual and (usual in unquoted or met not in unquoted) else met
    count = unquoted.count(delimiter)
    return _Dialect(delimiter, 0 < count == unquoted.count(f"{delimiter} "), has_escapes)


def _rows(feed: _Feed, dialect: _Dialect) -> Iterator[tuple[int, list[str]]]:
    csv.field_size_limit(max(csv.field_size_limit(), MAX_RECORD_CHARACTERS))
    reader = csv.reader(feed, delimiter=dialect.delimiter, skipinitialspace=dialect.has_blanks, strict=True)
    number = 0
    while True:
        feed.begin_row(number)
        try:
            row = next(reader, None)
        except csv.Error:
            raise _given_up("a quote out of place or never closed", number) from None
        if row is None:
            return
        if not _is_no_row(row, number):
            yield number, row
            number += 1


def _is_no_row(row: list[str], number: int) -> bool:
    """Tell whether a row is blank, the rule below a header, or what a program says of the table."""
    if len(row) < 2:
        return not row or not (said := row[0].strip(_ENDS)) or (number > 0 and _COUNT.fullmatch(said) is not None)
    return number == 1 and all(_RULE.fullmatch(cell.strip()) for cell in row)


class _Feed:
    """Feeds lines to csv.reader, and stops a row that never ends: an unclosed quote swallows everything after it."""

    def __init__(self, source: Iterable[str | Overlong], *, has_escapes: bool) -> None:
        self._source = iter(source)
        self._has_escapes = has_escapes
        self._row_characters = 0
        self.number = 0

    def begin_row(self, number: int) -> None:
        """Count from here."""
        self.number = number
        self._row_characters = 0

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        line = next(self._source)
        self._row_characters += line.characters if isinstance(line, Overlong) else len(line)
        if isinstance(line, Overlong) or self._row_characters > MAX_RECORD_CHARACTERS:
            raise _given_up(f"a row of more than {MAX_RECORD_CHARACTERS:,} characters", self.number)
        return _ESCAPED_QUOTE.sub(r'\1""', line) if self._has_escapes else line


def _given_up(reason: str, number: int) -> CannotRead:
    return CannotRead(f"{reason}; the rest of the file was not read", number or None)
