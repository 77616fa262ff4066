"""Clinical documents (CDA R2, C-CDA): the narrative of their sections, or the document that is their body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from clinsearch.readers.document import Document
from clinsearch.readers.documents.draft import Draft
from clinsearch.readers.documents.narrative import Narrative
from clinsearch.readers.documents.xml_text import DEEPEST, XmlText, local, parse, xml_text
from clinsearch.readers.outcomes import CannotRead
from clinsearch.readers.truncated_dates import completed

# Fields of the header, by the elements around them; the first that is there counts.
_IDS: dict[tuple[str, ...], str] = {
    ("recordTarget", "patientRole", "id"): "patientid",
    ("componentOf", "encompassingEncounter", "id"): "encounterid",
}
# The structured entries repeat the narrative as codes, and the rest of the header is of people and places.
_PASSED_OVER = frozenset({"entry", "author", "informant", "custodian", "legalAuthenticator", "relatedDocument"})
_SOCIAL_SECURITY = "2.16.840.1.113883.4.1"


def read_cda(data: bytes, *, charset: str | None = None) -> Document:
    """Read a clinical document, or one of its sections or components; raise CannotRead if it has no text."""
    return cda_document(xml_text([data], encoding=charset or "utf-8"))


def cda_document(document: XmlText) -> Document:
    """Read a clinical document of which the beginning has been read."""
    reader = _Reader()
    for _ in parse(document, reader):
        pass
    return reader.document(sorted(document.doubts))


@dataclass(slots=True)
class _Section:
    """An open section, and whether it has narrative and coded entries."""

    has_heading: bool = False
    has_text: bool = False
    has_entries: bool = False
    code: str = ""


@dataclass(slots=True)
class _Body:
    """The body of a document that has no sections: what is said of it, and its text as it is written."""

    media_type: str = ""
    representation: str = ""
    compression: str = ""
    is_elsewhere: bool = False
    parts: list[str] = field(default_factory=list)


@dataclass(slots=True)
class _Reader:
    """Takes the elements of a document.

    last_resort: fields for want of better. unread: how many elements are open within what is passed over. without_text:
    how many sections have coded entries alone.
    """

    draft: Draft = field(default_factory=Draft)
    fields: dict[str, object] = field(default_factory=dict)
    last_resort: dict[str, object] = field(default_factory=dict)
    path: list[str] = field(default_factory=list)
    sections: list[_Section] = field(default_factory=list)
    narrative: Narrative | None = None
    body: _Body | None = None
    title: list[str] | None = None
    unread: int = 0
    pictures: int = 0
    without_text: int = 0
    documents: int = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Begin an element."""
        name = local(tag)
        parent = self.path[-1] if self.path else ""
        self.path.append(name)
        if len(self.path) > DEEPEST:
            raise CannotRead(f"elements nested deeper than {DEEPEST}; save it as plain text", kind="xml")
        if name == "ClinicalDocument":
            self.documents += 1
            if self.documents > 1:
                raise CannotRead("several clinical documents in one; split it", kind="xml")
        if self.narrative:
            self.narrative.start(name, attributes)
        elif self.unread or name in _PASSED_OVER:
            self.unread += 1
            if name == "entry" and self.sections:
                self.sections[-1].has_entries = True
        elif name == "section":
            self.sections.append(_Section())
        elif parent == "section" and self.sections:
            self._start_in_section(name, attributes)
        elif parent == "nonXMLBody" and name == "text":
            said = {name: attributes.get(name, "") for name in ("mediaType", "representation", "compression")}
            self.body = _Body(said["mediaType"], said["representation"], said["compression"])
        elif self.body and name == "reference":
            self.body.is_elsewhere = True
        else:
            self._start_in_header(name, parent, attributes)

    def end(self, tag: str) -> None:
        """End an element."""
        name = local(tag)
        self.path.pop()
        if self.narrative:
            if name == "text" and self.path and self.path[-1] == "section":
                self._end_narrative()
            else:
                self.narrative.end(name)
        elif self.unread:
            self.unread -= 1
        elif name == "section" and self.sections:
            self._end_section()
        elif name == "title" and self.title is not None:
            self._end_title()

    def data(self, text: str) -> None:
        """Take text."""
        if self.narrative:
            self.narrative.data(text)
        elif self.title is not None:
            self.title.append(text)
        elif self.body and self.path[-2:] == ["nonXMLBody", "text"]:
            self.body.parts.append(text)

    def close(self) -> None:
        """End the document."""

    def document(self, doubts: list[str]) -> Document:
        """Return what was read."""
        if self.without_text:
            doubts.append(f"sections of coded entries without narrative are left out: {self.without_text}")
        if self.pictures:
            doubts.append(f"pictures are left out: {self.pictures}")
        fields = self.last_resort | self.fields
        if self.body:
            return _document_of_body(self.body, fields)
        document = self.draft.document(fields, doubts)
        if not document.text:
            raise CannotRead("no narrative text in it", kind="no_text")
        return document

    def _start_in_section(self, name: str, attributes: Mapping[str, str]) -> None:
        section = self.sections[-1]
        if name == "title":
            self.title = []
        elif name == "code":
            section.code = attributes.get("displayName", "").strip()
        elif name == "text":
            self._write_heading(section.code)
            self.narrative = Narrative([self.draft])

    def _start_in_header(self, name: str, parent: str, attributes: Mapping[str, str]) -> None:
        if parent == "ClinicalDocument":
            if name == "title":
                self.title = []
            elif name == "code":
                self._note("notetype", attributes.get("displayName") or attributes.get("code"))
            elif name == "effectiveTime":
                self._note("notedatetime", completed(attributes.get("value", "")))
        elif field_name := _IDS.get(tuple(self.path[-3:])):
            self._note_id(field_name, attributes)

    def _note(self, name: str, value: str | None) -> None:
        if value and value.strip():
            self.fields.setdefault(name, value.strip())

    def _note_id(self, name: str, attributes: Mapping[str, str]) -> None:
        said = (attributes.get("extension") or attributes.get("root") or "").strip()
        if attributes.get("root") != _SOCIAL_SECURITY:
            self._note(name, said)
        elif said:
            self.last_resort[name] = said

    def _end_title(self) -> None:
        title = " ".join("".join(self.title or []).split())
        self.title = None
        if self.path and self.path[-1] == "section":
            self._write_heading(title)
        else:
            self._note("title", title)

    def _write_heading(self, heading: str) -> None:
        """Write a section's heading; the name of its code if it has no title by the time that its text begins."""
        section = self.sections[-1]
        if heading and not section.has_heading:
            section.has_heading = True
            self.draft.begin_heading()
            self.draft.write(heading)
            self.draft.end_heading()

    def _end_narrative(self) -> None:
        narrative, self.narrative = self.narrative, None
        assert narrative is not None
        lines = len(self.draft.lines)
        self.draft.end_line()
        self.pictures += narrative.pictures
        self.sections[-1].has_text = lines > 0

    def _end_section(self) -> None:
        section = self.sections.pop()
        self.without_text += section.has_entries and not section.has_text


def _document_of_body(body: _Body, fields: Mapping[str, object]) -> Document:
    """Read the document that is the body of another."""
    from clinsearch.readers.attachments import decoded_base64, read_attachment  # which reads this format, too

    written = "".join(body.parts)
    if not written.strip():
        reason = "its document is in another file; index that one" if body.is_elsewhere else "no text in it"
        raise CannotRead(reason, kind="attachment" if body.is_elsewhere else "no_text")
    if body.compression:
        raise CannotRead("its document is compressed, which is not read", kind="attachment")
    data = decoded_base64(written) if body.representation.upper() == "B64" else written.encode()
    document = read_attachment(data, body.media_type or "text/plain")
    return replace(document, fields={**document.fields, **fields})
