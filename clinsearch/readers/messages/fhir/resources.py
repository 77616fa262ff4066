"""What each kind of resource says in words."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from typing import Any, TypeAlias

from clinsearch.readers.attachments import lines_of
from clinsearch.readers.document import Document
from clinsearch.readers.documents import read_document
from clinsearch.readers.documents.draft import Draft
from clinsearch.readers.messages.fhir.attachments import Lookup, read_documents, read_one
from clinsearch.readers.messages.fhir.references import concept, objects, text_at
from clinsearch.readers.outcomes import CannotRead

Resource: TypeAlias = Mapping[str, Any]
Outcomes: TypeAlias = Iterator[Document | CannotRead]
_DEEPEST_SECTION = 40
_SHORT = 100


def _document_reference(resource: Resource, lookup: Lookup) -> Outcomes:
    contents = objects(resource.get("content"))
    return read_documents([one for content in contents for one in objects(content.get("attachment"))], lookup)


def _diagnostic_report(resource: Resource, lookup: Lookup) -> Outcomes:
    """Yield the report as it was issued, with its conclusion if that is not part of it."""
    conclusion = text_at(resource, "conclusion")
    forms = objects(resource.get("presentedForm"))
    draft = Draft()
    doubts: list[str] = []
    fields: dict[str, object] = {}
    for form in read_forms(forms, lookup) if forms else ():
        if isinstance(form, CannotRead):
            if not conclusion:
                raise form
            doubts.append(form.reason)
        else:
            draft.add_lines(lines_of(form))
            doubts += form.doubts
            fields |= form.fields
    said = " ".join(" ".join(line.words for line in draft.lines).split())
    if conclusion and " ".join(conclusion.split()) not in said:
        if said:
            _write_heading("Conclusion", draft)
        draft.write_as_is(conclusion)
    elif not said and _is_written_by_hand(resource):
        draft.add_lines(_lines_of_narrative(resource))
    _write_notes(resource, draft)
    yield draft.document(fields, doubts)


def read_forms(forms: list[dict[str, Any]], lookup: Lookup) -> Outcomes:
    """Yield the forms of a report, which all say the same; what cannot be read if none can."""
    try:
        yield from read_documents(forms, lookup)
    except CannotRead as fault:
        yield fault


def _composition(resource: Resource, lookup: Lookup) -> Outcomes:
    draft = Draft()
    doubts: list[str] = []
    sections = objects(resource.get("section"))
    if not sections and _is_written_by_hand(resource):
        draft.add_lines(_lines_of_narrative(resource))
    for section in sections:
        _write_section(section, draft, doubts, depth=1)
    yield draft.document({}, doubts)


def _write_section(section: Resource, draft: Draft, doubts: list[str], *, depth: int) -> None:
    if depth > _DEEPEST_SECTION:
        doubts.append(f"sections nested deeper than {_DEEPEST_SECTION} are left out")
        return
    title = text_at(section, "title") or concept(section.get("code"))
    lines = _lines_of_narrative(section)
    if title:
        _write_heading(title, draft)
        # Some narratives begin with the title once more.
        if lines and lines[0].words.rstrip(":").casefold() == title.rstrip(":").casefold():
            del lines[0]
    draft.add_lines(lines)
    for inner in objects(section.get("section")):
        _write_section(inner, draft, doubts, depth=depth + 1)


def _write_heading(title: str, draft: Draft) -> None:
    draft.begin_heading()
    draft.write(title)
    draft.end_heading()


def _lines_of_narrative(resource: Resource) -> list[Any]:
    written = text_at(resource, "text", "div")
    return lines_of(read_document("html", written.encode("utf-8", "replace"), charset="utf-8")) if written else []


def _is_written_by_hand(resource: Resource) -> bool:
    """Tell whether narrative says more than a program made of the coded fields."""
    return text_at(resource, "text", "status") in ("additional", "extensions")


def _binary(resource: Resource, lookup: Lookup) -> Outcomes:
    yield read_one({"contentType": resource.get("contentType"), "data": resource.get("data")}, lookup)


def _observation(resource: Resource, lookup: Lookup) -> Outcomes:
    draft = Draft()
    for part in (resource, *objects(resource.get("component"))):
        name, value = concept(part.get("code")), text_at(part, "valueString")
        is_short = len(value) <= _SHORT and "\n" not in value
        _write(f"{name}: {value}" if value and name and is_short else value, draft)
    yield _with_notes(resource, draft)


def _clinical_impression(resource: Resource, lookup: Lookup) -> Outcomes:
    draft = Draft()
    _write(text_at(resource, "description"), draft)
    _write(text_at(resource, "summary"), draft)
    yield _with_notes(resource, draft)


def _communication(resource: Resource, lookup: Lookup) -> Outcomes:
    draft = Draft()
    doubts: list[str] = []
    for payload in objects(resource.get("payload")):
        _write(text_at(payload, "contentString"), draft)
        for attachment in objects(payload.get("contentAttachment")):
            try:
                draft.add_lines(lines_of(read_one(attachment, lookup)))
            except CannotRead as fault:
                doubts.append(fault.reason)
    yield replace(_with_notes(resource, draft), doubts=tuple(doubts))


def _with_notes(resource: Resource, draft: Draft) -> Document:
    _write_notes(resource, draft)
    return draft.document({})


def _write_notes(resource: Resource, draft: Draft) -> None:
    for note in objects(resource.get("note")):
        _write(text_at(note, "text"), draft)


def _write(text: str, draft: Draft) -> None:
    if text:
        draft.write_as_is(text)
        draft.end_line()


READERS: dict[str, Callable[[Resource, Lookup], Outcomes]] = {
    "DocumentReference": _document_reference,
    "DiagnosticReport": _diagnostic_report,
    "Composition": _composition,
    "Binary": _binary,
    "Observation": _observation,
    "ClinicalImpression": _clinical_impression,
    "Communication": _communication,
}
