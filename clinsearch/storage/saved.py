"""How a saved search is written, wherever a collection keeps it; it is believed only after it was checked."""

from __future__ import annotations

import json
import re
from dataclasses import asdict
from datetime import datetime
from typing import Any

from clinsearch.errors import InputError, SearchNotFound
from clinsearch.records.saved_searches import Milestone, SavedSearch, SearchRequest
from clinsearch.storage.remembered import digest_of

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


def require_name(name: str) -> str:
    """Return the name of a saved search. Raises InputError."""
    if not NAME.fullmatch(name):
        raise InputError("A saved search is named by up to 64 letters, digits, - and _.")
    return name


def not_saved(name: str, there: list[str]) -> SearchNotFound:
    """Return the error for a name that no search is saved under."""
    known = f"There are: {', '.join(there)}." if there else "Save one with `clinsearch search … --save NAME`."
    return SearchNotFound(f"No search {name} is saved in this collection. {known}")


def written(saved: SavedSearch) -> str:
    """Write a search as JSON."""
    ran_at = saved.ran_at.isoformat() if saved.ran_at else None
    record = {"form": FORM, **asdict(saved), "ran_at": ran_at}
    return json.dumps({**record, "digest": digest_of(json.loads(json.dumps(record)))})


def read(name: str, content: str) -> SavedSearch | None:
    """Read what `written` made; None for anything else."""
    try:
        return _saved(name, json.loads(content))
    except (KeyError, OverflowError, RecursionError, TypeError, ValueError):
        return None


def _saved(name: str, record: Any) -> SavedSearch:
    """Make a search of what a file holds. Raises KeyError, TypeError or ValueError for what we would not write."""
    digest = record.pop("digest", None)  # earlier ones have none
    if record["form"] != FORM or (digest is not None and digest != digest_of(record)):
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
    numbers = (int, list)
    kinds: dict[str, tuple[type, ...]] = {"collection": (str,), "newest": numbers, "last": numbers, "last_id": (str,)}
    checked = _checked(record, kinds)
    for value in filter(lambda value: isinstance(value, list), checked.values()):
        if not all(type(one) is int for one in value):
            raise TypeError
    read: dict[str, Any] = {key: tuple(value) if type(value) is list else value for key, value in checked.items()}
    return Milestone(**read)


def _checked(record: Any, kinds: dict[str, tuple[type, ...]]) -> dict[str, Any]:
    if not isinstance(record, dict) or any(type(value) not in kinds[key] for key, value in record.items()):
        raise TypeError
    return record


def _listed(value: Any) -> list[Any]:
    if not isinstance(value, list):
        raise TypeError
    return value
