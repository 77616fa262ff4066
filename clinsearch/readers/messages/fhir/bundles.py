"""What the entries of a Bundle have together: documents and ids that others refer to, before or after."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from clinsearch.readers.attachment_folder import AttachmentFolder
from clinsearch.readers.attachments import decoded_base64
from clinsearch.readers.messages.fhir.attachments import Found
from clinsearch.readers.messages.fhir.references import objects, text_at

_JSON_OBJECT = re.compile(rb"\s*\{")
_MOST_KEPT_CHARACTERS = 30_000_000
_MOST_KNOWN = 100_000
_MOST_PUT_OFF = 10_000


@dataclass(slots=True)
class Bundle:
    """The entries of a Bundle that others may refer to.

    known: the ids of patients and encounters by their addresses. binaries: the Binary resources by theirs, with the
    numbers of their records. put_off: the resources whose documents have not come yet, with their numbers.
    """

    known: dict[str, str] = field(default_factory=dict)
    binaries: dict[str, tuple[int, Mapping[str, Any]]] = field(default_factory=dict)
    put_off: list[tuple[int, Mapping[str, Any]]] = field(default_factory=list)
    used: set[int] = field(default_factory=set)
    kept_characters: int = 0
    waiting_characters: int = 0

    def know(self, entry: Mapping[str, Any]) -> None:
        """Remember the id of a patient or an encounter."""
        note_id = text_at(entry, "resource", "id")
        if note_id and len(self.known) < _MOST_KNOWN:
            self.known |= dict.fromkeys(_addresses(entry), note_id)

    def keep(self, entry: Mapping[str, Any], number: int) -> bool:
        """Keep a Binary until all entries are seen; tell whether there is room."""
        (resource,) = objects(entry.get("resource"))
        self.kept_characters += len(text_at(resource, "data"))
        is_kept = self.kept_characters <= _MOST_KEPT_CHARACTERS and len(self.binaries) < _MOST_KNOWN
        if is_kept:
            self.binaries |= dict.fromkeys(_addresses(entry), (number, resource))
        return is_kept

    def lacks(self, resource: Mapping[str, Any]) -> bool:
        """Tell whether a patient or encounter of a resource, known by its place in the Bundle alone, has not come."""
        addresses = (text_at(resource, name, "reference") for name in ("subject", "patient", "encounter"))
        return any(address.startswith("urn:") and address not in self.known for address in addresses)

    def wait(self, resource: Mapping[str, Any], number: int) -> bool:
        """Put a resource off until all entries are seen; tell whether there is room."""
        self.waiting_characters += _characters(resource)
        is_put_off = len(self.put_off) < _MOST_PUT_OFF and self.waiting_characters <= _MOST_KEPT_CHARACTERS
        if is_put_off:
            self.put_off.append((number, resource))
        return is_put_off

    def look_up(self, address: str) -> Found | None:
        """Return the document at an address, None if it is not among the entries."""
        written = address.partition("/_history/")[0]
        for key in (address, written, "/".join(written.split("/")[-2:])):
            if key in self.binaries:
                number, binary = self.binaries[key]
                self.used.add(number)
                return of_binary(binary)
        return None

    def unused(self) -> list[tuple[int, Mapping[str, Any]]]:
        """Return the Binary resources that none referred to."""
        kept = {number: binary for number, binary in self.binaries.values() if number not in self.used}
        return sorted(kept.items(), key=lambda one: one[0])


def of_binary(binary: Mapping[str, Any]) -> Found:
    """Return the document of a Binary."""
    return Found(decoded_base64(text_at(binary, "data")), text_at(binary, "contentType") or None)


def in_folder(folder: AttachmentFolder, address: str) -> Found | None:
    """Return the document at an address in a folder, where it may be kept as a Binary."""
    data = folder.read(address)
    if data is None:
        return None
    binary = _JSON_OBJECT.match(data) and _binary_in(data)
    return of_binary(binary) if binary else Found(data)


def _characters(resource: Mapping[str, Any]) -> int:
    try:
        return len(json.dumps(resource))
    except RecursionError:  # parsed where there were fewer calls
        return _MOST_KEPT_CHARACTERS


def _binary_in(data: bytes) -> Mapping[str, Any] | None:
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) and value.get("resourceType") == "Binary" else None


def _addresses(entry: Mapping[str, Any]) -> Iterator[str]:
    """Yield the addresses under which an entry may be referred to."""
    if address := text_at(entry, "fullUrl"):
        yield address
    if note_id := text_at(entry, "resource", "id"):
        yield f"{text_at(entry, 'resource', 'resourceType')}/{note_id}"
