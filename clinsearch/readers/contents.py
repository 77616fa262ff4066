"""An open file as its readers see it: decompressed, in chunks of bytes or in pieces of text, or whole."""

from __future__ import annotations

import io
import weakref
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from tempfile import SpooledTemporaryFile
from typing import IO, TYPE_CHECKING, BinaryIO, cast
from zipfile import BadZipFile

from clinsearch.readers.compression import FAULTS, compression_of
from clinsearch.readers.decoding import decoded
from clinsearch.readers.outcomes import CannotRead, system_reason

if TYPE_CHECKING:
    from clinsearch.readers.attachment_folder import AttachmentFolder
    from clinsearch.readers.note_files import NoteFile

CHUNK_BYTES = 1 << 18
LEAST_BEGINNING_BYTES = 1 << 16
MAGIC_BYTES = 16
# A document is read whole, and takes several times its size while it is.
MAX_DOCUMENT_BYTES = 100_000_000
MAX_COPY_IN_MEMORY = 16_000_000
MAX_COPY_BYTES = 4_000_000_000
# What may be unpacked whatever a file's size, and how many times its size; tables are unpacked up to three times.
ALWAYS_UNPACKED_BYTES = 50_000_000
MAX_RATIO = 200
BOMB = f"unpacks to more than {MAX_RATIO} times its size, as no notes do; unpack it if that is right"


@dataclass(slots=True)
class Allowance:
    """How many bytes may still be unpacked of a file and all that is in it."""

    left: int

    def use(self, size: int) -> None:
        """Count unpacked bytes; raise CannotRead where there are too many."""
        self.left -= size
        if self.left < 0:
            raise CannotRead(BOMB, kind="too_long")


def allowance_of(packed_bytes: int) -> Allowance:
    """Return what may be unpacked of a file of this size."""
    return Allowance(ALWAYS_UNPACKED_BYTES + MAX_RATIO * packed_bytes)


class Part(io.RawIOBase):
    """A part of a file as a file of its own, with its own position; raises EOFError if the file ends before it."""

    def __init__(self, whole: IO[bytes], start: int, size: int) -> None:
        self._whole = whole
        self._start = start
        self._size = size
        self._position = 0

    def readable(self) -> bool:
        """Tell that this can be read."""
        return True

    def seekable(self) -> bool:
        """Tell that one can seek in this."""
        return True

    def tell(self) -> int:
        """Return the position."""
        return self._position

    def seek(self, offset: int, whence: int = io.SEEK_SET) -> int:
        """Change the position."""
        origin = {io.SEEK_SET: 0, io.SEEK_CUR: self._position, io.SEEK_END: self._size}[whence]
        self._position = max(0, origin + offset)
        return self._position

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        """Read on."""
        wanted = min(len(buffer), max(0, self._size - self._position))
        self._whole.seek(self._start + self._position)
        data = self._whole.read(wanted)
        if len(data) < wanted:
            raise EOFError
        buffer[:wanted] = data
        self._position += wanted
        return wanted


class Content:
    """The content of one file, to be read once; `beginning` is its first chunk, from which its format is known.

    Reading raises CannotRead for what is damaged. `progress` is told the position in the file as it is on disk.
    `attachments` is where documents may be that it only points to; `ocr` whether scans are to be read.
    """

    def __init__(self, raw: BinaryIO, file: NoteFile, *, encoding: str, progress: Callable[[int], None]) -> None:
        self._raw = raw
        self._size_bytes = file.size_bytes
        with faults_told(None):
            self._compression = compression_of(raw.read(MAGIC_BYTES), file.path.name)
            raw.seek(0)
        self._stream = self._compression.open(raw) if self._compression else raw
        self._copy: IO[bytes] | None = None
        self._allowance = file.allowance or (allowance_of(file.size_bytes) if self._compression else None)
        self._progress = progress
        self._is_on_disk = file.opener is None
        self.path = file.path
        self.encoding = encoding
        self.attachments: AttachmentFolder | None = None
        self.ocr = False
        self.beginning = b""
        while len(self.beginning) < LEAST_BEGINNING_BYTES and (chunk := self._read()):
            self.beginning += chunk

    @property
    def is_plain(self) -> bool:
        """Whether the file is not compressed."""
        return self._compression is None

    @property
    def position(self) -> int:
        """The position in the file as it is on disk."""
        return self._raw.tell()

    def close(self) -> None:
        """Let go of what was copied; the file itself is for the one who opened it to close."""
        if self._copy is not None and self._copy is not self._raw:
            self._copy.close()

    def chunks(self) -> Iterator[bytes]:
        """Yield the bytes, the beginning among them."""
        chunk = self.beginning
        if self.is_plain or self._copy is not None:
            self._stream.seek(len(chunk))
        while chunk:
            yield chunk
            self._progress(self._raw.tell())
            chunk = self._read()

    def characters(self, *, may_hold_nul: bool = False) -> Iterator[str]:
        r"""Yield the text in pieces, none of which splits a `\r\n`; raise CannotRead if it is not text."""
        return decoded(self.chunks(), self.encoding, may_hold_nul=may_hold_nul)

    def whole(self) -> bytes:
        """Return all bytes; raise CannotRead for more than a document may have."""
        kept = bytearray()
        for chunk in self.chunks():
            kept += chunk
            if len(kept) > MAX_DOCUMENT_BYTES:
                raise CannotRead(f"a document of more than {MAX_DOCUMENT_BYTES:,} bytes; split it", kind="too_long")
        return bytes(kept)

    def file(self) -> BinaryIO:
        """Return the content as a file to seek in: the file itself or, of a packed one, a copy without a name."""
        if self._copy is None:
            if self.is_plain and self._is_on_disk:
                self._copy = self._raw
            else:
                self._copy = copied(self.chunks())
                self._stream = cast(BinaryIO, self._copy)
        size = self._copy.seek(0, io.SEEK_END)
        return cast(BinaryIO, io.BufferedReader(Part(self._copy, 0, size), CHUNK_BYTES))

    def report(self, share: float) -> None:
        """Tell progress by the share that was read, for what is not read from front to back."""
        self._progress(int(share * self._size_bytes))

    def _read(self) -> bytes:
        with faults_told(self._compression.name if self._compression else None):
            data = self._stream.read(CHUNK_BYTES)
        if self._allowance and self._copy is None:
            self._allowance.use(len(data))
        return data


def copied(chunks: Iterator[bytes]) -> IO[bytes]:
    """Copy what is unpacked to a file without a name, in memory while it is small; raise CannotRead if it is huge."""
    copy = SpooledTemporaryFile(MAX_COPY_IN_MEMORY)  # noqa: SIM115 - it goes when it is let go
    for chunk in chunks:
        copy.write(chunk)
        if copy.tell() > MAX_COPY_BYTES:
            raise CannotRead(f"more than {MAX_COPY_BYTES:,} bytes when unpacked; unpack it", kind="too_long")
    return copy


class StreamCopy:
    """A stream that can be read again: its copy has no name, and is made when it is first asked for."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._copy: IO[bytes] | None = None

    def open(self) -> BinaryIO:
        """Return the stream's content from its beginning."""
        if self._copy is None:
            self._copy = copied(iter(lambda: self._stream.read(CHUNK_BYTES), b""))
            weakref.finalize(self, self._copy.close)
        size = self._copy.seek(0, io.SEEK_END)
        return cast(BinaryIO, Part(self._copy, 0, size))


def unseen(position: int) -> None:
    """Ignore the progress of a first look at a file."""


@contextmanager
def opened(file: NoteFile, *, encoding: str, progress: Callable[[int], None] = unseen) -> Iterator[Content]:
    """Open a file; raise CannotRead if that fails."""
    with faults_told(None):
        raw = file.open()
    with raw, closing(Content(raw, file, encoding=encoding, progress=progress)) as content:
        yield content


@contextmanager
def faults_told(compression: str | None) -> Iterator[None]:
    """Raise CannotRead for faults of a file, of what it is compressed with, or of the archive that it is in."""
    try:
        yield
    except FAULTS:
        reason = f"damaged {compression} file" if compression else "damaged in its archive"
        raise CannotRead(reason, kind="file") from None
    except (BadZipFile, NotImplementedError, RuntimeError):
        raise CannotRead("damaged in its archive, or packed in a way that is not read", kind="file") from None
    except OSError as error:
        raise CannotRead(system_reason(error), kind="file") from None
