"""Keeps searches under their names in a collection's folder: each in a file that only its owner can read.

A query is patient data. What runs have shown is kept as digests, of which no text can be read. A file is believed only
after it was checked: it may have come with a folder from elsewhere.
"""

from __future__ import annotations

import os
import stat
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

from clinsearch.errors import CollectionDamaged, CollectionError, SearchNotFound
from clinsearch.records.saved_searches import SavedSearch
from clinsearch.storage.folder.flushing import flush_folder
from clinsearch.storage.saved import MOST_BYTES, NAME, not_saved, read, require_name, written

SAVED_FOLDER = "saved"
SUFFIX = ".json"


def write_saved(folder: Path, saved: SavedSearch) -> None:
    """Put a search in place under its name, over one of the same name. Raises InputError, CollectionError."""
    path = _path(folder, saved.name)
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        _require_folder(path.parent)
        handle, draft = tempfile.mkstemp(prefix=".", dir=path.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(written(saved))
                file.flush()
                os.fsync(file.fileno())
            Path(draft).replace(path)
            for one in (path.parent, folder):
                flush_folder(one)
        finally:
            Path(draft).unlink(missing_ok=True)
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise CollectionError(f"The search {saved.name} cannot be saved in {path.parent}: {reason}.") from None


def read_saved(folder: Path, name: str) -> SavedSearch:
    """Return the search of this name. Raises SearchNotFound and, for a file that is not ours, CollectionDamaged."""
    path = _path(folder, name)
    try:
        _require_folder(path.parent)
        content = _content(path)
    except FileNotFoundError:
        raise not_saved(name, saved_names(folder)) from None
    except OSError:
        raise _damaged(path) from None
    saved = read(name, content)
    if saved is None:
        raise _damaged(path)
    return saved


def saved_names(folder: Path) -> list[str]:
    """Return the names of all saved searches, in order."""
    with suppress(OSError):
        _require_folder(folder / SAVED_FOLDER)
        return sorted(_names(folder / SAVED_FOLDER))
    return []


def delete_saved(folder: Path, name: str) -> None:
    """Take a search out. Raises SearchNotFound, CollectionError."""
    path = _path(folder, name)
    try:
        _require_folder(path.parent)
        path.unlink()
        flush_folder(path.parent)
    except FileNotFoundError:
        raise SearchNotFound(f"No search {name} is saved in this collection.") from None
    except OSError as error:
        reason = (error.strerror or type(error).__name__).lower()
        raise CollectionError(f"The search {name} cannot be deleted: {reason}.") from None


def _names(folder: Path) -> Iterator[str]:
    for path in folder.iterdir():
        if path.suffix == SUFFIX and NAME.fullmatch(path.stem):
            yield path.stem


def _path(folder: Path, name: str) -> Path:
    return folder / SAVED_FOLDER / f"{require_name(name)}{SUFFIX}"


def _require_folder(folder: Path) -> None:
    if not stat.S_ISDIR(folder.lstat().st_mode):
        raise CollectionDamaged(f"{folder} is no folder, where clinsearch keeps one of its own. Take it away.")


def _content(path: Path) -> str:
    """Read a file that is no link and of no more bytes than we would write. Raises OSError."""
    handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
    with os.fdopen(handle, "rb") as file:
        if not stat.S_ISREG(os.fstat(handle).st_mode):
            raise OSError
        content = file.read(MOST_BYTES + 1)
        if len(content) > MOST_BYTES:
            raise OSError
        return content.decode(errors="replace")


def _damaged(path: Path) -> CollectionDamaged:
    return CollectionDamaged(
        f"The saved search {path} is not as clinsearch writes it. Save it anew under its name, or take it out with "
        f"`clinsearch saved --delete {path.stem}`."
    )
