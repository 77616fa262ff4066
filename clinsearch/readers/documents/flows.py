"""A run of paragraphs and tables, where rows come cell by cell: a document's body, its notes, a page's header."""

from __future__ import annotations

from dataclasses import dataclass, field

from clinsearch.readers.documents.draft import Draft


@dataclass(slots=True)
class Flow:
    """Takes paragraphs, cells and rows; `in_row` is set while a row is open, whatever its paragraphs say.

    A table within a table is part of the cell around it; tables within that are read as if they were that one.
    """

    lines: Draft = field(default_factory=Draft)
    in_row: bool = False
    _row: list[Draft] = field(default_factory=list)
    _cell: Draft = field(default_factory=Draft)
    _inner_row: list[Draft] = field(default_factory=list)
    _inner_cell: Draft = field(default_factory=Draft)

    def draft(self, depth: int) -> Draft:
        """Return what text goes into that is within so many tables."""
        if depth > 1:
            return self._inner_cell
        if depth or self.in_row:
            return self._cell
        if self._row or self._cell.has_lines:
            self.end_row()
        return self.lines

    def end_cell(self) -> None:
        """End a cell."""
        if self._inner_row or self._inner_cell.end_line() or self._inner_cell.has_lines:
            self.end_inner_row()
        self._row.append(self._cell)
        self._cell = Draft()

    def end_row(self) -> None:
        """End a row, and the cell that is open."""
        self.end_cell()
        self.lines.add_row(self._row)
        self._row = []
        self.in_row = False

    def end_inner_cell(self) -> None:
        """End a cell of a table within a table."""
        self._inner_row.append(self._inner_cell)
        self._inner_cell = Draft()

    def end_inner_row(self) -> None:
        """End a row of a table within a table, and the cell that is open."""
        self.end_inner_cell()
        self._cell.add_row(self._inner_row)
        self._inner_row = []

    def finished(self) -> Draft:
        """Return the lines of all that came."""
        self.end_row()
        self.lines.end_line()
        return self.lines
