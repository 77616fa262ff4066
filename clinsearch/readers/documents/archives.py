"""Documents that are zip files: their parts, never more of them than a note can need."""

from __future__ import annotations

import io
import lzma
import struct
import zipfile
import zlib
from dataclasses import dataclass

from clinsearch.readers.outcomes import CannotRead

_MOST_PARTS = 10_000
_LARGEST_PART_BYTES = 150_000_000
_ENCRYPTED_FLAG = 0x1
_FAULTS = (zipfile.BadZipFile, OSError, ValueError, OverflowError, struct.error, RuntimeError)
_DAMAGED = "damaged: not a whole zip file; save or copy it again"


@dataclass(slots=True)
class Archive:
    """The parts of a document by name."""

    _file: zipfile.ZipFile
    _parts: dict[str, zipfile.ZipInfo]

    @property
    def names(self) -> frozenset[str]:
        """The names of its parts."""
        return frozenset(self._parts)

    def part(self, name: str) -> bytes | None:
        """Return a part, None if there is none; raise CannotRead if it is damaged, encrypted or too large."""
        found = self._parts.get(name.lstrip("/"))
        if found is None:
            return None
        if found.flag_bits & _ENCRYPTED_FLAG:
            raise CannotRead("encrypted; save it without a password", kind="encrypted")
        if found.file_size > _LARGEST_PART_BYTES:
            raise _too_large()
        return self._inflated(found)

    def required(self, name: str) -> bytes:
        """Return a part; raise CannotRead if there is none."""
        found = self.part(name)
        if found is None:
            raise CannotRead(f"damaged: without its part {name}; save it again", kind="file")
        return found

    def _inflated(self, found: zipfile.ZipInfo) -> bytes:
        try:
            with self._file.open(found) as stream:
                data = stream.read(_LARGEST_PART_BYTES + 1)
        except (*_FAULTS, zlib.error, lzma.LZMAError, EOFError):
            raise CannotRead(_DAMAGED, kind="file") from None
        if len(data) > _LARGEST_PART_BYTES:
            raise _too_large()
        return data


def open_archive(data: bytes) -> Archive:
    """Open a zip file; nothing is inflated yet."""
    try:
        file = zipfile.ZipFile(io.BytesIO(data))
        parts = file.infolist()
    except _FAULTS:
        raise CannotRead(_DAMAGED, kind="file") from None
    if len(parts) > _MOST_PARTS:
        raise CannotRead(f"more than {_MOST_PARTS:,} files in one document; save it again", kind="file")
    return Archive(file, {part.filename: part for part in parts})


def _too_large() -> CannotRead:
    return CannotRead(f"a part of more than {_LARGEST_PART_BYTES:,} bytes; split the document", kind="too_long")
