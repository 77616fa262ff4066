"""The elements within a text of XML as lines: blocks where elements are known to be, else as it is written."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import TypeAlias

from clinsearch.readers.attachments import lines_of, read_attachment
from clinsearch.readers.document import Document
from clinsearch.readers.documents.draft import Draft
from clinsearch.readers.documents.narrative import Narrative
from clinsearch.readers.markup import kind_of_markup
from clinsearch.readers.outcomes import CannotRead

# `start` or `end` and an element's name, or `text` and what it says.
Event: TypeAlias = tuple[str, str]

# What the elements of other vocabularies are called in the narrative of clinical documents.
_BLOCKS = {
    **{
        name: name
        for name in ("p", "div", "ul", "ol", "li", "list", "item", "table", "tr", "td", "th", "br", "caption")
    },
    **{"para": "p", "paragraph": "p", "line": "p", "l": "p", "sec": "div", "section": "div", "head": "h1", "h1": "h1"},
    **{"h2": "h1", "h3": "h1", "heading": "h1", "title": "h1", "row": "tr", "cell": "td", "lb": "br", "newline": "br"},
}
_WORDS_IN_NAME = re.compile(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])|\d+")
_LEAST_WORDS_IN_LINE = 5
_LEAST_WORDS = 15


def as_document(events: Sequence[Event], *, heading: str = "") -> Document:
    """Return the text of an element, given what is in it; `heading` is put above it."""
    names = {name.lower() for kind, name in events if kind == "start"}
    draft = Draft()
    if heading:
        _write_heading(heading, draft)
    if sections := _sections(events):
        _write_sections(events, sections, draft)
    elif names.isdisjoint(_BLOCKS):
        draft.write_as_is(_as_written(events).strip("\r\n"))
    else:
        _write_blocks(events, draft)
    return _unpacked(draft.document({}))


def joined(documents: Sequence[Document]) -> Document:
    """Return several texts as one."""
    if len(documents) == 1:
        return documents[0]
    draft = Draft()
    for document in documents:
        draft.part()
        draft.add_lines(lines_of(document))
    return draft.document({}, [doubt for document in documents for doubt in document.doubts])


def looks_like_prose(text: str) -> bool:
    """Tell whether a text is sentences, rather than codes and values."""
    lines = [line.split() for line in text.split("\n")]
    words = sum(map(len, lines))
    in_prose = sum(len(line) for line in lines if len(line) >= _LEAST_WORDS_IN_LINE)
    return words >= _LEAST_WORDS and 2 * in_prose > words


def _sections(events: Sequence[Event]) -> frozenset[str]:
    """Return the names of the elements directly within, if a text is nothing but elements named for what they say."""
    depth = 0
    names: list[str] = []
    for kind, said in events:
        if kind == "text":
            if depth == 0 and not said.isspace():
                return frozenset()
        elif kind == "start":
            if depth == 0:
                names.append(said)
            depth += 1
        else:
            depth -= 1
    are_known = any(name.lower() in _BLOCKS for name in names)
    return frozenset(names) if len(set(names)) > 1 and not are_known else frozenset()


def _write_sections(events: Sequence[Event], sections: frozenset[str], draft: Draft) -> None:
    depth = 0
    inner: list[Event] = []
    for kind, said in events:
        depth -= kind == "end"
        if depth == 0 and kind == "start" and said in sections:
            inner = []
        elif depth == 0 and kind == "end":
            document = as_document(inner)
            if document.text:
                _write_heading(" ".join(_WORDS_IN_NAME.findall(said)).capitalize() or said, draft)
                draft.add_lines(lines_of(document))
        else:
            inner.append((kind, said))
        depth += kind == "start"


def _write_heading(heading: str, draft: Draft) -> None:
    draft.begin_heading()
    draft.write(heading)
    draft.end_heading()


def _as_written(events: Sequence[Event]) -> str:
    """Return what elements say; those of an element that says nothing itself are not written together."""
    have_words = _have_words(events)
    around, count = [0], 0
    parts: list[str] = []
    for kind, said in events:
        if kind == "text":
            parts.append(said)
            continue
        if kind == "end" and len(around) > 1:
            around.pop()
        if not have_words[around[-1]] and parts and not parts[-1][-1:].isspace():
            parts.append(" ")
        if kind == "start":
            count += 1
            around.append(count)
    return "".join(parts).rstrip(" ") if parts and parts[-1] == " " else "".join(parts)


def _have_words(events: Sequence[Event]) -> list[bool]:
    """Tell of each element, in the order in which they begin, whether words stand in it beside other elements."""
    found, around = [False], [0]
    for kind, said in events:
        if kind == "start":
            around.append(len(found))
            found.append(False)
        elif kind == "end":
            del around[max(1, len(around) - 1) :]
        else:
            found[around[-1]] = found[around[-1]] or not said.isspace()
    return found


def _write_blocks(events: Sequence[Event], draft: Draft) -> None:
    narrative = Narrative([draft])
    for kind, said in events:
        if kind == "text":
            narrative.data(said)
        elif (name := _BLOCKS.get(said.lower())) is not None:
            (narrative.start(name, {}) if kind == "start" else narrative.end(name))
    draft.end_line()


def _unpacked(document: Document) -> Document:
    """Return a text that is a document of another format as that says it."""
    if kind_of_markup(document.text) not in ("html", "rtf"):
        return document
    try:
        return read_attachment(document.text.encode("utf-8", "replace"), "text/html; charset=utf-8")
    except CannotRead:
        return document
