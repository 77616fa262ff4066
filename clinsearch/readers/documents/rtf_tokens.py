"""The tokens of RTF: braces, control words, escaped bytes and text."""

from __future__ import annotations

import re
from collections.abc import Iterator
from enum import Enum, auto
from typing import NamedTuple

_TOKEN = re.compile(
    r"""(?P<text>[^\\{}\r\n\0]+) | \\(?P<word>[A-Za-z]{1,40})(?P<value>-?\d{1,10})?[ ]? | \\'(?P<byte>[0-9A-Fa-f]{2})
      | (?P<open>\{) | (?P<close>\}) | \\(?P<symbol>[^A-Za-z]) | (?P<nothing>[\r\n\0]+ | .)""",
    re.VERBOSE | re.DOTALL,
)


class Kind(Enum):
    """What a token is."""

    TEXT = auto()
    WORD = auto()
    BYTE = auto()
    OPEN = auto()
    CLOSE = auto()
    SYMBOL = auto()


class Token(NamedTuple):
    """A token; `said` is its text, its word, its symbol or its byte as a character."""

    kind: Kind
    said: str = ""
    value: int | None = None


_OPEN, _CLOSE = Token(Kind.OPEN), Token(Kind.CLOSE)


def tokens(source: str) -> Iterator[Token]:
    r"""Yield the tokens of a document; the data after a `\bin` is left out."""
    position, match = 0, _TOKEN.match(source)
    while match:
        position = match.end()
        kind = match.lastgroup
        if kind == "text":
            yield Token(Kind.TEXT, match[0])
        elif kind in ("word", "value"):
            value = int(match["value"]) if match["value"] else None
            yield Token(Kind.WORD, match["word"], value)
            if match["word"] == "bin":
                position += max(0, value or 0)
        elif kind == "byte":
            yield Token(Kind.BYTE, chr(int(match["byte"], 16)))
        elif kind == "open":
            yield _OPEN
        elif kind == "close":
            yield _CLOSE
        elif kind == "symbol":
            yield Token(Kind.SYMBOL, match["symbol"])
        match = _TOKEN.match(source, position)
