"""Where sentences begin and end within a run of prose."""

from __future__ import annotations

import re
from collections.abc import Iterator

from clinsearch.language.segmentation.abbreviations import ends_sentence
from clinsearch.language.segmentation.lines import BETWEEN_CELLS, Span

# The longest sentence: longer prose is divided at commas or white space, or, if it has none, anywhere.
MAX_SENTENCE_CHARACTERS = 2000

# The longest row of a table that is one sentence whatever stops are in it.
_LONGEST_ROW = 400

_CONTEXT_CHARACTERS = 24

# It begins with a plain set of characters, which the search finds fast. Quantifiers are possessive, and a run of
# stops matches at its first only: no text makes it backtrack.
_STOP = re.compile(
    r"""
    [.?!\u2026\[)] (?:
        (?<=\[) \*\* [^\[\]]{0,200} \*\*\]                              # a de-identification mark stays whole
      | (?: (?<=[\s(]\d\)) | (?<=[\s(]\d\d\)) ) (?P<item> \s+ )         # the number of an item: "2) "
      | (?<=[.?!\u2026]) (?<! [.?!\u2026] [.?!\u2026] )
        (?P<rest> [.?!\u2026]*+ (?P<closers> ["'\u2019\u201d)\]*]*+ ) ) (?:
            \s+
          | (?<= [a-z0-9)] [a-z0-9)] \. ) (?=    # "well.The patient", MTSamples' "well.surgery, hernia"
                [A-Z][a-z] | (?!com|org|net|gov|edu) [a-z]{3,} [a-z /.-]{0,40} ,
            )
        )
    )
    """,
    re.VERBOSE,
)
_NUMBER = re.compile(r"\(?(\d{1,2})[.)]\s+(?=\S)")
_NUMBER_BEFORE = re.compile(r"(?<!\d)\(?(\d{1,2})[.)]\s*\Z")
_EDGE = re.compile(r"(?:[\s,:;|\u2022\u00b7]|\*\*|[-\u2013\u2014*](?=\s))*+")
_WORDLESS = re.compile(r"[\s,.:;*=~#|\u2022\u00b7\u2013\u2014-]*")
_PIECE = re.compile(
    rf"""\S (?:
        .{{{MAX_SENTENCE_CHARACTERS // 2},{MAX_SENTENCE_CHARACTERS - 2}}} [,;] (?=\s)
      | .{{0,{MAX_SENTENCE_CHARACTERS - 1}}} (?=\s|\Z)
      | \S{{0,{MAX_SENTENCE_CHARACTERS - 1}}}
        )""",
    re.VERBOSE | re.DOTALL,
)


def split_sentences(text: str, span: Span) -> Iterator[Span]:
    """Yield the sentences of a run of prose, without the white space and list numbers between them."""
    for sentence in _divide_at_stops(text, span):
        if not _WORDLESS.fullmatch(text, *sentence):
            yield from _divide_at_length(text, sentence)


def _divide_at_stops(text: str, span: Span) -> Iterator[Span]:
    start, end = span
    before = _NUMBER_BEFORE.search(text, max(0, start - 8), start)
    edge = _EDGE.match(text, start, end)
    begin, number = edge.end() if edge else start, int(before[1]) if before else 0
    begin, number = _skip_number(text, begin, end=end, number=number)
    is_row = text.find(BETWEEN_CELLS, begin, end) >= 0 and end - begin <= _LONGEST_ROW
    for match in () if is_row else _STOP.finditer(text, begin, end):
        if match.start() < begin:
            continue
        division = _division(text, match, begin=begin, end=end, number=number)
        if division:
            yield begin, division[0]
            begin, number = _skip_number(text, division[1], end=end, number=number)
    yield begin, begin + len(text[begin:end].rstrip())


def _skip_number(text: str, begin: int, *, end: int, number: int) -> tuple[int, int]:
    """Step over the number of an item if it is next in its list; return the offset and the number."""
    match = _NUMBER.match(text, begin, end)
    if match and number <= int(match[1]) <= number + 2:
        return match.end(), int(match[1])
    return begin, number


def _division(text: str, match: re.Match[str], *, begin: int, end: int, number: int) -> Span | None:
    """Return where one sentence ends and the next begins, None if not here."""
    if match["rest"] is not None:
        next_number = _skip_number(text, match.end(), end=end, number=number)[1]
        divides = 0 < number < next_number or _is_end(text, match, begin=begin)
        return (match.end("rest"), match.end()) if divides else None
    item = _NUMBER_BEFORE.search(text, max(begin, match.start() - 3), match.end()) if match["item"] else None
    if item is None or number == 0 or int(item[1]) != number + 1:
        return None
    return begin + len(text[begin : item.start()].rstrip()), item.start()


def _is_end(text: str, match: re.Match[str], *, begin: int) -> bool:
    stop = match.start()
    after = text[match.end() : match.end() + _CONTEXT_CHARACTERS]
    if after[:1].islower() and (match["closers"] or text[stop : match.end("rest")] in ("...", "\u2026")):
        return False
    before = text[max(begin, stop - _CONTEXT_CHARACTERS) : stop]
    if text[stop] == "?":
        return not (before[-1:].isspace() or not before)  # "Chest: ? infiltrate"
    return text[stop] != "." or bool(match["closers"]) or ends_sentence(before, after)


def _divide_at_length(text: str, span: Span) -> Iterator[Span]:
    if span[1] - span[0] <= MAX_SENTENCE_CHARACTERS:
        yield span
        return
    for match in _PIECE.finditer(text, *span):
        yield match.start(), match.start() + len(match[0].rstrip())
