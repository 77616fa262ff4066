"""The pages of a SQLite file, each as its log has it last. See https://sqlite.org/fileformat2.html.

A page of the log counts if its checksum is right and it belongs to a finished transaction; one that is damaged costs
only itself.
"""

from __future__ import annotations

import mmap
import os
import struct
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

import numpy as np

from clinsearch.storage.folder.database import CATALOG_FILE

LOG_FILE = f"{CATALOG_FILE}-wal"
PAGE_SIZES = tuple(1 << bits for bits in range(9, 17))
DEFAULT_PAGE_SIZE = 4096
HEADER, FRAME_HEADER = 32, 24
MAGIC = 0x377F0682

Sums: TypeAlias = tuple[int, int]


class Pages:
    """The pages of a catalog, by number from 1 on."""

    def __init__(self, content: bytes | mmap.mmap, log: bytes | mmap.mmap) -> None:
        self._content, self._log = content, log
        self.size = _page_size(content, log)
        self._in_log = _frames(log, self.size)
        self.count = max(len(content) // self.size, max(self._in_log, default=0))

    def __getitem__(self, number: int) -> bytes:
        """Return a page; an empty one for a number that there is not."""
        if number in self._in_log:
            start = self._in_log[number]
            return self._log[start : start + self.size]
        return self._content[(number - 1) * self.size : number * self.size] if number > 0 else b""


@contextmanager
def opened_pages(folder: Path) -> Iterator[Pages]:
    """Open the pages of a folder's catalog. Raises OSError."""
    with _mapped(folder / CATALOG_FILE) as content, _mapped(folder / LOG_FILE) as log:
        yield Pages(content, log)


@contextmanager
def _mapped(path: Path) -> Iterator[bytes | mmap.mmap]:
    """Map a file that is no link into memory; nothing for one that is empty or missing."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    except FileNotFoundError:
        yield b""
        return
    try:
        if not os.fstat(handle).st_size:
            yield b""
            return
        with mmap.mmap(handle, 0, access=mmap.ACCESS_READ) as content:
            yield content
    finally:
        os.close(handle)


def _page_size(content: bytes | mmap.mmap, log: bytes | mmap.mmap) -> int:
    """Return the size that the file says, or its log, or that of new files."""
    (said,) = struct.unpack(">H", content[16:18]) if len(content) >= 18 else (0,)
    said = 1 << 16 if said == 1 else said
    of_log = struct.unpack(">I", log[8:12])[0] if len(log) >= HEADER else 0
    return next((size for size in (said, of_log) if size in PAGE_SIZES), DEFAULT_PAGE_SIZE)


def _frames(log: bytes | mmap.mmap, page_size: int) -> dict[int, int]:
    """Return where in the log the last sound version of each page begins, of finished transactions alone."""
    if len(log) < HEADER or struct.unpack(">I", log[:4])[0] & ~1 != MAGIC:
        return {}
    order = ">" if log[3] & 1 else "<"
    salts, before = log[16:24], struct.unpack(">II", log[24:32])
    finished: dict[int, int] = {}
    pending: dict[int, int] = {}
    for start in range(HEADER, len(log) - FRAME_HEADER - page_size + 1, FRAME_HEADER + page_size):
        head = log[start : start + FRAME_HEADER]
        page, size = struct.unpack(">II", head[:8])
        if head[8:16] != salts:
            break
        of_frame = struct.unpack(">II", head[16:24])
        content = head[:8] + log[start + FRAME_HEADER : start + FRAME_HEADER + page_size]
        if page and _sums(content, before, order) == of_frame:
            pending[page] = start + FRAME_HEADER
            if size:
                finished |= pending
                pending = {}
        before = of_frame
    return finished


def _sums(content: bytes, before: Sums, order: str) -> Sums:
    """Return SQLite's checksum of a frame that follows one with these sums."""
    one, other = before
    for x, y in np.frombuffer(content, dtype=f"{order}u4").reshape(-1, 2).tolist():
        one = (one + x + other) & 0xFFFFFFFF
        other = (other + y + one) & 0xFFFFFFFF
    return one, other
