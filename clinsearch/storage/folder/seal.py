"""The seal of a catalog: how far it had come when it was last written, and its checksum while no writer is at work.

A log that is damaged or gone takes its commits along without a word from SQLite, and SQLite does not check what its
pages hold. So a writer notes after every commit how many there were; when it is done, and all is in the catalog's one
file, the file's checksum too, up to SEALED_BYTES. Before it changes anything it takes the checksum away again. A seal
that is missing or not ours says nothing: the catalog is then believed.
"""

from __future__ import annotations

import json
import os
import zlib
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from clinsearch.storage.folder.flushing import flush_folder

SEAL_FILE = "catalog.seal"
DRAFT_FILE = f"{SEAL_FILE}.tmp"
FORM = 1
# A catalog up to this size is read as a whole when it is first opened, which takes less than a tenth of a second.
SEALED_BYTES = 64 << 20
BYTES_AT_ONCE = 1 << 16
MOST_BYTES = 1000


@dataclass(frozen=True, slots=True)
class Seal:
    """How many commits there were, and of a file that no writer is at work on, its size and CRC-32.

    writer: else the id of the process that writes, or wrote when it was killed.
    """

    commits: int
    bytes: int | None = None
    crc32: int | None = None
    writer: int | None = None


def read_seal(folder: Path) -> Seal | None:
    """Return a catalog's seal; None if there is none that is ours."""
    try:
        handle = os.open(folder / SEAL_FILE, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
        with os.fdopen(handle, "rb") as file:
            record = json.loads(file.read(MOST_BYTES))
        if record.pop("form") != FORM or record.pop("check") != _check(record):
            return None
        return Seal(**record)
    except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError):
        return None


def write_seal(folder: Path, seal: Seal, *, at_once: bool) -> None:
    """Replace a catalog's seal; at_once: wait until the new one has its name on the disk. Raises OSError.

    Its content is there before in any case: a name without it would be no seal.
    """
    record = asdict(seal)
    how = os.O_CREAT | os.O_TRUNC | os.O_WRONLY | os.O_NOFOLLOW | os.O_NONBLOCK  # of a pipe that is an error
    handle = os.open(folder / DRAFT_FILE, how, 0o600)
    with os.fdopen(handle, "w", encoding="ascii") as file:
        file.write(json.dumps({"form": FORM, **record, "check": _check(record)}))
        file.flush()
        os.fsync(file.fileno())
    (folder / DRAFT_FILE).replace(folder / SEAL_FILE)
    if at_once:
        flush_folder(folder)


def remove_seal(folder: Path) -> None:
    """Remove a catalog's seal, for good before this returns. Raises OSError."""
    (folder / SEAL_FILE).unlink(missing_ok=True)
    flush_folder(folder)


def open_seal(folder: Path, commits: int) -> None:
    """Take the checksum away before a catalog is changed. Raises OSError if that cannot be done."""
    try:
        write_seal(folder, Seal(commits, writer=os.getpid()), at_once=True)
    except OSError:  # a full disk: nothing can be noted, but what is there can go
        remove_seal(folder)


def note_commits(folder: Path, commits: int) -> None:
    """Note how many commits there are, if there is room; the commit itself is on the disk already."""
    with suppress(OSError):
        write_seal(folder, Seal(commits, writer=os.getpid()), at_once=False)


def close_seal(folder: Path, catalog: Path, commits: int) -> None:
    """Note the checksum of a catalog, if it is not too large: of one file that holds all, and that nobody changes."""
    with suppress(OSError):
        size = catalog.stat().st_size
        if size <= SEALED_BYTES:
            write_seal(folder, Seal(commits, size, file_crc32(catalog)), at_once=True)


def is_as_sealed(catalog: Path, seal: Seal) -> bool:
    """Tell whether a catalog has the checksum of its seal, if that has one. Raises OSError."""
    return seal.crc32 is None or (catalog.stat().st_size == seal.bytes and file_crc32(catalog) == seal.crc32)


def file_crc32(path: Path) -> int:
    """Return the CRC-32 of a file."""
    found = 0
    with path.open("rb") as file:
        while piece := file.read(BYTES_AT_ONCE):
            found = zlib.crc32(piece, found)
    return found


def _check(record: dict[str, object]) -> int:
    return zlib.crc32(json.dumps(record, sort_keys=True).encode())
