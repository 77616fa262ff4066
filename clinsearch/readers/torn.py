"""Notes whose rows are split among several tables, so that no table holds the whole note."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from itertools import pairwise

from clinsearch.readers.columns import Columns, is_line_name
from clinsearch.readers.outcomes import CannotRead, FileFacts
from clinsearch.readers.records import Record
from clinsearch.readers.repeats import IdHashes, Repeats
from clinsearch.readers.survey import line_number

# The first and last line number of each note in a table, by its id.
Spans = Mapping[str, tuple[int, int]]


def has_lines(records: Iterator[Record], facts: FileFacts) -> bool:
    """Tell whether a table has a column, or its first record a key, that may number the rows of notes."""
    try:
        next(records, None)
    except CannotRead:
        return False
    return any(map(is_line_name, facts.names_met))


def ids_with_lines(records: Iterable[Record], columns: Columns) -> IdHashes:
    """Return the ids of the notes whose rows a table numbers, as far as it can be read."""
    ids, last = IdHashes(), None
    for note_id, _ in _lines(records, columns):
        if note_id != last:
            ids.add(note_id)
        last = note_id
    return ids


def spans(records: Iterable[Record], columns: Columns, among: Repeats) -> Spans:
    """Return the first and last line number in a table of each of these notes, as far as it can be read."""
    found: dict[str, tuple[int, int]] = {}
    for note_id, line in _lines(records, columns):
        if note_id in among:
            first, last = found.get(note_id, (line, line))
            found[note_id] = (min(first, line), max(last, line))
    return found


def _lines(records: Iterable[Record], columns: Columns) -> Iterator[tuple[str, int]]:
    """Yield the note's id and the line number of each record that has both."""
    try:
        for record in records:
            if isinstance(record.values, CannotRead):
                continue
            note_id = columns.value("note_id", record.values)
            line = line_number(columns.line(record.values))
            if isinstance(note_id, str) and line is not None:
                yield note_id.strip(), line
    except CannotRead:
        return


def torn_notes(tables: Iterable[Spans]) -> frozenset[str]:
    """Return the ids of notes that continue in one table where they end in another."""
    of_note: dict[str, set[tuple[int, int]]] = {}
    for table in tables:
        for note_id, span in table.items():
            of_note.setdefault(note_id, set()).add(span)
    return frozenset(
        note_id
        for note_id, found in of_note.items()
        if any(last + 1 == first for (_, last), (first, _) in pairwise(sorted(found)))
    )
