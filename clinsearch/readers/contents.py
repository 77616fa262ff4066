"""An open file as its readers see it: decompressed, in chunks of bytes or in pieces of text, or whole."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import SpooledTemporaryFile
from typing import BinaryIO, cast

from clinsearch.readers.decoding import decoded
from clinsearch.readers.outcomes import CannotRead, system_reason

CHUNK_BYTES = 1 << 18
# A document is read whole, and takes several times its size while it is.
MAX_DOCUMENT_BYTES = 100_000_000
MAX_COPY_IN_MEMORY = 16_000_000
MAX_COPY_BYTES = 4_000_000_000


class Content:
    """The content of one file, to be read once; `beginning` is its first chunk, from which its format is known.

    Reading raises CannotRead for what is damaged. `progress` is told the position in the file as it is on disk.
    """

    def __init__(self, raw: BinaryIO, *, name: str, encoding: str, progress: Callable[[int], None]) -> None:
        self._raw = raw
        self._stream = cast(BinaryIO, gzip.GzipFile(fileobj=raw, mode="rb")) if name.lower().endswith(".gz") else raw
        self._progress = progress
        self.encoding = encoding
        self.beginning = self._read()

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes, the beginning among them."""
        chunk = self.beginning
        while chunk:
            yield chunk
            self._progress(self._raw.tell())
            chunk = self._read()

    def characters(self) -> Iterator[str]:
        r"""Yield the text in pieces, none of which splits a `\r\n`; raise CannotRead if it is not text."""
        return decoded(self.chunks(), self.encoding)

    def whole(self) -> bytes:
        """Return all bytes; raise CannotRead for more than a document may have."""
        kept = bytearray()
        for chunk in self.chunks():
            kept += chunk
            if len(kept) > MAX_DOCUMENT_BYTES:
                raise CannotRead(f"a document of more than {MAX_DOCUMENT_BYTES:,} bytes; split it", kind="too_long")
        return bytes(kept)

    def file(self) -> BinaryIO:
        """Return the content as a file to seek in: the file itself or, of a compressed one, a copy without a name."""
        if self._stream is not self._raw:
            copy = SpooledTemporaryFile(MAX_COPY_IN_MEMORY)  # noqa: SIM115 - it goes when it is let go
            for chunk in self.chunks():
                copy.write(chunk)
                if copy.tell() > MAX_COPY_BYTES:
                    raise CannotRead(f"more than {MAX_COPY_BYTES:,} bytes when unpacked; unpack it", kind="too_long")
            self._stream = self._raw = cast(BinaryIO, copy)
        self._stream.seek(len(self.beginning))
        return self._stream

    def _read(self) -> bytes:
        try:
            return self._stream.read(CHUNK_BYTES)
        except (gzip.BadGzipFile, zlib.error, EOFError):
            raise CannotRead("damaged gzip file", kind="file") from None
        except OSError as error:
            raise CannotRead(system_reason(error), kind="file") from None


def _unseen(position: int) -> None:
    """Ignore the progress of a first look at a file."""


@contextmanager
def opened(path: Path, *, encoding: str, progress: Callable[[int], None] = _unseen) -> Iterator[Content]:
    """Open a file; raise CannotRead if that fails."""
    try:
        raw = path.open("rb")
    except OSError as error:
        raise CannotRead(system_reason(error), kind="file") from None
    with raw:
        yield Content(raw, name=path.name, encoding=encoding, progress=progress)
