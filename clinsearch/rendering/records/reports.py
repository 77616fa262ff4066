"""What a run of the indexer came to, as a record; the keys are documented in docs/json.md."""

from __future__ import annotations

from dataclasses import asdict

from clinsearch.records import IndexReport
from clinsearch.rendering.records.formats import Record


def report_record(report: IndexReport) -> Record:
    """Return an indexing run as a record."""
    return asdict(report)
