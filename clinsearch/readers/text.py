"""Text and Markdown files: one note per file, with an optional block of fields above it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from clinsearch.readers.columns import HEADER_NAMES, USUAL, by_name, normalised, note_ignored
from clinsearch.readers.decoding import whole_text
from clinsearch.readers.fields import Manner, build_note
from clinsearch.readers.headers import read_header
from clinsearch.readers.markup import foreign, looks_like_a_table
from clinsearch.readers.note_files import NoteFile
from clinsearch.readers.outcomes import FileFacts, Unreadable
from clinsearch.records import Note


def read_text(
    pieces: Iterable[str], file: NoteFile, *, are_day_first: Callable[[], bool], facts: FileFacts
) -> Iterator[Note | Unreadable]:
    """Yield the note of a file; add the names of fields that a Note doesn't have to `facts`.

    A block at the top that is malformed, or names no field of a note, is text.
    """
    whole = whole_text(pieces)
    if looks_like_a_table(whole):
        raise foreign("table")
    header = read_header(whole)
    note_ignored((name for name, _ in header.fields), facts.ignored_fields, known=HEADER_NAMES)
    values = {name: value for name, value in by_name(header.fields).items() if name in HEADER_NAMES}
    values["text"] = whole[header.text_start :]
    manner = Manner(are_day_first=are_day_first)
    note, doubts = build_note(values, file.note_id, source=str(file.path), facts=facts, manner=manner)
    yield note
    if header.fault:
        yield Unreadable(file.path, header.fault, kind="header")
    for doubt in doubts:
        yield Unreadable(file.path, doubt.reason, kind=doubt.kind)


def date_in_header(text: str) -> str | None:
    """Return the date as it is written at the top of a text."""
    values = {normalised(name): value for name, value in read_header(text).fields}
    written = USUAL.value("note_datetime", values)
    return written if isinstance(written, str) else None
