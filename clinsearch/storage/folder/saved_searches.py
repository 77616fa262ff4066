"""Keeps searches under their names in a collection's folder: each in a file that only its owner can read.

A query is patient data. What runs have shown is kept as digests, of which no text can be read. A file is believed only
after it was checked: it may have come with a folder from elsewhere.
"""

from __future__ import annotations

import json
import os
import re
import stat
import tempfile
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any

from clinsearch.errors import CollectionDamaged, CollectionError, InputError, SearchNotFound
from clinsearch.records.saved_searches import Milestone, SavedSearch, SearchRequest

SAVED_FOLDER = "saved"
SUFFIX = ".json"
FORM = 1
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
DIGEST = re.compile(r"[0-9a-f]{16}")
MOST_BYTES = 4_000_000
# What a request is made of: the types that each part may have.
_REQUEST: dict[str, tuple[type, ...]] = {
    "query": (str,),
    "k": (int,),
    "level": (str,),
    "every_place": (bool,),
    "why": (bool,),
    "context": (int, type(None)),
    "options": (dict,),
}
_OPTIONS: dict[str, tuple[type, ...]] = {
    **dict.fromkeys(("mode",), (str,)),
    **dict.fromkeys(("assertion", "since", "until"), (str, type(None))),
    **dict.fromkeys(("diverse", "synonyms", "exact"), (bool,)),
    "min_score": (float, int, type(None)),
}
_LISTS = ("patient_id", "encounter_id", "note_type", "exclude_type", "section", "where")


def write_saved(folder: Path, saved: SavedSearch) -> None:
    """Put a search in place under its name, over one of the same name. Raises InputError, CollectionError."""
    path = _path(folder, saved.name)
    ran_at = saved.ran_at.isoformat() if saved.ran_at else None
    content = json.dumps({"form": FORM, **asdict(saved), "ran_at": ran_at})
    try:
        path.parent.mkdir(mode=0o700, exist_ok=True)
        _require_folder(path.parent)
        handle, draft = tempfile.mkstemp(prefix=".", dir=path.parent)
        try:
            with os.fdopen(handle, "w", encoding="utf-8") as file:
                file.write(content)
                file.flush()
                os.fsync(file.fileno())
            Path(draft).replace(path)
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
        there = ", ".join(saved_names(folder))
        known = f"There are: {there}." if there else "Save one with `clinsearch search … --save NAME`."
        raise SearchNotFound(f"No search {name} is saved in this collection. {known}") from None
    except OSError:
        raise _damaged(path) from None
    try:
        return _saved(name, json.loads(content))
    except (KeyError, OverflowError, RecursionError, TypeError, ValueError):
        raise _damaged(path) from None


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
    if not NAME.fullmatch(name):
        raise InputError("A saved search is named by up to 64 letters, digits, - and _.")
    return folder / SAVED_FOLDER / f"{name}{SUFFIX}"


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


def _saved(name: str, record: Any) -> SavedSearch:
    """Make a search of what a file holds. Raises KeyError, TypeError or ValueError for what we would not write."""
    if record["form"] != FORM:
        raise ValueError
    request = _checked(record["request"], _REQUEST)
    options = request["options"]
    if not options.keys() <= {*_OPTIONS, *_LISTS}:
        raise ValueError
    _checked({key: value for key, value in options.items() if key in _OPTIONS}, _OPTIONS)
    for key in _LISTS:
        if not all(type(value) is str for value in _listed(options.get(key, []))):
            raise TypeError
    milestone = record["milestone"] and _milestone(record["milestone"])
    seen = tuple(_listed(record["seen"]))
    if not all(DIGEST.fullmatch(one) for one in seen):
        raise ValueError
    ran_at = record["ran_at"] and datetime.fromisoformat(record["ran_at"])
    return SavedSearch(name, SearchRequest(**request), milestone or None, seen, ran_at or None)


def _milestone(record: Any) -> Milestone:
    kinds: dict[str, tuple[type, ...]] = {"collection": (str,), "newest": (int,), "last": (int,), "last_id": (str,)}
    return Milestone(**_checked(record, kinds))


def _checked(record: Any, kinds: dict[str, tuple[type, ...]]) -> dict[str, Any]:
    if not isinstance(record, dict) or any(type(value) not in kinds[key] for key, value in record.items()):
        raise TypeError
    return record


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError
    return value


def _damaged(path: Path) -> CollectionDamaged:
    return CollectionDamaged(
        f"The saved search {path} is not as clinsearch writes it. Save it anew under its name, or take it out with "
        f"`clinsearch saved --delete {path.stem}`."
    )
