"""Waits until what was written is on the disk: a file system may write names later than what they stand for."""

from __future__ import annotations

import os
from contextlib import suppress
from pathlib import Path


def flush_folder(path: Path) -> None:
    """Wait until a folder's entries are on disk. Raises OSError."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)


def make_folders(path: Path) -> None:
    """Make a folder that only its owner can read, and those above it that are missing; wait until all are on disk.

    Its own name is waited for even if it was there: whoever made it may have been killed before. A folder above it that
    may not be read cannot be waited for. Raises OSError.
    """
    missing = [one for one in (path, *path.parents) if not one.exists()]
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    for one in dict.fromkeys((*reversed(missing), path)):
        with suppress(PermissionError):
            flush_folder(one.parent)
