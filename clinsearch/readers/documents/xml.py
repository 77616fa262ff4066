"""Files of XML: clinical documents, and whatever else has notes in it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from dataclasses import replace

from clinsearch.readers.document import Document
from clinsearch.readers.documents.cda import cda_document
from clinsearch.readers.documents.xml_records import read_xml_records
from clinsearch.readers.documents.xml_text import xml_text
from clinsearch.readers.outcomes import CannotRead

# Elements that clinical documents are made of; others have sections, too, but no templates.
_CLINICAL = frozenset({"component", "section", "structuredBody", "nonXMLBody", "entry"})
_TEMPLATE = re.compile(r"<(?:\w+:)?templateId\s|urn:hl7-org:v3")
_NAMESPACE = r"<[^<>]*\bxmlns(?::\w+)?=[\"']{}[\"']"
_FHIR = re.compile(_NAMESPACE.format(r"http://hl7\.org/fhir"))
_HL7_V2 = re.compile(_NAMESPACE.format("urn:hl7-org:v2xml"))


def read_xml_file(chunks: Iterable[bytes], *, encoding: str = "utf-8") -> Iterator[Document | CannotRead]:
    """Yield the notes of a file; `encoding` is for one that does not say how it is written."""
    text = xml_text(chunks, encoding=encoding)
    if text.root == "ClinicalDocument" or (text.root in _CLINICAL and _TEMPLATE.search(text.beginning)):
        yield cda_document(text)
    elif _FHIR.match(text.beginning):
        raise CannotRead("FHIR in XML, which is not read; export it as JSON", kind="fhir")
    elif _HL7_V2.match(text.beginning):
        raise CannotRead("HL7 v2 in XML, which is not read; export it with delimiters (ER7)", kind="hl7")
    else:
        yield from read_xml_records(text)


def read_xml(data: bytes, *, charset: str | None = None) -> Document:
    """Read a document that is a single note; raise CannotRead for one with several."""
    first, *others = list(read_xml_file([data], encoding=charset or "utf-8"))
    if others:
        raise CannotRead("several notes in one document; split it", kind="xml")
    if isinstance(first, CannotRead):
        raise first
    return replace(first, record=None)
