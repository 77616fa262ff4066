"""Documents to text: one module for each format of documents; `read_document` finds the one for a kind."""

from __future__ import annotations

from clinsearch.readers.document import Document
from clinsearch.readers.documents.charsets import decoded
from clinsearch.readers.outcomes import CannotRead

__all__ = ["KINDS", "read_document"]

# What a document can be: the names that `read_document` knows.
KINDS = ("cda", "docx", "html", "odt", "pdf", "rtf", "text", "xml")


def read_document(kind: str, data: bytes, *, charset: str | None = None, ocr: bool = False) -> Document:
    """Read a document of a kind in KINDS; raise CannotRead if it cannot be used.

    `charset` is what the document came with, such as that of a content type; formats that know their own ignore it.
    ocr: whether Tesseract reads pages of a PDF that are pictures.
    """
    match kind:
        case "cda":
            from clinsearch.readers.documents.cda import read_cda

            return read_cda(data, charset=charset)
        case "docx":
            from clinsearch.readers.documents.docx import read_docx

            return read_docx(data)
        case "html":
            from clinsearch.readers.documents.html import read_html

            return read_html(data, charset=charset)
        case "odt":
            from clinsearch.readers.documents.odt import read_odt

            return read_odt(data)
        case "pdf":
            from clinsearch.readers.documents.pdf import read_pdf

            return read_pdf(data, ocr=ocr)
        case "rtf":
            from clinsearch.readers.documents.rtf import read_rtf

            return read_rtf(data)
        case "xml":
            from clinsearch.readers.documents.xml import read_xml

            return read_xml(data, charset=charset)
        case "text":
            return Document(decoded(data, charset))
    raise CannotRead(f"a document of a kind that cannot be read ({kind}); save it as plain text", kind="file")
