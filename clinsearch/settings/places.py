"""Where the collection and the cache are, when the caller does not say."""

from __future__ import annotations

import os
from pathlib import Path

from clinsearch.errors import SettingError
from clinsearch.records.locations import Database, Location, locate

COLLECTION_VARIABLE = "CLINSEARCH_COLLECTION"
CACHE_VARIABLE = "CLINSEARCH_CACHE"
TERMS_VARIABLE = "CLINSEARCH_TERMS"
# Those that stand for no option of a command.
OTHER_VARIABLES = (CACHE_VARIABLE, "CLINSEARCH_TRACEBACK", "CLINSEARCH_NO_SETTINGS")
DEFAULT_COLLECTION = "clinsearch-data"


def collection_location(given: str | os.PathLike[str] | Database | None = None) -> Location:
    """Return where the collection is: as given, else as CLINSEARCH_COLLECTION says, else ./clinsearch-data.

    Raises InputError.
    """
    return locate(given or os.environ.get(COLLECTION_VARIABLE) or DEFAULT_COLLECTION)


def terms_file(given: str | os.PathLike[str] | None = None) -> Path | None:
    """Return the file of a site's own terms: the one given, else that of CLINSEARCH_TERMS, if any."""
    named = given or os.environ.get(TERMS_VARIABLE)
    return Path(named) if named else None


def cache_folder() -> Path:
    """Return where models are kept as this machine runs them; everything there can be made again.

    Raises SettingError where there is no home folder and no other was named.
    """
    if given := os.environ.get(CACHE_VARIABLE):
        return Path(given)
    try:
        return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "clinsearch"
    except RuntimeError:
        raise SettingError(f"There is no home folder. Say where to keep models with ${CACHE_VARIABLE}.") from None
