"""The documents that resources carry: in base64, contained, elsewhere in the Bundle, or only at an address."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import PurePosixPath
from typing import Any, TypeAlias

from clinsearch.readers.attachments import decoded_base64, kind_of_type, read_attachment
from clinsearch.readers.document import Document
from clinsearch.readers.messages.fhir.references import text_at
from clinsearch.readers.outcomes import CannotRead

_ELSEWHERE = "its document is at an address, which is not fetched; name the folder it is in: --attachments FOLDER"
_CUT = "its document has fewer bytes than its size says; it may be cut off"
_MOST_DIGITS = 20
# The best first: what is nearest to the words as they were written.
_PREFERRED = ("text", "html", "rtf", "docx", "odt", "pdf", "cda", "xml")


@dataclass(frozen=True, slots=True)
class Found:
    """What stands at an attachment's address."""

    data: bytes
    content_type: str | None = None


# From an attachment's address to what stands there, None if it is not at hand.
Lookup: TypeAlias = Callable[[str], Found | None]


def read_documents(attachments: list[dict[str, Any]], lookup: Lookup) -> Iterator[Document | CannotRead]:
    """Yield the documents of a resource: of one in several formats the best that can be read, of several each.

    Formats of one document differ in content type and have no titles of their own.
    """
    if not attachments:
        raise CannotRead("no document in it", kind="no_text")
    if not _are_formats_of_one(attachments):
        yield from _each(attachments, lookup)
        return
    faults = []
    for attachment in sorted(attachments, key=_rank):
        try:
            yield read_one(attachment, lookup)
            return
        except CannotRead as fault:
            faults.append(fault)
    raise faults[0]


def read_one(attachment: Mapping[str, Any], lookup: Lookup) -> Document:
    """Read an attachment's document."""
    content_type = text_at(attachment, "contentType") or None
    data = attachment.get("data")
    if isinstance(data, str) and data.strip():
        document = read_attachment(decoded_base64(data), content_type)
        size = attachment.get("size")
        # Some say the size in base64.
        is_cut = isinstance(size, str) and len(size) < _MOST_DIGITS and size.isdecimal() and int(size) > len(data)
        return replace(document, doubts=(*document.doubts, _CUT)) if is_cut else document
    address = text_at(attachment, "url")
    if address.startswith("data:"):
        return read_attachment(decoded_base64(address), content_type or address[5:].partition(";")[0])
    if not address:
        raise CannotRead("its document has neither data nor an address", kind="no_text")
    found = lookup(address)
    if found is None:
        raise CannotRead(_ELSEWHERE, kind="attachment")
    return read_attachment(found.data, content_type or found.content_type)


def is_elsewhere(attachments: list[dict[str, Any]]) -> bool:
    """Tell whether a document has to be looked up."""
    return any(not attachment.get("data") and text_at(attachment, "url") for attachment in attachments)


def _each(attachments: list[dict[str, Any]], lookup: Lookup) -> Iterator[Document | CannotRead]:
    """Yield each document, the same text once."""
    texts: set[str] = set()
    for attachment in attachments:
        try:
            document = read_one(attachment, lookup)
        except CannotRead as fault:
            yield fault
            continue
        words = " ".join(document.text.split())
        if words not in texts:
            title = text_at(attachment, "title")
            yield replace(document, fields={**document.fields, **({"title": title} if title else {})})
        texts.add(words)


def _are_formats_of_one(attachments: list[dict[str, Any]]) -> bool:
    types = [text_at(one, "contentType").partition(";")[0].strip().lower() for one in attachments]
    titles = {PurePosixPath(title).stem for one in attachments if (title := text_at(one, "title"))}
    return len(set(types)) == len(types) and len(titles) <= 1


def _rank(attachment: Mapping[str, Any]) -> int:
    kind = kind_of_type(text_at(attachment, "contentType"))
    return _PREFERRED.index(kind) if kind in _PREFERRED else len(_PREFERRED)
