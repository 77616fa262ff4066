"""HL7 v2 messages as documents: what is left out, and what comes attached."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace

from clinsearch.readers.document import Document
from clinsearch.readers.documents.draft import Draft
from clinsearch.readers.messages.hl7.attached import attach, is_attached
from clinsearch.readers.messages.hl7.framing import RawMessage, raw_messages
from clinsearch.readers.messages.hl7.observations import runs_of, write_run
from clinsearch.readers.messages.hl7.reports import Report, reports
from clinsearch.readers.messages.hl7.segments import Message, parsed
from clinsearch.readers.messages.note_ids import NoteIds
from clinsearch.readers.messages.passed_over import PassedOver
from clinsearch.readers.outcomes import MAX_RECORD_CHARACTERS, CannotRead

# A document's status, or its text, is another than in the message before.
_CHANGES = frozenset({"T04", "T08"})
# The notifications that a document was cancelled, or is to be deleted.
_CANCELLATIONS = frozenset({"MDM^T11"})


def read_hl7(chunks: Iterable[bytes], *, encoding: str = "utf-8") -> Iterator[Document | CannotRead]:
    """Yield the notes of each message, and at the end what was passed over since it holds none.

    `encoding` is for messages whose MSH-18 names no character set. Records are messages, from 1. Raises CannotRead if
    there is no message at all.
    """
    ids = NoteIds()
    left_out = PassedOver()
    number = 0
    for number, raw in enumerate(raw_messages(chunks), start=1):
        try:
            yield from (replace(read, record=number) for read in _documents(raw, encoding, ids, left_out))
        except CannotRead as fault:
            yield CannotRead(fault.reason, number, kind=fault.kind)
    yield from left_out.told()
    if not number:
        raise CannotRead("no MSH segment in it, so no HL7 message", kind="hl7")


def _documents(raw: RawMessage, encoding: str, ids: NoteIds, left_out: PassedOver) -> Iterator[Document]:
    if raw.is_too_long:
        raise CannotRead(
            f"more than {MAX_RECORD_CHARACTERS:,} bytes or too many segments in one message; split it", kind="too_long"
        )
    message = parsed(raw, encoding=encoding)
    named = f"HL7 {message.kind}".strip()
    if message.kind in _CANCELLATIONS:
        left_out.add(f"{named} (cancelled)")
        return
    found = False
    for report in reports(message):
        if report.is_cancelled:
            left_out.add(f"{named} (cancelled or deleted)")
            found = True
        elif (document := _document(report, message, left_out)) is not None:
            found = True
            yield replace(document, fields={**document.fields, "noteid": _note_id(report, message, ids)})
    if not found:
        left_out.add(f"{named} without text")


def _note_id(report: Report, message: Message, ids: NoteIds) -> str:
    """Return an id for a note; a version that is not the final one has its message's too, so that it is not taken."""
    control_id = message.header.component(10)
    said = report.id() or control_id
    event = message.header.component(9, 2) if report.document else ""
    if said != control_id and (report.is_preliminary or report.is_corrected or event in _CHANGES):
        said = f"{said}/{control_id}"
    return ids.give(said) if said else ""


def _document(report: Report, message: Message, left_out: PassedOver) -> Document | None:
    """Return a report as a document, None if there is nothing in it."""
    kept = [one for one in report.observations if not one.is_withdrawn]
    if withdrawn := len(report.observations) - len(kept):
        left_out.add("HL7 OBX (deleted or wrong)", withdrawn)
    if others := sum(one.is_left_out for one in kept):
        left_out.add("HL7 OBX without text", others)
    draft = Draft()
    doubts: list[str] = []
    for comment in report.comments:
        draft.write_as_is(comment)
        draft.break_line()
    runs = runs_of(kept)
    are_several = len({run[0].name for run in runs}) > 1
    for run in runs:
        if is_attached(run):
            attach(run, draft, doubts)
        else:
            write_run(run, draft, are_several=are_several)
    document = draft.document(report.fields(message.header), doubts)
    if document.text.strip():
        return replace(document, doubts=(*doubts, *sorted(message.doubts)))
    if doubts:
        raise CannotRead(doubts[0], kind="attachment")
    return None
