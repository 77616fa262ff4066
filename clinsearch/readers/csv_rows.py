"""The rows of a table in CSV as the programs write them that export notes: delimiters, quotes, and what is no row."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain

from clinsearch.readers.decoding import Piece, lines_and_pieces
from clinsearch.readers.long_rows import Ends, LongRow
from clinsearch.readers.outcomes import MAX_RECORD_CHARACTERS, CannotRead, too_long

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


def csv_rows(pieces: Iterable[str], usual: str | None) -> Iterator[tuple[int, list[str] | CannotRead]]:
    """Yield each row that is not blank with its number, the header as 0; `usual`: the delimiter that its name says.

    Of one that is too long to hold the fault.
    """
    rest = iter(pieces)
    beginning = next(rest, "")
    source = lines_and_pieces(chain([beginning], rest), newline="")
    first = _next_line(source)
    if isinstance(first, str) and (said := _SAID.fullmatch(first)):
        usual, first = said[1], _next_line(source)
    dialect = _dialect(first, usual, has_escapes=_ESCAPED.search(beginning) is not None)
    width = 0
    for number, row in _rows(_Feed(chain([first], source), has_escapes=dialect.has_escapes), dialect):
        if isinstance(row, CannotRead):
            yield number, row
            continue
        if not number:
            width = len(row)
        elif len(row) > width and not any(cell.strip() for cell in row[width:]):
            row = row[:width]  # each of its lines ends with a delimiter
        yield number, row


def _next_line(source: Iterator[str | Piece]) -> str | Piece:
    return next((line for line in source if isinstance(line, Piece) or not line.isspace()), "")


def _dialect(first: str | Piece, usual: str | None, *, has_escapes: bool) -> _Dialect:
    """Return how a table with this header is written, with the delimiter of its name where it has that or none."""
    if isinstance(first, Piece):
        return _Dialect(usual or DELIMITERS[0], has_escapes=has_escapes)
    unquoted = _QUOTED.sub("", first)
    met = max(DELIMITERS, key=unquoted.count)
    delimiter = usual if usual and (usual in unquoted or met not in unquoted) else met
    count = unquoted.count(delimiter)
    return _Dialect(delimiter, 0 < count == unquoted.count(f"{delimiter} "), has_escapes)


def _rows(feed: _Feed, dialect: _Dialect) -> Iterator[tuple[int, list[str] | CannotRead]]:
    csv.field_size_limit(max(csv.field_size_limit(), MAX_RECORD_CHARACTERS))
    reader = csv.reader(feed, delimiter=dialect.delimiter, skipinitialspace=dialect.has_blanks, strict=True)
    number = width = 0
    while True:
        feed.begin_row()
        try:
            row = next(reader, None)
        except csv.Error:
            raise _given_up("a quote out of place or never closed", number) from None
        except _TooLong:
            yield number, _passed_over(feed, dialect, number, width)
            number += 1
            continue
        if row is None:
            return
        if not _is_no_row(row, number):
            width = width or len(row)
            yield number, row
            number += 1


def _passed_over(feed: _Feed, dialect: _Dialect, number: int, width: int) -> CannotRead:
    """Read on to the end of a row that is too long to hold; return what is told of it.

    Raises CannotRead unless it has as many cells as the header: a quote that is not closed makes long rows, too.
    """
    row = LongRow(dialect.delimiter, width, has_blanks=dialect.has_blanks)
    if number:
        for text, is_line_end in feed.rest_of_row():
            match row.read(text, is_line_end=is_line_end):
                case Ends.WRONG:
                    break
                case Ends.HERE:
                    return too_long(row.characters, what="record", limit=MAX_RECORD_CHARACTERS)
    raise _given_up(f"a row of more than {MAX_RECORD_CHARACTERS:,} characters", number)


def _is_no_row(row: list[str], number: int) -> bool:
    """Tell whether a row is blank, the rule below a header, or what a program says of the table."""
    if len(row) < 2:
        return not row or not (said := row[0].strip(_ENDS)) or (number > 0 and _COUNT.fullmatch(said) is not None)
    return number == 1 and all(_RULE.fullmatch(cell.strip()) for cell in row)


class _TooLong(Exception):
    """A row is too long to hold."""


class _Feed:
    """Feeds lines to csv.reader, and stops at a row that is too long to hold, or never ends."""

    def __init__(self, source: Iterable[str | Piece], *, has_escapes: bool) -> None:
        self._source = iter(source)
        self._has_escapes = has_escapes
        self._row: list[str | Piece] = []
        self._row_characters = 0

    def begin_row(self) -> None:
        """Count from here."""
        self._row.clear()
        self._row_characters = 0

    def __iter__(self) -> _Feed:
        return self

    def __next__(self) -> str:
        line = next(self._source)
        self._row.append(line)
        if isinstance(line, Piece):
            raise _TooLong
        self._row_characters += len(line)
        if self._row_characters > MAX_RECORD_CHARACTERS:
            raise _TooLong
        return self._unescaped(line)

    def rest_of_row(self) -> Iterator[tuple[str, bool]]:
        """Yield what there is from the beginning of the row on, in pieces, and whether a line ends with each."""
        held = ""
        for line in chain(self._row, self._source):
            text, is_line_end = (line.text, line.is_last) if isinstance(line, Piece) else (line, True)
            text = held + text
            held = ""
            if self._has_escapes and not is_line_end:
                # What a backslash at the end of a piece escapes is in the next one; of two, one escapes the other.
                bare = text.rstrip("\\")
                text, held = bare, "\\" * ((len(text) - len(bare)) % 2)
            yield self._unescaped(text), is_line_end

    def _unescaped(self, text: str) -> str:
        return _ESCAPED_QUOTE.sub(r'\1""', text) if self._has_escapes else text


def _given_up(reason: str, number: int) -> CannotRead:
    return CannotRead(f"{reason}; the rest of the file was not read", number or None)
