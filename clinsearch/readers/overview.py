"""What only all files together show: notes torn between tables, columns that none has, the order of dates."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence, Set
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from itertools import islice

from clinsearch.readers.archives import Found, member_files
from clinsearch.readers.columns import Columns, normalised
from clinsearch.readers.contents import opened
from clinsearch.readers.dates import order_of
from clinsearch.readers.formats import SUFFIXES, TEXT, Rows, format_of_name, recognised
from clinsearch.readers.note_files import NoteFile
from clinsearch.readers.outcomes import CannotRead, FileFacts
from clinsearch.readers.records import Record
from clinsearch.readers.repeats import IdHashes, Repeats, shared
from clinsearch.readers.text import date_in_header
from clinsearch.readers.torn import Spans, has_lines, ids_with_lines, spans, torn_notes

# Keys of JSON need not be in every record.
MOST_RECORDS_LOOKED_AT = 1000


@dataclass(frozen=True, slots=True)
class Overview:
    """Looks at files before they are read, at tables and texts as their names say; what cannot be read it passes by."""

    listed: Sequence[NoteFile]
    columns: Columns
    encoding: str

    @contextmanager
    def records(self, file: NoteFile, rows: Rows, facts: FileFacts | None = None) -> Iterator[Iterator[Record]]:
        """Open a table and give its records."""
        with opened(file, encoding=self.encoding) as content:
            yield rows(content, self.columns, facts or FileFacts())

    def _unpacked(self) -> Iterator[NoteFile]:
        """Yield the files, of archives those in them; each has to be read before the next."""
        for file in self.listed:
            yield from self._files_in(file)

    def _files_in(self, file: NoteFile) -> Iterator[NoteFile]:
        members = format_of_name(file.suffix).members
        if members is None:
            yield file
            return
        try:
            with opened(file, encoding=self.encoding) as content:
                if recognised(content, file.suffix).members is members:
                    for member in member_files(members(content), file, Found(), SUFFIXES):
                        yield from self._files_in(member)
        except CannotRead:
            return  # which is told when it is read

    def lacking(self, sought: Iterable[str]) -> set[str]:
        """Return those of these columns that no table has."""
        left = set(sought)
        for file in self._unpacked() if left else ():
            left -= self._met(file, left)
        return left

    def _met(self, file: NoteFile, sought: Set[str]) -> set[str]:
        """Return those of the columns sought that a table has, or one of its first records."""
        facts, met = FileFacts(), set[str]()
        rows = format_of_name(file.suffix).rows
        if rows is None:
            return met
        with suppress(CannotRead), self.records(file, rows, facts) as records:
            for _ in islice(records, MOST_RECORDS_LOOKED_AT):
                names = set(map(normalised, facts.names_met))
                met = {column for column in sought if normalised(column) in names}
                if met == sought:
                    break
        return met

    def torn_notes(self) -> frozenset[str]:
        """Find the notes whose rows are split among tables; looks only at tables that number rows, if several."""
        forms = [format_of_name(file.suffix) for file in self.listed]
        if not any(form.members for form in forms) and sum(form.rows is not None for form in forms) < 2:
            return frozenset()
        inside: list[IdHashes] = []
        outside: list[NoteFile] = []
        for file in self._unpacked():
            if self._has_lines(file):
                # A file in an archive is there only now.
                inside += [self._ids(file)] if file.depth else []
                outside += [] if file.depth else [file]
        if len(inside) + len(outside) < 2:
            return frozenset()
        several = shared([*inside, *map(self._ids, outside)])
        if not several:
            return frozenset()
        return torn_notes(self._spans(file, several) for file in self._unpacked() if self._has_lines(file))

    def _has_lines(self, file: NoteFile) -> bool:
        facts = FileFacts()
        rows = format_of_name(file.suffix).rows
        if rows is None:
            return False
        try:
            with self.records(file, rows, facts) as records:
                return has_lines(records, facts)
        except CannotRead:
            return False

    def _ids(self, file: NoteFile) -> IdHashes:
        with suppress(CannotRead), self.records(file, _rows_of(file)) as records:
            return ids_with_lines(records, self.columns)
        return IdHashes()

    def _spans(self, file: NoteFile, among: Repeats) -> Spans:
        with suppress(CannotRead), self.records(file, _rows_of(file)) as records:
            return spans(records, self.columns, among)
        return {}

    def texts_are_day_first(self) -> bool:
        """Tell whether dates in the headers of text files have the day first; looks at all headers."""
        texts = (self._beginning(file) for file in self._unpacked() if format_of_name(file.suffix) is TEXT)
        orders = (order_of(written) for text in texts if (written := date_in_header(text)))
        return next((order for order in orders if order is not None), False)

    def _beginning(self, file: NoteFile) -> str:
        try:
            with opened(file, encoding=self.encoding) as content:
                return next(content.characters(), "")
        except CannotRead:
            return ""


def _rows_of(file: NoteFile) -> Rows:
    rows = format_of_name(file.suffix).rows
    assert rows is not None
    return rows
