"""A document's text as it comes together: lines of words, some of them headings."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from clinsearch.readers.document import Document
from clinsearch.readers.outcomes import MAX_NOTE_CHARACTERS, CannotRead, too_long
from clinsearch.records.notes import Span

BULLET = "- "
_BETWEEN_CELLS = " | "
_MOST_LINES_IN_A_ROW = 4
_LONGEST_HEADING = 200
# What HTML and XML take for blank; a non-breaking space is not.
_BLANKS = re.compile(r"[ \t\r\n\f]+")
_BREAK = re.compile(r"\r\n|[\n\r\v\f\x85\u2028\u2029]")
_ENDS_SENTENCE = (".", ",", ";", ":", "?", "!")


@dataclass(frozen=True, slots=True)
class Line:
    """A finished line; one without words stands for a blank line."""

    words: str
    is_heading: bool = False


@dataclass(slots=True)
class Draft:
    """Takes words as a document's format gives them, and makes the lines of its text.

    A line that gets no words leaves no trace. A cell of a table is a draft of its own, which goes into `add_row`.
    """

    lines: list[Line] = field(default_factory=list)
    _parts: list[str] = field(default_factory=list)
    _marker: str = ""
    _is_heading: bool = False
    _is_parted: bool = False
    _characters: int = 0

    def write(self, text: str) -> None:
        """Add words to the line; any run of blanks is one space, and none at the beginning of a line."""
        text = _BLANKS.sub(" ", text)
        if text[:1] == " " and (not self._parts or self._parts[-1][-1] in " \t"):
            text = text[1:]
        self.add(text)

    def write_as_is(self, text: str) -> None:
        """Add text with its blanks and its line breaks."""
        first, *others = _BREAK.split(text)
        self.add(first)
        for other in others:
            self.break_line()
            self.add(other)

    def add(self, text: str) -> None:
        """Add text that has no line breaks, with its blanks."""
        if text:
            self._parts.append(text)
            self._characters += len(text)
            if self._characters > MAX_NOTE_CHARACTERS:
                raise CannotRead(f"more than {MAX_NOTE_CHARACTERS:,} characters in one note; split it", kind="too_long")

    def mark(self, marker: str = BULLET) -> None:
        """Begin an item of a list: its first line has the marker in front."""
        self.end_line()
        self._marker = marker

    def end_item(self) -> None:
        """End an item of a list, which may have had no words."""
        self.end_line()
        self._marker = ""

    def begin_heading(self) -> None:
        """Begin a line that is a heading; a blank line comes before it, and none after."""
        self.end_line()
        self._is_heading = True

    def end_heading(self) -> None:
        """End a heading."""
        self.end_line()
        self._is_heading = False

    def end_paragraph(self, *, is_heading: bool = False) -> None:
        """End a paragraph, and with it an item; one without words is a blank line."""
        self._is_heading = is_heading
        self.break_line()
        self._marker = ""
        self._is_heading = False

    def part(self) -> None:
        """End the line; a blank line comes before the next one."""
        self.end_line()
        self._is_parted = True

    def break_line(self) -> None:
        """End the line where the document breaks it: a second break in a row leaves a blank line."""
        if not self.end_line():
            self._is_parted = True

    def end_line(self) -> bool:
        """End the line; tell whether it had words."""
        words = "".join(self._parts).rstrip()
        self._parts.clear()
        if not words:
            return False
        is_heading = self._is_heading and len(words) <= _LONGEST_HEADING
        self._append(Line(words if is_heading else self._marker + words, is_heading))
        self._marker = ""
        return True

    def add_row(self, cells: Iterable[Draft]) -> None:
        """Add a table's row as one line, or the lines of each cell where these are more than a row can hold."""
        self.end_line()
        filled = [cell for cell in cells if cell.end_line() or cell.has_lines]
        if len(filled) > 1 and all(cell._fits_a_row for cell in filled):
            self._append(Line(self._marker + _as_row([cell._in_one_line for cell in filled])))
            self._marker = ""
            return
        for cell in filled:
            self.add_lines(cell.lines)

    def add_lines(self, lines: Sequence[Line]) -> None:
        """Add lines that are finished."""
        self.end_line()
        for line in lines:
            if line.words:
                self._append(line)
            else:
                self._is_parted = True

    def document(self, fields: Mapping[str, object], doubts: Sequence[str] = ()) -> Document:
        """Return the document of all lines."""
        self.end_line()
        headings: list[Span] = []
        start = 0
        for line in self.lines:
            if line.is_heading:
                headings.append((start, start + len(line.words)))
            start += len(line.words) + 1
        if start > MAX_NOTE_CHARACTERS + 1:
            raise too_long(start - 1)
        return Document("\n".join(line.words for line in self.lines), tuple(headings), fields, tuple(doubts))

    @property
    def has_lines(self) -> bool:
        """Whether any line is finished."""
        return bool(self.lines)

    @property
    def _fits_a_row(self) -> bool:
        return len(self.lines) <= _MOST_LINES_IN_A_ROW and not any(line.is_heading for line in self.lines)

    @property
    def _in_one_line(self) -> str:
        words = [line.words.removeprefix(BULLET) for line in self.lines if line.words]
        return "".join([*words[:1], *(_between(above, below) + below for above, below in pairwise(words))])

    def _append(self, line: Line) -> None:
        above = self.lines[-1] if self.lines else None
        if above and not above.is_heading and (self._is_parted or line.is_heading):
            self.lines.append(Line(""))
        self._is_parted = False
        self.lines.append(line)


def _as_row(cells: Sequence[str]) -> str:
    """Join the cells of a row; after a label's colon comes its value."""
    ends = [" " if cell.endswith(":") else _BETWEEN_CELLS for cell in cells[:-1]]
    return "".join(cell + end for cell, end in zip(cells, [*ends, ""], strict=True))


def _between(above: str, below: str) -> str:
    """Return what parts two lines of a cell: a line that begins in capitals says something new."""
    return "; " if below[0].isupper() and not above.endswith(_ENDS_SENTENCE) else " "
