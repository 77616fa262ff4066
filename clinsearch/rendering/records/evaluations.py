"""An evaluation as records; the keys are documented in docs/json.md."""

from __future__ import annotations

from dataclasses import asdict

from clinsearch.records import Evaluation
from clinsearch.rendering.records.formats import Record


def evaluation_records(evaluation: Evaluation) -> list[Record]:
    """Return each set as a record."""
    return [asdict(judged) for judged in evaluation.sets]


def evaluation_rows(evaluation: Evaluation) -> list[Record]:
    """Return a row for each measure of each way of ranking on each set."""
    return [
        {"set": judged.name, "model": one.model, "mode": one.mode, "measure": name, **asdict(value)}
        for judged in evaluation.sets
        for one in judged.modes
        for name, value in one.measures.items()
    ]
