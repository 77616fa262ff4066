"""Tables: one note per record, or one note of several records with the same id."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace

from clinsearch.readers.columns import USUAL, is_line_name
from clinsearch.readers.fields import Doubt, Manner, build_note
from clinsearch.readers.joining import Held, join, numbers
from clinsearch.readers.note_files import NoteFile
from clinsearch.readers.outcomes import CannotRead, FileFacts, Unreadable, piece_digest
from clinsearch.readers.records import Record
from clinsearch.readers.survey import Survey
from clinsearch.records import Note

NEEDS_IDS = "its rows are numbered within notes, and no column says which note; name it: --id-column NAME"


def read_table(
    records: Iterable[Record], file: NoteFile, survey: Survey, *, facts: FileFacts
) -> Iterator[Note | Unreadable]:
    """Yield the notes of a table; a note of several rows comes after its last row."""
    facts.columns = survey.columns
    facts.preset = survey.columns.preset.name if survey.columns.preset else None
    if survey.lacks_ids:
        raise CannotRead(NEEDS_IDS, kind="columns")
    manner = Manner(survey.columns, lambda: survey.are_day_first, survey.whole)
    table = _Table(file, survey, manner, facts, Held(survey))
    problem: CannotRead | None = None
    wrong = 0
    try:
        for record in records:
            if isinstance(record.values, CannotRead):
                yield table.lost(record.values, record.number)
            elif survey.columns.is_wrong(record.values):
                wrong += 1
            else:
                yield from table.outcomes(record, record.values)
    except CannotRead as error:
        problem = error
    if survey.first_line is not None:
        facts.ignored_fields = {name for name in facts.ignored_fields if not is_line_name(name)}
    yield from table.rest()
    if wrong:
        yield Unreadable(file.path, f"notes marked as errors: {wrong:,} passed over", kind="passed_over")
    if problem:
        raise problem


@dataclass(frozen=True, slots=True)
class _Table:
    """Turns the records of one table into notes and faults.

    refused: by id the records that are not whole notes, each with its number and the digest of its text.
    """

    file: NoteFile
    survey: Survey
    manner: Manner
    facts: FileFacts
    held: Held
    refused: dict[str, list[tuple[int, bytes]]] = field(default_factory=dict)

    def outcomes(self, record: Record, values: Mapping[str, object]) -> Iterator[Note | Unreadable]:
        stated = self.manner.columns.value("note_id", values)
        note_id = stated.strip() if isinstance(stated, str) else None
        if note_id is not None and (note_id in self.survey.torn or self._differs(note_id)):
            text = self.manner.columns.piece_of(values)
            self.refused.setdefault(note_id, []).append((record.number, piece_digest(str(text))))
            if len(self.refused[note_id]) >= self.survey.records_of.get(note_id, 1):
                yield self._refused_as_parts(note_id)
        elif self.survey.first_line is None:
            yield from self._built(record.number, values, self.manner, [])
        elif note_id is None:
            yield self.lost(CannotRead("no note id, in a table of notes of several rows", kind="parts"), record.number)
        elif rows := self.held.whole_with(note_id, record):
            yield from self._joined(note_id, rows)

    def rest(self) -> Iterator[Note | Unreadable]:
        """Yield the outcomes for notes with fewer records than the survey counted."""
        for note_id in list(self.refused):
            yield self._refused_as_parts(note_id)
        for note_id, rows in self.held.rest():
            yield from self._joined(note_id, rows)

    def lost(self, fault: CannotRead, number: int) -> Unreadable:
        self.facts.has_lost_records = True
        return self.told(fault, number)

    def told(self, fault: CannotRead, number: int) -> Unreadable:
        return Unreadable(self.file.path, fault.reason, number, fault.kind)

    def _differs(self, note_id: str) -> bool:
        return self.survey.first_line is None and note_id in self.survey.differing

    def _refused_as_parts(self, note_id: str) -> Unreadable:
        records = self.refused.pop(note_id)
        which = numbers("record", [number for number, _ in records])
        if note_id in self.survey.torn:
            reason = f"note {note_id} has rows in another table, too ({which}); put them into one"
        else:
            remedy = "give each its own id, or number the rows of a note in a column LINE"
            reason = f"note id {note_id} has several texts or patients ({which}); {remedy}"
        lost = self.lost(CannotRead(reason, kind="parts"), records[0][0])
        return replace(lost, note_id=self._plain(note_id), pieces=frozenset(piece for _, piece in records))

    def _joined(self, note_id: str, rows: Sequence[Record]) -> Iterator[Note | Unreadable]:
        number = rows[0].number
        try:
            values, doubts = join(note_id, rows, self.survey, self.manner)
        except CannotRead as fault:
            pieces = (
                self.manner.columns.piece_of(row.values) for row in rows if not isinstance(row.values, CannotRead)
            )
            parts = frozenset(piece_digest(str(piece)) for piece in pieces)
            yield replace(self.lost(fault, number), note_id=self._plain(note_id), pieces=parts)
            return
        manner = replace(self.manner, columns=USUAL, whole=frozenset())
        yield from self._built(number, values, manner, doubts)

    def _built(
        self, number: int, values: Mapping[str, object], manner: Manner, doubts: Sequence[Doubt]
    ) -> Iterator[Note | Unreadable]:
        default_id, source = self.file.default_id(number, values), str(self.file.path)
        try:
            note, more = build_note(values, default_id, source=source, facts=self.facts, manner=manner)
        except CannotRead as fault:
            # A record that is whole and has no text is no note, and hides none.
            yield self.told(fault, number) if fault.kind == "no_text" else self.lost(fault, number)
            return
        yield note
        for doubt in [*doubts, *more]:
            yield Unreadable(self.file.path, doubt.reason, number, doubt.kind)

    def _plain(self, note_id: str) -> str:
        return note_id.removesuffix(".0") if "note_id" in self.survey.whole else note_id
