"""The terms of a text, for keyword search: made the same way for notes and for queries."""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache

from clinsearch.records.phrases import Phrase

TERM = re.compile(
    r"\d+(?:[.,]\d+)*"  # 5.5, 1,200; a unit that follows is a term of its own
    r"|[^\W\d_](?:\.[^\W\d_])+(?![^\W_])"  # b.i.d, which is bid
    r"|[^\W_]+(?:['\u2019][^\W\d_]+)*"  # HbA1c, patient's, don't
)
# The same for lower-case ASCII, in half the time.
ASCII_TERM = re.compile(r"[0-9]+(?:[.,][0-9]+)*|[a-z](?:\.[a-z])+(?![a-z0-9])|[a-z0-9]+(?:'[a-z]+)*")
WORD = re.compile(r"\S+")
NOT_ASCII = re.compile(r"[^\x00-\x7f]")
APOSTROPHES = str.maketrans("", "", "'\u2019")
POSSESSIVE = ("'s", "\u2019s")
# A prefix of one letter matches a tenth of all words.
SHORTEST_PREFIX = 2
SHORTEST_PLURAL = 3


def terms_of(text: str) -> list[str]:
    """Return the terms of a text, in order: words and numbers, without case, accents, invisible characters, points
    between letters or plural endings.

    Any other character between words separates them: x-ray is two terms, 120/80 as well.
    """
    if text.isascii():
        return list(map(_term, ASCII_TERM.findall(text.lower())))
    return list(map(_term, TERM.findall(_plain(text))))


def placed_terms(text: str) -> list[tuple[str, int, int]]:
    """Return the terms of a text with the offsets in it where each starts and ends."""
    if text.isascii():
        return [(_term(match[0]), *match.span()) for match in ASCII_TERM.finditer(text.lower())]
    plain = [_plain(character) for character in text]
    places = [place for place, of_character in enumerate(plain) for _ in of_character]
    found = TERM.finditer("".join(plain))
    return [(_term(match[0]), places[match.start()], places[match.end() - 1] + 1) for match in found]


@lru_cache(maxsize=1 << 16)
def _term(found: str) -> str:
    return stem(_normal(found))


def stem(term: str) -> str:
    """Return a term without its plural ending (Harman 1991, the S-stemmer); -is, as in sepsis, is none."""
    if len(term) <= SHORTEST_PLURAL or not term.endswith("s"):
        return term
    if term.endswith("ies") and term[-4] not in "ae":
        return term[:-3] + "y"
    return term if term[-2] in "uis" else term[:-1]


def _plain(text: str) -> str:
    if not text.isascii():
        text = NOT_ASCII.sub(_without_invisible, unicodedata.normalize("NFKD", text))
    return text.casefold()


def _without_invisible(match: re.Match[str]) -> str:
    """Drop an accent or a formatting character: soft hyphens, joiners, directions."""
    character = match[0]
    return "" if unicodedata.combining(character) or unicodedata.category(character) == "Cf" else character


def _normal(term: str) -> str:
    if term[0].isdecimal():
        return _number(term)
    if term.isalnum():
        return term
    return term.removesuffix(POSSESSIVE[0]).removesuffix(POSSESSIVE[1]).translate(APOSTROPHES).replace(".", "")


def _number(term: str) -> str:
    """Return a number without thousands separators; other commas are decimal points."""
    whole, *groups = term.split(",")
    if groups and len(whole) <= 3 and all(len(group.split(".")[0]) == 3 for group in groups):
        return "".join([whole, *groups])
    return term.replace(",", ".")


def phrases_of(query: str) -> list[Phrase]:
    """Read a query: each term is a phrase, text in quotation marks is one phrase, and `word*` matches by prefix."""
    return [phrase for phrase, _, _ in placed_phrases(query)]


def placed_phrases(query: str) -> list[tuple[Phrase, int, int]]:
    """Return the phrases of a query with the offsets in it where each starts and ends."""
    marks = query.count('"') // 2 * 2
    found, start = [], 0
    for number, part in enumerate(query.split('"', marks)):
        if number % 2:
            found += [(phrase, start, start + len(part)) for phrase in _phrase(part)]
        else:
            for word in WORD.finditer(part):
                found += _phrases_in(word[0], start + word.start())
        start += len(part) + 1
    return found


def _phrases_in(word: str, at: int) -> list[tuple[Phrase, int, int]]:
    if word.endswith("*") and len(word) > SHORTEST_PREFIX:
        return [(phrase, at, at + len(word)) for phrase in _phrase(word)]
    return [
        (Phrase((term,), written=word[start:end].lower()), at + start, at + end)
        for term, start, end in placed_terms(word)
    ]


def _phrase(text: str) -> list[Phrase]:
    terms = terms_of(text)
    if not terms:
        return []
    is_prefix = text.rstrip().endswith("*")
    if is_prefix:  # what looks like a plural ending may be the start of a longer one
        terms[-1] = _normal(TERM.findall(_plain(text))[-1])
    return [Phrase(tuple(terms), is_prefix, " ".join(text.lower().split()))]
