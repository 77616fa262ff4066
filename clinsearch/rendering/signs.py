"""Lets any text be seen in a terminal, and none steer it: what would move, hide or turn round becomes a sign.

Text of notes, their ids and titles, names of files and arguments come from elsewhere; so do a terminal's encoding and
what it does with an escape sequence.
"""

from __future__ import annotations

import codecs
import io
import os
import re
import sys

SIGN = "\ufffd"
# What steers a terminal (C0, DEL, C1), separates lines unseen, turns the direction of what follows, or is no character.
CONTROLS = r"\x00-\x08\x0b-\x1f\x7f-\x9f"
UNSEEN = r"\u2028\u2029\u202a-\u202e\u2066-\u2069"
UNSAFE = re.compile(f"[{CONTROLS}{UNSEEN}\ud800-\udfff]")
BREAKS = re.compile(r"[\n\t]")
# How signs that are common in our tables, and in notes, are written where there are only letters and digits.
PLAIN = {
    "·": "-",
    "…": "...",
    "‖": "||",
    "±": "+-",
    "\u2212": "-",
    "\u2013": "-",
    "\u2014": "-",
    "\u2018": "'",
    "\u2019": "'",
    "\u201c": '"',
    "\u201d": '"',
    "≤": "<=",
    "≥": ">=",
    SIGN: "?",
}
ERRORS = "clinsearch.plain"


def visible(text: str) -> str:
    """Show what cannot be seen, or would steer the terminal, as signs, one for one; lines and tabs stay."""
    return UNSAFE.sub(SIGN, text.replace("\r\n", " \n"))


def one_line(text: str) -> str:
    """Show a text as `visible` does, and in one line."""
    return BREAKS.sub(SIGN, visible(text))


def tell(text: str) -> None:
    """Write one line to stderr."""
    print(one_line(text), file=sys.stderr)


def is_utf8() -> bool:
    """Tell whether stdout takes every character."""
    name = getattr(sys.stdout, "encoding", None) or "ascii"
    return codecs.lookup(name).name == "utf-8"


def degrade_streams() -> None:
    """Let stdout and stderr write in their encoding what it has not: a plain sign, or the number of the character."""
    codecs.register_error(ERRORS, _written_plainly)
    if sys.stdout is None:  # it was closed: what goes there is not wanted
        sys.stdout = open(os.devnull, "w", encoding="utf-8")  # noqa: SIM115, PTH123
    for stream in (sys.stdout, sys.stderr):
        if isinstance(stream, io.TextIOWrapper):
            stream.reconfigure(errors=ERRORS)


def _written_plainly(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeEncodeError):
        raise error
    piece = error.object[error.start : error.end]
    return "".join(PLAIN.get(sign) or f"\\u{ord(sign):04x}" for sign in piece), error.end
