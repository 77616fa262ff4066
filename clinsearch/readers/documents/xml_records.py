"""The notes in XML of any other kind: found by what elements are called, one or a great many in a file."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace

from clinsearch.readers.columns import ALIASES, HEADER_NAMES, normalised
from clinsearch.readers.document import Document
from clinsearch.readers.documents.draft import Draft
from clinsearch.readers.documents.xml_layout import Event, as_document, joined, looks_like_prose
from clinsearch.readers.documents.xml_text import DEEPEST, XmlText, local, parse
from clinsearch.readers.outcomes import MAX_NOTE_CHARACTERS, CannotRead

# An element of these names is a text, whatever is in it.
_TEXTS = frozenset(
    map(
        normalised,
        (
            *("text", "note_text", "report_text", "clinical_text", "document_text", "note_content", "note_body"),
            *("transcription", "narrative", "abstract_text", "full_text", "free_text", "full_summary"),
        ),
    )
)
# These are a text unless one of the names above, or another of these, is within.
_PERHAPS_TEXTS = frozenset(
    {"note", "notes", "report", "document", "content", "body", "clinicalnote", "clinicalnotes", "abstract", "summary"}
)
_NOTES = frozenset({"note", "report", "document", "clinicalnote"})
_PARTS = frozenset({"section", "sections", "part", "paragraph", "abstract", "body"})
# Marks in a text, and judgments on it.
_ANNOTATIONS = frozenset({"tags", "annotations", "annotation", "entities", "spans", "labels", "teiheader"})
_PLACES = frozenset({"start", "end", "begin", "offset", "spans"})
_NOTE_IDS = frozenset(map(normalised, ALIASES["note_id"]))
# The elements whose id is a field of the note.
_WITH_IDS = {
    normalised(alias): normalised(name) for name in ("patient_id", "encounter_id") for alias in ALIASES[name]
} | {"visit": "encounterid", "subject": "patientid", "person": "patientid"}
_LONGEST_VALUE = 500
_LONGEST_LABEL = 80
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
        name = normalised(local(tag))
        if self.unseen or name in _ANNOTATIONS:
            self.unseen += 1
            return
        if len(self.open) > DEEPEST:
            raise CannotRead(f"elements nested deeper than {DEEPEST}", kind="xml")
        if self.open:
            self.open[-1].has_children = True
        element = _Element(name, _known(name, attributes), _label(attributes), len(self.events))
        element.texts += _in_attributes(attributes)
        self.open.append(element)
        if self._begins_text(name):
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
        if len(element.said) < _LONGEST_VALUE:
            element.said += text[:_LONGEST_VALUE]
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
            names = ", ".join(sorted(_TEXTS)[:3])
            raise CannotRead(f"XML without an element that is known to hold a text ({names}, …)", kind="no_text")
        return document

    def _begins_text(self, name: str) -> bool:
        outer = self.capturing
        if outer is None:
            return name in _TEXTS or name in _PERHAPS_TEXTS
        return outer.name not in _TEXTS and not outer.has_words and (name in _TEXTS or name in _PERHAPS_TEXTS)

    def _is_field(self, element: _Element) -> bool:
        """Tell whether an element in what may be a text is a field beside the text."""
        capturing = self.capturing
        is_apart = capturing is not None and capturing.name not in _TEXTS and not capturing.has_words
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
        document = as_document(self.events, heading=element.label)
        self.events.clear()
        if document.text:
            element.texts.append(_Found(document, element.name))

    def _hand_up(self, element: _Element, parent: _Element) -> None:
        """Give an element's value, or its texts, to the one around it; texts with an id of their own are a note."""
        if not element.texts:
            if element.name in HEADER_NAMES and not element.has_children and (said := element.said.strip()):
                parent.values.setdefault(_name_within(parent.name, element.name), said[:_LONGEST_VALUE])
            for name in ("patientid", "encounterid"):
                if name in element.values and element.name in _WITH_IDS:
                    parent.values.setdefault(name, element.values[name])
            return
        if not _NOTE_IDS.isdisjoint(element.values):
            self._emit(element.texts, element)
            return
        for found in element.texts:
            found.values = {**element.values, **found.values}
        if element.name in parent.sources and element.name not in _PARTS | _TEXTS:
            self._emit(parent.texts, parent)
            parent.texts = []
            self._emit(element.texts, parent)
        else:
            parent.texts += element.texts
        parent.sources.add(element.name)

    def _emit(self, texts: list[_Found], element: _Element) -> None:
        """Make notes of the texts of an element: one of all, unless each is known to be a note."""
        if not texts:
            return
        around: dict[str, object] = {}
        for outer in self.open:
            around |= {name: value for name, value in outer.values.items() if name not in _NOTE_IDS}
        known = around | element.values
        notes = [_joined(texts)] if self.open and _are_parts(texts) else texts
        self.ready += [replace(one.document, fields=known | one.values) for one in notes]


def _are_parts(texts: list[_Found]) -> bool:
    """Tell whether several texts of an element are parts of one note."""
    return not any(found.name in _NOTES for found in texts)


def _joined(texts: list[_Found]) -> _Found:
    values = {name: value for found in reversed(texts) for name, value in found.values.items()}
    return _Found(joined([found.document for found in texts]), texts[0].name, values)


def _label(attributes: Mapping[str, str]) -> str:
    """Return what an element says of the part of a text that it is."""
    said = (" ".join(value.split()) for key, value in attributes.items() if normalised(key) in ("label", "heading"))
    return next((label for label in said if len(label) <= _LONGEST_LABEL), "")


def _known(name: str, attributes: Mapping[str, str]) -> dict[str, object]:
    pairs = ((normalised(local(key)), value.strip()) for key, value in attributes.items())
    return {_name_within(name, key): value[:_LONGEST_VALUE] for key, value in pairs if value and key in HEADER_NAMES}


def _name_within(element: str, name: str) -> str:
    """Return which field of the note a value is: the id of a patient is not the note's."""
    return _WITH_IDS.get(element, name) if name == "id" else name


def _in_attributes(attributes: Mapping[str, str]) -> Iterable[_Found]:
    """Yield the texts that are an element's attributes, as databases write rows."""
    if len(attributes) < 2 or any(normalised(local(key)) in _PLACES for key in attributes):
        return
    for key, value in attributes.items():
        if normalised(local(key)) in _TEXTS and value.strip():
            draft = Draft()
            draft.write_as_is(value)
            yield _Found(draft.document({}), normalised(local(key)))
