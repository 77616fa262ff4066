"""The segments of an HL7 v2 message, with their fields, repetitions and components."""

from __future__ import annotations

from dataclasses import dataclass, field

from clinsearch.readers.messages.hl7.escapes import Delimiters
from clinsearch.readers.messages.hl7.framing import RawMessage
from clinsearch.readers.messages.hl7.tables import CODECS
from clinsearch.readers.outcomes import CannotRead

# The others are not looked at, and not taken apart.
_READ = frozenset({"MSH", "PID", "PV1", "TXA", "OBR", "OBX", "NTE"})
# More than the standard has of any; the last one holds the rest.
_MOST_PARTS = 100
_HL7_NULL = '""'
# Where lines that begin with no segment's name belong, as text that was broken into lines.
_TEXT_FIELDS = {"OBX": 5, "NTE": 3}
_OUTSIDE = "lines that stand in no text are left out"


@dataclass(frozen=True, slots=True)
class Manner:
    """How a message is written; what could not be read of it is added to `doubts`."""

    delimiters: Delimiters
    codec: str
    doubts: set[str]

    def text(self, written: str) -> str:
        """Return a value without escape sequences."""
        return "" if written == _HL7_NULL else self.delimiters.unescape(written, self.codec, self.doubts)


@dataclass(frozen=True, slots=True)
class Segment:
    """A segment; its fields are numbered as in the standard, from 1, and are empty where there is none."""

    name: str
    fields: list[str]
    manner: Manner

    def written(self, number: int) -> str:
        """Return a field as it is written."""
        return self.fields[number] if number < len(self.fields) else ""

    def repetitions(self, number: int) -> list[list[str]]:
        """Return the components of each repetition of a field, as they are written."""
        delimiters = self.manner.delimiters
        written = self.written(number).split(delimiters.repetition, _MOST_PARTS)
        return [repetition.split(delimiters.component, _MOST_PARTS) for repetition in written]

    def component(self, number: int, which: int = 1) -> str:
        """Return a component of a field's first repetition, its first subcomponent alone, without escapes."""
        return self.component_of(self.repetitions(number)[0], which)

    def component_of(self, components: list[str], which: int) -> str:
        """Return one of some components, its first subcomponent alone, without escapes."""
        written = components[which - 1] if which <= len(components) else ""
        return self.manner.text(written.split(self.manner.delimiters.subcomponent)[0]).strip()

    def first_of(self, number: int, *which: int) -> str:
        """Return the first of a field's components that is not empty."""
        return next((said for one in which if (said := self.component(number, one))), "")


@dataclass(frozen=True, slots=True)
class Message:
    """The segments of a message that matter for notes, MSH first."""

    segments: list[Segment]
    doubts: set[str] = field(default_factory=set)

    @property
    def header(self) -> Segment:
        """The MSH segment."""
        return self.segments[0]

    @property
    def kind(self) -> str:
        """The message's type and event, such as ORU^R01; empty if it says none that could be one."""
        parts = [part for part in (self.header.component(9, which) for which in (1, 2)) if part]
        return "^".join(parts) if all(part.isalnum() and part.isascii() and len(part) <= 3 for part in parts) else ""


def parsed(raw: RawMessage, *, encoding: str) -> Message:
    """Take a message apart; `encoding` is for one that does not say how it is written."""
    doubts: set[str] = set()
    text, codec = _decoded(raw, encoding, doubts)
    header, *others = text
    delimiters, fields = _header(header)
    if fields[2][2:4] == delimiters.escape * 2:
        # Written by a program that doubles backslashes; in this message all are.
        others = [line.replace(delimiters.escape * 2, delimiters.escape) for line in others]
    manner = Manner(delimiters, codec, doubts)
    read = [line for line in others if line[:3] in _READ]
    segments = [Segment(line[:3], _fields(line, manner), manner) for line in read]
    return Message([Segment("MSH", fields, manner), *segments], doubts)


def _fields(line: str, manner: Manner) -> list[str]:
    """Return the fields of a segment; only text goes over several lines."""
    fields = line.split(manner.delimiters.field, _MOST_PARTS)
    for number, written in enumerate(fields):
        if "\n" in written and number != _TEXT_FIELDS.get(line[:3]):
            fields[number] = written.partition("\n")[0]
            manner.doubts.add(_OUTSIDE)
    return fields


def _header(line: str) -> tuple[Delimiters, list[str]]:
    """Return the delimiters and the fields of MSH, whose first is the delimiter itself."""
    if len(line) < 5:
        raise CannotRead("an MSH segment without delimiters", kind="hl7")
    separator = line[3]
    name, *fields = line.split(separator)
    signs = fields[0]
    escape = signs[2:3]
    subcomponent = signs[4:5] if escape and signs[3:4] == escape else signs[3:4]
    usual = Delimiters()
    delimiters = Delimiters(
        separator,
        signs[0:1] or usual.component,
        signs[1:2] or usual.repetition,
        escape or usual.escape,
        subcomponent or usual.subcomponent,
    )
    return delimiters, [name, separator, *fields]


def _decoded(raw: RawMessage, encoding: str, doubts: set[str]) -> tuple[list[str], str]:
    """Return a message's lines, and the codec that they are in."""
    data = b"\r".join(raw.segments)
    declared = raw.codec or _declared(bytes(raw.segments[0]))
    for codec in dict.fromkeys((declared or encoding, encoding, "utf-8")):
        try:
            text = data.decode(codec)
        except UnicodeError:
            continue
        if declared and codec != declared:
            doubts.add(f"not in the character set that MSH-18 names; read as {codec}")
        return text.replace("\0", "").split("\r"), codec
    said = "the character set that MSH-18 names" if declared else f"{encoding}, and MSH-18 names no character set"
    doubts.add(f"not in {said}; read as cp1252")
    return data.decode("cp1252", "replace").replace("\0", "").split("\r"), "cp1252"


def _declared(header: bytes) -> str | None:
    """Return the codec of the first character set in MSH-18 that has a name of its own."""
    fields = header.split(header[3:4])
    said = fields[17] if len(fields) > 17 else b""
    names = [name.strip().upper().decode("ascii", "replace") for name in said.replace(b"^", b"~").split(b"~")]
    codecs = [codec for name in names if (codec := CODECS.get(name))]
    return next((codec for codec in codecs if codec != "ascii"), codecs[0] if codecs else None)
