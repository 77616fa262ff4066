"""What a word processor repeats on each page, and what it sets at the foot of one: each goes into the text once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from clinsearch.readers.documents.draft import Draft, Line

_PAGE_NUMBER = re.compile(
    r"[\W\d_]*(?:(?:page|pg\.?|p\.|seite|pagina|p\u00e1gina|sida|side|strona)?[\W\d_]*"
    r"(?:of|von|de|di|van|av|af|sur|z)?[\W\d_]*)?",
    re.IGNORECASE,
)
_LONGEST_PAGE_NUMBER = 40


def is_page_number(words: str) -> bool:
    """Tell whether a line is no more than the number of a page: "3", "- 3 -", "Page 3 of 7"."""
    return len(words) <= _LONGEST_PAGE_NUMBER and _PAGE_NUMBER.fullmatch(words) is not None


def with_furniture(body: Draft, *, headers: Draft, notes: Draft, footers: Draft) -> Draft:
    """Return a body with the lines of its pages' headers above, and its notes and the footers below."""
    whole = Draft()
    for lines in (_once(headers.lines), body.lines, notes.lines, _once(footers.lines)):
        whole.part()
        whole.add_lines(lines)
    return whole


def _once(lines: Iterable[Line]) -> Sequence[Line]:
    """Return each line once, without numbers of pages; a heading of pages is none of the text."""
    words = dict.fromkeys(line.words for line in lines)
    return [Line(said) for said in words if not is_page_number(said)]
