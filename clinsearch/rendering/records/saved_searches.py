"""Saved searches as records; the keys are documented in docs/json.md."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from clinsearch.records.saved_searches import SavedSearch
from clinsearch.rendering.records.formats import Record


def saved_records(searches: Iterable[SavedSearch]) -> list[Record]:
    """Return saved searches as records."""
    return [{"name": one.name, **asdict(one.request), "ran_at": one.ran_at} for one in searches]
