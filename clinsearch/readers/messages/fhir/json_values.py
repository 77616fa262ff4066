"""The values in a file of JSON, one at a time: of lines, an array, a Bundle's entries, or one after another."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from typing import Any

from clinsearch.readers.decoding import Overlong, lines
from clinsearch.readers.outcomes import MAX_RECORD_CHARACTERS, CannotRead, too_long

# Numbers stay as they are written: an id of 20 digits or 1.10 must not change.
_JSON = json.JSONDecoder(parse_int=str, parse_float=str, parse_constant=lambda _: None)
_BLANK = re.compile(r"[\s,\ufeff]*")
_ENTRIES = re.compile(r'"entry"\s*:\s*\[')
_BUNDLE = re.compile(r'"resourceType"\s*:\s*"Bundle"')
_FIRST_ENTRY = re.compile(r'\s*\{\s*"(?:fullUrl|resource|search|link)"')
_STRING = re.compile(r'"(?:[^"\\]|\\.)*"')
_LONGEST_HEAD = 100_000
_TOO_DEEP = "JSON nested too deep"


@dataclass(frozen=True, slots=True)
class Value:
    """A value of a file, or why it cannot be read; `is_entry` if it is one of a Bundle's entries."""

    value: Any
    is_entry: bool = False
    fault: CannotRead | None = None


def json_values(pieces: Iterable[str]) -> Iterator[Value]:
    """Yield the values of a file; one that is damaged costs the others only if they are not on lines of their own."""
    beginning = ""
    pieces = iter(pieces)
    for piece in pieces:
        beginning += piece
        if "\n" in beginning.strip() or len(beginning) > MAX_RECORD_CHARACTERS:
            break
    rest = chain([beginning], pieces)
    return _of_lines(rest) if _has_lines(beginning) else _one_after_another(_Text(rest))


def _has_lines(beginning: str) -> bool:
    """Tell whether a file has a value on each line, rather than values that go over many."""
    first, _, second = beginning.lstrip("\ufeff \t\r\n").partition("\n")
    if not first.startswith("{") or not second.strip():
        return False
    return second.startswith("{") or isinstance(_parsed(first).value, dict)


def _of_lines(pieces: Iterable[str]) -> Iterator[Value]:
    for line in lines(pieces, newline="\n"):
        if isinstance(line, Overlong):
            yield Value(None, fault=too_long(line.characters, what="record", limit=MAX_RECORD_CHARACTERS))
        elif not line.isspace():
            yield _parsed(line)


def _parsed(text: str) -> Value:
    try:
        return Value(_JSON.decode(text.lstrip("\ufeff")))
    except json.JSONDecodeError as error:
        return Value(None, fault=CannotRead(f"not JSON: {error.msg.strip(' :')} (column {error.colno})"))
    except RecursionError:
        return Value(None, fault=CannotRead(_TOO_DEEP))


class _Text:
    """The text of a file as far as it is needed."""

    def __init__(self, pieces: Iterable[str]) -> None:
        self._pieces = iter(pieces)
        self.kept = ""
        self.place = 0

    def more(self) -> bool:
        """Take in about as much again as is kept; tell whether there was any."""
        self.kept = self.kept[self.place :]
        self.place = 0
        if len(self.kept) > MAX_RECORD_CHARACTERS:
            raise too_long(len(self.kept), what="record", limit=MAX_RECORD_CHARACTERS)
        taken: list[str] = []
        length = 0
        for piece in self._pieces:
            taken.append(piece)
            length += len(piece)
            if length > len(self.kept):
                break
        self.kept += "".join(taken)
        return bool(taken)

    def next_sign(self) -> str:
        """Go over blanks and commas, and return the sign that follows; empty at the end."""
        while True:
            found = _BLANK.match(self.kept, self.place)
            self.place = found.end() if found else self.place
            if self.place < len(self.kept):
                return self.kept[self.place]
            if not self.more():
                return ""

    def value(self) -> Any:
        """Take the value that begins here; raise CannotRead if it is none."""
        while True:
            try:
                value, self.place = _JSON.raw_decode(self.kept, self.place)
            except json.JSONDecodeError as error:
                if not self.more():
                    reason = f"not JSON: {error.msg.strip(' :')}; the rest of the file was not read"
                    raise CannotRead(reason) from None
            except RecursionError:
                raise CannotRead(f"{_TOO_DEEP}; the rest of the file was not read") from None
            else:
                return value


def _one_after_another(text: _Text) -> Iterator[Value]:
    is_listed = False
    try:
        while sign := text.next_sign():
            if sign == "[" and not is_listed:
                is_listed = True
                text.place += 1
            elif sign == "]" and is_listed:
                is_listed = False
                text.place += 1
            elif head := _head_of_bundle(text):
                text.place = head
                yield from _entries(text)
            else:
                yield Value(text.value())
        if is_listed:
            yield Value(None, fault=CannotRead("JSON that is cut off"))
    except CannotRead as fault:
        yield Value(None, fault=fault)


def _head_of_bundle(text: _Text) -> int | None:
    """Return where a Bundle's entries begin, None if what begins here is none."""
    while len(text.kept) - text.place < _LONGEST_HEAD and text.more():
        pass
    head = text.kept[text.place : text.place + _LONGEST_HEAD]
    found = _ENTRIES.search(head) if head.startswith("{") else None
    if found is None or not (_BUNDLE.search(head, 0, found.start()) or _FIRST_ENTRY.match(head, found.end())):
        return None
    before = _STRING.sub("", head[: found.start()])
    is_own = before.count("{") - before.count("}") == 1 and before.count("[") == before.count("]")
    return text.place + found.end() if is_own else None


def _entries(text: _Text) -> Iterator[Value]:
    """Yield a Bundle's entries, and then what else it has."""
    while (sign := text.next_sign()) != "]":
        if not sign:
            raise CannotRead("JSON that is cut off")
        yield Value(text.value(), is_entry=True)
    text.place += 1
    text.kept = f'{{"resourceType": "Bundle", "entry": []{text.kept[text.place :]}'
    text.place = 0
    yield Value(text.value())
