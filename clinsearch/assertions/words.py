"""A text as words: lower case, with the punctuation and the signs that bear on what is asserted."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum


class Sign(StrEnum):
    """The words that punctuation and signs become."""

    STOP = "."
    COLON = ":"
    COMMA = ","
    OPENING = "("
    CLOSING = ")"
    QUERY = "?"
    PLUS = "(+)"
    MINUS = "(-)"
    TICKED = "[x]"
    UNTICKED = "[]"
    EMPTY_SET = "\u2205"
    NUMBER = "#"
    YEAR = "#year"


@dataclass(frozen=True, slots=True)
class Words:
    """A text's words, and where each begins and ends in it."""

    words: list[str]
    starts: list[int]
    ends: list[int]


# A dash that is a bullet, a hyphen or a range is none of these. Every alternative looks at a fixed number of
# characters, or takes what it looks at: no text makes it slow.
_WORD = re.compile(
    r"""
    (?P<word> [^\W\d_][^\W_]*+ (?: ['\u2019] [^\W_]++ )*+ )
  | (?P<year> (?<!/) (?:19|20)\d\d (?![\w]) )
  | (?P<number> \d [^\W_]*+ (?: [.,] \d++ )*+ )
  | (?P<comma> , )
  | (?P<minus> \( [-\u2013\u2212] \) | (?<![^\s,;(]) [-\u2212] (?=[^\W\d_]) | (?<=,[ ]) [-\u2212] (?= [ ] [^\W\d_] )
        | (?<=[a-z)][ ]) [-\u2212] (?= [,;.] | \Z ) )
  | (?P<plus> \( \+ \) | \+ (?= [ ]? [^\W\d_] ) | (?<=[a-z)][ ]) \+ (?= [,;.] | \Z ) )
  | (?P<unticked> \[ [ _]{0,3} \] | [\u2610\u25a1] )
  | (?P<ticked> \[ [xX\u2713\u2714*] \] | [\u2611\u2612\u2713\u2714] )
  | (?P<query> (?<![^\s(:,]) \? (?= [ ]? [^\W_] ) )
  | (?P<colon> : (?!\d) | (?<=\s) [-\u2013\u2014]{1,2} (?=\s) | \u2014 | (?<=\w) \? )
  | (?P<stop> (?<!\.) \.++ (?!\S) | [;!|\u2022\u25aa\u00b7\u25cf\u25e6] | \n (?= [ \t]{0,9} (?: [-*\n] | \d\d?[.)] ) ) )
  | (?P<opening> \( )
  | (?P<closing> \) )
  | (?P<other> [/&\u2205] )
    """,
    re.VERBOSE,
)
_SIGNS = {
    "year": Sign.YEAR.value,
    "number": Sign.NUMBER.value,
    "comma": Sign.COMMA.value,
    "minus": Sign.MINUS.value,
    "plus": Sign.PLUS.value,
    "unticked": Sign.UNTICKED.value,
    "ticked": Sign.TICKED.value,
    "query": Sign.QUERY.value,
    "colon": Sign.COLON.value,
    "stop": Sign.STOP.value,
    "opening": Sign.OPENING.value,
    "closing": Sign.CLOSING.value,
}
SIGNS = frozenset(sign.value for sign in Sign)

_SIGNED = re.compile(r"[,;][ ]?[-\u2212](?=[^\W\d_])|(?<![^\s,;(])\+(?=[^\W\d_])")
_ABBREVIATED = frozenset(["dr", "mr", "mrs", "ms", "vs", "neg", "pos", "pt", "hx", "dx", "fhx", "st", "approx", "poss"])


def read_words(text: str) -> Words:
    """Divide a text into words and signs; white space and other marks are left out."""
    words: list[str] = []
    starts: list[int] = []
    ends: list[int] = []
    signed = _SIGNED.search(text) is not None
    for match in _WORD.finditer(text):
        kind = match.lastgroup or ""
        word = _SIGNS.get(kind) or match[0].lower()
        if kind == "word":
            word = word.replace("\u2019", "'")
        elif kind in ("stop", "minus") and _is_idle(match, words[-1:], signed=signed):
            continue
        words.append(word)
        starts.append(match.start())
        ends.append(match.end())
    return Words(words, starts, ends)


def _is_idle(match: re.Match[str], before: list[str], *, signed: bool) -> bool:
    """Tell the full stop of "Dr. Smith", and the bullet of "-Continue aspirin" from the sign of "-fever, +cough"."""
    if match["stop"]:
        return bool(before) and before[0] in _ABBREVIATED
    return len(match[0]) == 1 and match.string[match.end() : match.end() + 1].isalpha() and not signed
