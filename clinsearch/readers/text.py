"""Text and Markdown files: one note a file, with an optional block of fields above it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from clinsearch.readers.decoding import whole_text
from clinsearch.readers.fields import HEADER_NAMES, NAME, build_note, by_name, normalised, note_ignored
from clinsearch.readers.folders import NoteFile
from clinsearch.readers.outcomes import FileFacts, Unreadable
from clinsearch.records import Note

_HEADER = re.compile(rf"---[ \t]*\r?\n(?P<fields>(?:{NAME}:[^\n]*\n){{0,50}})---[ \t]*(?:\r?\n|\Z)(?:\r?\n)?")


def read_text(pieces: Iterable[str], file: NoteFile, *, facts: FileFacts) -> Iterator[Note | Unreadable]:
    """Yield the note of a file; add the names of fields that a Note doesn't have to `facts`."""
    header, text = split_header(whole_text(pieces))
    note_ignored((name for name, _ in header), facts.ignored_fields, known=HEADER_NAMES)
    values = {name: value for name, value in by_name(header).items() if name in HEADER_NAMES}
    note, doubts = build_note({**values, "text": text}, file.note_id, source=str(file.path), facts=facts)
    yield note
    for reason in doubts:
        yield Unreadable(file.path, reason)


def split_header(text: str) -> tuple[list[tuple[str, str]], str]:
    """Part the fields between `---` lines at the very top from the text.

    Lines that are malformed, or of which none names a field of a note, are text between two rules.
    """
    header = _HEADER.match(text)
    if header is None:
        return [], text
    written = (line.partition(":") for line in header["fields"].split("\n")[:-1])
    fields = [(name, value.strip()) for name, _, value in written]
    if HEADER_NAMES.isdisjoint(normalised(name) for name, _ in fields):
        return [], text
    return fields, text[header.end() :]
