"""NoteFiles: the notes in some files and folders, one after another, and the progress of reading them."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import closing
from functools import partial
from pathlib import Path
from typing import BinaryIO, TypedDict

from clinsearch.errors import InputError
from clinsearch.readers.archives import Found, member_files
from clinsearch.readers.attachment_folder import AttachmentFolder
from clinsearch.readers.columns import columns_named
from clinsearch.readers.contents import opened
from clinsearch.readers.decoding import check_encoding
from clinsearch.readers.document_notes import read_documents
from clinsearch.readers.documents.ocr import require_tesseract
from clinsearch.readers.fields import is_numbered
from clinsearch.readers.formats import SUFFIXES, recognised
from clinsearch.readers.listing import Listing
from clinsearch.readers.note_files import STANDARD_INPUT, NoteFile, is_on_disk, suffix_of
from clinsearch.readers.outcomes import CannotRead, FileFacts, Unreadable
from clinsearch.readers.overview import Overview
from clinsearch.readers.survey import survey
from clinsearch.readers.tables import read_table
from clinsearch.readers.text import read_text
from clinsearch.records import Note

# Keys of JSON need not be in every record.
MOST_RECORDS_LOOKED_AT = 1000


class ReadingOptions(TypedDict, total=False):
    """How files are read, as NoteFiles takes it."""

    encoding: str
    text_column: str | None
    id_column: str | None
    columns: Mapping[str, str] | None
    preset: str | None
    attachments: str | os.PathLike[str] | None
    ocr: bool


class NoteFiles:
    """The notes in files and folders; each iteration reads the files anew, and only one may run at a time.

    The path `-` is standard input; it, or one other stream of bytes, is read as JSON Lines. `columns` names the columns
    of tables by field, instead of the usual names; `text_column` and `id_column` are short for two of them. `preset`
    names the table that all are; without it each is looked at for what it is, and `presets` holds what was found.
    `attachments` is the folder with the documents that FHIR resources only point to.
    `ocr`: whether Tesseract reads PDFs that are scans.
    `ignored_fields` counts, by name, the files with a column, key or header line that no Note has. `finished` holds the
    files that were read to the end: all their notes have been seen. `formats`, `sizes` and `fields` hold the format
    and size of each file that was read, and of each table the columns of each field.
    """

    def __init__(
        self,
        paths: Sequence[Path | BinaryIO],
        *,
        encoding: str = "utf-8",
        text_column: str | None = None,
        id_column: str | None = None,
        columns: Mapping[str, str] | None = None,
        preset: str | None = None,
        attachments: str | os.PathLike[str] | None = None,
        ocr: bool = False,
    ) -> None:
        """List the files; raise InputError if there are none, and for an unusable path, encoding, column or preset."""
        check_encoding(encoding)
        if ocr:
            require_tesseract()
        listing = Listing(paths)
        self._encoding, self._ocr = encoding, ocr
        self._attachments = AttachmentFolder(Path(attachments)) if attachments else None
        self._columns = columns_named(columns or {}, preset, text=text_column, note_id=id_column)
        self._listed = listing.files
        self._problems = listing.problems
        self._roots = listing.roots
        self._with_default_ids: dict[str, NoteFile] = {}
        self._with_one_note: set[str] = set()
        self._are_day_first: bool | None = None
        self._torn: frozenset[str] = frozenset()
        self._passed_over, self._left_out = tuple(listing.passed_over), tuple(listing.left_out)
        self._in_archives = Found()
        self._lost: set[Path] = set()
        self.files: tuple[Path, ...] = tuple(file.path for file in self._listed)
        self._listed_paths = frozenset(self.files)
        self.total_bytes: int = sum(file.size_bytes for file in self._listed)
        self.bytes_read: int = 0
        self.ignored_fields: Counter[str] = Counter()
        self.finished: set[Path] = set()
        self.presets: dict[Path, str] = {}
        self.formats: dict[Path, str] = {}
        self.fields: dict[Path, Mapping[str, tuple[str, ...]]] = {}
        self.sizes: dict[Path, int] = {}
        self._overview = Overview(self._listed, self._columns, encoding)
        # Of the text and the id each table tells.
        self._require({name for of, name in self._columns.named.items() if of not in ("text", "note_id")})

    def __iter__(self) -> Iterator[Note | Unreadable]:
        """Read file after file; yield what cannot be read as Unreadable and go on."""
        self.bytes_read = 0
        self.ignored_fields.clear()
        self.finished.clear()
        self.presets.clear()
        self._with_one_note.clear()
        self._lost.clear()
        self._in_archives = Found()
        self._are_day_first = None
        self.formats.clear()
        self.fields.clear()
        self.sizes.clear()
        self._torn = self._overview.torn_notes()
        yield from self._problems
        for file in self._listed:
            yield from self._read_listed(file)

    @property
    def passed_over(self) -> tuple[Path, ...]:
        """The files of unknown formats in the folders and, as far as they were read, in archives."""
        return (*self._passed_over, *self._in_archives.passed_over)

    @property
    def left_out(self) -> tuple[Unreadable, ...]:
        """The subfolders that were not walked, links and collections, and what in archives is no plain file."""
        return (*self._left_out, *self._in_archives.left_out)

    @property
    def unknown(self) -> Counter[str]:
        """Count by suffix the files that were passed over."""
        return Counter(suffix_of(path.name) for path in self.passed_over)

    def covers(self, source: str) -> bool:
        """Tell whether a file is among those that are read, or in an archive that is."""
        path = Path(source)
        return not self._listed_paths.isdisjoint((path, *path.parents))

    def is_default_id(self, note: Note) -> bool:
        """Tell whether a note's id was made from its file's name, not read from the file."""
        file = self._with_default_ids.get(note.source or "")
        return file is not None and is_numbered(note.note_id, file.note_id)

    def holds_one_note(self, source: str) -> bool:
        """Tell whether the file of a note that was read in this iteration holds that note alone."""
        return source in self._with_one_note

    def is_gone(self, source: Path) -> bool:
        """Tell whether a note once read from `source`, and not in this iteration, is gone from it.

        A file that is no longer in an archive is gone, once all of the archive was read; of what came by a stream
        nothing ever is.
        """
        places = (source, *source.parents)
        if str(source) == STANDARD_INPUT:
            return False
        if not self._lost.isdisjoint(places):
            return False
        if not self.finished.isdisjoint(places):
            return True
        return any(source.is_relative_to(root) for root in self._roots) and not is_on_disk(source)

    def _read_listed(self, file: NoteFile) -> Iterator[Note | Unreadable]:
        before = self.bytes_read

        def progress(position: int) -> None:
            # A file may have grown since it was listed; the sum must not pass the total.
            self.bytes_read = before + min(position, file.size_bytes)

        with closing(self._read(file, progress)) as outcomes:
            yield from outcomes
        self.bytes_read = before + file.size_bytes

    def _read(self, file: NoteFile, progress: Callable[[int], None]) -> Generator[Note | Unreadable]:
        facts = FileFacts()
        try:
            with closing(self._outcomes(file, progress, facts)) as outcomes:
                for outcome in outcomes:
                    if facts.has_default_ids:
                        self._with_default_ids[str(file.path)] = file
                    yield outcome
            (self._lost if facts.has_lost_records else self.finished).add(file.path)
        except CannotRead as problem:
            self._lost.add(file.path)
            yield Unreadable(file.path, problem.reason, problem.record, problem.kind)
        self.ignored_fields.update(facts.ignored_fields)
        if facts.preset and not self._columns.preset:
            self.presets[file.path] = facts.preset
        if facts.columns is not None:
            self.fields[file.path] = facts.columns.fields_in(facts.names_met)

    def _outcomes(
        self, file: NoteFile, progress: Callable[[int], None], facts: FileFacts
    ) -> Generator[Note | Unreadable]:
        with opened(file, encoding=self._encoding, progress=progress) as content:
            content.attachments, content.ocr = self._attachments, self._ocr
            form = recognised(content, file.suffix)
            self.formats[file.path], self.sizes[file.path] = form.name, file.size_bytes
            if form.is_one_note and not file.is_stream:
                self._with_one_note.add(str(file.path))
            if form.members:
                before = len(self._in_archives.left_out)
                for member in member_files(form.members(content), file, self._in_archives, SUFFIXES):
                    yield from self._read(member, member.progress_in(progress))
                self._lost.update(one.path for one in self._in_archives.left_out[before:])
            elif form.rows:
                records = partial(self._overview.records, file, form.rows)
                found = survey(records, self._columns, torn=self._torn)
                rows = form.rows(content, found.columns, facts)
                yield from read_table(rows, file, found, facts=facts)
            elif form.documents:
                yield from read_documents(form.documents(content), file, facts=facts)
            else:
                pieces = content.characters()
                yield from read_text(pieces, file, are_day_first=self._texts_are_day_first, facts=facts)

    def _require(self, sought: set[str]) -> None:
        if lacking := self._overview.lacking(sought):
            raise InputError(f"No table has a column called {' or '.join(sorted(lacking))}. Check the name.")

    def _texts_are_day_first(self) -> bool:
        if self._are_day_first is None:
            self._are_day_first = self._overview.texts_are_day_first()
        return self._are_day_first
