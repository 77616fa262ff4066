"""NoteFiles: the notes in some files and folders, one after another, and how far the reading is."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from pathlib import Path

from clinsearch.readers.decoding import characters, check_encoding
from clinsearch.readers.folders import Listing, NoteFile, is_on_disk
from clinsearch.readers.outcomes import CannotRead, FileFacts, Unreadable
from clinsearch.readers.tables import read_csv, read_jsonl
from clinsearch.readers.text import read_text
from clinsearch.records import Note

READERS: dict[str, Callable[..., Iterator[Note | Unreadable]]] = {
    ".txt": read_text,
    ".md": read_text,
    ".csv": read_csv,
    ".jsonl": read_jsonl,
}


class NoteFiles:
    """The notes in files and folders; each iteration reads the files anew, and only one may run at a time.

    `unknown` counts by suffix the files in the folders that are of no known format, `ignored_fields` by name
    the files with a column, key or header line that no Note has. `finished` holds the files of which all
    was read: what is not among their notes is not in them.
    """

    def __init__(self, paths: Sequence[Path], *, encoding: str = "utf-8") -> None:
        """List the files; raise InputError where there is none, and for an unusable path or encoding."""
        check_encoding(encoding)
        listing = Listing(paths)
        self._encoding = encoding
        self._listed = listing.files
        self._problems = listing.problems
        self._roots = listing.roots
        self._with_default_ids: dict[str, NoteFile] = {}
        self.unknown: Counter[str] = listing.unknown
        self.files: tuple[Path, ...] = tuple(file.path for file in self._listed)
        self.total_bytes: int = sum(file.size_bytes for file in self._listed)
        self.bytes_read: int = 0
        self.ignored_fields: Counter[str] = Counter()
        self.finished: set[Path] = set()

    def __iter__(self) -> Iterator[Note | Unreadable]:
        """Read file after file; what cannot be read is yielded as Unreadable and the reading goes on."""
        self.bytes_read = 0
        self.ignored_fields.clear()
        self.finished.clear()
        yield from self._problems
        for file in self._listed:
            yield from self._read(file)

    def is_default_id(self, note: Note) -> bool:
        """Tell whether a note is called after its file, not by an id that the file states."""
        file = self._with_default_ids.get(note.source or "")
        return file is not None and re.fullmatch(re.escape(file.note_id) + r"(#\d+)?", note.note_id) is not None

    def is_gone(self, source: Path) -> bool:
        """Tell whether a note that was read from `source` before, and not in this iteration, is there no more."""
        if source in self.finished:
            return True
        return any(source.is_relative_to(root) for root in self._roots) and not is_on_disk(source)

    def _read(self, file: NoteFile) -> Iterator[Note | Unreadable]:
        before = self.bytes_read
        facts = FileFacts()

        def progress(position: int) -> None:
            # A file may have grown since it was listed; the sum must not pass the total.
            self.bytes_read = before + min(position, file.size_bytes)

        read = READERS[file.suffix.removesuffix(".gz")]
        try:
            with closing(characters(file.path, encoding=self._encoding, progress=progress)) as pieces:
                for outcome in read(pieces, file, facts=facts):
                    if facts.has_default_ids:
                        self._with_default_ids[str(file.path)] = file
                    yield outcome
            if not facts.has_lost_records:
                self.finished.add(file.path)
        except CannotRead as problem:
            yield Unreadable(file.path, problem.reason, problem.record)
        self.ignored_fields.update(facts.ignored_fields)
        self.bytes_read = before + file.size_bytes
