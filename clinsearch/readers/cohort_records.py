"""Reads the record of an earlier run of a cohort, as `clinsearch cohort --record` writes it."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from datetime import datetime
from pathlib import Path
from typing import Any

from clinsearch.errors import InputError
from clinsearch.readers.cohorts import read_criteria
from clinsearch.records.cohorts import CohortRecord, CohortRun, CollectionState

MOST_BYTES = 1 << 28


def read_record(given: str | os.PathLike[str]) -> CohortRecord:
    """Read a record. Raises InputError for what is none."""
    path = Path(given)
    try:
        if not path.is_file():
            raise InputError(f"{path} is not a file. Give one that `clinsearch cohort --record` wrote.")
        if path.stat().st_size > MOST_BYTES:
            raise InputError(f"{path} has more than {MOST_BYTES:,} bytes; it is no record of a cohort.")
        content = json.loads(path.read_bytes())
    except OSError as error:
        raise InputError(f"{path} cannot be read: {(error.strerror or 'it failed').lower()}.") from None
    except (ValueError, RecursionError):
        raise InputError(f"{path} is not JSON; it is no record of a cohort.") from None
    try:
        members = tuple((_maybe(one["patient_id"]), _maybe(one["note_id"])) for one in content["patients"])
        return CohortRecord(_run(content["run"]), read_criteria(content["criteria"]), members)
    except (KeyError, TypeError, ValueError, AttributeError):
        raise InputError(f"{path} is no record that `clinsearch cohort --record` wrote.") from None


def _run(written: Mapping[str, Any]) -> CohortRun:
    state = written["state"]
    numbers = {name: _typed(state[name], int) for name in ("commits", "notes", "sentences")}
    texts = {name: _typed(state[name], str) for name in ("digest", "language", "model", "fingerprint")}
    at = datetime.fromisoformat(written["at"])
    version, terms = _typed(written["version"], str), _maybe(written["terms_digest"])
    return CohortRun(at, version, CollectionState(**numbers, **texts), terms)


def _maybe(value: Any) -> str | None:
    return None if value is None else _typed(value, str)


def _typed(value: Any, kind: type) -> Any:
    if not isinstance(value, kind):
        raise TypeError
    return value
