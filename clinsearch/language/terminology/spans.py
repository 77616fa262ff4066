"""Finds the longest known entries in a query, outside quotation marks."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise
from typing import Protocol

from clinsearch.language.terminology.carried import Abbreviation, Found
from clinsearch.language.terms import placed_terms, terms_of

ORDINALS = frozenset({"st", "nd", "rd", "th", "s", "d"})  # behind a number: 2nd
LONGEST_SHOUT = 3  # letters: words in capitals that may be abbreviations or little words
QUOTED = re.compile(r'"[^"]*"|\u201c[^\u201d]*\u201d')
_APART = re.compile(r"[.;:()\[\]\n!?]")  # no name goes on beyond these
_PLURAL = re.compile(r"[A-Z]{2,}s")
_LETTERS = re.compile(r"[\W_]+")
_STROKES = frozenset("/&-+")
_SLASHED_ON = re.compile(r"/\w")


class Terms(Protocol):
    """Where keys are looked up."""

    def find(self, key: str) -> Found:
        """Return what is known of a key."""

    def begins(self, key: str) -> bool:
        """Tell whether a longer key begins so."""


@dataclass(frozen=True, slots=True)
class Word:
    """A term of a query and its place. plain: its American spelling. is_open: whether it may be expanded."""

    term: str
    start: int
    end: int
    plain: str
    is_open: bool


@dataclass(frozen=True, slots=True)
class Span:
    """An entry in a query: words from `first` up to `last`, without it. abbreviations: those that may be meant."""

    first: int
    last: int
    start: int
    end: int
    found: Found
    abbreviations: tuple[Abbreviation, ...]


def words_of(query: str, terms: Terms) -> list[Word]:
    """Return the terms of a query; those in quotation marks, and beginnings (`card*`), are closed."""
    closed = [match.span() for match in QUOTED.finditer(query)]
    return [
        Word(
            term,
            start,
            end,
            _plain(term, terms),
            query[end : end + 1] != "*" and not any(low <= start < high for low, high in closed),
        )
        for term, start, end in placed_terms(query)
    ]


def _plain(term: str, terms: Terms) -> str:
    plain = terms.find(term).plain
    return " ".join(terms_of(plain)) if plain else term


def find_spans(query: str, words: list[Word], terms: Terms) -> Iterator[Span]:
    """Give the longest entries one after another, none of which overlap."""
    shouted = is_shouted(words, query, terms)
    at = 0
    while at < len(words):
        longest = None
        for last in _ends(query, words, at, terms):
            longest = _span(query, words, (at, last), terms, shouted) or longest
        if longest:
            yield longest
        at = longest.last if longest else at + 1


def is_shouted(words: list[Word], query: str, terms: Terms) -> bool:
    """Tell whether a query is all in capitals, so that capitals say nothing."""
    written = [query[word.start : word.end] for word in words]
    if not written or any(part != part.upper() for part in written):
        return False
    return any(len(word.term) > LONGEST_SHOUT and not terms.find(word.term).abbreviations for word in words)


def _ends(query: str, words: list[Word], at: int, terms: Terms) -> Iterator[int]:
    """Give the ends of what may be an entry that begins at a word, nearest first."""
    key = plain = ""
    for last in range(at, len(words)):
        word = words[last]
        if not word.is_open or (last > at and _APART.search(query[words[last - 1].end : word.start])):
            return
        key, plain = f"{key} {word.term}".lstrip(), f"{plain} {word.plain}".lstrip()
        yield last + 1
        if not terms.begins(key) and (plain == key or not terms.begins(plain)):
            return


def _span(query: str, words: list[Word], places: tuple[int, int], terms: Terms, shouted: bool) -> Span | None:
    first, last = places
    part = words[first:last]
    start, end = part[0].start, part[-1].end
    found = _looked_up(part, query[start:end], terms)
    gaps = [query[one.end : other.start] for one, other in pairwise(part)]
    fitting = []
    for abbreviation in found.abbreviations:
        if _is_read(abbreviation, query, (start, end), shouted) and _gaps_fit(abbreviation, gaps, query[end:]):
            fitting.append(abbreviation)
    plain = _as_plain(query[start:end])
    # Where an entry is written to the letter so (eGFR), others of the same letters (EGFR) are not meant.
    exact = [abbreviation for abbreviation in fitting if plain in abbreviation.written]
    if not fitting and not found.groups and not found.others and not found.kinds:
        return None
    read = tuple(exact or fitting)
    return Span(first, last, start, _stretched(query, start, end, read), found, read)


def _looked_up(part: list[Word], written: str, terms: Terms) -> Found:
    found = terms.find(" ".join(word.term for word in part))
    if not found.groups and not found.abbreviations and not found.kinds:
        found = terms.find(" ".join(word.plain for word in part)) or found
    if not found and len(part) == 1 and _PLURAL.fullmatch(written):
        return terms.find(part[0].term[:-1])
    return found


def _is_read(abbreviation: Abbreviation, query: str, place: tuple[int, int], shouted: bool) -> bool:
    """Tell whether letters written so are the abbreviation, not a word."""
    start, end = place
    written = _as_plain(query[start:end]).rstrip(".")
    if abbreviation.reading == "exact":
        return written in abbreviation.written
    if not _has_letters_of(abbreviation, written) or (query[:start][-1:].isdigit() and written in ORDINALS):
        return False
    if abbreviation.reading == "capitals":
        return (
            written.isupper() or written in abbreviation.written or bool(_PLURAL.fullmatch(written))
        ) and not shouted
    is_title = written[0].isupper() and written[1:].islower()
    return written in abbreviation.written or not (is_title and len(written) == 2)


def _as_plain(written: str) -> str:
    """Return letters without what is only how they look: full width, invisible characters between them."""
    if written.isascii():
        return written
    return "".join(one for one in unicodedata.normalize("NFKC", written) if unicodedata.category(one) != "Cf")


def _has_letters_of(abbreviation: Abbreviation, written: str) -> bool:
    """Tell whether letters are those of a way to write it, or its plural: pre is not PRES, I'm is not IM."""
    if "'" in written or "\u2019" in written:
        return False
    letters = _LETTERS.sub("", written).lower()
    for form in abbreviation.written:
        known = _LETTERS.sub("", form).lower()
        if letters in (known, f"{known}s") or (_PLURAL.fullmatch(form) and letters == known[:-1]):
            return True
    return False


def _gaps_fit(abbreviation: Abbreviation, gaps: list[str], rest: str) -> bool:
    """Tell whether the parts stand as near as in a way that the abbreviation is written: h/o is not h o."""
    if abbreviation.written[0].endswith("/"):
        return rest.startswith("/")
    if _SLASHED_ON.match(rest) and "/" in "".join(gaps):
        return False
    strokes = {mark for form in abbreviation.written for mark in form if not mark.isalnum()} | _STROKES
    has_blank = " " in strokes
    return all((gap.strip() and set(gap.strip()) <= strokes) or (has_blank and not gap.strip()) for gap in gaps)


def _stretched(query: str, start: int, end: int, read: tuple[Abbreviation, ...]) -> int:
    """Return the end of a span with the last point of s.o.b. or the stroke of w/."""
    rest = query[end : end + 1]
    has_point = rest == "." and "." in query[start:end]
    has_stroke = rest == "/" and any(abbreviation.written[0].endswith("/") for abbreviation in read)
    return end + 1 if read and (has_point or has_stroke) else end
