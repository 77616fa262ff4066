"""Searches of large collections find what passes the filter and is not deleted, in however few cells."""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from clinsearch.encoder.pooling import unit
from clinsearch.language import read_note, terms_of
from clinsearch.readers.requests import make_filter
from clinsearch.records import Filter, FloatArray, Note
from clinsearch.records.digests import note_digest
from clinsearch.records.readings import ReadNote
from clinsearch.retrieval import Likeness, nearest, nearest_sentences, similar_notes
from clinsearch.storage.folder.snapshots import Reader
from clinsearch.storage.folder.spaces import recall, space
from clinsearch.storage.folder.spaces.codecs.cells import CellCodec
from clinsearch.storage.folder.spaces.space import Space
from clinsearch.storage.folder.writer import Writer
from clinsearch.storage.snapshot import Snapshot
from tests.support.collections import (
    HIDDEN_SIZE,
    a_note,
    batch_of,
    collection_of,
    commit,
    folder_in_memory,
    notes_by_sentence,
    path_in_memory,
    vector_of,
)
from tests.support.large_collections import MANY, decoded, is_large, likeness_to, search_of
from tests.support.made_up_notes import (
    COMBINATIONS,
    Place,
    assert_ranked,
    combined,
    random_sentence,
    shown,
    written_note,
)
from tests.support.stored_vectors import dead_keys

pytestmark = pytest.mark.usefixtures("few_are_many")

tmp_path = path_in_memory


@pytest.fixture(scope="module")
def made_up(few_are_many: None) -> Iterator[tuple[Path, list[Place]]]:
    """A large collection of 150 notes with all that can be filtered by; a fifth are deleted but still on the disk."""
    dice = random.Random(11)
    pool = [random_sentence(dice) for _ in range(40)]
    written = [written_note(dice, number, pool) for number in range(150)]
    items = [segmented(record) for record, _ in written]
    gone = {f"note-{number:03}" for number in dice.sample(range(150), 30)}
    with folder_in_memory() as memory:
        folder = collection_of(memory / "c", items[:90])
        with Writer(folder) as writer:
            writer.compact()
            commit(writer, *items[90:120])
            commit(writer, *items[120:])
            commit(writer, removed=sorted(gone))
        assert is_large(folder) == {"sentence": True, "note": True, "opening": True}
        assert dead_keys(folder, "sentence")
        assert len(dead_keys(folder, "note")) == 30
        yield folder, [place for _, places in written for place in places if place.note_id not in gone]


def segmented(record: dict[str, Any]) -> ReadNote:
    moment = record["note_datetime"]
    note = Note(**{**record, "note_datetime": moment and datetime.fromisoformat(moment)})
    return read_note(note, note_digest(note))


# Whether what is nearest is looked at first, and whether what passes is read key by key.
WAYS = {
    "as it comes": (recall.DEPTHS, 3, 500),
    "the nearest first": ((MANY,), 0, 500),
    "the nearest first, in vain": ((1, 2, 3), 0, 0),
    "by key": ((), 3, 0),
    "through the lists": ((), 3, 10**9),
}


@pytest.mark.usefixtures("all_cells")
@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("level", ["sentence", "note", "similar"])
def test_with_any_filters_the_ranking_is_that_of_what_passes(
    made_up: tuple[Path, list[Place]], monkeypatch: pytest.MonkeyPatch, level: str, way: str
) -> None:
    depths, room, rows_per_key = WAYS[way]
    monkeypatch.setattr(Space, "depths", depths)
    monkeypatch.setattr(nearest, "ROOM", room)
    monkeypatch.setattr(space, "ROWS_PER_KEY_READ", rows_per_key)
    folder, places = made_up
    query = vector_of("a query")
    with Reader(folder).snapshot() as snapshot:
        of_sentences, of_notes = decoded(snapshot)
        scores = {text: float(row.astype(np.float64) @ query) for text, row in of_sentences.items()}
        for turn, choices in enumerate(random.Random(5).sample(COMBINATIONS, 20)):
            asked, passes = combined(choices)
            where = snapshot.catalog.spelt(make_filter(**asked))
            k = (3, MANY, 1, 12, 40)[turn % 5]
            if level == "similar":
                own = sorted(of_notes)[turn]
                passing = {place.note_id for place in places if passes(place)} - {own}
                expected = likeness_to(snapshot, own, passing)
                hits = similar_notes(snapshot, own, Likeness(k, where))
                assert_ranked([(hit.note_id, hit.score) for hit in hits], expected, k)
                continue
            assert_right_places(snapshot, level, query, k, where, scores, [p for p in places if passes(p)])


def assert_right_places(
    snapshot: Snapshot,
    level: str,
    query: FloatArray,
    k: int,
    where: Filter,
    scores: Mapping[str, float],
    passing: list[Place],
) -> None:
    """Check the hits for sentences, or for notes by their best, each with its first place and how many there are."""
    of_sentence: dict[str, list[Place]] = {}
    best: dict[str, float] = {}
    for place in passing:
        of_sentence.setdefault(place.sentence, []).append(place)
        best[place.note_id] = max(scores[place.sentence], best.get(place.note_id, -2))
    if level == "sentence":
        hits = nearest_sentences(snapshot, query, k, where)
        expected = {sentence: scores[sentence] for sentence in of_sentence}
        assert_ranked([(str(hit.sentence), hit.score) for hit in hits], expected, k)
    else:
        hits = notes_by_sentence(snapshot, query, k, where)
        assert_ranked([(hit.note_id, hit.score) for hit in hits], best, k)
    for hit in hits:
        own = [p for p in of_sentence[str(hit.sentence)] if level == "sentence" or p.note_id == hit.note_id]
        assert shown(hit) == own[0]
        assert hit.occurrences == len(of_sentence[str(hit.sentence)])


@pytest.mark.parametrize("way", WAYS)
def test_each_way_of_searching_takes_its_own_steps(
    made_up: tuple[Path, list[Place]], monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    depths, room, rows_per_key = WAYS[way]
    monkeypatch.setattr(Space, "depths", depths)
    monkeypatch.setattr(nearest, "ROOM", room)
    monkeypatch.setattr(space, "ROWS_PER_KEY_READ", rows_per_key)
    steps: list[str] = []
    for owner, name in ((Space, "search_cells"), (nearest.Nearest, "_among")):
        tell(monkeypatch, owner, name, steps)
    with Reader(made_up[0]).snapshot() as snapshot:
        hits = nearest_sentences(snapshot, vector_of("a query"), 4, Filter(note_type=("consult",)))
    assert len(hits) == 4
    expected = {
        "as it comes": ["search_cells"],
        "the nearest first": ["search_cells"],
        "the nearest first, in vain": [*["search_cells"] * 3, "_among"],
        "by key": ["_among"],
        "through the lists": ["_among", "search_cells"],
    }
    assert steps == expected[way]


def tell(patch: pytest.MonkeyPatch, owner: Any, name: str, steps: list[str]) -> None:
    """Have a method or a cached property note down its name when it is used."""
    work = owner.__dict__[name]
    if callable(work):

        def told(*given: Any, **options: Any) -> Any:
            steps.append(name)
            return work(*given, **options)

        patch.setattr(owner, name, told)
        return

    def asked(self: Any) -> Any:
        steps.append(name)
        return work.func(self)

    patch.setattr(owner, name, property(asked))


def test_with_a_narrow_filter_the_nearest_are_not_searched_first(
    made_up: tuple[Path, list[Place]], monkeypatch: pytest.MonkeyPatch
) -> None:
    """They are only where three times as many of them as are wanted should pass."""
    folder, places = made_up
    steps: list[str] = []
    tell(monkeypatch, nearest.Nearest, "_among", steps)
    notes = {place.note_id: place for place in places}
    for patient in ("P1", "P3"):
        share = sum(place.patient_id == patient for place in notes.values()) / len(notes)
        for k in (1, 4, 30, 200):
            steps.clear()
            with Reader(folder).snapshot() as snapshot:
                nearest_sentences(snapshot, vector_of("a query"), k, Filter(patient_id=(patient,)))
            if max(recall.DEPTHS) * share < nearest.ROOM * k:
                assert steps == ["_among"]


@pytest.mark.parametrize("level", ["sentence", "note", "similar"])
def test_a_search_in_one_cell_finds_nothing_filtered_out_or_deleted(
    made_up: tuple[Path, list[Place]], monkeypatch: pytest.MonkeyPatch, level: str
) -> None:
    folder, places = made_up
    search: dict[str, Callable[..., list[Any]]] = {"sentence": nearest_sentences, "note": notes_by_sentence}
    monkeypatch.setattr(CellCodec, "probes_for", lambda self, k: 1)
    for choices in random.Random(6).sample(COMBINATIONS, 12):
        asked, passes = combined(choices)
        with Reader(folder).snapshot() as snapshot:
            where = snapshot.catalog.spelt(make_filter(**asked))
            passing = [place for place in places if passes(place)]
            if level == "similar":
                hits = similar_notes(snapshot, places[0].note_id, Likeness(20, where))
                assert {hit.note_id for hit in hits} <= {place.note_id for place in passing} - {places[0].note_id}
            else:
                hits = search[level](snapshot, vector_of("another query"), 20, where)
                assert {shown(hit) for hit in hits} <= set(passing)


def test_where_all_that_is_near_is_deleted_the_next_nearest_are_found(tmp_path: Path) -> None:
    """There are k hits while k notes are left, whatever is in the cells that are searched first."""
    rng = np.random.default_rng(1)
    topics = unit(rng.normal(size=(12, HIDDEN_SIZE)))
    notes = [a_note(f"n{topic} {i}", f"Topic {topic}, {i}.") for topic in range(12) for i in range(12)]
    near = {
        item.sentences[0].digest: unit(topics[n // 12] + 0.1 * rng.normal(size=HIDDEN_SIZE))
        for n, item in enumerate(notes)
    }
    folder = collection_of(tmp_path / "c")
    with Writer(folder) as writer:
        writer.commit(replace(batch_of(writer, notes, []), vectors=near), terms_of)
        writer.compact()
    quality = search_of(folder)["sentence"]
    assert (quality.probes or 0) < (quality.cells or 0) / 2, "or all cells are looked into anyway"
    with Writer(folder) as writer:
        for topic in range(4):
            commit(writer, removed=[f"n{topic} {i}" for i in range(12)])
    with Reader(folder).snapshot() as snapshot:
        for topic in range(4):
            for k in (1, 5, 10):
                assert len(nearest_sentences(snapshot, topics[topic], k, Filter())) == k
                assert len(notes_by_sentence(snapshot, topics[topic], k, Filter())) == k
