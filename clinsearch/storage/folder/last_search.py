"""Remembers the latest search of a collection, so that its hits can be referred to by number.

A query is patient data: it is kept only in the collection's folder, in a file that only its owner can read, and is
removed when text is deleted from the collection. Nothing depends on it: if the folder cannot be written to, or the
file cannot be read, no search is remembered.
"""

from __future__ import annotations

import os
import stat
import tempfile
from contextlib import suppress
from pathlib import Path

from clinsearch.records import LastSearch
from clinsearch.storage import remembered

LAST_SEARCH_FILE = "last_search.json"
UNFINISHED = f"{LAST_SEARCH_FILE}.*"


def remember_search(folder: Path, search: LastSearch) -> None:
    """Replace the remembered search atomically."""
    with suppress(OSError):
        _remove(folder, UNFINISHED)
        handle, unfinished = tempfile.mkstemp(prefix=UNFINISHED[:-1], dir=folder)
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(remembered.written(search))
        Path(unfinished).replace(folder / LAST_SEARCH_FILE)


def last_search(folder: Path) -> LastSearch | None:
    """Return the remembered search, if there is one."""
    try:
        if not stat.S_ISREG((folder / LAST_SEARCH_FILE).lstat().st_mode):
            return None
        return remembered.read((folder / LAST_SEARCH_FILE).read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def forget_search(folder: Path) -> None:
    """Remove the remembered search, and what killed processes have left of one."""
    _remove(folder, f"{LAST_SEARCH_FILE}*")


def _remove(folder: Path, pattern: str) -> None:
    for path in folder.glob(pattern):
        path.unlink(missing_ok=True)
