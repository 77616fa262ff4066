"""Whether others than its owner can write to a collection's folder, and so may have changed what is in it."""

from __future__ import annotations

import stat
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path

from clinsearch.errors import CollectionError

OTHERS_WRITE = stat.S_IWGRP | stat.S_IWOTH


class _Trust:
    """What this process was told to trust; threads see it, too."""

    everything = 0
    folders: frozenset[Path] = frozenset()


def trust(folder: Path) -> None:
    """Take a folder as it is for as long as this process runs, whoever can write to it."""
    _Trust.folders |= {folder.resolve()}


@contextmanager
def trusting() -> Iterator[None]:
    """Take every folder as it is until the block ends."""
    _Trust.everything += 1
    try:
        yield
    finally:
        _Trust.everything -= 1


def is_trusted(folder: Path) -> bool:
    """Tell whether the folder is to be taken as it is."""
    return bool(_Trust.everything) or folder.resolve() in _Trust.folders


def require_closed(folder: Path, names: Iterable[str]) -> None:
    """Raise CollectionError if others can write to the folder, or to one of these in it, and it is not trusted.

    Goes by the rights of group and others; a folder's owner, and access lists, are the user's affair.
    """
    for path in (folder, *(folder / name for name in names)):
        try:
            is_open = path.stat().st_mode & OTHERS_WRITE
        except FileNotFoundError:
            continue
        if is_open and not is_trusted(folder):
            raise CollectionError(
                f"Others can write to {path}, and may have changed what is in it. Run `chmod -R go-w {folder}` if you "
                "believe it, or take it as it is with --trust."
            )
