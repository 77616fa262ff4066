"""Where the collection is and which model is meant, when the caller does not say."""

from __future__ import annotations

import os
from pathlib import Path

COLLECTION_VARIABLE = "CLINSEARCH_COLLECTION"
DEFAULT_COLLECTION = "clinsearch-data"


def collection_folder(given: str | os.PathLike[str] | None = None) -> Path:
    """Return the collection's folder: the one given, else that of CLINSEARCH_COLLECTION, else ./clinsearch-data."""
    return Path(given or os.environ.get(COLLECTION_VARIABLE) or DEFAULT_COLLECTION)
