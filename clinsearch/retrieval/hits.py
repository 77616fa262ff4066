"""From keys, scores and places to hits."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

from clinsearch.records import Filter, Hit, ScoreParts
from clinsearch.storage.catalog import Catalog, NoteLabel, Occurrence
from clinsearch.storage.changes import text_digest
from clinsearch.storage.snapshots import damaged_vectors
from clinsearch.storage.vector_files import KeyArray


def sentence_hit(score: float, place: Occurrence, occurrences: int, parts: ScoreParts | None = None) -> Hit:
    """Make a hit of a sentence at one of its places."""
    return Hit(
        score,
        *_shown(place.note),
        section=place.section,
        sentence=place.text,
        start=place.start,
        end=place.end,
        occurrences=occurrences,
        parts=parts,
    )


def note_hit(score: float, note: NoteLabel) -> Hit:
    """Make a hit of a note as a whole."""
    return Hit(score, *_shown(note))


def places_of(catalog: Catalog, hit: Hit, where: Filter) -> list[Hit]:
    """Return every place that passes the filter where a hit's sentence stands, with the hit's score."""
    keys = catalog.sentence_keys_of([text_digest(hit.sentence or "")])
    places = catalog.occurrences(list(keys.values()), where)
    return [sentence_hit(hit.score, place, len(places), hit.parts) for place in places]


def require_all(keys: KeyArray, known: Collection[int]) -> None:
    """Raise CollectionDamaged if a key was found that the catalog does not know."""
    if not all(key in known for key in keys.tolist()):
        raise damaged_vectors()


def _shown(note: NoteLabel) -> tuple[str, str | None, str | None, str | None, datetime | None]:
    return note.note_id, note.title, note.patient_id, note.note_type, note.note_datetime
