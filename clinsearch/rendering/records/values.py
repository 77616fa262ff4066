"""Values over time as records; the keys are documented in docs/json.md."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict

from clinsearch.records import MeasuredName, MeasuredValue
from clinsearch.rendering.records.formats import Record


def value_records(values: Iterable[MeasuredValue]) -> list[Record]:
    """Return values as records."""
    return [asdict(one) for one in values]


def name_records(names: Iterable[MeasuredName]) -> list[Record]:
    """Return what is measured as records."""
    return [asdict(one) for one in names]
