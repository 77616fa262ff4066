"""PDFs, written object by object."""

from __future__ import annotations

import zlib
from collections.abc import Sequence

# A text and where it begins, in points from the lower left corner of the page.
Placed = tuple[float, float, str]
PICTURE = b"q 500 0 0 700 50 50 cm BI /W 1 /H 1 /BPC 8 /CS /G ID \x80 EI Q"


def content(placed: Sequence[Placed], size: float = 10) -> bytes:
    """Return what shows texts at their places, in this order."""
    shown = []
    for left, bottom, text in placed:
        escaped = text.replace("\\", r"\\").replace("(", r"\(").replace(")", r"\)")
        shown.append(f"BT /F {size} Tf {left} {bottom} Td ({escaped}) Tj ET".encode("cp1252"))
    return b"\n".join(shown)


def column(lines: Sequence[str], *, left: float = 72, top: float = 700, pitch: float = 12) -> list[Placed]:
    """Place lines below each other."""
    return [(left, top - number * pitch, line) for number, line in enumerate(lines)]


def pdf(*pages: bytes, compressed: bool = False, more: str = "") -> bytes:
    """Write a PDF of pages with these contents; `more` is what each page says besides."""
    kids = " ".join(f"{4 + 2 * number} 0 R" for number in range(len(pages)))
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        f"<</Type/Pages/Kids[{kids}]/Count {len(pages)}/MediaBox[0 0 612 792]>>".encode(),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica/Encoding/WinAnsiEncoding>>",
    ]
    for number, shown in enumerate(pages):
        said = f"<</Type/Page/Parent 2 0 R/Contents {5 + 2 * number} 0 R/Resources<</Font<</F 3 0 R>>>>{more}>>"
        objects.append(said.encode())
        data = zlib.compress(shown, 9) if compressed else shown
        filtered = "/Filter/FlateDecode" if compressed else ""
        objects.append(f"<</Length {len(data)}{filtered}>>stream\n".encode() + data + b"\nendstream")
    return _file(objects)


def _file(objects: Sequence[bytes]) -> bytes:
    written, places = bytearray(b"%PDF-1.4\n"), []
    for number, one in enumerate(objects, 1):
        places.append(len(written))
        written += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    table = len(written)
    written += b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
    written += b"".join(b"%010d 00000 n \n" % place for place in places)
    written += b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF" % (len(objects) + 1, table)
    return bytes(written)
