"""Joins several rows of a table into one note."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from clinsearch.readers.columns import ALIASES, normalised
from clinsearch.readers.fields import Doubt, Manner, read_field
from clinsearch.readers.outcomes import CannotRead
from clinsearch.readers.records import Record
from clinsearch.readers.survey import Survey, line_number

MAX_HELD_CHARACTERS = 100_000_000
MAX_NUMBERS_NAMED = 10
Values = Mapping[str, object]


class Held:
    """The rows of notes that are not complete yet."""

    def __init__(self, survey: Survey) -> None:
        self._survey = survey
        self._records: dict[str, list[Record]] = {}
        self._characters = 0

    def whole_with(self, note_id: str, record: Record) -> list[Record] | None:
        """Return all records of a note if this was the last of them. Raises CannotRead if too much is held."""
        self._records.setdefault(note_id, []).append(record)
        self._characters += _characters(record)
        if len(self._records[note_id]) >= self._survey.records_of.get(note_id, 1):
            return self._let_go(note_id)
        if self._characters > MAX_HELD_CHARACTERS:
            self._records.clear()
            raise CannotRead("the rows of its notes stand too far apart to be joined; sort it by note id", kind="parts")
        return None

    def rest(self) -> Iterator[tuple[str, list[Record]]]:
        """Yield the notes that have fewer records than the survey counted."""
        for note_id in list(self._records):
            yield note_id, self._let_go(note_id)

    def _let_go(self, note_id: str) -> list[Record]:
        records = self._records.pop(note_id)
        self._characters -= sum(map(_characters, records))
        return records


def join(note_id: str, records: Sequence[Record], survey: Survey, manner: Manner) -> tuple[Values, list[Doubt]]:
    """Join all rows of a note, by the usual names of fields; also return what of them is not kept.

    Raises CannotRead unless it is certain that they are one whole note.
    """
    records = _in_order(note_id, records, survey, manner)
    text = _joined([manner.columns.piece_of(_values(record)) for record in records], survey.cut_at)
    doubts: list[Doubt] = []
    merged: dict[str, object] = {"text": text}
    for field in ALIASES:
        found = [read_field(field, _values(record), manner, doubts) for record in records]
        distinct = list(dict.fromkeys(value for value in found if value is not None))
        if len(distinct) > 1 and field == "patient_id":
            raise CannotRead(f"note {note_id} is of two patients{_which(records)}", kind="parts")
        if len(distinct) > 1:
            doubts.append(Doubt("field", f"{field} differs among the records of note {note_id}; the first is kept"))
        merged[normalised(field)] = distinct[0] if distinct else None
    return merged, list(dict.fromkeys(doubts))


def _in_order(note_id: str, records: Sequence[Record], survey: Survey, manner: Manner) -> list[Record]:
    if survey.unsure is None or note_id in survey.unsure:
        raise CannotRead(f"note {note_id} may lack rows that could not be read", kind="parts")
    by_line: dict[int, Record] = {}
    for record in records:
        line = line_number(manner.columns.line(_values(record)))
        if line is None:
            raise CannotRead(f"a row of note {note_id} has no line number{_which(records)}", kind="parts")
        other = by_line.setdefault(line, record)
        if manner.columns.piece_of(_values(other)) != manner.columns.piece_of(_values(record)):
            what = f"note {note_id} has line {line} twice{_which([other, record])}"
            raise CannotRead(f"{what}; if it has versions, name their id: --id-column NAME", kind="parts")
    first = survey.first_line or 0
    missing = [line for line in range(first, min(max(by_line), first + 100_000)) if line not in by_line]
    if missing or min(by_line) < first:
        raise CannotRead(f"note {note_id} lacks {numbers('line', missing)}{_which(records)}", kind="parts")
    return [by_line[line] for line in sorted(by_line)]


def _joined(pieces: Sequence[object], cut_at: int | None) -> str:
    """Join pieces as they are, with a line break between two unless there is white space or the first was cut."""
    joined: list[str] = []
    for piece in pieces:
        if piece is None:
            continue
        if not isinstance(piece, str):
            raise CannotRead("text is not a string in one of its rows")
        is_seam = bool(joined) and not joined[-1][-1].isspace() and not piece[0].isspace()
        if is_seam and len(joined[-1]) != cut_at:
            joined.append("\n")
        joined.append(piece)
    return "".join(joined)


def _which(records: Sequence[Record]) -> str:
    return f" ({numbers('record', sorted(record.number for record in records))})"


def numbers(what: str, listed: Sequence[int]) -> str:
    """Describe lines or records by their numbers."""
    shown = ", ".join(map(str, listed[:MAX_NUMBERS_NAMED])) + (", …" if len(listed) > MAX_NUMBERS_NAMED else "")
    return f"{what if len(listed) == 1 else what + 's'} {shown}"


def _values(record: Record) -> Values:
    if isinstance(record.values, CannotRead):
        raise record.values
    return record.values


def _characters(record: Record) -> int:
    return sum(len(value) for value in _values(record).values() if isinstance(value, str))
