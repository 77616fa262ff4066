"""FHIR resources as documents: which of a file's are notes, and which are passed over."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

from clinsearch.readers.attachment_folder import AttachmentFolder
from clinsearch.readers.document import Document
from clinsearch.readers.messages.fhir.attachments import Found, Lookup, is_elsewhere
from clinsearch.readers.messages.fhir.bundles import Bundle, in_folder, of_binary
from clinsearch.readers.messages.fhir.json_values import json_values
from clinsearch.readers.messages.fhir.references import contained_ids, fields_of, objects, text_at
from clinsearch.readers.messages.fhir.resources import READERS
from clinsearch.readers.messages.note_ids import NoteIds
from clinsearch.readers.messages.passed_over import PassedOver
from clinsearch.readers.outcomes import CannotRead

Resource: TypeAlias = Mapping[str, Any]
Outcomes: TypeAlias = Iterator[Document | CannotRead]
_TYPE = re.compile(r"[A-Za-z]{1,40}")
_WITHDRAWN = frozenset({"entered-in-error", "cancelled"})
_DEEPEST_BUNDLE = 5


def read_fhir(pieces: Iterable[str], *, folder: AttachmentFolder | None = None, is_in_folder: bool = False) -> Outcomes:
    """Yield the notes among the resources of a file, and at the end what was passed over since it holds none.

    folder: where the documents may be that are not in the file. is_in_folder: whether the file is in there itself; a
    Binary of it is then no note, but the document of another's.

    Records are the file's objects, or the entries of its Bundle, from 1.
    """
    reader = _Reader(folder, is_in_folder)
    bundle: Bundle | None = None
    number = 0
    for value in json_values(pieces):
        if value.fault:
            number += 1
            yield CannotRead(value.fault.reason, number, kind=value.fault.kind)
        elif value.is_entry:
            number += 1
            bundle = bundle or Bundle()
            yield from reader.entry(value.value, bundle, number=number)
        elif bundle:  # what it has beside its entries
            yield from reader.rest_of(bundle)
            bundle = None
        else:
            number += 1
            yield from reader.resource(value.value, Bundle(), number=number)
    if bundle:  # is cut off
        yield from reader.rest_of(bundle)
    yield from reader.passed_over.told()
    if not number:
        raise CannotRead("no text in it", kind="no_text")


@dataclass(slots=True)
class _Reader:
    """Makes documents of a file's resources; its methods yield what cannot be read, and do not raise it."""

    folder: AttachmentFolder | None = None
    is_in_folder: bool = False
    ids: NoteIds = field(default_factory=NoteIds)
    passed_over: PassedOver = field(default_factory=PassedOver)

    def entry(self, entry: Any, bundle: Bundle, *, number: int, depth: int = 1) -> Outcomes:
        """Yield the notes of a Bundle's entry, unless it or what it refers to is to wait for other entries."""
        found = objects(entry.get("resource")) if isinstance(entry, dict) else []
        if not found:
            self.passed_over.add("FHIR Bundle entry without a resource")
            return
        resource = found[0]
        kind = str(resource.get("resourceType"))  # of whatever type, in a file from elsewhere
        if kind in ("Patient", "Encounter"):
            bundle.know(entry)
        is_kept = kind == "Binary" and bundle.keep(entry, number)
        must_wait = _refers(resource) or (kind in READERS and bundle.lacks(resource))
        if not is_kept and not (must_wait and bundle.wait(resource, number)):
            yield from self.resource(resource, bundle, number=number, depth=depth)

    def rest_of(self, bundle: Bundle) -> Outcomes:
        """Yield the notes of what waited for the end of a Bundle."""
        for number, resource in bundle.put_off:
            yield from self.resource(resource, bundle, number=number)
        for number, resource in bundle.unused():
            yield from self.resource(resource, bundle, number=number)

    def resource(self, resource: Any, bundle: Bundle, *, number: int, depth: int = 0) -> Outcomes:
        """Yield the notes of a resource, and of those within it."""
        kind = resource.get("resourceType") if isinstance(resource, dict) else None
        if not isinstance(kind, str) or not _TYPE.fullmatch(kind):
            yield CannotRead("a record that is no FHIR resource: it has no resourceType", number, kind="fhir")
        elif kind == "Bundle":
            yield from self._bundle(resource, number=number, depth=depth + 1)
        elif kind == "Binary" and self.is_in_folder and not depth:
            self.passed_over.add("FHIR Binary in the folder of attachments")
        elif not _WITHDRAWN.isdisjoint((_status(resource, "status"), _status(resource, "docStatus"))):
            self.passed_over.add(f"FHIR {kind} that is cancelled or entered in error")
        else:
            yield from self._notes(kind, resource, bundle, number=number)
            for inner in objects(resource.get("contained")):
                if text_at(inner, "resourceType") in READERS.keys() - {"Binary"}:
                    yield from self.resource(
                        {**inner, **_whose(inner, resource)}, bundle, number=number, depth=depth + 1
                    )

    def _bundle(self, resource: Resource, *, number: int, depth: int) -> Outcomes:
        if depth > _DEEPEST_BUNDLE:
            yield CannotRead(f"Bundles nested deeper than {_DEEPEST_BUNDLE}", number, kind="fhir")
            return
        bundle = Bundle()
        # Numbers of their own, so that they can wait for one another; all are of one record.
        entries = resource.get("entry")
        if not entries:
            self.passed_over.add("FHIR Bundle without entries")
        for place, entry in enumerate(entries if isinstance(entries, list) else []):
            yield from _of_record(self.entry(entry, bundle, number=place, depth=depth), number)
        yield from _of_record(self.rest_of(bundle), number)

    def _notes(self, kind: str, resource: Resource, bundle: Bundle, *, number: int) -> Outcomes:
        reader = READERS.get(kind)
        if reader is None:
            self.passed_over.add(f"FHIR {kind}")
            return
        documents: list[Document] = []
        faults: list[CannotRead] = []
        try:
            for outcome in reader(resource, self._looking_up(resource, bundle)):
                documents.append(outcome) if isinstance(outcome, Document) else faults.append(outcome)
        except CannotRead as fault:
            faults.append(fault)
        yield from (CannotRead(fault.reason, number, kind=fault.kind) for fault in faults)
        written = [document for document in documents if document.text.strip()]
        if not written and not faults:
            self.passed_over.add(f"FHIR {kind} without text")
        about = fields_of(resource, bundle.known)
        for place, document in enumerate(written, start=1):
            fields = self._fields(about, document, resource, place=place if len(written) > 1 else 0)
            yield replace(document, fields=fields, record=number)

    def _looking_up(self, resource: Resource, bundle: Bundle) -> Lookup:
        """Return what looks an address up within a resource, then in its Bundle and at last in the folder."""
        contained = {text_at(one, "id").removeprefix("#"): one for one in objects(resource.get("contained"))}

        def look_up(address: str) -> Found | None:
            if address.startswith("#"):
                inner = contained.get(address.removeprefix("#"))
                return of_binary(inner) if inner else None
            return bundle.look_up(address) or (in_folder(self.folder, address) if self.folder else None)

        return look_up

    def _fields(
        self, about: Mapping[str, object], document: Document, resource: Resource, *, place: int
    ) -> dict[str, object]:
        """Return the fields of a resource's document, its `place` among several from 1, else 0."""
        fields = {**document.fields, **about}
        fields.pop("noteid", None)
        if place and (title := document.fields.get("title")):
            fields["title"] = title
        if note_id := text_at(resource, "id"):
            kind = resource["resourceType"]
            given = self.ids.give(note_id, f"{kind}/{note_id}") if place <= 1 else self.ids.give(f"{note_id}#{place}")
            fields["noteid"] = given
        return fields


def _of_record(outcomes: Outcomes, number: int) -> Outcomes:
    for outcome in outcomes:
        if isinstance(outcome, Document):
            yield replace(outcome, record=number)
        else:
            yield CannotRead(outcome.reason, number, kind=outcome.kind)


def _status(resource: Resource, name: str) -> str:
    return str(resource.get(name) or "").strip().lower()


def _whose(inner: Resource, outer: Resource) -> dict[str, Any]:
    """Return the patient and the encounter of a contained resource, or else those of the one around it."""
    contained = contained_ids(outer)
    said = {name: inner.get(name) or outer.get(name) for name in ("subject", "encounter")}
    local = {name: contained[address] for name in said if (address := text_at(said, name, "reference")) in contained}
    return said | {name: {"identifier": {"value": found}} for name, found in local.items()}


def _refers(resource: Resource) -> bool:
    """Tell whether a resource's document may be in another resource."""
    contents = [one for content in objects(resource.get("content")) for one in objects(content.get("attachment"))]
    return is_elsewhere([*contents, *objects(resource.get("presentedForm"))])
