"""How commands write what a search found, and remember it."""

from __future__ import annotations

import sys
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING, cast

from clinsearch.cli.output import write_result
from clinsearch.records.saved_searches import SavedRun, SearchRequest
from clinsearch.rendering.records.hits import hit_records, hit_rows_in_context, hits_in_context
from clinsearch.rendering.records.patients import patient_records, patient_rows
from clinsearch.rendering.terminal.hits import print_hits
from clinsearch.rendering.terminal.patients import print_patients

if TYPE_CHECKING:
    from clinsearch.collection import Collection
    from clinsearch.records import Hit, PatientHit


def write_run(notes: Collection, run: SavedRun, form: str) -> None:
    """Write what a run of a saved search found, and remember that only when it was written."""
    from clinsearch.saved_searches import SavedSearches

    write_found(notes, run.saved.request, run.results, form)
    sys.stdout.flush()
    SavedSearches(notes).keep(run)


def write_found(notes: Collection, request: SearchRequest, found: Sequence[Hit | PatientHit], form: str) -> None:
    """Write results, and remember them for `explain --hit`."""
    if request.level == "patient":
        _write_patients(notes, request, cast("Sequence[PatientHit]", found), form)
        return
    hits = cast("Sequence[Hit]", found)
    notes.remember(request.query, hits)
    if request.context is None:
        write_result(form, lambda: print_hits(hits, why=request.why), lambda: hit_records(hits))
        return
    passages = notes.passages(hits, sentences=request.context)
    write_result(
        form,
        lambda: print_hits(hits, why=request.why, passages=passages),
        lambda: hits_in_context(hits, passages),
        lambda: hit_rows_in_context(hits, passages),
    )


def _write_patients(notes: Collection, request: SearchRequest, patients: Sequence[PatientHit], form: str) -> None:
    """Write patients; their sentences are numbered through."""
    notes.remember(request.query, [hit for patient in patients for one in patient.evidence for hit in one.hits])
    rows = partial(patient_rows, patients)
    write_result(form, lambda: print_patients(patients, why=request.why), lambda: patient_records(patients), rows)
