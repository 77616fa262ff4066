"""What may be asked of a collection over HTTP, by pages and programs alike."""

from __future__ import annotations

from clinsearch.web.operations import collection, explanations, maps, notes, patients, search, vocabulary
from clinsearch.web.operations.operation import Operation

OPERATIONS: tuple[Operation[object], ...] = (
    *collection.OPERATIONS,
    *notes.OPERATIONS,
    *explanations.OPERATIONS,
    *maps.OPERATIONS,
    *patients.OPERATIONS,
    *search.OPERATIONS,
    *vocabulary.OPERATIONS,
)
