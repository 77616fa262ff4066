"""OpenDocument texts (.odt): what LibreOffice would show of them, as lines."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from clinsearch.readers.document import Document
from clinsearch.readers.documents.archives import Archive, open_archive
from clinsearch.readers.documents.furniture import with_furniture
from clinsearch.readers.documents.odt_body import PREFIXES, Body
from clinsearch.readers.documents.odt_styles import Styles
from clinsearch.readers.documents.office_title import OfficeTitle
from clinsearch.readers.documents.xml_events import Events, send_events
from clinsearch.readers.outcomes import CannotRead

_MANIFEST = "META-INF/manifest.xml"
_KINDS = {
    "spreadsheet": "a spreadsheet; save it as .csv",
    "presentation": "slides; save them as PDF",
    "graphics": "a drawing; save it as PDF",
}


def read_odt(data: bytes) -> Document:
    """Read an OpenDocument text."""
    archive = open_archive(data)
    _check_kind(archive)
    content = archive.required("content.xml")
    styles = Styles()
    for part in (archive.part("styles.xml"), content):
        _send(part, styles)
    pages, body, meta = Body(styles), Body(styles), OfficeTitle()
    _send(archive.part("styles.xml"), pages)
    _send(content, body)
    _send(archive.part("meta.xml"), meta)
    whole = with_furniture(body.draft, headers=pages.headers, notes=body.notes, footers=pages.footers)
    doubts = [f"{what} left out" for what in sorted(body.left_out | pages.left_out)]
    return whole.document({"title": meta.text} if meta.text else {}, doubts)


def _check_kind(archive: Archive) -> None:
    kind = (archive.part("mimetype") or b"")[:200].decode("latin-1")
    for name, reason in _KINDS.items():
        if name in kind:
            raise CannotRead(reason, kind="office")
    manifest = _Manifest()
    _send(archive.part(_MANIFEST), manifest)
    if manifest.is_encrypted:
        raise CannotRead("encrypted; save it without a password", kind="encrypted")


def _send(part: bytes | None, events: Events) -> None:
    if part:
        send_events(part, events, PREFIXES)


@dataclass(slots=True)
class _Manifest:
    """Takes the events of the list of parts."""

    is_encrypted: bool = False

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Begin an element."""
        self.is_encrypted |= name == "manifest:encryption-data"

    def end(self, name: str) -> None:
        """End an element."""

    def data(self, text: str) -> None:
        """Take no text."""
