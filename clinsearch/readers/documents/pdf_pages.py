"""The pages of a PDF as one text: without what each page repeats, and with lines joined that a page's width divided."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median_low

from clinsearch.readers.documents.draft import Draft
from clinsearch.readers.documents.furniture import is_page_number
from clinsearch.readers.documents.pdf_layout import HYPHEN, Row

_FURNITURE_ROWS = 4  # at either end of a page
_SAME_PLACE = 4.0  # points
_LEAST_SHARE = 0.6  # of the pages that have a line, for it to be one that each page repeats
_PARTED = 0.6  # of a line's height: how much wider than usual a gap is that parts paragraphs
_RAGGED, _RAGGED_WITHIN_SENTENCE = 0.5, 2.0  # of a line's height
_INDENTED = 0.8  # of a line's height
_SAME_SIZE = 0.2  # of a line's height
_NEAR_EDGE, _FAR_ACROSS = 0.12, 0.7  # of a block's width, of a page's
_ITEM = re.compile(
    r"(?:[\u2022\u00b7\u25e6\u25aa\u25cf\u25a0\u2023\uf0b7o*\u2013-]|\(?[0-9]{1,3}[.)]|\(?[A-Za-z][.)])\s"
)
_HEADING = re.compile(r"[A-Z][\w /&,'-]{1,50}:(?:\s|\Z)|[A-Z][A-Z /&,'-]{3,60}\Z")
_ENDS = (".", "?", "!", ":", ";")
_FIGURES = re.compile(r"\d+")
_LAST_LETTERS = re.compile(rf"([^\W\d_]+){HYPHEN}\Z")
_WORD = re.compile(r"[\w-]+")
_FIRST_LETTERS = re.compile(r"[^\W\d_]+")
# Words that begin or end a compound, which has a hyphen wherever it stands in a line.
_BEGINS_COMPOUND = frozenset(
    {"non", "post", "pre", "anti", "well", "follow", "self", "x", "re", "co", "semi", "sub", "mid", "low", "high",
     "short", "long", "left", "right", "full", "half", "one", "two", "three", "four", "six", "twice", "once", "intra"}
)  # fmt: skip
_ENDS_COMPOUND = frozenset(
    {"old", "year", "day", "week", "month", "ray", "like", "free", "term", "dose", "sided", "based", "related",
     "positive", "negative", "induced", "dependent"}
)  # fmt: skip
_SHORTEST_PART = 3  # of a word that is divided; a shorter one ends a compound: follow-up, post-op


@dataclass(frozen=True, slots=True)
class Page:
    """The lines of a page, and its size in points."""

    rows: Sequence[Row]
    width: float
    height: float


@dataclass(frozen=True, slots=True)
class _Block:
    """Lines that run down a page. edge: where they are wrapped, if they are; gap: what is usual between two of them."""

    rows: Sequence[Row]
    edge: float | None
    gap: float


def draft_of(pages: Sequence[Page]) -> Draft:
    """Return the text of pages: what each repeats at its top and its foot comes once, above and below the rest."""
    tops, feet = _repeated(pages, at_top=True), _repeated(pages, at_top=False)
    blocks = [block for page in pages for block in _blocks(page, tops, feet)]
    words = Counter(word for block in blocks for row in block.rows for word in _WORD.findall(row.text))
    draft = Draft()
    _add_furniture(draft, tops)
    above: tuple[_Block, Row] | None = None
    for block in blocks:
        for row in block.rows:
            _add_row(draft, above, (block, row), words)
            above = (block, row)
    _add_furniture(draft, feet)
    return draft


def _repeated(pages: Sequence[Page], *, at_top: bool) -> dict[tuple[str, int], str]:
    """Return the lines that most pages have at the same place, figures aside, as the first of these has them."""
    found: dict[tuple[str, int], str] = {}
    counts: Counter[tuple[str, int]] = Counter()
    for page in pages:
        keys = {_key(page, row): row.text for row in _outer_rows(page, at_top=at_top)}
        counts.update(keys.keys())
        found = keys | found
    least = max(2.0, _LEAST_SHARE * len(pages))
    return {key: text for key, text in found.items() if counts[key] >= least}


def _outer_rows(page: Page, *, at_top: bool) -> Sequence[Row]:
    """Return the lines at one end of a page, from its top down."""
    rows = sorted(page.rows, key=lambda row: -row.top)
    half = (len(rows) + 1) // 2
    return rows[: min(_FURNITURE_ROWS, half)] if at_top else rows[half:][-_FURNITURE_ROWS:]


def _key(page: Page, row: Row) -> tuple[str, int]:
    """Return what is the same of a line that pages repeat: its words, and about how far from the top it is."""
    return _FIGURES.sub("#", row.text), round((page.height - row.top) / _SAME_PLACE)


def _blocks(page: Page, *repeated: Mapping[tuple[str, int], str]) -> Iterator[_Block]:
    """Yield the blocks of a page without what pages repeat, and without its number."""
    rows = [row for row in page.rows if not any(_is_one_of(page, row, lines) for lines in repeated)]
    ends = {id(row) for at_top in (True, False) for row in _outer_rows(page, at_top=at_top)}
    rows = [row for row in rows if id(row) not in ends or not is_page_number(row.text)]
    start = 0
    for number, (row, below) in enumerate(pairwise(rows), 1):
        if below.top > row.top:
            yield _block(rows[start:number], page)
            start = number
    if rows[start:]:
        yield _block(rows[start:], page)


def _is_one_of(page: Page, row: Row, lines: Mapping[tuple[str, int], str]) -> bool:
    words, place = _key(page, row)
    return any((words, near) in lines for near in (place - 1, place, place + 1))


def _block(rows: Sequence[Row], page: Page) -> _Block:
    gaps = [above.bottom - below.top for above, below in pairwise(rows)]
    prose = [row for row in rows if not row.has_cells]
    edge = max((row.right for row in prose), default=0.0)
    width = edge - min((row.left for row in prose), default=0.0)
    near = sum(row.right > edge - _NEAR_EDGE * width for row in prose)
    is_edge = near > 2 or edge > _FAR_ACROSS * page.width
    return _Block(rows, edge if is_edge else None, max(0.0, median_low(gaps)) if gaps else 0.0)


def _add_furniture(draft: Draft, lines: Mapping[tuple[str, int], str]) -> None:
    draft.part()
    for text in dict.fromkeys(lines.values()):
        if not is_page_number(text):
            draft.add(text.replace(HYPHEN, "-"))
            draft.end_line()
    draft.part()


def _add_row(
    draft: Draft, above: tuple[_Block, Row] | None, this: tuple[_Block, Row], words: Mapping[str, int]
) -> None:
    block, row = this
    hyphened = row.text.endswith(HYPHEN)
    text = row.text[: -len(HYPHEN)] if hyphened else row.text
    text = text.replace(HYPHEN, "-")
    if above and _continues(above, this):
        before = above[1].text
        draft.add(_link(before, text, words) + text)
    else:
        if above and above[1].text.endswith(HYPHEN):
            draft.add("-")
        draft.end_line()
        if above and above[0] is block and above[1].bottom - row.top > block.gap + _PARTED * row.height:
            draft.part()
        draft.add(text)


def _continues(above: tuple[_Block, Row], this: tuple[_Block, Row]) -> bool:
    """Tell whether a line continues the one above, or at the end of the column or the page before."""
    (block, row), (below_block, below) = above, this
    if row.has_cells or below.has_cells or _ITEM.match(below.text) or _HEADING.match(below.text):
        return False
    if abs(row.height - below.height) > _SAME_SIZE * row.height:
        return False
    if block is below_block:
        if row.bottom - below.top > block.gap + _PARTED * row.height:
            return False
        if below.left - row.left > _INDENTED * row.height and not _ITEM.match(row.text):
            return False
    if row.text.endswith(HYPHEN):
        return True
    if block.edge is None or row.text.endswith(_ENDS):
        return False
    first = len(below.text.split(maxsplit=1)[0]) + 1
    ragged = _RAGGED_WITHIN_SENTENCE if below.text[0].islower() else _RAGGED
    return row.right + first * (below.right - below.left) / len(below.text) > block.edge - ragged * row.height


def _link(before: str, after: str, words: Mapping[str, int]) -> str:
    """Return what goes between two parts of a line: a space, a hyphen, or nothing within a word."""
    if not before.endswith(HYPHEN):
        return " "
    first, second = _LAST_LETTERS.search(before), _FIRST_LETTERS.match(after)
    if first is None or second is None or second[0] != second[0].lower():
        return "-"
    if words[f"{first[1]}-{second[0]}"] != words[first[1] + second[0]]:
        return "-" if words[f"{first[1]}-{second[0]}"] > words[first[1] + second[0]] else ""
    is_compound = first[1].lower() in _BEGINS_COMPOUND or second[0] in _ENDS_COMPOUND
    is_compound |= len(second[0]) < _SHORTEST_PART
    return "-" if is_compound else ""
