"""Maps of notes or sentences; the last few are kept in memory, as laying many points out takes seconds."""

from __future__ import annotations

from typing import Any

from clinsearch.collection import Collection
from clinsearch.records.maps import CollectionMap
from clinsearch.rendering.records.maps import map_records
from clinsearch.web.kept import LastAnswers
from clinsearch.web.operations.operation import Operation
from clinsearch.web.parameters import FILTERS, Parameter, Values, filters_of

MOST_POINTS, KEPT = 5_000, 4

LAID_OUT = (
    Parameter("level", "What a point is.", default="note", choices=("note", "sentence")),
    Parameter("method", "How many dimensions become two.", default="pca", choices=("pca", "umap")),
    Parameter("most", "Of more points than this, a sample.", int, 1_500, least=1, most=MOST_POINTS),
    *FILTERS,
)
_LAST: LastAnswers[CollectionMap] = LastAnswers(KEPT)


def laid_out(collection: Collection, values: Values) -> CollectionMap:
    """Lay the collection out, or give again what was of the same commit. Raises InputError."""

    def lay_out() -> CollectionMap:
        return collection.map(values["level"], method=values["method"], most=values["most"], **filters_of(values))

    return _LAST.get(collection, tuple(values[one.name] for one in LAID_OUT), lay_out)


MAP = Operation("map", "Notes or sentences in two dimensions.", LAID_OUT, laid_out, map_records)
OPERATIONS: tuple[Operation[Any], ...] = (MAP,)
