"""What a collection says: its notes, as they stand in the catalog, and what searches find."""

from __future__ import annotations

import hashlib
import sqlite3
from contextlib import closing
from pathlib import Path
from typing import Any

from clinsearch import Collection

NOTHING = "no notes"
QUERIES = ("fever", "no history of cough")
MARKED = "no history of [cough]"
# Past all code of clinsearch, and without keys, which may differ.
ROWS = (
    "SELECT note_id, note_type, title, text FROM notes ORDER BY 1",
    'SELECT n.note_id, o.start, o."end", s.text, s.heading FROM occurrences o JOIN notes n ON n.key = o.note'
    " JOIN sentences s ON s.key = o.sentence ORDER BY 1, 2",
    'SELECT n.note_id, c.position, c.name, c.start, c."end" FROM sections c JOIN notes n ON n.key = c.note'
    " ORDER BY 1, 2",
    'SELECT s.text, a.position, a.start, a."end", a.assertion FROM assertions a JOIN sentences s ON s.key = a.sentence'
    " ORDER BY 1, 2",
)

Found = dict[str, list[tuple[Any, ...]]]


def contents(folder: Path) -> str:
    """Return a digest of the notes in a catalog and of all that was read of them; NOTHING where there are none."""
    path = folder / "catalog.db"
    if not path.exists() or not path.stat().st_size:
        return NOTHING
    with closing(sqlite3.connect(path)) as catalog:
        catalog.execute("PRAGMA query_only = 1")
        if not catalog.execute("SELECT 1 FROM sqlite_master WHERE name = 'notes'").fetchone():
            return NOTHING
        try:
            rows = [catalog.execute(query).fetchall() for query in ROWS]
        except sqlite3.OperationalError:  # of an older schema
            rows = [catalog.execute("SELECT note_id, text FROM notes ORDER BY 1").fetchall(), ["older"]]
    return hashlib.sha256(repr(rows).encode()).hexdigest()[:16] if rows[0] else NOTHING


def searched(folder: Path) -> Found:
    """Return all that searches of sentences, notes and words find. Raises CollectionError."""
    opened = Collection(folder)
    found: Found = {}
    for query in QUERIES:
        for level in ("sentence", "note"):
            hits = opened.search(query, k=1000, level=level, mode="hybrid" if level == "note" else "vector")
            found[f"{level} {query}"] = sorted((hit.note_id, hit.start or 0, hit.end or 0, hit.score) for hit in hits)
    words = opened.search_tokens(MARKED, k=1000)
    found["words"] = sorted((hit.note_id, hit.start, hit.end, hit.score) for hit in words)
    return found


def are_alike(one: Found, other: Found, *, within: float = 2e-4) -> bool:
    """Tell whether searches found the same; a sum in another order may change a score's last digits."""
    return one.keys() == other.keys() and all(
        len(one[name]) == len(other[name])
        and all(a[:-1] == b[:-1] and abs(a[-1] - b[-1]) <= within for a, b in zip(one[name], other[name], strict=True))
        for name in one
    )
