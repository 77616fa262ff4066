"""HL7 v2 messages made up for tests, and what is read of them."""

from __future__ import annotations

from collections.abc import Iterable

from clinsearch.readers.document import Document
from clinsearch.readers.messages.hl7 import read_hl7
from clinsearch.readers.outcomes import CannotRead

HEADER = r"MSH|^~\&|RIS|H|EHR|H|20240101120000-0500||{}|M1|P|2.5"
PATIENT = "PID|1||77^^^X^PI~123456^^^H^MR||DOE^JANE\rPV1|1|I|||||||||||||||||V99"
ORDER = "OBR|1|P1|ACC1^RIS|71020^CHEST 2 VIEWS^CPT|||20240101113000"


def message(*segments: str, kind: str = "ORU^R01", end: str = "\r") -> bytes:
    lines = [HEADER.format(kind), *PATIENT.split("\r"), *segments]
    return (end.join(lines) + end).encode()


def everything(data: bytes | Iterable[bytes], **how: str) -> tuple[list[Document], list[CannotRead], set[str]]:
    """Return the notes, what cannot be read, and what was passed over."""
    outcomes = list(read_hl7([data] if isinstance(data, bytes) else data, **how))
    documents = [one for one in outcomes if isinstance(one, Document)]
    faults = [one for one in outcomes if isinstance(one, CannotRead)]
    passed_over = {one.reason.removesuffix(" passed over") for one in faults if one.kind == "passed_over"}
    return documents, [one for one in faults if one.kind != "passed_over"], passed_over


def only(data: bytes, **how: str) -> Document:
    documents, faults, _ = everything(data, **how)
    assert faults == []
    (document,) = documents
    return document


def text_of(value: str, kind: str = "TX") -> str:
    return only(message(ORDER, f"OBX|1|{kind}|||{value}||||||F")).text


def headings(document: Document) -> list[str]:
    return [document.text[start:end] for start, end in document.headings]
