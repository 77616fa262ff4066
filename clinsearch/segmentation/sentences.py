"""Where sentences begin and end within a run of prose."""

from __future__ import annotations

import re
from collections.abc import Iterator

from clinsearch.segmentation.abbreviations import ends_sentence

MAX_SENTENCE_CHARACTERS = 2000

_OPENING = "([\"'“‘"

Span = tuple[int, int]

_STOP = re.compile(
    r"""
      \[\*\* [^\[\]]{0,200} \*\*\]                # a de-identification mark stays whole
    | (?<! [.?!…] ) (?P<stop> [.?!…]++ (?P<closers> ["'”’)\]*]*+ ) ) (?:
          \s+
        | (?<= [a-z0-9)] [a-z0-9)] \. ) (?= [A-Z][a-z] | (?!com|org|net|gov|edu) [a-z]{3,} [a-z /-]{0,40} , )
      )
    """,
    re.VERBOSE,
)
_NUMBER = re.compile(r"\(?(\d{1,2})[.)]")
_EDGE = re.compile(r"(?:[\s,:;|•·]|\*\*|[-–—*](?=\s))*+")
_EMPTY = re.compile(r"[\s,.:;*=~#|•·–—-]*")
_PIECE = re.compile(
    rf"""\S (?:
        .{{{MAX_SENTENCE_CHARACTERS // 2},{MAX_SENTENCE_CHARACTERS - 2}}} [,;] (?=\s)
      | .{{0,{MAX_SENTENCE_CHARACTERS - 1}}} (?=\s|\Z)
      | \S*
    )""",
    re.VERBOSE | re.DOTALL,
)


def split_sentences(text: str, start: int, end: int) -> Iterator[Span]:
    """Yield the sentences between two offsets, without the white space and list numbers between them."""
    number = 0
    for begin, stop in _sentence_spans(text, start, end):
        match = _NUMBER.fullmatch(text, begin, stop)
        if match and int(match[1]) in (number + 1, number or 2):
            number += 1
        elif not _EMPTY.fullmatch(text, begin, stop):
            yield from _divide(text, begin, stop)


def _sentence_spans(text: str, start: int, end: int) -> Iterator[Span]:
    begin = _skip_edge(text, start, end)
    for match in _STOP.finditer(text, begin, end):
        if match["stop"] and _is_end(text, begin, match):
            yield begin, match.end("stop")
            begin = match.end()
    yield begin, begin + len(text[begin:end].rstrip())


def _skip_edge(text: str, start: int, end: int) -> int:
    match = _EDGE.match(text, start, end)
    return match.end() if match else start


def _is_end(text: str, begin: int, match: re.Match[str]) -> bool:
    stop, closers = match.span("stop")[0], match["closers"]
    rest = text[match.end() : match.end() + 24]
    if rest[:1].islower() and (closers or match["stop"] in ("...", "…")):
        return False
    if text[stop] != "." or closers:
        return True
    words = text[max(begin, stop - 24) : stop].split()
    return not words or ends_sentence(words[-1].lstrip(_OPENING), rest)


def _divide(text: str, start: int, end: int) -> Iterator[Span]:
    if end - start <= MAX_SENTENCE_CHARACTERS:
        yield start, end
        return
    for match in _PIECE.finditer(text, start, end):
        yield match.start(), match.start() + len(match[0].rstrip())
