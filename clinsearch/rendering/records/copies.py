"""What copying a collection came to, as a record; the keys are documented in docs/json.md."""

from __future__ import annotations

from dataclasses import asdict

from clinsearch.records.copies import CopyReport
from clinsearch.rendering.records.formats import Record


def copy_record(report: CopyReport) -> Record:
    """Return a copy's report as a record."""
    return {**asdict(report), "different": list(report.different)}
