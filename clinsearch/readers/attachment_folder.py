"""A folder with the documents that messages only point to: found by name, never outside of it."""

from __future__ import annotations

import os
import re
import stat
from pathlib import Path, PurePosixPath

from clinsearch.errors import InputError
from clinsearch.readers.bulk_binaries import BulkBinaries
from clinsearch.readers.contents import MAX_DOCUMENT_BYTES
from clinsearch.readers.outcomes import CannotRead, system_reason

_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*:")
_BINARY = re.compile(r"(?:.*/)?Binary/([A-Za-z0-9\-.]{1,64})(?:/_history/[^/]*)?")
_IN_BULK = re.compile(r"(?:.*[._-])?Binary(?:[._-].*)?\.(?:ndjson|jsonl|json)", re.IGNORECASE)
_MOST_NAMES = 5_000_000


class AttachmentFolder:
    """Finds documents by their addresses in messages: `notes/a.pdf` by its path, `Binary/123` as a file of that name.

    The file of a Binary may have any ending, and be in the folder or in its subfolder Binary; or it is a line of a file
    such as Binary.ndjson there. Links are not followed.
    """

    def __init__(self, folder: Path) -> None:
        """Raise InputError if there is no such folder."""
        if not folder.is_dir():
            raise InputError(f"{folder} is no folder. Name the one with the documents that messages point to.")
        self._folder = folder.resolve()
        self._by_stem: dict[str, Path] | None = None
        self._bulk = BulkBinaries(())

    def read(self, address: str) -> bytes | None:
        """Return the document at an address, None if it is not there; raise CannotRead if it may not be read."""
        if binary := _BINARY.fullmatch(address.partition("?")[0]):
            return self._binary(binary[1])
        path = self._path_of(address)
        return _bytes_of(path) if path else None

    def holds(self, path: Path) -> bool:
        """Tell whether a file is one that the documents of others may be in."""
        return path.parent.resolve() in (self._folder, self._folder / "Binary")

    def _binary(self, binary_id: str) -> bytes | None:
        if self._by_stem is None:
            self._by_stem = self._stems()
            found = dict.fromkeys(self._by_stem.values())
            self._bulk = BulkBinaries(sorted(path for path in found if _IN_BULK.fullmatch(path.name)))
        path = self._by_stem.get(binary_id)
        return _bytes_of(path) if path else self._bulk.find(binary_id)

    def _path_of(self, address: str) -> Path | None:
        written = address.removeprefix("file:") if address.startswith("file:") and "//" not in address else address
        name = PurePosixPath(written)
        if _SCHEME.match(written) or "\0" in written or "\\" in written or name.is_absolute() or ".." in name.parts:
            return None
        path = self._folder / name
        return path if path != self._folder and self._is_inside(path) else None

    def _is_inside(self, path: Path) -> bool:
        """Tell whether a path leads to a file in the folder without a link on its way."""
        try:
            return path.resolve(strict=True) == path and stat.S_ISREG(path.lstat().st_mode)
        except (OSError, RuntimeError, ValueError):
            return False

    def _stems(self) -> dict[str, Path]:
        """Return the files by name, with and without ending."""
        found: dict[str, Path] = {}
        for folder in (self._folder, self._folder / "Binary"):
            if not folder.is_dir() or folder.is_symlink():
                continue
            with os.scandir(folder) as entries:
                for entry in entries:
                    if entry.is_file(follow_symlinks=False) and len(found) < _MOST_NAMES:
                        path = Path(entry.path)
                        found[entry.name] = path
                        found.setdefault(path.stem, path)
        return found


def _bytes_of(path: Path) -> bytes:
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(descriptor, "rb") as file:
            data = file.read(MAX_DOCUMENT_BYTES + 1)
    except OSError as error:
        raise CannotRead(f"its document may not be read: {system_reason(error)}", kind="attachment") from None
    if len(data) > MAX_DOCUMENT_BYTES:
        raise CannotRead(f"its document has more than {MAX_DOCUMENT_BYTES:,} bytes", kind="attachment")
    return data
