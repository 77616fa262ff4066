"""Zip archives, opened only if their directories can be held: Office documents are such archives, too."""

from __future__ import annotations

import io
import struct
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from typing import IO
from zipfile import BadZipFile, ZipFile

from clinsearch.readers.outcomes import CannotRead

# All of an archive's directory is held while it is read, at several times its size.
MAX_DIRECTORY_BYTES = 64_000_000
DAMAGED = "damaged or cut archive"
FAULTS = (BadZipFile, NotImplementedError, RuntimeError, ValueError, EOFError, struct.error, zlib.error, OSError)
_END, _END_LARGE, _LOCATOR = b"PK\5\6", b"PK\6\6", b"PK\6\7"
_MAX_COMMENT_BYTES = 1 << 16


@contextmanager
def open_zip(file: IO[bytes]) -> Iterator[ZipFile]:
    """Open a zip archive; raise CannotRead for a damaged one, and for one with too many files in it."""
    if _directory_bytes(file) > MAX_DIRECTORY_BYTES:
        raise CannotRead("too many files in one archive; unpack it", kind="too_long")
    try:
        archive = ZipFile(file)
    except FAULTS:
        raise CannotRead(DAMAGED, kind="file") from None
    with archive:
        yield archive


def _directory_bytes(file: IO[bytes]) -> int:
    """Return the size of an archive's directory as its end says it, 0 if that cannot be found."""
    size = file.seek(0, io.SEEK_END)
    file.seek(max(0, size - _MAX_COMMENT_BYTES - 100))
    end = file.read()
    file.seek(0)
    at = end.rfind(_END)
    if at < 0 or at + 22 > len(end):
        return 0
    large = at - 20 - 56
    if large >= 0 and end[at - 20 : at - 16] == _LOCATOR and end[large : large + 4] == _END_LARGE:
        length: int = struct.unpack_from("<Q", end, large + 40)[0]
    else:
        length = struct.unpack_from("<L", end, at + 12)[0]
    return length
