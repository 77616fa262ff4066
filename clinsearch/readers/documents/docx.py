"""DOCX documents: what Word would show of them with all changes accepted, as lines."""

from __future__ import annotations

import posixpath
from collections.abc import Mapping
from dataclasses import dataclass, field

from clinsearch.readers.document import Document
from clinsearch.readers.documents.archives import Archive, open_archive
from clinsearch.readers.documents.docx_body import Body
from clinsearch.readers.documents.docx_names import PREFIXES
from clinsearch.readers.documents.docx_numbering import Numbering
from clinsearch.readers.documents.docx_styles import Styles
from clinsearch.readers.documents.draft import Draft
from clinsearch.readers.documents.furniture import with_furniture
from clinsearch.readers.documents.office_title import OfficeTitle
from clinsearch.readers.documents.xml_events import Events, send_events
from clinsearch.readers.outcomes import CannotRead

_OLE = b"\xd0\xcf\x11\xe0"
# The names of streams in older files, which are not zip files; an encrypted document is in one.
_STREAMS = (
    ("EncryptedPackage", CannotRead("encrypted; save it without a password", kind="encrypted")),
    ("WordDocument", CannotRead("a Word document of before 2007 (.doc); save it as .docx", kind="office")),
    ("Workbook", CannotRead("an Excel workbook; save it as .csv", kind="office")),
)
_OTHERS = (
    ("xl/workbook.xml", "an Excel workbook; save it as .csv"),
    ("ppt/presentation.xml", "PowerPoint slides; save them as PDF"),
)


def read_docx(data: bytes) -> Document:
    """Read a DOCX document."""
    if data.startswith(_OLE):
        raise _in_older_file(data)
    archive = open_archive(data)
    main = _main_part(archive)
    related = _Relations.of(archive, main)
    styles, numbering = Styles(), Numbering()
    _send(archive, related.one("styles"), styles)
    _send(archive, related.one("numbering"), numbering)
    body = Body(styles, numbering)
    send_events(archive.required(main), body, PREFIXES)
    left_out = body.doubts
    drafts = {}
    for kind in ("header", "footnotes", "endnotes", "footer"):
        drafts[kind] = Draft()
        for name in related.all(kind):
            part = Body(styles, numbering)
            _send(archive, name, part)
            drafts[kind].add_lines(part.draft.lines)
            left_out |= part.doubts
    drafts["footnotes"].add_lines(drafts["endnotes"].lines)
    whole = with_furniture(body.draft, headers=drafts["header"], notes=drafts["footnotes"], footers=drafts["footer"])
    title = _title(archive)
    return whole.document({"title": title} if title else {}, [f"{what} left out" for what in sorted(left_out)])


def _in_older_file(data: bytes) -> CannotRead:
    for name, error in _STREAMS:
        if name.encode("utf-16-le") in data:
            return error
    return CannotRead("an Office document of before 2007; save it as .docx", kind="office")


def _main_part(archive: Archive) -> str:
    for name, reason in _OTHERS:
        if name in archive.names:
            raise CannotRead(reason, kind="office")
    main = _Relations.of(archive, "").one("officeDocument") or "word/document.xml"
    if main not in archive.names:
        raise CannotRead("a zip file, and no Word document in it; unpack it", kind="office")
    return main


def _send(archive: Archive, name: str | None, events: Events) -> None:
    """Send the events of a part, which need not be there."""
    data = archive.part(name) if name else None
    if data:
        send_events(data, events, PREFIXES)


def _title(archive: Archive) -> str:
    found = OfficeTitle()
    _send(archive, _Relations.of(archive, "").one("core-properties"), found)
    return found.text


@dataclass(slots=True)
class _Relations:
    """Takes the events of the part that names what a part is related to: (kind, name) in order."""

    folder: str
    found: list[tuple[str, str]] = field(default_factory=list)

    @classmethod
    def of(cls, archive: Archive, part: str) -> _Relations:
        """Return what a part is related to within the document."""
        folder, name = posixpath.split(part)
        relations = cls(folder)
        _send(archive, posixpath.join(folder, "_rels", f"{name}.rels"), relations)
        return relations

    def one(self, kind: str) -> str | None:
        """Return the first part of a kind."""
        return next(iter(self.all(kind)), None)

    def all(self, kind: str) -> list[str]:
        """Return the parts of a kind."""
        return list(dict.fromkeys(name for found, name in self.found if found == kind))

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Begin an element."""
        if attributes.get("TargetMode") != "External" and "Target" in attributes:
            kind = attributes.get("Type", "").rpartition("/")[2]
            target = posixpath.normpath(posixpath.join("/", self.folder, attributes["Target"]))
            self.found.append((kind, target.lstrip("/")))

    def end(self, name: str) -> None:
        """End an element."""

    def data(self, text: str) -> None:
        """Take no text."""
