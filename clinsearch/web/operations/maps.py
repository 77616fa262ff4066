"""Maps of notes or sentences; the last few are kept in memory, as laying many points out takes seconds."""

from __future__ import annotations

import threading
from collections import OrderedDict
from typing import Any
from weakref import WeakKeyDictionary

from clinsearch.collection import Collection
from clinsearch.records.maps import CollectionMap
from clinsearch.rendering.records.maps import map_records
from clinsearch.web.operations.operation import Operation
from clinsearch.web.parameters import FILTERS, Parameter, Values, filters_of

MOST_POINTS, KEPT = 5_000, 4

LAID_OUT = (
    Parameter("level", "What a point is.", default="note", choices=("note", "sentence")),
    Parameter("method", "How many dimensions become two.", default="pca", choices=("pca", "umap")),
    Parameter("most", "Of more points than this, a sample.", int, 1_500, least=1, most=MOST_POINTS),
    *FILTERS,
)
_kept: WeakKeyDictionary[Collection, OrderedDict[tuple[Any, ...], CollectionMap]] = WeakKeyDictionary()
_lock = threading.Lock()


def laid_out(collection: Collection, values: Values) -> CollectionMap:
    """Lay the collection out, or give again what was of the same commit. Raises InputError."""
    key = (collection.stamp(), *(values[one.name] for one in LAID_OUT))
    with _lock:
        kept = _kept.setdefault(collection, OrderedDict())
        if key in kept:
            kept.move_to_end(key)
            return kept[key]
    found = collection.map(values["level"], method=values["method"], most=values["most"], **filters_of(values))
    with _lock:
        kept[key] = found
        while len(kept) > KEPT:
            kept.popitem(last=False)
    return found


MAP = Operation("map", "Notes or sentences in two dimensions.", LAID_OUT, laid_out, map_records)
OPERATIONS: tuple[Operation[Any], ...] = (MAP,)
