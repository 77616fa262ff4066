"""Recognises what data and text are by what they hold: documents and messages, whatever they are called."""

from __future__ import annotations

import io
import re
from typing import IO

from clinsearch.readers.columns import HEADER_NAMES, USUAL, is_name, normalised
from clinsearch.readers.decoding import encoding_mark
from clinsearch.readers.outcomes import CannotRead
from clinsearch.readers.zips import FAULTS as ZIP_FAULTS
from clinsearch.readers.zips import open_zip

_HEAD_CHARACTERS = 4000
_HEAD_BYTES = 1 << 18
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
_MAGIC = (("{\\rtf", "rtf"), ("%PDF-", "pdf"))
_MAGIC_ENCODED = (("JVBERi0", "pdf"), ("e1xydG", "rtf"), ("UEsDB", "office"))
_MAGIC_BYTES = ((b"{\\rtf", "rtf"), (b"%PDF-", "pdf"), (b"PK\x03\x04", "office"), (b"\xd0\xcf\x11\xe0", "doc"))
_CDA = re.compile(r"<(?:\w+:)?ClinicalDocument[\s>]")
# Behind the name of the format its first structure; without it, a text may begin so.
_MAGIC_COLUMNAR = ((b"PAR1\x15", "parquet"), (b"PARE", "parquet"), (b"ARROW1\0\0", "arrow"), (b"FEA1\0", "arrow"))
# How far a first resource is looked through: its type may come after its document.
_LONGEST_FIRST = 1 << 18
# A key of its own, not one quoted in a text.
_FHIR = re.compile(r'(?<!\\)"resourceType"\s*:\s*"[A-Z]')
# What a zip archive is, by a name in it.
_ZIPPED = (("word/document.xml", "docx"), ("xl/workbook.xml", "xlsx"), ("[Content_Types].xml", "office"))
_OPEN_DOCUMENT = {"application/vnd.oasis.opendocument.text": "odt"}

NAMES = {
    "rtf": "an RTF document",
    "pdf": "a PDF",
    "doc": "a Word 97 or other old Office file",
    "docx": "a Word document",
    "odt": "an OpenDocument text",
    "xlsx": "an Excel workbook",
    "office": "an Office file",
    "zip": "a zip archive",
    "tar": "a tar archive",
    "html": "HTML",
    "xml": "XML",
    "cda": "a C-CDA document",
    "fhir": "a FHIR resource",
    "hl7": "an HL7 message",
    "json": "JSON",
    "parquet": "a Parquet file",
    "arrow": "an Arrow or Feather file",
    "encoded": "data in base64",
    "table": "a table",
}
_REMEDIES = {
    "hl7": "export the text of its OBX segments as plain text",
    "json": "name a file of records .jsonl or .json, one note a record",
    "table": "name it .csv or .tsv",
    "encoded": "decode it",
    "doc": "save it as .docx",
    "xlsx": "save its sheet as .csv",
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
    for start, kind in (*_MAGIC, *_MAGIC_ENCODED):
        if head.startswith(start):
            return kind
    if _HL7.match(head):
        return "hl7"
    if _JSON.match(head):
        return "fhir" if _FHIR.search(_first_record(text)) else "json"
    return _kind_of_tagged(head, text) if head.startswith("<") else None


def kind_of_bytes(beginning: bytes) -> str | None:
    """Return the format of a file that is not text, by its first bytes."""
    kind = next((kind for start, kind in (*_MAGIC_BYTES, *_MAGIC_COLUMNAR) if beginning.startswith(start)), None)
    return "tar" if kind is None and beginning[257:262] == b"ustar" else kind


def kind_of_data(data: bytes) -> str | None:
    """Return the format of a whole document if its content shows it; None for plain text, too."""
    if kind := kind_of_bytes(data):
        return kind_of_zipped(io.BytesIO(data)) if kind == "office" else kind
    mark = encoding_mark(data)
    return kind_by_beginning(data[:_HEAD_BYTES].decode(mark or "latin-1", errors="replace"))


def kind_of_zipped(file: IO[bytes]) -> str:
    """Return the format of a file that begins as zip archives do: docx, odt, xlsx, office or zip."""
    try:
        with open_zip(file) as archive:
            names = set(archive.namelist())
            if "mimetype" in names:
                with archive.open("mimetype") as written:
                    return _OPEN_DOCUMENT.get(written.read(100).decode("latin-1").strip(), "office")
    except (CannotRead, *ZIP_FAULTS):
        return "zip"
    return next((kind for name, kind in _ZIPPED if name in names), "zip")


def is_base64(text: str) -> bool:
    """Tell whether a text that is not plain is data in base64."""
    beginning = text[:_HEAD_CHARACTERS].lstrip(_LEADING)
    return beginning.startswith(tuple(start for start, _ in _MAGIC_ENCODED)) or _is_encoded(text)


def foreign(kind: str) -> CannotRead:
    """Return the error for text in this format, with what to do."""
    remedy = _REMEDIES.get(kind, "save it as plain text")
    return CannotRead(f"{NAMES[kind]}, not plain text; {remedy}", kind=kind)


def _first_record(text: str) -> str:
    """Return the first line if it is a record, else as much as a first record may have before it says what it is."""
    beginning = text[:_LONGEST_FIRST].lstrip(_LEADING)
    line = beginning.partition("\n")[0].rstrip()
    return line if len(line) > 1 and line.endswith("}") else beginning


def _kind_of_tagged(head: str, text: str) -> str | None:
    start = head[:200].lower()
    if start.startswith(("<!doctype html", "<html")):
        return "html"
    if start.startswith("<?xml"):
        return "html" if "<html" in head.lower() else _kind_of_xml(head)
    tag = _LEADING_TAG.match(head)
    # Without an end tag, <NAME> or <DATE> marks what was removed from a note.
    if tag is None or f"</{tag[1]}>" not in text:
        return None
    return "html" if _HTML_TAG.match(head) else _kind_of_xml(head)


def _kind_of_xml(head: str) -> str:
    return "cda" if _CDA.search(head) else "xml"


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
