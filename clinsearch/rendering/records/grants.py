"""Rights of roles as records; the keys are documented in docs/json.md."""

from __future__ import annotations

from dataclasses import asdict

from clinsearch.records.grants import Grant
from clinsearch.rendering.records.formats import Record


def grant_record(grant: Grant) -> Record:
    """Return what a role may do as a record."""
    return asdict(grant)
