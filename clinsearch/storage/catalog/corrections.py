"""The corrections of a collection's vectors, one for sentences and one for openings, in its catalog.

Openings, which are longer, are distributed differently: corrected by each other's, both are worse than uncorrected.
"""

from __future__ import annotations

import numpy as np
from sqlalchemy import Connection, delete, insert, select, update

from clinsearch.encoder.correction import Correction
from clinsearch.storage.catalog.soundness import is_count, require_sound
from clinsearch.storage.catalog.tables import collection, corrections
from clinsearch.storage.values import Kind

CORRECTED: tuple[Kind, ...] = ("sentence", "opening")
VALUE_BYTES = 4
# A correction is fitted again at this many times as many vectors, until it was fitted on ENOUGH.
GROWTH = 4
ENOUGH = 16_384


def correction_recipe(connection: Connection) -> str | None:
    """Return the recipe by which the collection's vectors are corrected; None if they are not."""
    return connection.scalar(select(collection.c.correction))


def read_corrections(connection: Connection) -> dict[Kind, Correction]:
    """Return the corrections by kind of vectors, without kinds that had no vectors to fit one on yet."""
    found = {}
    width = connection.scalar(select(collection.c.hidden_size)) or 0
    for row in connection.execute(select(corrections)):
        require_sound(len(row.mean) == VALUE_BYTES * width and len(row.linear_map) == VALUE_BYTES * width**2)
        mean = np.frombuffer(row.mean, dtype="<f4")
        linear_map = np.frombuffer(row.linear_map, dtype="<f4").reshape(width, width)
        require_sound(is_count(row.fitted_on) and bool(np.isfinite(mean.sum() + linear_map.sum())))
        found[row.kind] = Correction(mean, linear_map, row.fitted_on)
    return found


def keep_correction(connection: Connection, kind: Kind, correction: Correction) -> None:
    """Store the correction of the vectors of a kind."""
    connection.execute(delete(corrections).where(corrections.c.kind == kind))
    mean, linear_map = (array.astype("<f4").tobytes() for array in (correction.mean, correction.linear_map))
    row = {"kind": kind, "fitted_on": correction.fitted_on, "mean": mean, "linear_map": linear_map}
    connection.execute(insert(corrections).values(**row))


def set_recipe(connection: Connection, recipe: str | None) -> None:
    """Set the recipe by which vectors are corrected, None for not at all, and forget the fitted corrections."""
    connection.execute(update(collection).values(correction=recipe))
    connection.execute(delete(corrections))


def is_outgrown(correction: Correction, rows: int) -> bool:
    """Tell whether a correction should be fitted again now that there are this many vectors."""
    return correction.fitted_on < ENOUGH and rows >= GROWTH * correction.fitted_on
