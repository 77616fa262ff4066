"""From a query's vector, or a note, to sentences and notes, as if what does not pass were not there."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime

import numpy as np

from clinsearch.errors import InputError
from clinsearch.records import Filter, FloatArray, Hit
from clinsearch.retrieval.nearest import Nearest
from clinsearch.storage.catalog import Catalog, NoteLabel, Occurrence
from clinsearch.storage.changes import text_digest
from clinsearch.storage.snapshots import Snapshot, damaged_vectors
from clinsearch.storage.vector_files import KeyArray


def search_sentences(snapshot: Snapshot, query: FloatArray, k: int, where: Filter) -> list[Hit]:
    """Find the k distinct sentences nearest to the query's vector (hidden_size,), each at its first place."""
    keys, scores = Nearest(snapshot, "sentence", where).search(query, k)
    places = snapshot.catalog.first_occurrences(keys.tolist(), where)
    _require_all(keys, places)
    return [_sentence_hit(float(score), *places[key]) for key, score in zip(keys.tolist(), scores, strict=True)]


def search_notes(snapshot: Snapshot, query: FloatArray, k: int, where: Filter) -> list[Hit]:
    """Find the k notes whose best sentence is nearest to the query's vector, each with that sentence."""
    nearest = Nearest(snapshot, "sentence", where)
    sentences = 4 * k
    while True:
        keys, scores = nearest.search(query, sentences)
        best = _best_sentences(snapshot, keys, scores, where)
        ranked = sorted(best.values(), key=lambda found: (-found[0], found[1].note.note_key))[:k]
        # A sentence further down could tie with the last note's and bring in another note.
        if len(keys) < sentences or (len(ranked) == k and scores[-1] < ranked[-1][0]):
            break
        sentences *= 4
    counts = snapshot.catalog.first_occurrences([place.sentence_key for _, place in ranked], where)
    return [_sentence_hit(score, place, counts[place.sentence_key][1]) for score, place in ranked]


def similar_notes(snapshot: Snapshot, note_id: str, k: int, where: Filter) -> list[Hit]:
    """Find the k notes whose vectors are nearest to this note's, itself left out."""
    note_key, _ = snapshot.catalog.note(note_id)
    own = _note_vector(snapshot, note_key)
    keys, scores = Nearest(snapshot, "note", where).search(own, k + 1)
    others = keys != note_key
    keys, scores = keys[others][:k], scores[others][:k]
    labels = snapshot.catalog.note_labels(keys.tolist())
    _require_all(keys, labels)
    return [_note_hit(float(score), labels[key]) for key, score in zip(keys.tolist(), scores, strict=True)]


def places_of(catalog: Catalog, hit: Hit, where: Filter) -> list[Hit]:
    """Return every place that passes the filter where a hit's sentence stands, with the hit's score."""
    keys = catalog.sentence_keys_of([text_digest(hit.sentence or "")])
    places = catalog.occurrences(list(keys.values()), where)
    return [_sentence_hit(hit.score, place, len(places)) for place in places]


def _note_vector(snapshot: Snapshot, note_key: int) -> FloatArray:
    """Return the vector of a note, (hidden_size,). Raises InputError for a note without a sentence."""
    try:
        vector: FloatArray = snapshot.notes.of(np.array([note_key], dtype=np.int64))[0]
        return vector
    except KeyError as error:
        note_id = snapshot.catalog.note_labels([error.args[0]])[error.args[0]].note_id
        raise InputError(f"Note {note_id} has no sentence to compare.") from None


def _require_all(keys: KeyArray, known: Collection[int]) -> None:
    """Raise CollectionDamaged if a key was found that the catalog does not know."""
    if not all(key in known for key in keys.tolist()):
        raise damaged_vectors()


def _best_sentences(
    snapshot: Snapshot, keys: KeyArray, scores: FloatArray, where: Filter
) -> dict[int, tuple[float, Occurrence]]:
    """Return for each note that has one of these sentences its best one's score and place."""
    score_of = dict(zip(keys.tolist(), scores.tolist(), strict=True))
    best: dict[int, tuple[float, Occurrence]] = {}
    for place in snapshot.catalog.occurrences(keys.tolist(), where):
        score = score_of[place.sentence_key]
        if place.note.note_key not in best or score > best[place.note.note_key][0]:
            best[place.note.note_key] = (score, place)
    return best


def _sentence_hit(score: float, place: Occurrence, occurrences: int) -> Hit:
    return Hit(
        score,
        *_shown(place.note),
        section=place.section,
        sentence=place.text,
        start=place.start,
        end=place.end,
        occurrences=occurrences,
    )


def _note_hit(score: float, note: NoteLabel) -> Hit:
    return Hit(score, *_shown(note))


def _shown(
    note: NoteLabel,
) -> tuple[str, str | None, str | None, str | None, datetime | None]:
    return note.note_id, note.title, note.patient_id, note.note_type, note.note_datetime
