"""Compressed files, known by their first bytes or by their names: gzip, bzip2, xz and Zstandard."""

from __future__ import annotations

import bz2
import gzip
import lzma
import re
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, BinaryIO, cast

from clinsearch.readers.extras import ZSTD, Extra
from clinsearch.readers.outcomes import CannotRead

STEP_BYTES = 1 << 18
# What an xz file may ask for; the highest of the usual levels takes 65 MB.
MAX_XZ_MEMORY = 256_000_000
# Zstandard gives all that it makes of what it is fed at once: of a bomb that may be 32,000 times as much.
ZST_FEED_BYTES = 2048
MAX_ZST_WINDOW = 1 << 27
NEEDS_ZST = f".zst files need zstandard. Install it: {ZSTD.command}"


@dataclass(frozen=True, slots=True)
class Compression:
    """A way to compress; `open` gives what is in a file of it as a file to read."""

    name: str
    ending: str
    magic: re.Pattern[bytes]
    open: Callable[[BinaryIO], BinaryIO]
    extra: Extra | None = None


class Damaged(Exception):
    """Compressed data is not what it should be."""


class _Frames:
    """Reads compressed streams that stand one behind another; each has a decompressor of its own."""

    def __init__(self, raw: BinaryIO, make: Callable[[], Any], step: Callable[[Any, bytes], bytes], feed: int) -> None:
        self._raw = raw
        self._make = make
        self._step = step
        self._feed = feed
        self._decompressor = make()
        self._left = b""

    def read(self, size: int) -> bytes:
        """Return some bytes, none at the end; how many is up to the decompressor."""
        made = b""
        while not made:
            if self._decompressor.eof and not self._begin_next():
                return b""
            data, self._left = self._left or self._more(), b""
            made = self._step(self._decompressor, data)
            if self._decompressor.eof:
                self._left = self._decompressor.unused_data
        return made

    def _more(self) -> bytes:
        if not getattr(self._decompressor, "needs_input", True):
            return b""
        data = self._raw.read(self._feed)
        if not data:
            raise EOFError
        return data

    def _begin_next(self) -> bool:
        """Go on to the next stream, over zeros between the two; tell whether there is one."""
        data = self._left.lstrip(b"\0")
        while not data:
            read = self._raw.read(self._feed)
            if not read:
                return False
            data = read.lstrip(b"\0")
        self._left, self._decompressor = data, self._make()
        return True


def _step(decompressor: Any, data: bytes) -> bytes:
    try:
        made: bytes = decompressor.decompress(data, STEP_BYTES)
    except OSError:  # of bzip2
        raise Damaged from None
    return made


def _open_gzip(raw: BinaryIO) -> BinaryIO:
    return cast(BinaryIO, gzip.GzipFile(fileobj=raw, mode="rb"))


def _open_bzip2(raw: BinaryIO) -> BinaryIO:
    return cast(BinaryIO, _Frames(raw, bz2.BZ2Decompressor, _step, STEP_BYTES))


def _open_xz(raw: BinaryIO) -> BinaryIO:
    def make() -> lzma.LZMADecompressor:
        return lzma.LZMADecompressor(lzma.FORMAT_XZ, MAX_XZ_MEMORY)

    return cast(BinaryIO, _Frames(raw, make, _step, STEP_BYTES))


def _open_zstandard(raw: BinaryIO) -> BinaryIO:
    try:
        import zstandard
    except ImportError:
        raise CannotRead(NEEDS_ZST, kind="extra") from None

    def step(decompressor: Any, data: bytes) -> bytes:
        try:
            made: bytes = decompressor.decompress(data)
        except zstandard.ZstdError:
            raise Damaged from None
        return made

    make = zstandard.ZstdDecompressor(max_window_size=MAX_ZST_WINDOW).decompressobj
    return cast(BinaryIO, _Frames(raw, make, step, ZST_FEED_BYTES))


COMPRESSIONS = (
    Compression("gzip", ".gz", re.compile(rb"\x1f\x8b"), _open_gzip),
    Compression("bzip2", ".bz2", re.compile(rb"BZh[1-9](?:1AY&SY|\x17rE8P\x90)"), _open_bzip2),
    Compression("xz", ".xz", re.compile(rb"\xfd7zXZ\0"), _open_xz),
    Compression("Zstandard", ".zst", re.compile(rb"\x28\xb5\x2f\xfd"), _open_zstandard, ZSTD),
)
ENDINGS = tuple(compression.ending for compression in COMPRESSIONS)
FAULTS = (gzip.BadGzipFile, zlib.error, lzma.LZMAError, EOFError, Damaged)


def compression_of(beginning: bytes, name: str) -> Compression | None:
    """Return how a file is compressed by its first bytes or, where these do not tell, its name."""
    by_name = next((one for one in COMPRESSIONS if name.lower().endswith(one.ending)), None)
    return next((one for one in COMPRESSIONS if one.magic.match(beginning)), by_name)
