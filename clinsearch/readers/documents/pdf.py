"""PDF documents: the text of their pages, or what Tesseract reads of pages that are pictures."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from itertools import groupby

from clinsearch.readers.document import Document
from clinsearch.readers.documents.ocr import words_of
from clinsearch.readers.documents.pdf_layout import Row, rows_of
from clinsearch.readers.documents.pdf_pages import Page, draft_of
from clinsearch.readers.documents.pdf_process import SeenDocument, SeenPage, picture, see
from clinsearch.readers.outcomes import CannotRead

_DPI = 300
_MOST_PAGES_OF_PICTURES = 500
_MOST_UNREADABLE = 0.3  # of a page's characters
_LINE_POINTS, _LETTER_POINTS = 12.0, 6.0  # of typed text
_OCR = "--ocr reads them where Tesseract is installed"


def read_pdf(data: bytes, *, ocr: bool = False) -> Document:
    """Read a PDF; raise CannotRead for one without text, such as a scan without `ocr`."""
    seen = see(data)
    pages = [_laid_out(page) for page in seen.pages]
    scans = [number for number, page in enumerate(seen.pages) if page and page.pictured and pages[number] is None]
    read = _read_scans(data, scans[:_MOST_PAGES_OF_PICTURES]) if ocr and scans else {}
    texts = [page or read.get(number) for number, page in enumerate(pages)]
    if not any(texts):
        raise _without_text(seen, scans, ocr=ocr)
    unread = [number for number in scans if number not in read]
    draft = draft_of([page for page in texts if page])
    if not draft.has_lines:
        raise CannotRead("no text in it", kind="scan")
    return draft.document({"title": seen.title} if seen.title else {}, list(_doubts(seen, unread, ocr=ocr)))


def _laid_out(page: SeenPage | None) -> Page | None:
    """Return the lines of a page, None if it has none that can be read."""
    if page is None or not page.pieces or _is_unreadable("".join(piece.text for piece in page.pieces)):
        return None
    return Page(rows_of(page.pieces), page.width, page.height)


def _is_unreadable(text: str) -> bool:
    """Tell whether a page's fonts give most characters numbers of their own, not those of Unicode."""
    strange = sum(unicodedata.category(character) in ("Cc", "Co", "Cn") or character == "\ufffd" for character in text)
    return strange - text.count("\ufffe") > _MOST_UNREADABLE * len(text)


def _read_scans(data: bytes, numbers: Sequence[int]) -> dict[int, Page]:
    read = {}
    for number in numbers:
        words = words_of(picture(data, number, dpi=_DPI)).strip()
        if words:
            read[number] = _typed(words)
    return read


def _typed(words: str) -> Page:
    """Return a page as if typed, each letter as wide as the other."""
    rows = []
    lines = words.splitlines()
    for number, line in enumerate(lines):
        top = (len(lines) - number) * _LINE_POINTS
        if line.strip():
            rows.append(Row(line.strip(), 0.0, top - _LINE_POINTS, len(line.strip()) * _LETTER_POINTS, top))
    return Page(rows, max(row.right for row in rows), len(lines) * _LINE_POINTS)


def _without_text(seen: SeenDocument, scans: Sequence[int], *, ocr: bool) -> CannotRead:
    if not seen.pages or all(page is None for page in seen.pages):
        return CannotRead("damaged: none of its pages can be read; save it again", kind="file")
    if scans and ocr:
        return CannotRead("no text in it: a scan in which Tesseract finds no words", kind="scan")
    if scans:
        return CannotRead("no text in it: a scan; --ocr reads it where Tesseract is installed", kind="scan")
    return CannotRead("no text in it", kind="scan")


def _doubts(seen: SeenDocument, scans: Sequence[int], *, ocr: bool) -> Iterator[str]:
    if seen.attached:
        yield f"{seen.attached} attached file{'s' if seen.attached > 1 else ''} left out"
    if scans:
        remedy = "Tesseract finds no words in them" if ocr else _OCR
        yield f"{_pages(scans)} left out: no text, but pictures; {remedy}"
    lost = [number for number, page in enumerate(seen.pages) if page is None]
    if lost := [*lost, *range(len(seen.pages), seen.count)]:
        yield f"{_pages(lost)} left out: damaged, or more than can be read"
    strange = [
        number
        for number, page in enumerate(seen.pages)
        if page and page.pieces and not page.pictured and _laid_out(page) is None
    ]
    if strange:
        yield f"{_pages(strange)} left out: letters without their Unicode numbers"


def _pages(numbers: Sequence[int]) -> str:
    """Return how many pages and which: "2 pages (3, 5-6)"."""
    runs = [[n for _, n in run] for _, run in groupby(enumerate(numbers), lambda pair: pair[1] - pair[0])]
    which = ", ".join(f"{run[0] + 1}-{run[-1] + 1}" if len(run) > 1 else f"{run[0] + 1}" for run in runs[:10])
    return f"{len(numbers)} page{'s' if len(numbers) > 1 else ''} ({which}{', ...' if len(runs) > 10 else ''})"
