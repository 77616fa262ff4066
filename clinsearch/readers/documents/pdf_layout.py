"""The lines of a PDF's page in the order in which they are read: pieces beside each other, columns after each other."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from itertools import pairwise
from statistics import median
from typing import NamedTuple

HYPHEN = "\ufffe"  # what PDFium gives for a hyphen at the end of a line
_BETWEEN_CELLS = " | "
_WORD_GAP, _CELL_GAP = 0.12, 1.6  # of a line's height
_SAME_LINE = 0.5  # how much of the lower of two pieces' heights has to be beside the other
_GUTTER = 0.8  # of a line's height: the least between two columns
_LEAST_ROWS, _LEAST_CHARACTERS, _LEAST_CONTINUED = 4, 20, 0.3  # of a column of prose


class Piece(NamedTuple):
    """A piece of a line, in points from the lower left corner of the page."""

    text: str
    left: float
    bottom: float
    right: float
    top: float

    @property
    def height(self) -> float:
        """Its height, at least one point."""
        return max(self.top - self.bottom, 1.0)


class Row(NamedTuple):
    """A line; `has_cells`: whether it is the row of a table."""

    text: str
    left: float
    bottom: float
    right: float
    top: float
    has_cells: bool = False

    @property
    def height(self) -> float:
        """Its height, at least one point."""
        return max(self.top - self.bottom, 1.0)


def rows_of(pieces: Sequence[Piece]) -> list[Row]:
    """Return the lines of a page in the order in which they are read.

    The order of the file is kept where it runs down a page of one column; else the places decide.
    """
    lines, placed = list(_lines_as_written(pieces)), _lines_by_place(pieces)
    gutter = _gutter(placed)
    if gutter is not None:
        lines = list(_in_columns(placed, gutter))
    elif any(_is_above(below, line) for line, below in pairwise(lines)):
        lines = placed
    return [_row(line) for line in lines]


def _lines_as_written(pieces: Iterable[Piece]) -> Iterator[list[Piece]]:
    line: list[Piece] = []
    for piece in pieces:
        if line and not (_is_beside(piece, line[-1]) and piece.left > line[-1].left):
            yield line
            line = []
        line.append(piece)
    if line:
        yield line


def _lines_by_place(pieces: Iterable[Piece]) -> list[list[Piece]]:
    """Return the lines from top to bottom, each from left to right."""
    lines: list[list[Piece]] = []
    for piece in sorted(pieces, key=lambda one: -(one.bottom + one.top)):
        if lines and _is_beside(piece, lines[-1][0]):
            lines[-1].append(piece)
        else:
            lines.append([piece])
    return [sorted(line, key=lambda piece: piece.left) for line in lines]


def _is_beside(one: Piece, other: Piece) -> bool:
    shared = min(one.top, other.top) - max(one.bottom, other.bottom)
    return shared > _SAME_LINE * min(one.height, other.height)


def _is_above(line: Sequence[Piece], other: Sequence[Piece]) -> bool:
    """Tell whether a line begins above another, or beside it."""
    return line[0].bottom + line[0].top > other[0].bottom + other[0].top - other[0].height


def _in_columns(lines: Sequence[list[Piece]], gutter: float) -> Iterator[list[Piece]]:
    """Yield the lines of a page with two columns: the one after the other, between lines that go across."""
    left: list[list[Piece]] = []
    right: list[list[Piece]] = []
    for line in lines:
        if any(piece.left < gutter < piece.right for piece in line):
            yield from left
            yield from right
            left, right = [], []
            yield line
            continue
        for side, of in ((left, [piece for piece in line if piece.right <= gutter]), (right, line)):
            if part := [piece for piece in of if side is left or piece.left >= gutter]:
                side.append(part)
    yield from left
    yield from right


def _gutter(lines: Sequence[list[Piece]]) -> float | None:
    """Return where a page is divided into two columns of prose, None if it is not."""
    gaps = [
        (left.right + right.left) / 2
        for line in lines
        for left, right in pairwise(line)
        if right.left - left.right > _GUTTER * left.height
    ]
    if len(gaps) < _LEAST_ROWS:
        return None
    middle = median(gaps)
    left = [line[0].text for line in lines if line[0].right <= middle]
    right = [line[-1].text for line in lines if line[-1].left >= middle]
    crossing = sum(any(piece.left < middle < piece.right for piece in line) for line in lines)
    return middle if _is_prose(left) and _is_prose(right) and crossing < len(lines) / 2 else None


def _is_prose(lines: Sequence[str]) -> bool:
    """Tell lines of a column, which continue each other, from the cells of a table."""
    if len(lines) < _LEAST_ROWS or median(map(len, lines)) < _LEAST_CHARACTERS:
        return False
    return sum(line[0].islower() for line in lines) >= _LEAST_CONTINUED * len(lines)


def _row(line: Sequence[Piece]) -> Row:
    parts = [line[0].text]
    for before, piece in pairwise(line):
        gap = (piece.left - before.right) / min(before.height, piece.height)
        if gap > _CELL_GAP and not before.text.endswith(":"):
            parts.append(_BETWEEN_CELLS)
        elif gap > _WORD_GAP:
            parts.append(" ")
        parts.append(piece.text)
    return Row(
        "".join(parts),
        line[0].left,
        min(piece.bottom for piece in line),
        max(piece.right for piece in line),
        max(piece.top for piece in line),
        _BETWEEN_CELLS in parts,
    )
