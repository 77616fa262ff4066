"""PDFium in a process of its own, within limits of memory and time."""

from __future__ import annotations

import json
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from clinsearch.readers.documents.pdf_layout import Piece
from clinsearch.readers.extras import PDF
from clinsearch.readers.outcomes import CannotRead

_WORKER = Path(__file__).with_name("pdf_worker.py")
_SECONDS = 120
_DAMAGED = "damaged, or made so that it takes too much to be read; save it again"


@dataclass(frozen=True, slots=True)
class SeenPage:
    """What is on a page; `pictured`: whether a picture is."""

    pieces: Sequence[Piece]
    width: float
    height: float
    pictured: bool


@dataclass(frozen=True, slots=True)
class SeenDocument:
    """What is in a PDF: the pages that could be read, in order, None for one that could not be; of `count` pages.

    attached: how many files are attached to it.
    """

    title: str
    count: int
    attached: int
    pages: Sequence[SeenPage | None]


def see(data: bytes) -> SeenDocument:
    """Return what is in a PDF; raise CannotRead if nothing of it can be read."""
    said = _objects(_run(data, "text"))
    first = next(said, {})
    if first.get("fault") == "password":
        raise CannotRead("encrypted; save it without a password", kind="encrypted")
    if not isinstance(first.get("pages"), int):
        raise CannotRead(_DAMAGED, kind="file")
    title = " ".join(str(first.get("title") or "").replace("\0", "").split())
    return SeenDocument(title, first["pages"], int(first.get("attached") or 0), [_page(one) for one in said])


def picture(data: bytes, number: int, *, dpi: int) -> bytes:
    """Return a page, the first of which has number 0, as a picture in PGM; nothing if it cannot be drawn."""
    return _run(data, "picture", str(number), str(dpi))


def _run(data: bytes, *arguments: str) -> bytes:
    """Return what the process wrote until it ended, or had to be ended."""
    if not PDF.is_installed:
        raise CannotRead(f"a PDF; what reads it is not installed: {PDF.command}", kind="pdf")
    command = [sys.executable, "-P", "-W", "ignore", str(_WORKER), *arguments]
    try:
        done = subprocess.run(
            command, input=data, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, timeout=_SECONDS, check=False
        )
    except subprocess.TimeoutExpired as late:
        return late.stdout or b""
    except OSError:
        raise CannotRead("a PDF, and no process can be started to read it", kind="pdf") from None
    return done.stdout


def _objects(written: bytes) -> Iterator[Mapping[str, Any]]:
    """Yield the objects of each line; the last one may be cut off."""
    for line in written.splitlines():
        try:
            found = json.loads(line)
        except ValueError:
            return
        yield found if isinstance(found, dict) else {}


def _page(found: Mapping[str, Any]) -> SeenPage | None:
    if "pieces" not in found:
        return None
    width, height = found["size"]
    return SeenPage([Piece(*piece) for piece in found["pieces"]], width, height, bool(found["pictured"]))
