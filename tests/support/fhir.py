"""FHIR resources made up for tests, and what reading them gives."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from typing import Any

from clinsearch.readers.document import Document
from clinsearch.readers.messages.fhir import read_fhir
from clinsearch.readers.outcomes import CannotRead

Json = dict[str, Any]
REPORT = {"resourceType": "DiagnosticReport", "id": "r1", "code": {"text": "Chest X-ray"}, "issued": "2024-01-01"}


def attachment(text: str = "Dry cough.", content_type: str = "text/plain", **more: str) -> Json:
    return {"attachment": {"contentType": content_type, "data": base64.b64encode(text.encode()).decode(), **more}}


def reference(**more: Any) -> Json:
    return {"resourceType": "DocumentReference", "id": "d1", "status": "current", "content": [attachment()], **more}


def everything(source: Any | Iterable[str]) -> tuple[list[Document], list[CannotRead], set[str]]:
    """Return the notes, what cannot be read, and what was passed over."""
    pieces = (
        [json.dumps(source)] if isinstance(source, dict | list) else [source] if isinstance(source, str) else source
    )
    outcomes = list(read_fhir(pieces))
    documents = [one for one in outcomes if isinstance(one, Document)]
    faults = [one for one in outcomes if isinstance(one, CannotRead)]
    passed_over = {one.reason.removesuffix(" passed over") for one in faults if one.kind == "passed_over"}
    return documents, [one for one in faults if one.kind != "passed_over"], passed_over


def only(source: Any) -> Document:
    documents, faults, _ = everything(source)
    assert faults == []
    (document,) = documents
    return document


def headings(document: Document) -> list[str]:
    return [document.text[start:end] for start, end in document.headings]


def bundle(*resources: Json, **more: Any) -> Json:
    return {"resourceType": "Bundle", "type": "collection", **more, "entry": [{"resource": one} for one in resources]}
