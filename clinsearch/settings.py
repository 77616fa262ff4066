"""Where the collection and the cache are, when the caller does not say."""

from __future__ import annotations

import os
from pathlib import Path

COLLECTION_VARIABLE = "CLINSEARCH_COLLECTION"
CACHE_VARIABLE = "CLINSEARCH_CACHE"
DEFAULT_COLLECTION = "clinsearch-data"


def collection_folder(given: str | os.PathLike[str] | None = None) -> Path:
    """Return the collection's folder: the one given, else that of CLINSEARCH_COLLECTION, else ./clinsearch-data."""
    return Path(given or os.environ.get(COLLECTION_VARIABLE) or DEFAULT_COLLECTION)


def cache_folder() -> Path:
    """Return where models are kept as this machine runs them; everything there can be made again."""
    if given := os.environ.get(CACHE_VARIABLE):
        return Path(given)
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "clinsearch"
