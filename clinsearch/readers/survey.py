"""The first pass over a table: facts about its records that only the whole table shows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from itertools import chain
from typing import TypeAlias

from clinsearch.readers.columns import USUAL, Columns
from clinsearch.readers.dates import depends_on_order, order_of
from clinsearch.readers.outcomes import CannotRead
from clinsearch.readers.records import Record
from clinsearch.readers.repeats import IdHashes, Repeats
from clinsearch.readers.values import is_whole

ID_FIELDS = ("note_id", "patient_id", "encounter_id")
# The longest pieces of notes, if at least this long and several, were cut to a fixed length, wherever they end.
LEAST_CUT_CHARACTERS = 200
# More than a note has.
MOST_LINES = 100_000
# Of a table with more ids hashes are held, unless one in so few has several rows already, and most will be needed.
MOST_IDS_HELD = 20_000
FEW_PER_REPEAT = 4

# Opens a table from its beginning.
Opened: TypeAlias = Callable[[], AbstractContextManager[Iterable[Record]]]


@dataclass(frozen=True, slots=True)
class Survey:
    """What the whole of a table shows.

    records_of: the number of records of each id that has several. differing: the ids among them with several texts or
    patients. first_line: the number of a note's first row, None if rows are not numbered within notes. cut_at: the
    length at which pieces of notes were cut. unsure: ids of notes that lost records may be part of; None if any may
    be. torn: ids of notes that have rows in other tables, too. columns: those of this table. lacks_ids: whether rows
    are numbered within notes, and none says of which note it is.
    """

    records_of: dict[str, int]
    differing: frozenset[str]
    are_day_first: bool
    whole: frozenset[str]
    first_line: int | None
    cut_at: int | None
    unsure: frozenset[str] | None
    torn: frozenset[str] = frozenset()
    columns: Columns = USUAL
    lacks_ids: bool = False


def survey(records: Opened, columns: Columns, *, torn: frozenset[str] = frozenset()) -> Survey:
    """Survey all records of a table, as far as it can be read; `torn`: ids of notes with rows in other tables, too.

    A long table in which few ids occur several times is looked at twice: what these ids have is only then held.
    """
    look = _looked_at(records, _Look(columns, torn))
    repeats = look.ids.hashes.repeats() if look.ids.hashes else None
    if repeats:
        look = _looked_at(records, _Look(columns, torn, _Ids(repeats)))
    return look.found()


def _looked_at(opened: Opened, look: _Look) -> _Look:
    with opened() as records:
        try:
            for record in records:
                look.at(record)
        except CannotRead:
            look.is_broken = True
    return look


@dataclass(slots=True)
class _Ids:
    """What was seen of each id: all ids, those among `wanted` alone, or, once there are many, nothing but `hashes`.

    line_of: by id the lowest line number of its records, if all of them have one. said: by each id a hash of its first
    text and the patient, None before a text.
    """

    wanted: Repeats | None = None
    hashes: IdHashes | None = None
    line_of: dict[str, int] = field(default_factory=dict)
    said: dict[str, int | None] = field(default_factory=dict)
    differing: set[str] = field(default_factory=set)
    records_of: dict[str, int] = field(default_factory=dict)
    are_scattered: bool = False

    def at(self, note_id: str, line: int | None, last: str | None) -> None:
        """Take in a record; last: the id of the one before it."""
        if self.hashes is not None:
            self.hashes.add(note_id)
        elif note_id in self.said:
            before = self.line_of.pop(note_id, None)
            if before is not None and line is not None:
                self.line_of[note_id] = min(before, line)
            self.records_of[note_id] = self.records_of.get(note_id, 1) + 1
            self.are_scattered |= note_id != last
        elif self.wanted is None or note_id in self.wanted:
            self.said[note_id] = None
            if line is not None:
                self.line_of[note_id] = line
            if self.wanted is None and len(self.said) > MOST_IDS_HELD:
                self._hash_if_few_repeat()

    def at_text(self, note_id: str, text: str, patient_id: object) -> None:
        if note_id not in self.said:
            return
        said = hash((text, str(patient_id)))
        before = self.said[note_id]
        if before is None:
            self.said[note_id] = said
        elif before != said:
            self.differing.add(note_id)

    def first_line(self) -> int | None:
        """Return the first row number within notes, None if the numbers mean something else."""
        begins = [self.line_of.get(note_id) for note_id in self.records_of]
        if not begins or None in begins:
            return None
        first = 0 if 0 in begins else 1
        return first if 2 * begins.count(first) >= len(begins) else None

    def _hash_if_few_repeat(self) -> None:
        if FEW_PER_REPEAT * len(self.records_of) >= len(self.said):
            return
        self.hashes = IdHashes()
        for note_id in chain(self.said, self.records_of):
            self.hashes.add(note_id)
        for held in (self.said, self.line_of, self.differing, self.records_of):
            held.clear()
        self.are_scattered = False


@dataclass(slots=True)
class _Look:
    """What was seen so far.

    longest, cut: the most characters of a piece of a note, and how many pieces have as many. at_faults: ids next to a
    record that could not be read. lines_without_id: the numbers of rows without an id; do_lines_repeat: whether one
    came twice. last: the id of the last record that has one.
    """

    columns: Columns
    torn: frozenset[str]
    ids: _Ids = field(default_factory=_Ids)
    is_fitted: bool = False
    order: bool | None = None
    fractions: set[str] = field(default_factory=set)
    others: set[str] = field(default_factory=set)
    longest: int = LEAST_CUT_CHARACTERS
    cut: int = 0
    last: str | None = None
    at_faults: set[str] = field(default_factory=set)
    is_after_fault: bool = False
    is_broken: bool = False
    lines_without_id: set[int] = field(default_factory=set)
    do_lines_repeat: bool = False

    def at(self, record: Record) -> None:
        values = record.values
        if isinstance(values, CannotRead):
            self.at_faults |= {self.last} if self.last else set()
            self.is_after_fault = True
            return
        if not self.is_fitted:
            self.columns, self.is_fitted = self.columns.fitted(values.keys()), True
        if not self.columns.is_wrong(values):
            self._at_values(values)

    def _at_values(self, values: Mapping[str, object]) -> None:
        for name in ID_FIELDS:
            if name not in self.others:
                self._at_id(name, self.columns.value(name, values))
        if self.order is None:
            written = self.columns.value("note_datetime", values)
            self.order = order_of(written) if isinstance(written, str) and depends_on_order(written) else None
        note_id = self.columns.value("note_id", values)
        line = line_number(self.columns.line(values))
        if note_id is None and line is not None and len(self.lines_without_id) < MOST_LINES:
            self.do_lines_repeat |= line in self.lines_without_id
            self.lines_without_id.add(line)
        if isinstance(note_id, str):
            self._at_note(note_id.strip(), line)
            text = self.columns.piece_of(values)
            if isinstance(text, str):
                self.ids.at_text(note_id.strip(), text, self.columns.value("patient_id", values))
                self._at_length(len(text))

    def _at_id(self, name: str, value: object) -> None:
        if value is None:
            return
        if not isinstance(value, str) or not is_whole(value.strip()):
            self.others.add(name)
        elif value.strip().endswith(".0"):
            self.fractions.add(name)

    def _at_note(self, note_id: str, line: int | None) -> None:
        self.ids.at(note_id, line, self.last)
        if self.is_after_fault:
            self.at_faults.add(note_id)
            self.is_after_fault = False
        self.last = note_id

    def _at_length(self, characters: int) -> None:
        if characters > self.longest:
            self.longest, self.cut = characters, 0
        self.cut += characters == self.longest

    def found(self) -> Survey:
        if self.is_broken and self.last:
            self.at_faults.add(self.last)
        return Survey(
            self.ids.records_of,
            frozenset(self.ids.differing),
            bool(self.order),
            frozenset(self.fractions - self.others),
            self.ids.first_line(),
            self.longest if self.cut > 1 else None,
            None if self.is_broken and self.ids.are_scattered else frozenset(self.at_faults),
            self.torn,
            self.columns,
            self._lacks_ids(),
        )

    def _lacks_ids(self) -> bool:
        """Tell whether rows without ids are numbered from the first on, again and again."""
        lines = self.lines_without_id
        return self.last is None and self.do_lines_repeat and len(lines) > 1 and min(lines) in (0, 1)


def line_number(value: object) -> int | None:
    """Return a value as a row's number within its note, None if it is not a number."""
    if not isinstance(value, str) or len(value) > 12 or not is_whole(value.strip()):
        return None
    return int(value.strip().removesuffix(".0"))
