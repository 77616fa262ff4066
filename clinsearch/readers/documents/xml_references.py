"""The references in XML that it does not know, and that text from pages and old systems has: `&nbsp;`, `&#11;`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator
from html.entities import name2codepoint

_OWN = frozenset({"amp", "lt", "gt", "quot", "apos"})
_REFERENCE = re.compile(r"&(?:([A-Za-z][A-Za-z0-9]{1,9})|#(x[0-9A-Fa-f]{1,8}|[0-9]{1,10}));")
# A reference has no more characters, and may be parted between two pieces.
_LONGEST = 16


def with_known_references(pieces: Iterable[str]) -> Iterator[str]:
    """Yield text with the characters that HTML's references stand for, and without references to no character."""
    kept = ""
    for piece in pieces:
        text = kept + piece
        begun = text.rfind("&", max(0, len(text) - _LONGEST))
        end = begun if begun >= 0 and ";" not in text[begun:] else len(text)
        kept = text[end:]
        yield _REFERENCE.sub(_known, text[:end])
    yield kept


def _known(found: re.Match[str]) -> str:
    name, number = found[1], found[2]
    if name:
        return found[0] if name in _OWN or name not in name2codepoint else chr(name2codepoint[name])
    code = int(number[1:], 16) if number[0] == "x" else int(number)
    return found[0] if _is_character(code) else ""


def _is_character(code: int) -> bool:
    """Tell whether XML may have a character."""
    return code in (9, 10, 13) or 0x20 <= code <= 0xD7FF or 0xE000 <= code <= 0xFFFD or 0x10000 <= code <= 0x10FFFF
