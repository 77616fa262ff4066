"""The text in a cell or a text file: plain, or a document of another format, which is read as what it is."""

from __future__ import annotations

import base64
import binascii
import re

from clinsearch.readers.document import Document
from clinsearch.readers.documents import KINDS, read_document
from clinsearch.readers.markup import foreign, is_base64, kind_of_data, kind_of_markup
from clinsearch.readers.outcomes import CannotRead

# Padding, and the mark with which Cerner ends a text.
_PADDING, _END_MARK = "\0", "ocf_blob"
_NOT_ASCII = re.compile(r"[^\x00-\x7f]")


def read_cell(text: str) -> Document:
    """Return the document that a text is; raise CannotRead for a format that is not read."""
    text = text.rstrip(_PADDING).removesuffix(_END_MARK).rstrip(_PADDING)
    kind = kind_of_markup(text)
    if kind is None:
        return Document(text)
    if is_base64(text):
        data = _decoded(text)
        kind = kind_of_data(data) or "text"
    else:
        data = _escaped(text).encode() if kind == "rtf" else text.encode(errors="surrogatepass")
    if kind not in KINDS:
        raise foreign(kind)
    return read_document(kind, data, charset="utf-8")


def _decoded(text: str) -> bytes:
    """Decode base64, as in a data URL or broken into lines."""
    digits = re.sub(r"\s+", "", text).rpartition(",")[2].translate(str.maketrans("-_", "+/")).rstrip("=")
    try:
        return base64.b64decode(digits + "=" * (-len(digits) % 4), validate=True)
    except binascii.Error:
        raise CannotRead("damaged data in base64", kind="encoded") from None


def _escaped(text: str) -> str:
    """Write the characters of an RTF document that are not ASCII, which has its own for them, in its escapes."""

    def escape(match: re.Match[str]) -> str:
        units = match[0].encode("utf-16-le", errors="surrogatepass")
        numbers = (int.from_bytes(units[at : at + 2], "little", signed=True) for at in range(0, len(units), 2))
        return "{\\uc1" + "".join(f"\\u{number}?" for number in numbers) + "}"

    return _NOT_ASCII.sub(escape, text)
