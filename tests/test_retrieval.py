"""Search and similarity against a brute force in numpy, to the last hit, with every combination of filters."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import clinsearch
from clinsearch.collection import Collection
from clinsearch.encoder.encoder import Encoder
from clinsearch.errors import InputError, NoteNotFound
from clinsearch.storage.folder.snapshots import Reader
from tests.conftest import PROJECT, WORDS
from tests.support import indexed
from tests.support.likeness import Alike, Likeness
from tests.support.made_up_notes import (
    ALL,
    COMBINATIONS,
    NAMED_SECTIONS,
    PATIENTS,
    ROUNDING,
    Passes,
    Place,
    assert_ranked,
    combined,
    everything,
    gist,
    random_sentence,
    shown,
    written_note,
)

QUERY = "patient denies fever and cough at night"


class BruteForce:
    """Ranks by comparing with everything, in double precision. `places`: by note and position."""

    def __init__(self, encoder: Encoder, places: list[Place], texts: dict[str, str]) -> None:
        self.encoder = encoder
        self.places = places
        self.texts = texts
        openings = encoder.encode([encoder.opening(text) for text in texts.values()], bulk=True)
        self.openings = dict(zip(texts, openings.astype(np.float64), strict=True))
        self.asked: dict[str, Any] = {}
        texts = sorted({place.sentence for place in places})
        self.vector = dict(zip(texts, encoder.encode(texts).astype(np.float64), strict=True))

    def without(self, note_ids: set[str]) -> BruteForce:
        """Return the same without some notes."""
        kept = [place for place in self.places if place.note_id not in note_ids]
        return BruteForce(self.encoder, kept, {key: text for key, text in self.texts.items() if key not in note_ids})

    def sentences(self, query: str, passes: Passes) -> tuple[dict[str, float], dict[str, list[Place]]]:
        """Return the score and the places of every sentence that has a place that passes."""
        if query not in self.asked:
            self.asked[query] = self.encoder.encode([query], bulk=True)[0].astype(np.float64)
        places: dict[str, list[Place]] = {}
        for place in filter(passes, self.places):
            places.setdefault(place.sentence, []).append(place)
        return {text: float(self.vector[text] @ self.asked[query]) for text in places}, places

    def with_opening(self, note_id: str, best: float) -> float:
        """Return the score of a note whose best sentence has this one."""
        return float((self.openings[note_id] @ self.asked[QUERY] + 0.3 * best) / 1.3)

    def places_in(self, note_id: str, passes: Passes) -> list[Place]:
        return [place for place in self.places if place.note_id == note_id and passes(place)]

    def similar(self, note_id: str, passes: Passes) -> dict[str, Alike]:
        """Return how alike all other notes are that pass."""
        sentences: dict[str, list[str]] = {}
        for place in self.places:
            sentences.setdefault(place.note_id, []).append(place.sentence)
        alike = Likeness(self.texts, sentences, self.openings, self.vector)
        passing = {place.note_id for place in self.places if passes(place)} - {note_id}
        return {key: alike.of(note_id, key) for key in passing}


def assert_sentences(notes: Collection, brute: BruteForce, k: int, passes: Passes = everything, **where: Any) -> None:
    hits = notes.search(QUERY, k, mode="vector", **where)
    scores, places = brute.sentences(QUERY, passes)
    best: dict[int | str, float] = {}
    for text, score in scores.items():
        best[gist(text)] = max(score, best.get(gist(text), score))
    assert_ranked([(gist(str(hit.sentence)), hit.score) for hit in hits], best, k)
    for hit in hits:
        assert hit.variants == sum(gist(text) == gist(str(hit.sentence)) for text in scores) - 1
        assert shown(hit) == places[str(hit.sentence)][0]
        assert hit.occurrences == len(places[str(hit.sentence)])


def assert_notes(notes: Collection, brute: BruteForce, k: int, passes: Passes = everything, **where: Any) -> None:
    hits = notes.search(QUERY, k, level="note", mode="vector", **where)
    scores, places = brute.sentences(QUERY, passes)
    best: dict[str, float] = {}
    for sentence, score in scores.items():
        for place in places[sentence]:
            best[place.note_id] = max(score, best.get(place.note_id, score))
    if "section" not in where:
        best = {note_id: brute.with_opening(note_id, score) for note_id, score in best.items()}
    assert_ranked([(hit.note_id, hit.score) for hit in hits], best, k)
    for hit in hits:
        own = [place for place in places[str(hit.sentence)] if place.note_id == hit.note_id]
        assert shown(hit) == own[0]
        assert hit.occurrences == len(places[str(hit.sentence)])
        assert hit.parts is not None
        assert abs(scores[str(hit.sentence)] - hit.parts.cosine) < ROUNDING
        assert scores[str(hit.sentence)] == max(
            scores[place.sentence] for place in brute.places_in(hit.note_id, passes)
        )


def assert_similar(
    notes: Collection, brute: BruteForce, note_id: str, k: int, passes: Passes = everything, **where: Any
) -> None:
    hits = notes.similar(note_id, k, **where)
    expected = brute.similar(note_id, passes)
    scores = {key: alike.score for key, alike in expected.items()}
    assert_ranked([(hit.note_id, hit.score) for hit in hits], scores, k)
    assert {(hit.sentence, hit.start, hit.occurrences) for hit in hits} <= {(None, None, None)}
    for hit in hits:
        alike, parts = expected[hit.note_id], hit.parts
        assert parts is not None
        assert (parts.cosine, parts.vector, parts.keyword) == pytest.approx(
            (alike.openings, (alike.openings + 0.1 * alike.sentences) / 2.1, alike.words / 2.1), abs=ROUNDING
        )
        assert parts.vector + parts.keyword == pytest.approx(hit.score, abs=1e-6)
        assert (parts.assertion, parts.terms) == (0, ())


@pytest.fixture(scope="session")
def made_up(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path, tiny_encoder: Encoder):
    """150 made-up notes: the folder of their collection, indexed in five runs, and the brute force over them."""
    dice = random.Random(11)
    pool = [random_sentence(dice) for _ in range(40)]
    written = [written_note(dice, number, pool) for number in range(150)]
    folder = tmp_path_factory.mktemp("made-up")
    for part in range(5):
        lines = [json.dumps(record) for record, _ in written[part * 30 : part * 30 + 30]]
        (folder / f"{part}.jsonl").write_text("\n".join(lines))
        clinsearch.index(folder / f"{part}.jsonl", folder / "collection", model=str(tiny_model))
    places = [place for _, own in written for place in own]
    texts = {record["note_id"]: record["text"] for record, _ in written}
    return folder / "collection", BruteForce(tiny_encoder, places, texts)


@pytest.fixture(scope="session")
def notes(made_up) -> Collection:
    return Collection(made_up[0])


@pytest.fixture(scope="session")
def brute(made_up) -> BruteForce:
    return made_up[1]


small = indexed.small


def test_the_made_up_notes_stand_in_the_collection_as_they_were_written(notes: Collection, brute: BruteForce) -> None:
    status = notes.status()
    assert (status.notes, status.sentences, status.occurrences) == (150, len(brute.vector), len(brute.places))
    assert len(brute.vector) < len(brute.places)


@pytest.mark.drawn(6)
@pytest.mark.parametrize("k", [*range(1, 12), 50, 148, 149, 150, 151, 300, ALL])
def test_every_ranking_is_that_of_the_brute_force_for_every_k(notes: Collection, brute: BruteForce, k: int) -> None:
    assert_sentences(notes, brute, k)
    assert_notes(notes, brute, k)
    assert_similar(notes, brute, "note-077", k)


@pytest.mark.parametrize("level", ["sentence", "note", "similar"])
def test_with_any_filters_the_ranking_is_that_of_what_passes(notes: Collection, brute: BruteForce, level: str) -> None:
    for turn, choices in enumerate(COMBINATIONS):
        where, passes = combined(choices)
        k = (3, ALL, 1, 12, 40)[turn % 5]
        if level == "sentence":
            assert_sentences(notes, brute, k, passes, **where)
        elif level == "note":
            assert_notes(notes, brute, k, passes, **where)
        else:
            assert_similar(notes, brute, f"note-{turn % 150:03}", k, passes, **where)


def test_when_fewer_pass_than_are_wanted_all_that_pass_are_given(notes: Collection, brute: BruteForce) -> None:
    passing = {place.sentence for place in brute.places if place.patient_id == "P3"}
    hits = notes.search(QUERY, len(passing) + 7, patient_id="P3")
    assert {hit.sentence for hit in hits} == passing
    assert {hit.patient_id for hit in hits} == {"P3"}


@pytest.mark.parametrize(
    "where",
    [
        {"patient_id": "nobody"},
        {"patient_id": "p3"},
        {"note_type": "no such type"},
        {"section": "no such section"},
        {"since": "2031-01-01"},
        {"until": "1999-12-31"},
        {"since": "2024-03-20", "until": "2024-03-19"},
    ],
    ids=str,
)
def test_a_filter_that_nothing_passes_gives_nothing(notes: Collection, where: dict[str, str]) -> None:
    assert notes.search(QUERY, **where) == []
    assert notes.search(QUERY, level="note", **where) == []
    assert notes.similar("note-000", **where) == []


def test_a_note_type_in_letters_beyond_ascii_is_found_in_any_case(small) -> None:
    notes = small("Patient denies fever.", note_type="Évaluation")
    for asked in ("Évaluation", "évaluation", "ÉVALUATION"):
        assert len(notes.search("fever", note_type=asked)) == 1


@pytest.mark.parametrize("when", ["tomorrow", "2024-13-01", "2024-02-30T10:00", ""])
def test_what_is_no_date_is_refused(notes: Collection, when: str) -> None:
    with pytest.raises(InputError):
        notes.search(QUERY, since=when)


def test_places_are_all_where_the_sentence_stands_and_passes(notes: Collection, brute: BruteForce) -> None:
    hits = [hit for hit in notes.search(QUERY, ALL, mode="vector") if hit.occurrences != 1]
    assert len(hits) > 20
    for hit in hits:
        expected = [place for place in brute.places if place.sentence == hit.sentence]
        found = notes.places(hit)
        assert [shown(place) for place in found] == expected
        assert {(place.score, place.occurrences) for place in found} == {(hit.score, len(expected))}
        some = notes.places(hit, note_type="consult", section="HPI")
        assert [shown(place) for place in some] == [
            place
            for place in expected
            if place.note_type == "consult" and place.section == "history of present illness"
        ]


def test_a_deleted_note_is_never_found(made_up, tmp_path: Path) -> None:
    folder, brute = made_up
    notes = Collection(shutil.copytree(folder, tmp_path / "copy"))
    dice = random.Random(5)
    left = [f"note-{number:03}" for number in range(150)]
    for count in (1, 7, 30, 60):
        gone = set(dice.sample(left, count))
        assert notes.delete(sorted(gone)) == count
        left = [note_id for note_id in left if note_id not in gone]
        brute = brute.without(gone)
        assert_sentences(notes, brute, ALL)
        assert_sentences(notes, brute, 5)
        assert_notes(notes, brute, ALL)
        assert_similar(notes, brute, left[0], ALL)
        assert_similar(notes, brute, left[-1], 5)
        where, passes = combined((PATIENTS[2], NAMED_SECTIONS[1]))
        assert_sentences(notes, brute, ALL, passes, **where)
        with pytest.raises(NoteNotFound):
            notes.note(min(gone))
    assert notes.delete(left) == len(left)
    assert notes.search(QUERY) == []


def test_deleting_is_for_all_of_the_notes_or_for_none(made_up, tmp_path: Path) -> None:
    notes = Collection(shutil.copytree(made_up[0], tmp_path / "copy"))
    with pytest.raises(NoteNotFound, match="no-such-note"):
        notes.delete(["note-001", "no-such-note"])
    assert_sentences(notes, made_up[1], ALL)


def test_fewer_hits_are_the_first_of_more(notes: Collection) -> None:
    sentences = notes.search(QUERY, ALL, mode="vector")
    by_note = notes.search(QUERY, ALL, mode="vector", level="note")
    similar = notes.similar("note-003", ALL)
    for k in range(1, 40):
        assert notes.search(QUERY, k, mode="vector") == sentences[:k]
        assert notes.search(QUERY, k, mode="vector", level="note") == by_note[:k]
        assert notes.similar("note-003", k) == similar[:k]


@pytest.mark.parametrize("k", [0, -1, -ALL])
def test_fewer_than_one_result_cannot_be_asked_for(notes: Collection, k: int) -> None:
    with pytest.raises(InputError, match="1 or more"):
        notes.search(QUERY, k)
    with pytest.raises(InputError, match="1 or more"):
        notes.search(QUERY, k, level="note")
    with pytest.raises(InputError, match="1 or more"):
        notes.similar("note-000", k)


@pytest.mark.parametrize("query", ["", " ", "\n\t\u00a0"])
def test_a_blank_query_is_refused(notes: Collection, query: str) -> None:
    with pytest.raises(InputError, match="empty"):
        notes.search(query)
    with pytest.raises(InputError, match="empty"):
        notes.search(query, level="note")
    with pytest.raises(InputError, match="empty"):
        notes.explain_query(query, "note-000")


def test_a_note_that_is_not_there_is_named(notes: Collection) -> None:
    asked: list[Callable[[], object]] = [
        lambda: notes.similar("note-999"),
        lambda: notes.note("note-999"),
        lambda: notes.explain("note-000", "note-999"),
        lambda: notes.explain("note-999", "note-000"),
        lambda: notes.explain_query(QUERY, "note-999"),
        lambda: notes.delete(["note-999"]),
    ]
    for ask in asked:
        with pytest.raises(NoteNotFound, match="note-999"):
            ask()


def test_a_query_of_2000_words_is_compared_as_a_whole(
    notes: Collection, brute: BruteForce, tiny_encoder: Encoder
) -> None:
    words = random.Random(3).choices(WORDS[:-3], k=2000)
    start, whole = " ".join(words[:1000]), " ".join(words)
    assert_ranked(
        [(str(hit.sentence), hit.score) for hit in notes.search(whole, 50, mode="vector")],
        brute.sentences(whole, everything)[0],
        50,
    )
    assert np.abs(np.subtract(*tiny_encoder.encode([start, whole]))).max() > 1e-4


def test_white_space_around_a_query_does_not_matter(notes: Collection) -> None:
    assert notes.search(f" \n{QUERY}\t ") == notes.search(QUERY)


def test_the_sample_notes_are_ranked_as_by_brute_force(default_encoder: Encoder, tmp_path: Path) -> None:
    paths = sorted((PROJECT / "sample_notes").glob("P001-*.txt"))
    clinsearch.index(paths, tmp_path / "collection")
    notes = Collection(tmp_path / "collection")
    places: list[Place] = []
    for path in paths:
        view = notes.note(path.stem)
        labels = (path.stem, view.note.patient_id, view.note.note_type, view.note.note_datetime)
        places += [Place(*labels, s.section, s.sentence, s.start, s.end) for s in view.sentences]
    brute = BruteForce(default_encoder, places, {path.stem: notes.note(path.stem).note.text for path in paths})
    with Reader(tmp_path / "collection").snapshot() as snapshot:
        keys = snapshot.catalog.all_keys("sentence")
        texts = snapshot.catalog.sentence_texts(keys.tolist())
        stored = dict(zip(map(texts.__getitem__, keys.tolist()), snapshot.sentences.of(keys), strict=True))
        note_keys = {path.stem: snapshot.catalog.note(path.stem)[0] for path in paths}
        openings = snapshot.vectors_of("opening", np.array(list(note_keys.values()))).astype(np.float64)
    assert all(stored[text] @ vector == pytest.approx(1, abs=1e-3) for text, vector in brute.vector.items())
    for note_id, opening in zip(note_keys, openings, strict=True):
        assert opening @ brute.openings[note_id] == pytest.approx(1, abs=1e-3)
        brute.openings[note_id] = opening
    brute.vector = {text: vector.astype(np.float64) for text, vector in stored.items()}
    assert len(brute.vector) > 100

    def in_hpi(place: Place) -> bool:
        return place.section == "history of present illness"

    def of_2025(place: Place) -> bool:
        return place.note_datetime is not None and place.note_datetime.year == 2025

    for k in (1, 5, ALL):
        assert_sentences(notes, brute, k)
        assert_sentences(notes, brute, k, in_hpi, section="hpi")
        assert_sentences(notes, brute, k, of_2025, since="2025-01-01", until="2025-12-31")
        assert_notes(notes, brute, k)
        assert_notes(notes, brute, k, in_hpi, section="hpi")
        assert_similar(notes, brute, paths[0].stem, k)
