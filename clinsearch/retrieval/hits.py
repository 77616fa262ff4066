"""From keys, scores and places to hits."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from datetime import datetime

import numpy as np

from clinsearch.records import Filter, Hit, ScoreParts
from clinsearch.retrieval.candidates import union
from clinsearch.storage.catalog import Catalog, NoteLabel, Occurrence
from clinsearch.storage.changes import text_digest
from clinsearch.storage.snapshots import Snapshot, damaged_vectors
from clinsearch.storage.text_catalog import TextCatalog
from clinsearch.storage.vector_files import KeyArray


def sentence_hit(
    score: float, place: Occurrence, occurrences: int, variants: int = 0, parts: ScoreParts | None = None
) -> Hit:
    """Make a hit of a sentence at one of its places."""
    return Hit(
        score,
        *_shown(place.note),
        section=place.section,
        sentence=place.text,
        start=place.start,
        end=place.end,
        occurrences=occurrences,
        variants=variants,
        parts=parts,
    )


def note_hit(score: float, note: NoteLabel) -> Hit:
    """Make a hit of a note as a whole."""
    return Hit(score, *_shown(note))


def places_of(catalog: Catalog, hit: Hit, where: Filter) -> list[Hit]:
    """Return every place that passes the filter where a hit's sentence stands, or one in nearly the same words."""
    texts = TextCatalog(catalog.connection)
    own = list(catalog.sentence_keys_of([text_digest(hit.sentence or "")]).values())
    others = [other for of_own in texts.near_identical(own).values() for other in of_own]
    places = catalog.occurrences(own, where) + catalog.occurrences(others, where)
    counts = Counter(place.sentence_key for place in places)
    return [sentence_hit(hit.score, place, counts[place.sentence_key], parts=hit.parts) for place in places]


def sentence_hits(
    snapshot: Snapshot, found: Sequence[tuple[int, float, ScoreParts | None]], where: Filter
) -> list[Hit]:
    """Make hits of sentences, given by key, score and parts, each at its first place that passes."""
    keys = [key for key, _, _ in found]
    variants = TextCatalog(snapshot.catalog.connection).near_identical(keys)
    others = sorted({other for of_key in variants.values() for other in of_key})
    places = snapshot.catalog.first_occurrences(union(keys, others).tolist(), where)
    require_all(np.array(keys, dtype=np.int64), places)
    return [
        sentence_hit(score, *places[key], sum(other in places for other in variants[key]), parts)
        for key, score, parts in found
    ]


def require_all(keys: KeyArray, known: Collection[int]) -> None:
    """Raise CollectionDamaged if a key was found that the catalog does not know."""
    if not all(key in known for key in keys.tolist()):
        raise damaged_vectors()


def _shown(note: NoteLabel) -> tuple[str, str | None, str | None, str | None, datetime | None]:
    return note.note_id, note.title, note.patient_id, note.note_type, note.note_datetime
