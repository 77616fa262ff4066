"""Where a row of a table in CSV ends that is too long to hold, as Python's csv would have it."""

from __future__ import annotations

import re
from enum import Enum, auto

_WITHIN_QUOTES = re.compile(r'(?:[^"]++|"")*+')


class Ends(Enum):
    """Whether a row ends with what was read of it."""

    LATER = auto()
    HERE = auto()
    WRONG = auto()


class _At(Enum):
    BEGINNING = auto()
    PLAIN = auto()
    QUOTED = auto()
    QUOTE = auto()


class LongRow:
    """Reads a row piece by piece, keeping nothing of it. width: how many cells it has to have."""

    def __init__(self, delimiter: str, width: int, *, has_blanks: bool) -> None:
        self.characters = 0
        self._delimiter = delimiter
        self._width = width
        self._has_blanks = has_blanks
        self._cells = 1
        self._at = _At.BEGINNING

    def read(self, text: str, *, is_line_end: bool) -> Ends:
        """Read on; tell whether the row ends with this. It is wrong with too many cells, or a quote out of place."""
        self.characters += len(text)
        place: int | None = 0
        while place is not None and place < len(text):
            place = self._read_from(text, place)
            if place is None or self._cells > self._width + 1:
                return Ends.WRONG
        if not is_line_end or self._at is _At.QUOTED:
            return Ends.LATER
        # Some programs end each line with a delimiter.
        is_blank = self._cells == self._width + 1 and self._at is _At.BEGINNING
        return Ends.HERE if is_blank or self._cells == self._width else Ends.WRONG

    def _read_from(self, text: str, place: int) -> int | None:
        """Read one step, and return the next place; None at a quote that closes a cell before its end."""
        match self._at:
            case _At.PLAIN:
                return self._after_delimiter(text.find(self._delimiter, place), len(text))
            case _At.QUOTED:
                place = _WITHIN_QUOTES.match(text, place).end()  # type: ignore[union-attr]  # it may be empty
                self._at = _At.QUOTED if place == len(text) else _At.QUOTE
                return place + 1
            case _At.QUOTE:
                if text[place] == '"':
                    self._at = _At.QUOTED
                elif text[place] == self._delimiter:
                    return self._after_delimiter(place, len(text))
                elif text[place] not in "\r\n":
                    return None
                return place + 1
            case _At.BEGINNING:
                if text[place] in "\r\n" or (text[place] == " " and self._has_blanks):
                    return place + 1
                self._at = _At.QUOTED if text[place] == '"' else _At.PLAIN
                return place + (self._at is _At.QUOTED)

    def _after_delimiter(self, place: int, end: int) -> int:
        if place < 0:
            return end
        self._cells += 1
        self._at = _At.BEGINNING
        return place + 1
