"""Reads a PDF within limits of memory and time, in a process of its own; the only home of pypdfium2.

PDFium ends the process where memory runs out, and no call of it can be interrupted. This file is run by its path and
imports nothing of the package. `text`: a line of JSON for each page. `picture PAGE DPI`: the page as PGM.
"""

from __future__ import annotations

import ctypes
import json
import math
import resource
import sys
from collections import Counter
from collections.abc import Iterator

import pypdfium2
import pypdfium2.raw as pdfium

MEMORY_BYTES = 2 << 30
MOST_PAGES = 5000
MOST_CHARACTERS = 11_000_000
MOST_PIECES = 1_000_000
_MOST_PICTURE_POINTS = 2000  # the longer side of a page that is drawn
_HYPHEN, _SAID_HYPHEN = 2, 0xFFFE  # what PDFium gives for one at the end of a line, and what goes on for it
_BLANKS = frozenset({0, 9, 10, 13, 32})
_BREAKS = frozenset({10, 13})
_CELL_GAP, _SHIFT = 1.0, 0.5  # of a line's height: what begins another piece
_MOST_OBJECTS = 200
_MOST_ANGLES = 500

# Text, left, bottom, right, top; in points from the lower left corner of the page as it is shown.
Box = tuple[float, float, float, float]
Piece = tuple[str, float, float, float, float]


def main() -> None:
    """Read the PDF on standard input, and write what was asked for."""
    resource.setrlimit(resource.RLIMIT_AS, (MEMORY_BYTES, MEMORY_BYTES))
    try:
        document = pypdfium2.PdfDocument(sys.stdin.buffer.read())
    except pypdfium2.PdfiumError as error:
        print(json.dumps({"fault": "password" if "password" in str(error).lower() else "damaged"}))
        return
    if sys.argv[1] == "picture":
        _write_picture(document, int(sys.argv[2]), dpi=int(sys.argv[3]))
    else:
        _write_text(document)


def _write_text(document: pypdfium2.PdfDocument) -> None:
    title, attached = document.get_metadata_value("Title"), document.count_attachments()
    print(json.dumps({"pages": len(document), "title": title, "attached": attached}))
    characters = pieces = 0
    for number in range(min(len(document), MOST_PAGES)):
        try:
            page = _flat_page(document, number)
            found = {"size": page.get_size(), "pieces": list(_pieces(page)), "pictured": _has_picture(page)}
        except pypdfium2.PdfiumError:
            print(json.dumps({"fault": "damaged"}))
            continue
        print(json.dumps(found))
        page.close()
        pieces += len(found["pieces"])
        characters += sum(len(piece[0]) for piece in found["pieces"])
        if characters > MOST_CHARACTERS or pieces > MOST_PIECES:
            return


def _flat_page(document: pypdfium2.PdfDocument, number: int) -> pypdfium2.PdfPage:
    """Return a page with what was filled in or typed onto it made a part of it."""
    page = document[number]
    if pdfium.FPDFPage_GetAnnotCount(page) and pdfium.FPDFPage_Flatten(page, pdfium.FLAT_NORMALDISPLAY) == 1:
        page.close()
        return document[number]
    return page


def _has_picture(page: pypdfium2.PdfPage) -> bool:
    for number in range(min(pdfium.FPDFPage_CountObjects(page), _MOST_OBJECTS)):
        kind = pdfium.FPDFPageObj_GetType(pdfium.FPDFPage_GetObject(page, number))
        if kind in (pdfium.FPDF_PAGEOBJ_IMAGE, pdfium.FPDF_PAGEOBJ_FORM):
            return True
    return False


def _pieces(page: pypdfium2.PdfPage) -> Iterator[Piece]:
    """Yield the pieces of lines, words with no wide gap between them, in the order in which they were written."""
    text = page.get_textpage()
    turned = _direction(text, page.get_rotation())
    width, height = page.get_size()
    if (turned - page.get_rotation()) % 180:
        width, height = height, width
    piece: list[str] = []
    box = (0.0, 0.0, 0.0, 0.0)
    for word, bounds, is_break in _words(text):
        left, bottom, right, top = _turned(bounds, turned, width, height)
        size = max(top - bottom, 1.0)
        is_shifted = abs((top + bottom) - (box[1] + box[3])) > 2 * _SHIFT * size
        if piece and (is_break or is_shifted or not -size < left - box[2] < _CELL_GAP * size):
            yield _piece(piece, box)
            piece = []
        if piece:
            left, bottom, right, top = min(left, box[0]), min(bottom, box[1]), max(right, box[2]), max(top, box[3])
        box = (left, bottom, right, top)
        piece.append(word)
    if piece:
        yield _piece(piece, box)


def _piece(words: list[str], box: Box) -> Piece:
    left, bottom, right, top = (round(place, 1) for place in box)
    return " ".join(words), left, bottom, right, top


def _direction(text: pypdfium2.PdfTextPage, shown: int) -> int:
    """Return how a page is to be turned so that most of its text runs from left to right: as it is `shown`, or not."""
    count = text.count_chars()
    angles = Counter(
        -round(math.degrees(pdfium.FPDFText_GetCharAngle(text, index)) / 90) * 90 % 360
        for index in range(0, count, max(count // _MOST_ANGLES, 1))
        if pdfium.FPDFText_GetUnicode(text, index) not in _BLANKS
    )
    most, often = max(angles.items(), key=lambda one: one[1], default=(shown, 0))
    return most if often > angles[shown] else shown


def _words(text: pypdfium2.PdfTextPage) -> Iterator[tuple[str, Box, bool]]:
    """Yield words, where they are, and whether a line ended before them."""
    word: list[int] = []
    first, is_break = 0, False
    for index in range(text.count_chars()):
        code = pdfium.FPDFText_GetUnicode(text, index)
        if code in _BLANKS:
            if word:
                yield _joined(word), _bounds(text, first, index - 1), is_break
                word, is_break = [], False
            is_break |= code in _BREAKS
            continue
        if not word:
            first = index
        word.append(_SAID_HYPHEN if code == _HYPHEN else code)
        if code == _HYPHEN:
            yield _joined(word), _bounds(text, first, index), is_break
            word, is_break = [], True
    if word:
        yield _joined(word), _bounds(text, first, text.count_chars() - 1), is_break


def _joined(codes: list[int]) -> str:
    written = "".join(map(chr, codes))
    return written.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")


def _bounds(text: pypdfium2.PdfTextPage, first: int, last: int) -> Box:
    start, end = pdfium.FS_RECTF(), pdfium.FS_RECTF()
    pdfium.FPDFText_GetLooseCharBox(text, first, ctypes.byref(start))
    pdfium.FPDFText_GetLooseCharBox(text, last, ctypes.byref(end))
    return (
        min(start.left, end.left), min(start.bottom, end.bottom), max(start.right, end.right), max(start.top, end.top)
    )  # fmt: skip


def _turned(box: Box, turned: int, width: float, height: float) -> Box:
    """Return where a box is on a page that is shown turned; `width` and `height` are those of the page as shown."""
    left, bottom, right, top = box
    match turned:
        case 90:
            return bottom, height - right, top, height - left
        case 180:
            return width - right, height - top, width - left, height - bottom
        case 270:
            return width - top, left, width - bottom, right
    return box


def _write_picture(document: pypdfium2.PdfDocument, number: int, *, dpi: int) -> None:
    page = _flat_page(document, number)
    scale = dpi / 72 * min(1.0, _MOST_PICTURE_POINTS / max(*page.get_size(), 1.0))
    picture = page.render(scale=scale, grayscale=True)
    rows = memoryview(picture.buffer)
    sys.stdout.buffer.write(b"P5 %d %d 255\n" % (picture.width, picture.height))
    for row in range(picture.height):
        start = row * picture.stride
        sys.stdout.buffer.write(rows[start : start + picture.width])


if __name__ == "__main__":
    main()
