"""Lays a collection's vectors out in the plane. The only module that knows UMAP, which need not be there."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Literal, TypeAlias, get_args

import numpy as np
from numpy.typing import NDArray

from clinsearch.errors import InputError
from clinsearch.maps.neighbours import MOST_POINTS, nearest
from clinsearch.records import Filter, FloatArray
from clinsearch.records.keys import KeyArray
from clinsearch.records.maps import CollectionMap, MapNeighbour, MapPoint
from clinsearch.storage.port import Snapshot
from clinsearch.storage.values import Kind

Method: TypeAlias = Literal["pca", "umap"]

NEIGHBORS = 15


def project(snapshot: Snapshot, level: Kind, *, method: Method, most: int, where: Filter) -> CollectionMap:
    """Lay the notes or sentences that pass the filter out, or of more than `most` a sample, the same each time.

    Raises InputError where nothing passes, where UMAP is asked for and not there, and for an unknown name.
    """
    if level not in ("sentence", "note") or method not in get_args(Method):
        raise InputError(f"There is no map of {level}s by {method}, but of notes or sentences by pca or umap.")
    if most < 1:
        raise InputError(f"A sample of {most} cannot be drawn; ask for 1 or more.")
    keys = _keys(snapshot, level, where)
    if not len(keys):
        raise InputError("There is nothing to lay out: no note with a sentence passes.")
    sample = keys
    if len(keys) > most:
        sample = np.sort(np.random.default_rng(0).choice(keys, most, replace=False))
    vectors = snapshot.vectors_of(level, sample)
    places, variance = principal_components(vectors) if method == "pca" else (_umap(vectors), None)
    labelled = _sentences(snapshot, sample, places, where) if level == "sentence" else _notes(snapshot, sample, places)
    return CollectionMap(level, method, len(keys), variance, tuple(_with_neighbours(labelled, vectors)))


def principal_components(vectors: FloatArray) -> tuple[NDArray[np.float64], tuple[float, float]]:
    """Return the coordinates (n, 2) on the two axes of most variance, and the share of it that each holds.

    An axis points to where its largest loading is positive, so that the same vectors give the same picture.
    """
    centred = vectors.astype(np.float64) - vectors.mean(axis=0, dtype=np.float64)
    variances, axes = np.linalg.eigh(centred.T @ centred)
    first_two = axes[:, [-1, -2]]
    first_two *= np.sign(first_two[np.abs(first_two).argmax(axis=0), [0, 1]])
    total = max(float(variances.sum()), np.finfo(np.float64).tiny)
    return centred @ first_two, (float(variances[-1]) / total, float(variances[-2]) / total)


def _keys(snapshot: Snapshot, level: Kind, where: Filter) -> KeyArray:
    if level == "sentence":
        return snapshot.catalog.sentence_keys(where)
    # A note without a sentence has no vector.
    return np.intersect1d(snapshot.catalog.note_keys(where), snapshot.catalog.all_keys("note"), assume_unique=True)


def _umap(vectors: FloatArray) -> NDArray[np.float64]:
    try:
        from umap import UMAP
    except ImportError:
        raise InputError("UMAP is not installed. `pip install umap-learn`, or take the method pca.") from None
    if len(vectors) < NEIGHBORS:
        raise InputError(f"UMAP needs at least {NEIGHBORS} points; there are {len(vectors)}. Take the method pca.")
    layout = UMAP(n_neighbors=NEIGHBORS - 1, metric="cosine", random_state=0, n_jobs=1).fit_transform(vectors)
    return np.asarray(layout, dtype=np.float64)


def _with_neighbours(points: Iterable[MapPoint], vectors: FloatArray) -> Iterator[MapPoint]:
    if len(vectors) > MOST_POINTS:
        yield from points
        return
    positions, cosines = nearest(vectors)
    for point, near, by_cosine in zip(points, positions.tolist(), cosines.tolist(), strict=True):
        yield replace(point, neighbours=tuple(map(MapNeighbour, near, by_cosine)))


def _sentences(snapshot: Snapshot, keys: KeyArray, places: NDArray[np.float64], where: Filter) -> Iterator[MapPoint]:
    found = snapshot.catalog.first_occurrences(keys.tolist(), where)
    for key, (x, y) in zip(keys.tolist(), places.tolist(), strict=True):
        place = found[key][0]
        note = place.note
        about = note.note_id, note.title, note.patient_id, note.note_type, note.note_datetime
        yield MapPoint(x, y, *about, section=place.section, sentence=place.text)


def _notes(snapshot: Snapshot, keys: KeyArray, places: NDArray[np.float64]) -> Iterator[MapPoint]:
    labels = snapshot.catalog.note_labels(keys.tolist())
    for key, (x, y) in zip(keys.tolist(), places.tolist(), strict=True):
        note = labels[key]
        yield MapPoint(x, y, note.note_id, note.title, note.patient_id, note.note_type, note.note_datetime)
