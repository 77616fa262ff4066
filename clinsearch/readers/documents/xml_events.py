"""XML as events, with short names, and without what can be misused in it: no entities, no network, no tree."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from lxml import etree

from clinsearch.readers.outcomes import CannotRead

_DEEPEST = 250
_PIECE_BYTES = 1 << 16
_DECLARATIONS = tuple("<!ENTITY".encode(codec) for codec in ("ascii", "utf-16-le", "utf-16-be"))


class Events(Protocol):
    """Takes the elements of a document; names are such as `w:p`, attributes have theirs without a namespace."""

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Begin an element."""

    def end(self, name: str) -> None:
        """End an element."""

    def data(self, text: str) -> None:
        """Take text."""


def send_events(data: bytes, events: Events, prefixes: Mapping[str, str]) -> None:
    """Send the elements and the text of an XML document; `prefixes` gives the short names of namespaces.

    Raises CannotRead for XML that is not well-formed, that declares entities, or that is nested too deeply.
    """
    if any(declaration in data for declaration in _DECLARATIONS):
        raise CannotRead("XML that declares entities, which may hide what it holds; save it without them", kind="xml")
    parser = etree.XMLParser(
        target=_Target(events, prefixes),
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
    )
    try:
        for start in range(0, len(data), _PIECE_BYTES):
            parser.feed(data[start : start + _PIECE_BYTES])
        parser.close()
    except etree.LxmlError:
        raise CannotRead("damaged: its XML is not well-formed; save it again", kind="xml") from None


class _Target:
    """What lxml calls."""

    def __init__(self, events: Events, prefixes: Mapping[str, str]) -> None:
        self.events = events
        self.prefixes = prefixes
        self.names: dict[str, str] = {}
        self.depth = 0
        self.data = events.data

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Begin an element."""
        self.depth += 1
        if self.depth > _DEEPEST:
            raise CannotRead(f"elements nested deeper than {_DEEPEST}; save it as plain text", kind="xml")
        self.events.start(self._short(tag), {name.rpartition("}")[2]: value for name, value in attributes.items()})

    def end(self, tag: str) -> None:
        """End an element."""
        self.depth -= 1
        self.events.end(self._short(tag))

    def close(self) -> None:
        """End the document."""

    def _short(self, tag: str) -> str:
        name = self.names.get(tag)
        if name is None:
            space, _, local = tag[1:].partition("}") if tag.startswith("{") else ("", "", tag)
            name = f"{self.prefixes.get(space, '?')}:{local}"
            if len(self.names) < 5000:
                self.names[tag] = name
        return name
