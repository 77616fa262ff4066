"""Documents within messages: decoded, told by their content, and read."""

from __future__ import annotations

import base64
import binascii
import re
import zlib

from clinsearch.readers.contents import MAX_DOCUMENT_BYTES, allowance_of
from clinsearch.readers.document import Document
from clinsearch.readers.documents import KINDS, read_document
from clinsearch.readers.documents.draft import Line
from clinsearch.readers.markup import NAMES, kind_of_markup
from clinsearch.readers.outcomes import CannotRead

_HEAD_BYTES = 4096
_MARKS = b"\xef\xbb\xbf \t\r\n\x0b\x0c"
# What the first bytes show, whatever a content type says.
_MAGIC = (
    (b"{\\rtf", "rtf"),
    (b"%PDF-", "pdf"),
    (b"\xff\xd8\xff", "image"),
    (b"\x89PNG", "image"),
    (b"GIF8", "image"),
    (b"II*\0", "image"),
    (b"MM\0*", "image"),
    (b"BM", "image"),
    (b"\xd0\xcf\x11\xe0", "doc"),
)
_TYPES = {
    "text/plain": "text",
    "text/markdown": "text",
    "text/html": "html",
    "application/xhtml+xml": "html",
    "text/rtf": "rtf",
    "application/rtf": "rtf",
    "application/pdf": "pdf",
    "text/xml": "xml",
    "application/xml": "xml",
    "application/vnd.openxmlformats-officedocument.wordprocessingml.document": "docx",
    "application/vnd.oasis.opendocument.text": "odt",
}
_GZIP = b"\x1f\x8b"
_UNREAD = {
    "image": "an image, which has no text",
    "doc": "an Office file of the old kind, which is not read",
}
_ROOT = re.compile(rb"(?:\s*<(?:\?[^>]*\?|!--.*?--|!DOCTYPE[^>\[]*)>)*\s*<(?:[\w.-]+:)?([A-Za-z][\w.-]*)", re.DOTALL)
_CHARSET = re.compile(r";\s*charset\s*=\s*[\"']?([\w.:-]{2,40})", re.IGNORECASE)
_NAMEABLE = re.compile(r"[\w.+-]{1,80}/[\w.+-]{1,80}", re.ASCII)
# The dispatch of the documents reads these from the bytes of a zip file.
_ZIPPED = ((b"word/", "docx"), (b"opendocument.text", "odt"))


def decoded_base64(written: str) -> bytes:
    """Return the bytes that base64 stands for; blanks, line ends and a missing end are borne with."""
    compact = "".join(written.split()).replace("-", "+").replace("_", "/")
    if compact[:5].lower() == "data:":
        compact = compact.partition(",")[2]
    compact = compact.rstrip("=")
    try:
        if len(compact) % 4 == 1:
            raise ValueError
        return base64.b64decode(compact + "=" * (-len(compact) % 4), validate=True)
    except (binascii.Error, ValueError):
        raise CannotRead("its document is not the base64 that it should be", kind="attachment") from None


def read_attachment(data: bytes, content_type: str | None) -> Document:
    """Read a document by what its bytes show it to be or, where they do not, by its content type."""
    if data.startswith(_GZIP):
        data, content_type = _unpacked(data), None if "zip" in (content_type or "") else content_type
    kind = kind_of_content(data) or kind_of_type(content_type)
    if kind is None and _is_unsaid(content_type) and _is_text(data):
        kind = "text"
    if kind is None:
        said = (content_type or "").partition(";")[0].strip()
        named = f"{said}, which is not read" if _NAMEABLE.fullmatch(said) else "of no known type"
        raise CannotRead(f"its document is {named}", kind="attachment")
    if kind in _UNREAD:
        raise CannotRead(f"its document is {_UNREAD[kind]}", kind="attachment")
    if not data.strip(_MARKS):
        raise CannotRead("its document is empty", kind="no_text")
    charset = _CHARSET.search(content_type or "")
    document = read_document(kind, data, charset=charset[1] if charset else None)
    return _as_what_it_is(document) if kind == "text" else document


def _as_what_it_is(document: Document, *, may_be_encoded: bool = True) -> Document:
    """Read text that is of another format than it was said to be; base64 within base64 once."""
    kind = kind_of_markup(document.text)
    if kind is None:
        return document
    if kind in KINDS:
        return read_document(kind, document.text.encode("utf-8", "replace"), charset="utf-8")
    if kind == "encoded" and may_be_encoded:
        data = decoded_base64(document.text)
        inner = kind_of_content(data) or ("text" if _is_text(data) else "")
        if inner in KINDS:
            document = read_document(inner, data)
            return _as_what_it_is(document, may_be_encoded=False) if inner == "text" else document
    raise CannotRead(f"its document is {NAMES[kind]}, which is not read there", kind="attachment")


def _unpacked(data: bytes) -> bytes:
    most = min(MAX_DOCUMENT_BYTES, allowance_of(len(data)).left)
    decompressor = zlib.decompressobj(wbits=zlib.MAX_WBITS | 16)
    try:
        unpacked = decompressor.decompress(data, most)
    except zlib.error:
        raise CannotRead("its document is damaged gzip data", kind="attachment") from None
    if not decompressor.eof:
        reason = "unpacks to too much" if len(unpacked) >= most else "is damaged gzip data"
        raise CannotRead(f"its document {reason}", kind="attachment")
    return unpacked


def _is_unsaid(content_type: str | None) -> bool:
    return (
        not content_type
        or content_type.isalnum()
        or content_type.lower().startswith(("application/octet-stream", "application/x-unknown"))
    )


def _is_text(data: bytes) -> bool:
    try:
        data.decode()
    except UnicodeDecodeError:
        return False
    return b"\0" not in data


def lines_of(document: Document) -> list[Line]:
    """Return the lines of a document that becomes part of another."""
    headings = {start for start, _ in document.headings}
    lines: list[Line] = []
    place = 0
    for line in document.text.splitlines(keepends=True):
        lines.append(Line(line.rstrip(), is_heading=place in headings))
        place += len(line)
    return lines


def kind_of_content(data: bytes) -> str | None:
    """Return the kind of a document if its first bytes show it."""
    head = data[:_HEAD_BYTES].lstrip(_MARKS)
    for beginning, kind in _MAGIC:
        if head.startswith(beginning):
            return kind
    if head.startswith(b"PK\x03\x04"):
        return next((kind for sign, kind in _ZIPPED if sign in data), None)
    root = _ROOT.match(head) if head.startswith(b"<") else None
    if root is None:
        return None
    name = root[1].lower()
    if name == b"clinicaldocument":
        return "cda"
    if name in (b"html", b"body", b"head") or b"<!doctype html" in head.lower():
        return "html"
    return "xml" if head.startswith(b"<?xml") else None


def kind_of_type(content_type: str | None) -> str | None:
    """Return the kind of document that a content type names, None if none that is read."""
    name = (content_type or "").partition(";")[0].strip().lower()
    if name in _TYPES:
        return _TYPES[name]
    if name.startswith("image/"):
        return "image"
    if name == "application/msword":
        return "doc"
    if name.startswith("text/") and not name.endswith("+xml"):
        return "text"
    return "xml" if name.endswith("+xml") else None
