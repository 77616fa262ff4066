"""The notes of documents and messages, whatever their format."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from clinsearch.readers.document import Document
from clinsearch.readers.fields import note_of
from clinsearch.readers.note_files import NoteFile
from clinsearch.readers.outcomes import KEPT_KINDS, CannotRead, FileFacts, Unreadable
from clinsearch.records import Note


def read_documents(
    documents: Iterable[Document | CannotRead], file: NoteFile, *, facts: FileFacts
) -> Iterator[Note | Unreadable]:
    """Yield the note of each document, and after it what of it could not be read."""
    for document in documents:
        try:
            yield from _outcomes(document, file, facts)
        except CannotRead as fault:
            facts.has_lost_records |= fault.kind not in KEPT_KINDS
            record = fault.record if document is fault else document.record
            yield Unreadable(file.path, fault.reason, record, fault.kind)


def _outcomes(document: Document | CannotRead, file: NoteFile, facts: FileFacts) -> Iterator[Note | Unreadable]:
    if isinstance(document, CannotRead):
        raise document
    default_id = file.default_id(document.record, document.text)
    note, doubts = note_of(document, default_id, source=str(file.path), facts=facts)
    yield note
    for doubt in doubts:
        yield Unreadable(file.path, doubt.reason, document.record, doubt.kind)
