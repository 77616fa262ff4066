"""A text as words: lower case, with the punctuation and signs that matter to assertions."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from enum import StrEnum
from functools import cache

from clinsearch.language.assertions.lexicon import SIGNED_WORDS


class Sign(StrEnum):
    """The tokens that stand for punctuation and signs."""

    STOP = "."
    COLON = ":"
    COMMA = ","
    OPENING = "("
    CLOSING = ")"
    QUERY = "?"
    ASKED = "?."
    PLUS = "(+)"
    MINUS = "(-)"
    TICKED = "[x]"
    UNTICKED = "[]"
    EMPTY_SET = "\u2205"
    NUMBER = "#"
    YEAR = "#year"


@dataclass(frozen=True, slots=True)
class Words:
    """A text's words, with the offsets where each starts and ends."""

    words: list[str]
    starts: list[int]
    ends: list[int]


# A dash that is a bullet, a hyphen or a range does not match. Every alternative looks at a fixed number of
# characters, or consumes what it looks at: no text makes it slow.
_WORD = re.compile(
    r"""
    (?P<word> [^\W\d_][^\W_]*+ (?: ' [^\W_]++ )*+ )
  | (?P<year> (?<!/) (?:19|20)\d\d s? (?![\w]) )
  | (?P<zero> (?<![\w.,/\#-]) 0 (?: /10 )? (?! [\w/%\u00b0-] | [.,:]\d ) )
  | (?P<number> \d [^\W_]*+ (?: [.,] \d++ )*+ )
  | (?P<comma> , )
  | (?P<valence> [-+\u2013\u2212] ve \b )
  | (?P<minus> \( [-\u2013\u2212] \) | (?<![^\s,;(]) [-\u2212] (?=[^\W\d_]) | (?<=,[ ]) [-\u2212] (?= [ ] [^\W\d_] )
        | (?<=[a-z)][ ]) [-\u2212] (?= [,;.] | \Z ) | (?<=:[ ]) [-\u2013\u2212] (?= [ ]*+ (?: [,;|] | \Z ) ) )
  | (?P<plus> \( \+ \) | \+ (?= [ ]? [^\W\d_] ) | (?<=[a-z):][ ]) \+ (?= [,;.] | \Z ) )
  | (?P<unticked> \[ [ _]{0,3} \] | [\u2610\u25a1] )
  | (?P<ticked> \[ [xX\u2713\u2714*] \] | [\u2611\u2612\u2713\u2714] )
  | (?P<query> (?<![^\s(:,]) \? (?= [ ]? [^\W_] ) | (?<=:[ ]) \? (?= [ ]*+ (?: [,;.] | \Z ) )
        | (?<=\() \? (?=\)) | (?<=[ ]) \?\?++ )
  | (?P<asked> (?<=\w) \?
        (?! [ ]*+ (?i: no | none | yes | denies | denied | neg | negative | positive | never | n | y | nope | yep
        | sometimes | yesterday | occasionally | often | rarely | at[ ]times | a[ ](?:little|bit|lot|few)
        | now[ ]and[ ]then | most[ ](?:nights|days) | some[ ](?:days|times|nights) | every[ ](?:day|night)
        | not[ ](?:now|currently|today|recently|lately|presently|anymore|at|really|right|any|that|to|since|usually)
        | (?:mild|slight|some|moderate|severe|daily|better|gone|resolved) (?= [ ]*+ (?:[.,;]|\Z) ) ) \b ) )
  | (?P<colon> : (?!\d) | (?<=\s) [-\u2013\u2014]{1,2} (?=\s) | \u2014 | (?<=\w) \? | \.{4,}+
        | (?<=[ ]) \| (?= [ ] (?i: no | none | never | denies | denied | neg | negative | absent
            | not [ ] (?:detected|present) | non-?reactive | undetectable ) [ ]*+ (?: \| | \Z ) ) )
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
    "asked": Sign.ASKED.value,
    "colon": Sign.COLON.value,
    "stop": Sign.STOP.value,
    "opening": Sign.OPENING.value,
    "closing": Sign.CLOSING.value,
}
SIGNS = frozenset(sign.value for sign in Sign)

# A one-letter answer; if there are two, they are answers without colons too: "fever N, chills Y".
_LETTER = re.compile(r"[NY](?=[ ]*+(?:[,;|)]|\Z)|[.](?!\w)|[ ][ a-zA-Z\[])")
_LETTERS = re.compile(r"[a-zA-Z] \(?[NY](?=\)|[,;]|[ ]*\Z|[ ][a-z])")
_LETTER_WORDS = {"N": "no", "Y": "yes"}

_SIGNED = re.compile(r"[,;][ ]?[-\u2212](?=[^\W\d_])|(?<![^\s,;(])\+(?=[^\W\d_])")
_ABBREVIATED = frozenset(
    ["dr", "mr", "mrs", "ms", "vs", "neg", "pos", "pt", "hx", "dx", "fhx", "st", "approx", "poss", "incl", "esp"]
)
_FOLLOWING = re.compile(r"[^\W\d_]++")


def read_words(text: str) -> Words:
    """Split a text into words and signs, in their plain form; white space and other marks are left out."""
    plain, places = _plain_form(text)
    read = Words([], [], [])
    signed = _SIGNED.search(plain) is not None
    lettered = len(_LETTERS.findall(plain)) > 1
    for match in _WORD.finditer(plain):
        word: str | None = match["word"]
        if word and len(word) > 1:
            word = word.lower()
        else:
            word = _sign(match, read.words[-1:], signed=signed, lettered=lettered)
        if word is not None:
            start, end = match.span()
            read.words.append(word)
            read.starts.append(places[start] if places else start)
            read.ends.append(places[end - 1] + 1 if places else end)
    return read


def _plain_form(text: str) -> tuple[str, list[int]]:
    """Return a text without invisible characters, ligatures or wide forms, and the source offset of each character.

    The offsets are empty if the text is plain already.
    """
    if text.isascii():
        return text, []
    forms = [_plain_character(character) for character in text]
    return "".join(forms), [at for at, form in enumerate(forms) for _ in form]


@cache
def _plain_character(character: str) -> str:
    if unicodedata.category(character) == "Cf":
        return ""
    if character == "\u2019":
        return "'"
    plain = unicodedata.normalize("NFKC", character)
    return plain if len(plain) == 1 or plain.isalpha() else character


def _sign(match: re.Match[str], before: list[str], *, signed: bool, lettered: bool) -> str | None:
    """Return the letter or sign that a match stands for, None if it means nothing."""
    kind, raw = match.lastgroup or "", match[0]
    match kind:
        case "word" if raw == "v" and match.string[match.end() :].startswith("."):
            return "vs"
        case "word" if raw in _LETTER_WORDS and (lettered or before == [Sign.COLON.value]):
            return _LETTER_WORDS[raw] if _LETTER.match(match.string, match.start()) else raw.lower()
        case "zero":
            return "none" if "/" in raw else "0"
        case "valence":
            return "positive" if raw.startswith("+") else "negative"
        case "stop" | "minus" if _means_nothing(match, before, signed=signed):
            return None
    return _SIGNS.get(kind) or raw.lower()


def _means_nothing(match: re.Match[str], before: list[str], *, signed: bool) -> bool:
    """Tell whether it means nothing: the stop of "Dr. Smith", the bullet of "-Continue", not the sign of "-fever"."""
    if match["stop"]:
        return match[0] == "." and bool(before) and before[0] in _ABBREVIATED
    if len(match[0]) != 1 or signed:
        return False
    behind = _FOLLOWING.match(match.string, match.end())
    return behind is not None and behind[0] not in SIGNED_WORDS
