"""From the bytes of a file to HL7 v2 messages, one at a time: MLLP frames, batches, segments and their line ends."""

from __future__ import annotations

import codecs
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from clinsearch.readers.decoding import encoding_mark
from clinsearch.readers.outcomes import MAX_RECORD_CHARACTERS

# The frames of MLLP end and begin like segments do.
_ENDS = re.compile(rb"\r\n|[\r\n\x0b\x1c]")
_SEGMENT = re.compile(rb"([A-Z][A-Z0-9]{2})(?:[^A-Za-z0-9\s\0]|$)")
# Some programs write their names small; a line of text may begin with three letters, too, hence only these.
_SMALL = re.compile(
    rb"(?:msh|evn|pid|pd1|nk1|pv1|pv2|al1|dg1|pr1|orc|obr|obx|nte|txa|msa|spm|tq1|ft1|gt1|in1|in2|dsc)\|", re.IGNORECASE
)
_CONTINUATION = b"ADD"
_ENVELOPES = frozenset({b"FHS", b"BHS", b"BTS", b"FTS"})
_MOST_SEGMENTS = 100_000


@dataclass(slots=True)
class RawMessage:
    """The segments of a message as bytes, MSH first; `size_bytes` and `lines` count all, and too many are not kept.

    codec: that of the file, if its first bytes say it.
    """

    segments: list[bytearray] = field(default_factory=list)
    size_bytes: int = 0
    lines: int = 0
    codec: str | None = None

    @property
    def is_too_long(self) -> bool:
        """Whether there was more of it than is kept."""
        return self.size_bytes > MAX_RECORD_CHARACTERS or self.lines > _MOST_SEGMENTS

    def add(self, line: bytes, *, is_segment: bool) -> None:
        """Add a line: a segment, or more of the segment before it."""
        self.size_bytes += len(line) + 1
        self.lines += 1
        if self.is_too_long:
            self.segments.clear()
        elif is_segment and line[:3] == _CONTINUATION and self.segments:
            self.segments[-1] += line[4:]
        elif is_segment:
            self.segments.append(bytearray(line))
        elif self.segments:
            self.segments[-1] += b"\n" + line


def raw_messages(chunks: Iterable[bytes]) -> Iterator[RawMessage]:
    """Yield each message; what stands outside of messages is passed over.

    A line that does not begin with a segment's name belongs to the segment above: its text was broken into lines.
    """
    chunks, codec = _narrow(iter(chunks))
    message: RawMessage | None = None
    for line, is_whole in _lines(chunks):
        begun = _SEGMENT.match(line)
        name = begun[1] if begun and is_whole else None
        if name == b"MSH" and len(line) > 4:
            if message:
                yield message
            message = RawMessage(codec=codec)
        elif name in _ENVELOPES:
            if message:
                yield message
            message = None
        if message:
            message.add(line, is_segment=name is not None)
    if message:
        yield message


def _lines(chunks: Iterable[bytes]) -> Iterator[tuple[bytes, bool]]:
    """Yield the lines that are not blank; one that is too long in pieces, of which the first alone is whole."""
    parts: list[bytes] = []
    length = 0
    is_whole = True
    for chunk in chunks:
        # A line end that two chunks share gives a blank line, which is passed over.
        for place, line in enumerate(_ENDS.split(chunk)):
            if place:
                yield from _line(b"".join(parts), is_whole)
                parts, length, is_whole = [], 0, True
            parts.append(line)
            length += len(line)
        if length > MAX_RECORD_CHARACTERS:
            yield b"".join(parts), is_whole
            parts, length, is_whole = [], 0, False
    yield from _line(b"".join(parts), is_whole)


def _line(line: bytes, is_whole: bool) -> Iterator[tuple[bytes, bool]]:
    if line and not line.isspace():
        if is_whole and _SMALL.match(line):
            line = line[:3].upper() + line[3:]
        begun = is_whole and _SEGMENT.match(line.lstrip())
        yield (line.lstrip() if begun else line), is_whole


def _narrow(chunks: Iterator[bytes]) -> tuple[Iterator[bytes], str | None]:
    """Return the chunks in UTF-8 if the first bytes say how they are written; and then its codec."""
    first = next(chunks, b"")
    if first.startswith(codecs.BOM_UTF8):
        return _with(first.removeprefix(codecs.BOM_UTF8), chunks), "utf-8"
    codec = encoding_mark(first)
    if codec is None:
        return _with(first, chunks), None
    decoder = codecs.getincrementaldecoder(codec)("replace")
    return (decoder.decode(chunk).encode("utf-8", "replace") for chunk in _with(first, chunks)), "utf-8"


def _with(first: bytes, chunks: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield from chunks
