"""A collection's queue as records; the keys are documented in docs/json.md."""

from __future__ import annotations

from dataclasses import asdict

from clinsearch.records.queues import QueueStatus, WorkReport
from clinsearch.rendering.records.formats import Record


def queue_record(status: QueueStatus) -> Record:
    """Return what waits in a queue as a record."""
    return asdict(status)


def work_record(report: WorkReport) -> Record:
    """Return what a worker has done as a record."""
    return asdict(report)
