"""XML from elsewhere, made safe: its characters, its elements one after another, no entities, DTDs or network."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from itertools import chain
from typing import Protocol

from lxml import etree

from clinsearch.readers.decoding import encoding_mark
from clinsearch.readers.documents.charsets import codec_named
from clinsearch.readers.documents.xml_references import with_known_references
from clinsearch.readers.outcomes import CannotRead

DEEPEST = 400
_AROUND = "around"
_LONGEST_PROLOG = 1_000_000
_DECLARATION = re.compile(rb"""<\?xml\b[^>]{0,200}?\bencoding\s*=\s*["']([\w.:-]{2,40})""", re.IGNORECASE)
_PROLOG = re.compile(r"(?:[\ufeff\s]+|<\?.*?\?>|<!--.*?-->|<!DOCTYPE[^<>\[]*>)*", re.DOTALL)
_ROOT = re.compile(r"<(?:[\w.-]+:)?([^\W\d][\w.-]*)[\s/>]")
_DOCTYPE = re.compile(r"<!DOCTYPE[^<>\[]*\[")
# XML has none of these, and text pasted into it does.
_CONTROLS = re.compile("[\0-\x08\x0b\x0e-\x1f\uffff]")
_PREFIX = re.compile(r"[<\s]([A-Za-z_][\w.-]{0,40}):[A-Za-z_]", re.ASCII)
_USUAL_PREFIXES = frozenset({"xsi", "sdtc", "xlink", "voc", "mif", "hl7", "cda"})
_MOST_PREFIXES = 100


class Target(Protocol):
    """What takes the elements of a document in order."""

    def start(self, tag: str, attributes: Mapping[str, str]) -> None:
        """Begin an element."""

    def end(self, tag: str) -> None:
        """End an element."""

    def data(self, text: str) -> None:
        """Take text."""

    def close(self) -> None:
        """End the document."""


@dataclass(frozen=True, slots=True)
class XmlText:
    """The text of a document from its root element on.

    root: the root's name without prefix. beginning: the first of the text. lines: how many were before it. doubts: what
    has been amiss so far.
    """

    root: str
    beginning: str
    rest: Iterator[str]
    lines: int
    doubts: set[str] = field(default_factory=set)


def local(tag: str) -> str:
    """Return a name without its namespace."""
    return tag.rpartition("}")[2]


def xml_text(chunks: Iterable[bytes], *, encoding: str = "utf-8") -> XmlText:
    """Begin to read XML; `encoding` is for a document that does not say how it is written.

    Raises CannotRead for what is not XML or declares entities.
    """
    doubts: set[str] = set()
    pieces = with_known_references(_decoded(iter(chunks), encoding, doubts))
    text = ""
    for piece in pieces:
        text += piece
        prolog = _PROLOG.match(text)
        start = prolog.end() if prolog else 0
        if _DOCTYPE.match(text, start):
            raise CannotRead("XML that declares entities or a DTD of its own; take them out", kind="xml")
        if (root := _ROOT.match(text, start)) or len(text) > _LONGEST_PROLOG:
            break
    else:
        root = None
    if root is None:
        raise CannotRead("not XML: it has no element", kind="xml")
    return XmlText(root[1], text[start:], pieces, text.count("\n", 0, start), doubts)


def parse(document: XmlText, target: Target) -> Iterator[None]:
    """Hand the elements of a document to `target`; yield after each piece of the text, so that results can be taken.

    What surrounds the elements is borne with: prefixes without a declaration, more than one root. Raises CannotRead
    where the text is not well-formed.
    """
    parser = etree.XMLParser(
        target=target, encoding="utf-8", resolve_entities=False, no_network=True, load_dtd=False, huge_tree=True
    )
    try:
        parser.feed(("\n" * document.lines + _opening(document)).encode())
        for piece in chain([document.beginning], document.rest):
            parser.feed(piece.encode("utf-8", "replace"))
            yield
        parser.feed(f"</{_AROUND}>".encode())
        parser.close()
    except etree.XMLSyntaxError as error:
        raise CannotRead(f"not well-formed XML (line {error.lineno or 1})", kind="xml") from None
    yield


def _opening(document: XmlText) -> str:
    """Return an element to put around a document, which declares the prefixes that it may forget to declare."""
    met = sorted({found[1] for found in _PREFIX.finditer(document.beginning)})[:_MOST_PREFIXES]
    prefixes = sorted({*met, *_USUAL_PREFIXES} - {"xml", "xmlns"})
    declarations = "".join(f' xmlns:{prefix}="urn:{prefix}"' for prefix in prefixes)
    return f"<{_AROUND}{declarations}>"


def _decoded(chunks: Iterator[bytes], encoding: str, doubts: set[str]) -> Iterator[str]:
    first = next(chunks, b"")
    declared = _DECLARATION.search(first[:400])
    named = codec_named(declared[1].decode("ascii")) if declared else None
    if named and named.startswith(("utf-16", "utf-32")):
        named = None  # since the declaration itself could be read
    codec = encoding_mark(first) or named or encoding
    decoder = codecs.getincrementaldecoder(codec)(_AS_WINDOWS)
    for chunk in chain([first], chunks, [None]):
        text = decoder.decode(chunk or b"", final=chunk is None)
        if _ODD in text:
            doubts.add(f"bytes that are not {codec} are read as cp1252")
            text = text.replace(_ODD, "")
        yield _CONTROLS.sub("", text).replace("\x0c", "\n")


_AS_WINDOWS = "clinsearch.windows"
# Marks bytes that were not of the codec; no XML may have it.
_ODD = "\ufffe"


def _windows(error: UnicodeError) -> tuple[str, int]:
    """Read bytes that are not of the codec as Windows-1252, from which they were often pasted."""
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return _ODD + error.object[error.start : error.end].decode("cp1252", "replace"), error.end


codecs.register_error(_AS_WINDOWS, _windows)
