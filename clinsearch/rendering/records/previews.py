"""What a run would read, and the formats that are read, as records; the keys are documented in docs/json.md."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict

from clinsearch.records.previews import Preview, ReadFormat
from clinsearch.rendering.records.formats import Record


def preview_record(preview: Preview) -> Record:
    """Return what a run would read as a record."""
    return asdict(preview)


def format_records(formats: Sequence[ReadFormat]) -> list[Record]:
    """Return the formats that are read as records."""
    return [asdict(form) for form in formats]
