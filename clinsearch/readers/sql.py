"""QueryNotes: the notes that a query of a database returns, one a row or several rows a note, as in a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Generator, Iterator, Mapping, Sequence
from contextlib import closing
from pathlib import Path

from clinsearch.readers.columns import Columns, by_name, columns_named, listed, normalised
from clinsearch.readers.databases import Database
from clinsearch.readers.note_files import NoteFile
from clinsearch.readers.outcomes import CannotRead, FileFacts, Unreadable
from clinsearch.readers.records import Record, note_names
from clinsearch.readers.scalars import as_cell
from clinsearch.readers.statements import check_query, query_name
from clinsearch.readers.survey import survey
from clinsearch.readers.tables import read_table
from clinsearch.records import Note

NO_ID = "no column for the note's id; rows of a database have no order to be numbered by: call it note_id"
NO_ROW = "the query returns no row; none of its notes was looked at"


class QueryNotes:
    """The notes of one query; each iteration runs it twice or more: only the whole shows notes of several rows.

    Its name, made of the database's URL and a digest of the query, stands where a file's path does. `finished` holds
    it once all rows were read: a note of it that was not among them is gone.
    """

    def __init__(
        self, url: str, query: str, *, columns: Mapping[str, str] | None = None, preset: str | None = None
    ) -> None:
        """Check the query and reach the database; raise InputError if either cannot be used.

        url: as SQLAlchemy has them, or `env:` and the name of the variable that holds it.
        """
        check_query(query)
        self._columns = columns_named(columns or {}, preset)
        self._query = query
        self._database = Database(url)
        self.name = query_name(self._database.name, query, self._database.settings)
        self.files: tuple[Path, ...] = (Path(self.name),)
        self.passed_over: tuple[Path, ...] = ()
        self.left_out: tuple[Unreadable, ...] = ()
        self.total_bytes: int | None = None
        self.bytes_read: int = 0
        self.ignored_fields: Counter[str] = Counter()
        self.presets: dict[Path, str] = {}
        self.finished: set[Path] = set()
        self.formats: dict[Path, str] = {self.files[0]: "query"}
        self.fields: dict[Path, Mapping[str, tuple[str, ...]]] = {}
        self.sizes: dict[Path, int] = {}

    def __iter__(self) -> Iterator[Note | Unreadable]:
        """Read row after row; yield what cannot be read as Unreadable and go on."""
        source, facts = self.files[0], FileFacts()
        self.finished.clear()
        self.ignored_fields.clear()
        file = NoteFile(source, self.name, "", 0)
        try:
            found = survey(lambda: closing(self._records(self._columns, FileFacts())), self._columns)
            with closing(self._records(found.columns, facts)) as records:
                yield from read_table(records, file, found, facts=facts)
            if not facts.has_lost_records:
                self.finished.add(source)
        except CannotRead as problem:
            yield Unreadable(source, problem.reason, problem.record, problem.kind)
        self.ignored_fields.update(facts.ignored_fields)
        self.fields = {source: facts.columns.fields_in(facts.names_met)} if facts.columns else {}
        self.presets = {source: facts.preset} if facts.preset and not self._columns.preset else {}

    def covers(self, source: str) -> bool:
        """Tell whether a note was once read from this query."""
        return source == self.name

    def is_default_id(self, note: Note) -> bool:
        """Tell whether a note's id was made up for it: never, as every row has its own."""
        return False

    def holds_one_note(self, source: str) -> bool:
        """Tell whether a query has one row by its nature: never."""
        return False

    def is_gone(self, source: Path) -> bool:
        """Tell whether a note once read from `source`, and not in this iteration, is gone from it."""
        return source in self.finished

    def _records(self, columns: Columns, facts: FileFacts) -> Generator[Record]:
        with self._database.rows(self._query) as (names, rows):
            columns = columns.fitted({normalised(name) for name in names})
            note_names(names, columns, facts)
            if fault := _misfit(names, columns):
                raise CannotRead(fault, kind="columns")
            wanted = set(columns.wanted(names))
            places = [(place, name) for place, name in enumerate(names) if name in wanted]
            number = 0
            for number, row in enumerate(rows, start=1):
                values = by_name((name, as_cell(row[place])) for place, name in places)
                yield Record(number, values if columns.value("note_id", values) is not None else _without_id())
            if not number:
                raise CannotRead(NO_ROW, kind="query")


def _misfit(names: Sequence[str], columns: Columns) -> str | None:
    """Return what the columns of a query lack, None if they lack nothing."""
    normal = {normalised(name) for name in names}
    absent = next((column for column in columns.named.values() if normalised(column) not in normal), None)
    if absent is not None:
        return f"no column called {absent}; {listed(names)}"
    return columns.check(names, listed(names)) or (None if columns.has_id(names) else NO_ID)


def _without_id() -> CannotRead:
    return CannotRead("no note id")
