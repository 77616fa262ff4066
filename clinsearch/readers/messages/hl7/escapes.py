r"""The escape sequences of HL7 v2: `\T\`, `\.br\`, `\X0D0A\` and their like, as text."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

_HEXADECIMAL = r"X(?P<bytes>(?:[0-9A-Fa-f]{2}){1,1000})"
_COMMAND = r"\.(?P<command>br|sp|ce|in|ti|sk|fi|nf) ?(?P<count>[+-]?\d{0,3})"
_OTHER = r"(?P<charset>[CM](?:[0-9A-Fa-f]{2}){2,3})|(?P<local>Z[0-9A-Za-z]{0,20})"
_MOST_BLANKS = 40
_LINES = ("br", "sp", "ce")

CHARSETS_DOUBT = "it changes its character set within the text; check what was read"
LOCAL_DOUBT = r"escape sequences of its own (\Z…\) are left out"


@dataclass(frozen=True, slots=True)
class Delimiters:
    """The characters that MSH-1 and MSH-2 name."""

    field: str = "|"
    component: str = "^"
    repetition: str = "~"
    escape: str = "\\"
    subcomponent: str = "&"

    def unescape(self, text: str, codec: str, doubts: set[str]) -> str:
        """Return text without its escape sequences; a backslash that begins none stays.

        `codec` is how the message is written. What could not be kept is added to `doubts`.
        """
        if not self.escape or self.escape not in text:
            return text
        return _sequences(self.escape).sub(self._replacing(codec, doubts), text)

    def _replacing(self, codec: str, doubts: set[str]) -> Callable[[re.Match[str]], str]:
        signs = {
            "F": self.field,
            "S": self.component,
            "T": self.subcomponent,
            "R": self.repetition,
            "E": self.escape,
            "P": "#",
            "H": "",
            "N": "",
        }

        def replace(found: re.Match[str]) -> str:
            if found["sign"]:
                return signs[found["sign"]]
            if found["command"]:
                return _laid_out(found["command"].lower(), found["count"])
            if found["bytes"]:
                return bytes.fromhex(found["bytes"]).decode(codec, "replace").replace("\0", "")
            doubts.add(CHARSETS_DOUBT if found["charset"] else LOCAL_DOUBT)
            return ""

        return replace


@lru_cache(maxsize=32)
def _sequences(escape: str) -> re.Pattern[str]:
    mark = re.escape(escape)
    command = _COMMAND.replace("br|", "(?i:br)|")
    return re.compile(rf"{mark}(?:(?P<sign>[FSTREPHN])|{command}|{_HEXADECIMAL}|{_OTHER}){mark}")


def _laid_out(command: str, count: str) -> str:
    if command in _LINES:
        return "\n\n" if command == "sp" and count.lstrip("+").isdigit() and int(count) > 1 else "\n"
    if command == "sk":
        return " " * min(int(count) if count.isdigit() else 1, _MOST_BLANKS)
    return ""
