"""Documents that come within OBX segments: encapsulated data (ED), and documents sent as if they were text."""

from __future__ import annotations

from clinsearch.readers.attachments import decoded_base64, kind_of_content, lines_of, read_attachment
from clinsearch.readers.document import Document
from clinsearch.readers.documents.draft import Draft
from clinsearch.readers.markup import kind_by_beginning
from clinsearch.readers.messages.hl7.observations import Observation
from clinsearch.readers.outcomes import CannotRead

_SENT_AS_TEXT = frozenset({"rtf", "pdf", "office", "html"})
_IMAGES = frozenset({"jpeg", "jpg", "png", "gif", "tiff", "tif", "dicom"})
_TYPES = {
    "pdf": "application/pdf",
    "rtf": "application/rtf",
    "xml": "application/xml",
    "x-hl7-cda-level-one": "application/xml",
    "html": "text/html",
    "plain": "text/plain",
}


def is_attached(run: list[Observation]) -> bool:
    """Tell whether observations of the same thing are a document, or documents."""
    return run[0].is_document or (not run[0].is_measured and _kind_of_text(run) in _SENT_AS_TEXT)


def attach(run: list[Observation], draft: Draft, doubts: list[str]) -> None:
    """Add the text of the documents in observations of the same thing; what cannot be read is said in `doubts`."""
    sources = _whole(run) if run[0].is_document else [run]
    for source in sources:
        try:
            document = _read(source)
        except CannotRead as fault:
            doubts.append(fault.reason)
        else:
            draft.add_lines(lines_of(document))
            doubts += document.doubts


def _kind_of_text(run: list[Observation]) -> str | None:
    first = run[0].lines
    return kind_by_beginning("\n".join(first)) if first and first[0].lstrip()[:1] in "{<JeU" else None


def _whole(run: list[Observation]) -> list[list[Observation]]:
    """Return the observations of each document: one, or all if only the first shows how a document begins."""
    if len(run) > 1 and all(one.kind == "ED" and _parts(one)[2].lower() == "base64" for one in run):
        first, *others = (_beginning(one) for one in run)
        if kind_of_content(first) and not any(map(kind_of_content, others)):
            return [run]
    return [[one] for one in run]


def _read(run: list[Observation]) -> Document:
    if not run[0].is_document:
        text = "\n".join(line for one in run for line in one.lines)
        is_plain = text.lstrip().startswith(("{", "<"))
        return read_attachment(text.encode() if is_plain else decoded_base64(text), None)
    if run[0].kind == "RP":
        raise CannotRead("its document is only pointed to, and not in the message", kind="attachment")
    kind, subtype, encoding, _ = _parts(run[0])
    written = "".join(_parts(one)[3] for one in run)
    data = _data(written, encoding.lower(), run[0].segment.manner.codec)
    return read_attachment(data, _content_type(kind.lower(), subtype.lower()))


def _parts(observation: Observation) -> tuple[str, str, str, str]:
    """Return the type, subtype and encoding of encapsulated data, and the data as they are written."""
    segment = observation.segment
    mark = segment.manner.delimiters.component
    parts = segment.written(5).split(mark, 4)
    kind, subtype, encoding = (segment.component_of(parts, which) for which in (2, 3, 4))
    return kind, subtype, encoding, segment.manner.text(parts[4]) if len(parts) > 4 else ""


def _beginning(observation: Observation) -> bytes:
    try:
        return decoded_base64(_parts(observation)[3][:4000])
    except CannotRead:
        return b""


def _data(written: str, encoding: str, codec: str) -> bytes:
    if encoding == "base64":
        return decoded_base64(written.replace("~", ""))
    if encoding == "hex":
        try:
            return bytes.fromhex(written)
        except ValueError:
            raise CannotRead("its document is not the hexadecimal that it should be", kind="attachment") from None
    return written.encode(codec, "replace")


def _content_type(kind: str, subtype: str) -> str | None:
    """Return the content type that the words of encapsulated data mean: `application^PDF`, `TEXT^`, `^RTF`."""
    if subtype in _TYPES:
        return _TYPES[subtype]
    if kind in ("image", "im") or subtype in _IMAGES:
        return "image/any"
    return "text/plain" if kind in ("text", "tx", "ft") else None
