"""How many terms each sentence and each note has, by key: FTS5 tells it too slowly, one text at a time.

Lengths are stored in blocks of some thousand keys, so that those of a whole collection are read in milliseconds.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from sqlalchemy import Connection, delete, select
from sqlalchemy.dialects.sqlite import insert

from clinsearch.records.keys import KeyArray
from clinsearch.storage.catalog.kept import kept
from clinsearch.storage.catalog.soundness import is_count, require_sound
from clinsearch.storage.folder.tables import KEYS_PER_BLOCK, text_lengths

Lengths = NDArray[np.uint32]


@dataclass(frozen=True, slots=True, eq=False)
class TextLengths:
    """The numbers of terms of texts: blocks (n, KEYS_PER_BLOCK) and their numbers (n,), in order."""

    numbers: KeyArray
    blocks: Lengths

    def of(self, keys: KeyArray) -> Lengths:
        """Return how many terms these texts have, (n,). Raises CollectionDamaged if one is not known."""
        numbers = keys // KEYS_PER_BLOCK
        at = np.searchsorted(self.numbers, numbers)
        require_sound(
            not len(keys) or (len(self.numbers) > 0 and bool((self.numbers.take(at, mode="clip") == numbers).all()))
        )
        found: Lengths = self.blocks[at, keys % KEYS_PER_BLOCK]
        require_sound(bool(found.all()))
        return found


def set_lengths(connection: Connection, kind: str, lengths: Mapping[int, int]) -> None:
    """Store how many terms texts have, by key; 0 for a deleted one."""
    keys = np.array(sorted(lengths), dtype=np.int64)
    numbers = np.unique(keys // KEYS_PER_BLOCK)
    blocks = _blocks(connection, kind, numbers)
    rows = []
    for number in numbers.tolist():
        block = blocks.get(number, np.zeros(KEYS_PER_BLOCK, dtype="<u4")).copy()
        own = keys[keys // KEYS_PER_BLOCK == number]
        block[own % KEYS_PER_BLOCK] = [lengths[key] for key in own.tolist()]
        rows.append({"kind": kind, "block": number, "lengths": block.tobytes()})
    if rows:
        statement = insert(text_lengths)
        changed = {"lengths": statement.excluded.lengths}
        connection.execute(statement.on_conflict_do_update(["kind", "block"], set_=changed), rows)


def forget_lengths(connection: Connection) -> None:
    """Remove the lengths of all texts."""
    connection.execute(delete(text_lengths))


def lengths_by_key(connection: Connection, kind: str) -> TextLengths:
    """Return how many terms each text has, cached until the next commit."""
    return kept(connection, ("lengths", kind), lambda: _all(connection, kind))


def _all(connection: Connection, kind: str) -> TextLengths:
    query = "SELECT block, lengths FROM text_lengths WHERE kind = ? ORDER BY block"
    rows = connection.exec_driver_sql(query, (kind,)).all()
    require_sound(all(is_count(number) for number, _ in rows))
    blocks = [_sound(lengths) for _, lengths in rows]
    return TextLengths(
        np.array([number for number, _ in rows], dtype=np.int64),
        np.stack(blocks) if blocks else np.empty((0, KEYS_PER_BLOCK), dtype=np.uint32),
    )


def _blocks(connection: Connection, kind: str, numbers: KeyArray) -> dict[int, Lengths]:
    query = select(text_lengths.c.block, text_lengths.c.lengths).where(text_lengths.c.kind == kind)
    rows = connection.execute(query.where(text_lengths.c.block.in_(numbers.tolist())))
    return {number: _sound(lengths) for number, lengths in rows}


def _sound(lengths: bytes) -> Lengths:
    require_sound(isinstance(lengths, bytes) and len(lengths) == 4 * KEYS_PER_BLOCK)
    return np.frombuffer(lengths, dtype="<u4")
