"""From bytes to characters, piece by piece, and from characters to lines."""

from __future__ import annotations

import codecs
import io
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

from clinsearch.errors import InputError
from clinsearch.readers.outcomes import MAX_COUNTED_CHARACTERS, MAX_RECORD_CHARACTERS, CannotRead, endless, too_long

BYTE_ORDER_MARKS = {
    codecs.BOM_UTF8: "utf-8-sig",
    codecs.BOM_UTF32_LE: "utf-32",  # before UTF-16, whose mark it begins with
    codecs.BOM_UTF32_BE: "utf-32",
    codecs.BOM_UTF16_LE: "utf-16",
    codecs.BOM_UTF16_BE: "utf-16",
}
BINARY = "binary file, not text"
# What begins so can be nothing else, also without a mark, as bcp and PowerShell write it.
_UTF_16_LE = re.compile(rb"(?:[\t\n\r\x20-\x7e\xa0-\xff]\0){8}")
_UTF_16_BE = re.compile(rb"(?:\0[\t\n\r\x20-\x7e\xa0-\xff]){8}")


def check_encoding(name: str) -> None:
    """Raise InputError unless Python knows a text encoding of that name."""
    try:
        "a".encode(name)
        codecs.getincrementaldecoder(name)
    except (LookupError, ValueError):
        raise InputError(f"No encoding is called {name!r}. Try utf-8, cp1252 or latin-1.") from None


def encoding_mark(beginning: bytes) -> str | None:
    """Return the encoding that a byte order mark says, or wide characters in its place; None if nothing does."""
    if marked := next((name for mark, name in BYTE_ORDER_MARKS.items() if beginning.startswith(mark)), None):
        return marked
    if _UTF_16_LE.match(beginning):
        return "utf-16-le"
    return "utf-16-be" if _UTF_16_BE.match(beginning) else None


def whole_text(pieces: Iterable[str]) -> str:
    """Return a file's whole text; never hold much more than a note and its header may have."""
    kept: list[str] = []
    length = 0
    for piece in pieces:
        length += len(piece)
        kept.append(piece)
        if length > MAX_RECORD_CHARACTERS:
            kept.clear()
        if length > MAX_COUNTED_CHARACTERS:
            raise endless()
    if length > MAX_RECORD_CHARACTERS:
        raise too_long(length)
    return "".join(kept)


@dataclass(frozen=True, slots=True)
class Overlong:
    """Stands for a line that was too long to hold."""

    characters: int


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of a line that is too long to hold; the last one of a line ends with it."""

    text: str
    is_last: bool


def lines(pieces: Iterable[str], *, newline: str) -> Iterator[str | Overlong]:
    r"""Split text into lines that keep their ends; `newline` as in `open`: "" splits at a lone `\r` too."""
    characters = 0
    for line in lines_and_pieces(pieces, newline=newline):
        if isinstance(line, str):
            yield line
            continue
        characters += len(line.text)
        if line.is_last:
            yield Overlong(characters)
            characters = 0


def lines_and_pieces(pieces: Iterable[str], *, newline: str) -> Iterator[str | Piece]:
    """Split text into lines; one that is too long to hold comes in pieces, however long it is."""
    line, is_long = _Line(), False
    for piece in pieces:
        for part in io.StringIO(piece, newline=newline):
            is_whole = part[-1] in "\r\n"
            if is_long:
                yield Piece(part, is_whole)
            else:
                line.add(part)
                is_long = line.is_too_long
                if is_long:
                    yield Piece("".join(line.parts), is_whole)
                elif is_whole:
                    yield "".join(line.parts)
            if is_whole or is_long:
                line, is_long = _Line(), is_long and not is_whole
    if is_long:
        yield Piece("", is_last=True)
    elif line.parts:
        yield "".join(line.parts)


@dataclass(slots=True)
class _Line:
    """A line as it comes in; its weight is the least number of characters it can have without JSON escapes."""

    parts: list[str] = field(default_factory=list)
    weight: int = 0

    def add(self, part: str) -> None:
        self.parts.append(part)
        self.weight += max(len(part) - 5 * part.count("\\u"), len(part) // 6)

    @property
    def is_too_long(self) -> bool:
        return self.weight > MAX_RECORD_CHARACTERS


def decoded(chunks: Iterator[bytes], encoding: str, *, may_hold_nul: bool = False) -> Iterator[str]:
    r"""Decode text, in pieces none of which splits a `\r\n`; raise CannotRead if it is not text."""
    chunk = next(chunks, b"")
    marked = encoding_mark(chunk)
    codec = codecs.getincrementaldecoder(marked or encoding)("strict")
    # Holds a `\r` at the end of a piece back until what follows it is known.
    decoder = io.IncrementalNewlineDecoder(codec, translate=False)
    position = 0
    while chunk:
        position += len(chunk)
        following = next(chunks, b"")
        try:
            piece = decoder.decode(chunk, final=not following)
        except UnicodeError as error:
            raise _undecodable(error, position, encoding=encoding, marked=marked) from None
        if not may_hold_nul and "\0" in piece:
            raise CannotRead(BINARY, kind="file")
        yield piece
        chunk = following


def _undecodable(error: UnicodeError, position: int, *, encoding: str, marked: str | None) -> CannotRead:
    if not isinstance(error, UnicodeDecodeError):
        return CannotRead(f"not {encoding}", kind="file")
    if b"\0" in error.object:
        return CannotRead(BINARY, kind="file")
    # `object` is what the decoder had left over plus the chunk, so it ends where the chunk does.
    offset = position - len(error.object) + error.start
    if marked:
        return CannotRead(f"not {marked} as its byte order mark says (first bad byte at offset {offset})", kind="file")
    other = "cp1252" if codecs.lookup(encoding).name == "utf-8" else "utf-8"
    return CannotRead(
        f"not {encoding} (first bad byte at offset {offset}); if it is in another encoding, say so: --encoding {other}",
        kind="file",
    )
