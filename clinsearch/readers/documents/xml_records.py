"""The notes in XML of any other kind: found by what elements are called, one or a great many in a file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace

from clinsearch.readers.columns import ALIASES, HEADER_NAMES, normalised
from clinsearch.readers.document import Document
from clinsearch.readers.documents.xml_fields import (
    LONGEST_VALUE,
    TEXTS,
    WITH_IDS,
    called,
    known_in,
    label,
    name_within,
    texts_in,
)
from clinsearch.readers.documents.xml_layout import Event, as_document, joined, looks_like_prose
from clinsearch.readers.documents.xml_text import DEEPEST, XmlText, local, parse
from clinsearch.readers.outcomes import MAX_NOTE_CHARACTERS, CannotRead

# These are a text unless one of TEXTS, or another of these, is within.
_PERHAPS_TEXTS = frozenset(
    {"note", "notes", "report", "document", "content", "body", "clinicalnote", "clinicalnotes", "abstract", "summary"}
)
_NOTES = frozenset({"note", "report", "document", "clinicalnote"})
_PARTS = frozenset({"section", "sections", "part", "paragraph", "abstract", "body"})
# Marks in a text, and judgments on it.
_ANNOTATIONS = frozenset({"tags", "annotations", "annotation", "entities", "spans", "labels", "teiheader"})
_NOTE_IDS = frozenset(map(normalised, ALIASES["note_id"]))
_MOST_EVENTS = 500_000


@dataclass(slots=True)
class _Found:
    """A text, the element that it is from, and what is known of it."""

    document: Document
    name: str
    values: dict[str, object] = field(default_factory=dict)


@dataclass(slots=True)
class _Element:
    """An open element: what is known of it, the texts in it, and where what it says begins among the events."""

    name: str
    values: dict[str, object]
    label: str = ""
    mark: int = 0
    said: str = ""
    has_words: bool = False
    has_children: bool = False
    # What elements within say that is not known to be a field, and the names of those that say more than a field does.
    others: dict[str, object] = field(default_factory=dict)
    left_out: set[str] = field(default_factory=set)
    texts: list[_Found] = field(default_factory=list)
    # The elements that brought texts up, by name: a second one of a name shows that each is a record.
    sources: set[str] = field(default_factory=set)


def read_xml_records(document: XmlText) -> Iterator[Document | CannotRead]:
    """Yield the notes of a document as it is read; they are numbered if there are several."""
    reader = _Reader()
    first: Document | None = None
    number = 0
    for _ in parse(document, reader):
        for found in reader.taken():
            number += 1
            if number == 1:
                first = found
                continue
            if first is not None:
                yield replace(first, record=1)
                first = None
            yield replace(found, record=number)
    if not number:
        first = reader.rest()
    if first is not None:
        yield replace(first, doubts=(*first.doubts, *sorted(document.doubts)))


@dataclass(slots=True)
class _Reader:
    """Takes the elements of a document, and makes notes of those that hold text.

    capturing: the element whose text is being taken, as `events`. everything: the events of the whole document, as long
    as no text was found in it and it is not too long.
    """

    open: list[_Element] = field(default_factory=list)
    events: list[Event] = field(default_factory=list)
    capturing: _Element | None = None
    ready: list[Document] = field(default_factory=list)
    everything: list[Event] | None = field(default_factory=list)
    characters: int = 0
    captured: int = 0
    unseen: int = 0

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Begin an element."""
        name = called(tag, attributes)
        if self.unseen or name in _ANNOTATIONS:
            self.unseen += 1
            return
        if len(self.open) > DEEPEST:
            raise CannotRead(f"elements nested deeper than {DEEPEST}", kind="xml")
        if self.open:
            self.open[-1].has_children = True
        element = _Element(name, known_in(name, attributes), label(attributes), len(self.events))
        element.texts += [_Found(document, name) for name, document in texts_in(attributes)]
        self.open.append(element)
        if self._begins_text(name):
            if self.capturing is not None:
                self.capturing.values = self.capturing.others | self.capturing.values
            self.capturing = element
            self.events.clear()
            self.captured = 0
        else:
            self._add(("start", local(tag)))

    def end(self, tag: str) -> None:
        """End an element."""
        if self.unseen:
            self.unseen -= 1
            return
        element = self.open.pop()
        if element is self.capturing:
            self._end_text(element)
        elif self.capturing and self._is_field(element):
            del self.events[element.mark :]
        else:
            self._add(("end", local(tag)))
        if len(self.open) > 1 and len(element.texts) > 1 and _are_parts(element.texts):
            element.texts = [_joined(element.texts)]
        if self.open:
            self._hand_up(element, self.open[-1])
        else:
            self._emit(element.texts, element)

    def data(self, text: str) -> None:
        """Take text."""
        if self.unseen or not self.open:
            return
        element = self.open[-1]
        if len(element.said) < LONGEST_VALUE:
            element.said += text[:LONGEST_VALUE]
        element.has_words = element.has_words or not text.isspace()
        self._add(("text", text))

    def close(self) -> None:
        """End the document."""

    def taken(self) -> list[Document]:
        """Return the notes that are whole, once."""
        ready, self.ready = self.ready, []
        if ready:
            self.everything = None
        return ready

    def rest(self) -> Document:
        """Return all of a document in which no element is known to be a text, if it looks like prose."""
        document = as_document(self.everything or [])
        if not looks_like_prose(document.text):
            names = ", ".join(sorted(TEXTS)[:3])
            raise CannotRead(f"XML without an element that is known to hold a text ({names}, …)", kind="no_text")
        return document

    def _begins_text(self, name: str) -> bool:
        outer = self.capturing
        if outer is None:
            return name in TEXTS or name in _PERHAPS_TEXTS
        if outer.name in TEXTS or outer.has_words:
            return False
        return name in TEXTS or (name in _PERHAPS_TEXTS and not outer.others and not outer.left_out)

    def _is_field(self, element: _Element) -> bool:
        """Tell whether an element in what may be a text is a field beside the text."""
        capturing = self.capturing
        is_apart = capturing is not None and capturing.name not in TEXTS and not capturing.has_words
        return is_apart and element.name in HEADER_NAMES and not element.has_children

    def _add(self, event: Event) -> None:
        if self.capturing is None and self.everything is None:
            return
        self.characters += len(event[1])
        if self.capturing is not None:
            self.events.append(event)
            self.captured += len(event[1])
        if self.everything is not None:
            self.everything.append(event)
            if self.characters > MAX_NOTE_CHARACTERS or len(self.everything) > _MOST_EVENTS:
                self.everything = None
        if self.captured > MAX_NOTE_CHARACTERS or len(self.events) > _MOST_EVENTS:
            reason = f"more than {MAX_NOTE_CHARACTERS:,} characters, or too many elements, in one text; split it"
            raise CannotRead(reason, kind="too_long")

    def _end_text(self, element: _Element) -> None:
        self.capturing = None
        element.left_out.clear()  # all of it is in the text
        document = as_document(self.events, heading=element.label)
        self.events.clear()
        if document.text:
            element.texts.append(_Found(document, element.name))

    def _hand_up(self, element: _Element, parent: _Element) -> None:
        """Give an element's value, or its texts, to the one around it; texts with an id of their own are a note."""
        if not element.texts:
            self._keep_value(element, parent)
            for name in ("patientid", "encounterid"):
                if name in element.values and element.name in WITH_IDS:
                    parent.values.setdefault(name, element.values[name])
            return
        if not _NOTE_IDS.isdisjoint(element.values):
            self._emit(element.texts, element)
            return
        for found in element.texts:
            found.values = {**element.values, **found.values}
        parent.left_out |= element.left_out
        if element.name in parent.sources and element.name not in _PARTS | TEXTS:
            self._emit(parent.texts, parent)
            parent.texts = []
            self._emit(element.texts, parent)
        else:
            parent.texts += element.texts
        parent.sources.add(element.name)

    def _keep_value(self, element: _Element, parent: _Element) -> None:
        """Give what an element without children says to the one around it, or to the one that may be the text."""
        said = element.said.strip()
        if element is self.capturing or element.has_children or not said:
            parent.left_out |= element.left_out
        elif element.name in HEADER_NAMES:
            parent.values.setdefault(name_within(parent.name, element.name), said[:LONGEST_VALUE])
        elif len(element.said) >= LONGEST_VALUE:
            (self.capturing or parent).left_out.add(element.name)
        elif self.capturing is None:
            parent.values.setdefault(element.name, said)
        else:
            self.capturing.others.setdefault(element.name, said)

    def _emit(self, texts: list[_Found], element: _Element) -> None:
        """Make notes of the texts of an element: one of all, unless each is known to be a note."""
        if not texts:
            return
        around: dict[str, object] = {}
        for outer in self.open:
            around |= {name: value for name, value in outer.values.items() if name not in _NOTE_IDS}
        known = around | element.values
        notes = [_joined(texts)] if self.open and _are_parts(texts) else texts
        doubts = [f"elements with text beside the note are left out: {', '.join(sorted(element.left_out))}"]
        self.ready += [
            replace(
                one.document,
                fields=known | one.values,
                doubts=(*one.document.doubts, *(doubts if element.left_out else ())),
            )
            for one in notes
        ]


def _are_parts(texts: list[_Found]) -> bool:
    """Tell whether several texts of an element are parts of one note."""
    return not any(found.name in _NOTES for found in texts)


def _joined(texts: list[_Found]) -> _Found:
    values = {name: value for found in reversed(texts) for name, value in found.values.items()}
    return _Found(joined([found.document for found in texts]), texts[0].name, values)
