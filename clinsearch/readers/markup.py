"""Recognises text that is not plain text: a document or a message under the wrong name, or in a cell."""

from __future__ import annotations

import re

from clinsearch.readers.columns import HEADER_NAMES, USUAL, is_name, normalised
from clinsearch.readers.outcomes import CannotRead

_HEAD_CHARACTERS = 4000
_LEADING = "\ufeff\x0b\x0c\x1c \t\r\n"
_HL7 = re.compile(r"(?:MSH|FHS|BHS)\|\^~\\&")
_JSON = re.compile(r'\{\s*"(?:[^"\\\n]|\\.){1,80}"\s*:|\[\s*\{\s*"')
_LEADING_TAG = re.compile(r"<([A-Za-z_][\w:.-]*)(?:\s[^<>]*)?>")
_HTML_ELEMENTS = (
    r"(?:html|head|body|div|span|p|br|hr|b|i|u|em|strong|font|h[1-6]|ul|ol|li|dl|table|tbody|tr|td|th|pre|a|center)"
)
_HTML_TAG = re.compile(rf"</?{_HTML_ELEMENTS}(?:\s[^<>]*)?/?>", re.IGNORECASE)
_ENCODED_BEGINNING = re.compile(r"(?:data:\S{1,80}?,)?[A-Za-z0-9+/_-]{60}")
_ENCODED = re.compile(r"(?:data:\S{1,80}?,)?[A-Za-z0-9+/_-]+(?:\s+[A-Za-z0-9+/_-]+)*={0,2}")
_MIN_ENCODED_CHARACTERS = 100
_LEAST_HTML_TAGS = 3
_LEAST_SHARE_OF_HTML = 0.1
# The first characters, plain and in base64.
_MAGIC = (("{\\rtf", "rtf"), ("%PDF-", "pdf"), ("JVBERi0", "pdf"), ("e1xydG", "rtf"), ("UEsDB", "office"))
_MAGIC_BYTES = ((b"{\\rtf", "rtf"), (b"%PDF-", "pdf"), (b"PK\x03\x04", "office"), (b"\xd0\xcf\x11\xe0", "office"))

NAMES = {
    "rtf": "an RTF document",
    "pdf": "a PDF",
    "office": "an Office or zip file",
    "html": "HTML",
    "xml": "XML",
    "hl7": "an HL7 message",
    "json": "JSON",
    "encoded": "data in base64",
    "table": "a table",
}
_REMEDIES = {
    "hl7": "export the text of its OBX segments as plain text",
    "json": "name a file of records .jsonl or .json, one note a record",
    "table": "name it .csv or .tsv",
    "encoded": "decode it",
}


def kind_of_markup(text: str) -> str | None:
    """Return the format of a text that is not plain: rtf, pdf, office, html, xml, hl7, json or encoded; else None."""
    if kind := kind_by_beginning(text):
        return kind
    if "<" in text and _is_mostly_html(text):
        return "html"
    return "encoded" if _is_encoded(text) else None


def kind_by_beginning(text: str) -> str | None:
    """Return the format of a text if its first characters show it."""
    head = text[:_HEAD_CHARACTERS].lstrip(_LEADING)
    for start, kind in _MAGIC:
        if head.startswith(start):
            return kind
    if _HL7.match(head):
        return "hl7"
    if _JSON.match(head):
        return "json"
    return _kind_of_tagged(head, text) if head.startswith("<") else None


def kind_of_bytes(beginning: bytes) -> str | None:
    """Return the format of a file that is not text, by its first bytes: pdf, office or rtf."""
    return next((kind for start, kind in _MAGIC_BYTES if beginning.startswith(start)), None)


def refuse_markup(text: str) -> None:
    """Raise CannotRead if a text is not plain text."""
    if kind := kind_of_markup(text):
        raise foreign(kind)


def foreign(kind: str) -> CannotRead:
    """Return the error for text in this format, with what to do."""
    remedy = _REMEDIES.get(kind, "save it as plain text")
    return CannotRead(f"{NAMES[kind]}, not plain text; {remedy}", kind=kind)


def _kind_of_tagged(head: str, text: str) -> str | None:
    start = head[:200].lower()
    if start.startswith(("<!doctype html", "<html")):
        return "html"
    if start.startswith("<?xml"):
        return "html" if "<html" in head.lower() else "xml"
    tag = _LEADING_TAG.match(head)
    # Without an end tag, <NAME> or <DATE> marks what was removed from a note.
    if tag is None or f"</{tag[1]}>" not in text:
        return None
    return "html" if _HTML_TAG.match(head) else "xml"


def _is_mostly_html(text: str) -> bool:
    tags = _HTML_TAG.findall(text)
    return len(tags) >= _LEAST_HTML_TAGS and sum(map(len, tags)) >= _LEAST_SHARE_OF_HTML * len(text)


def _is_encoded(text: str) -> bool:
    if len(text) < _MIN_ENCODED_CHARACTERS or not _ENCODED_BEGINNING.match(text.lstrip(_LEADING)[:200]):
        return False
    stripped = text.strip(_LEADING)
    # Not only hexadecimal digits, nor one word repeated.
    return _ENCODED.fullmatch(stripped) is not None and all(
        any(map(sign, stripped[:_HEAD_CHARACTERS])) for sign in (str.isupper, str.islower, str.isdigit)
    )


def looks_like_a_table(text: str) -> bool:
    """Tell whether a text begins with the names of the columns of a table of notes."""
    line = text[:_HEAD_CHARACTERS].lstrip(_LEADING).partition("\n")[0].rstrip("\r")
    cells = [cell.strip('"') for cell in line.split(max(",;\t|", key=line.count))]
    if len(cells) < 2 or "_" not in line or not all(map(is_name, cells)):
        return False
    names = {normalised(cell) for cell in cells}
    return USUAL.has_text(names) and not HEADER_NAMES.isdisjoint(names)
