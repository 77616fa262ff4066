"""What a resource says of its note: whose it is, of which encounter, what kind, when, and what it is called."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from clinsearch.readers.truncated_dates import completed

_LOINC = "http://loinc.org"


def objects(value: Any) -> list[dict[str, Any]]:
    """Return the objects that a value is or lists."""
    listed = value if isinstance(value, list) else [value]
    return [one for one in listed if isinstance(one, dict)]


def text_at(value: Any, *path: str) -> str:
    """Return the text at the end of a path, empty if there is none; of lists the first object counts."""
    for name in path:
        found = objects(value)
        value = found[0].get(name) if found else None
    return value.strip() if isinstance(value, str) else ""


def fields_of(resource: Mapping[str, Any], known: Mapping[str, str]) -> dict[str, object]:
    """Return what is known of the note, by the names that tables have.

    `known`: the ids of the patients and encounters of a Bundle by their addresses in it.
    """
    known = {**known, **contained_ids(resource)}
    kind = concept(resource.get("type")) or concept(resource.get("code"))
    title = text_at(resource, "title") or text_at(resource, "description")
    if resource.get("resourceType") != "Composition" and not title:
        title = concept(resource.get("code"))
    statuses = (resource.get("status"), resource.get("docStatus"))
    if mark := next((one for one in ("superseded", "preliminary") if one in statuses), ""):
        title = f"{title or kind} ({mark})".strip()
    found = {
        "patientid": reference_id(resource.get("subject") or resource.get("patient"), known),
        "encounterid": _encounter_id(resource, known),
        "notetype": kind,
        "notedatetime": _date(resource),
        "title": title,
    }
    return {name: value for name, value in found.items() if value}


def concept(value: Any) -> str:
    """Return a concept in words: LOINC's, its text, another coding's, or its code."""
    for one in objects(value):
        codings = objects(one.get("coding"))
        loinc = [coding for coding in codings if coding.get("system") == _LOINC]
        said = (
            *(text_at(coding, "display") for coding in loinc),
            text_at(one, "text"),
            *(text_at(coding, "display") for coding in codings),
            *(text_at(coding, "code") for coding in codings),
        )
        if first := next(filter(None, said), ""):
            return first
    return ""


def contained_ids(resource: Mapping[str, Any]) -> dict[str, str]:
    """Return the identifiers of the resources contained in one, by the references to them."""
    contained = objects(resource.get("contained"))
    return {
        f"#{name}": identifier
        for one in contained
        if (name := text_at(one, "id").removeprefix("#")) and (identifier := text_at(one, "identifier", "value"))
    }


def reference_id(value: Any, known: Mapping[str, str]) -> str:
    """Return the id that a reference is to: `Patient/p1`, an address, a UUID, or the identifier that it has instead.

    The id of a contained resource (`#patient`) says nothing outside: others' patients have the same.
    """
    for one in objects(value):
        address = text_at(one, "reference")
        if found := known.get(address):
            return found
        said = "" if address.startswith("#") else address.partition("/_history/")[0].rstrip("/")
        said = said.rpartition("/")[2].removeprefix("urn:uuid:").removeprefix("urn:oid:")
        if said or (said := text_at(one, "identifier", "value")):
            return said
    return ""


def _encounter_id(resource: Mapping[str, Any], known: Mapping[str, str]) -> str:
    context = resource.get("context")
    # R5 has the references themselves there, to episodes of care as well.
    direct = [one for one in objects(context) if "Encounter" in text_at(one, "reference") + text_at(one, "type")]
    nested = [encounter for one in objects(context) for encounter in objects(one.get("encounter"))]
    return reference_id([*objects(resource.get("encounter")), *nested, *direct], known)


def _date(resource: Mapping[str, Any]) -> str:
    paths = (
        *(("date",), ("effectiveDateTime",), ("effectiveInstant",), ("effectivePeriod", "start")),
        *(("context", "period", "start"), ("period", "start"), ("issued",), ("sent",), ("created",), ("indexed",)),
        ("content", "attachment", "creation"),
    )
    return completed(next((said for path in paths if (said := text_at(resource, *path))), ""))
