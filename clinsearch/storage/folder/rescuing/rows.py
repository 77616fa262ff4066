"""The rows on the leaf pages of a SQLite file's tables, whatever has become of the pages that lead there."""

from __future__ import annotations

import struct
from collections.abc import Iterator
from typing import TypeAlias

from clinsearch.storage.folder.rescuing.pages import Pages

LEAF_OF_TABLE = 0x0D
FIRST_PAGE_HEADER = 100
# The rows of a sound file hold no more bytes than it has; a file that was made to is not read on and on.
MOST_TIMES_READ = 4

Value: TypeAlias = int | float | bytes | str | None
Row: TypeAlias = tuple[int, tuple[Value, ...]]


class UnreadableRow(ValueError):
    """A row that is not as SQLite writes it."""


def rows_of(pages: Pages) -> Iterator[Row]:
    """Yield the key and the values of each row that can be read, of all tables."""
    left = MOST_TIMES_READ * pages.count * pages.size
    for number in range(1, pages.count + 1):
        page = pages[number]
        begin = FIRST_PAGE_HEADER if number == 1 else 0
        if len(page) < pages.size or page[begin] != LEAF_OF_TABLE:
            continue
        (cells,) = struct.unpack(">H", page[begin + 3 : begin + 5])
        for place in range(begin + 8, min(begin + 8 + 2 * cells, pages.size - 1), 2):
            try:
                key, payload = _cell(pages, page, struct.unpack(">H", page[place : place + 2])[0])
                left -= len(payload)
                yield key, _values(payload)
            except (UnreadableRow, IndexError, struct.error):
                pass
            if left < 0:
                return


def _cell(pages: Pages, page: bytes, at: int) -> tuple[int, bytes]:
    """Return the key and the payload of a cell, put together from the pages that it goes on in."""
    length, at = _varint(page, at)
    key, at = _varint(page, at)
    usable = pages.size
    if length > pages.count * pages.size:
        raise UnreadableRow
    if length <= usable - 35:
        return _signed(key), page[at : at + length]
    least = (usable - 12) * 32 // 255 - 23
    local = least + (length - least) % (usable - 4)
    local = local if local <= usable - 35 else least
    parts, there = [page[at : at + local]], local
    (following,) = struct.unpack(">I", page[at + local : at + local + 4])
    while there < length:
        more = pages[following]
        if len(more) < usable:
            raise UnreadableRow
        parts.append(more[4 : 4 + length - there])
        there += len(parts[-1])
        (following,) = struct.unpack(">I", more[:4])
    return _signed(key), b"".join(parts)


def _values(payload: bytes) -> tuple[Value, ...]:
    end, at = _varint(payload, 0)
    if end > len(payload):
        raise UnreadableRow
    types = []
    while at < end:
        kind, at = _varint(payload, at)
        types.append(kind)
    values: list[Value] = []
    for kind in types:
        value, at = _value(payload, at, kind)
        values.append(value)
    return tuple(values)


def _value(payload: bytes, at: int, kind: int) -> tuple[Value, int]:
    """Return a value of a serial type, and where the next begins."""
    if kind == 0:
        return None, at
    if kind in (8, 9):
        return kind - 8, at
    size = (kind - 12) // 2 if kind >= 12 else (0, 1, 2, 3, 4, 6, 8, 8)[kind] if kind < 8 else -1
    part = payload[at : at + size]
    if size < 0 or len(part) < size:
        raise UnreadableRow
    if kind >= 12:
        return (part.decode(errors="replace") if kind % 2 else part), at + size
    if kind == 7:
        return struct.unpack(">d", part)[0], at + size
    return int.from_bytes(part, "big", signed=True), at + size


def _varint(content: bytes, at: int) -> tuple[int, int]:
    value = 0
    for place in range(at, at + 8):
        value = value << 7 | content[place] & 0x7F
        if content[place] < 0x80:
            return value, place + 1
    return value << 8 | content[at + 8], at + 9


def _signed(value: int) -> int:
    return value - (1 << 64) if value >= 1 << 63 else value
