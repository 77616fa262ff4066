"""Sentences in nearly the same words as one hit, hits that differ, and notes that are copies."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from click.testing import CliRunner

from clinsearch import Collection, index
from clinsearch.cli.main import main
from clinsearch.language.assertions import find_assertions
from clinsearch.language.gists import gist_of
from clinsearch.retrieval.repetition import RELEVANCE, diverse


def gist(text: str) -> int | None:
    return gist_of(text, find_assertions(text))


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Denies fever.", "No fevers"),
        ("The lungs are clear to auscultation.", "Lungs clear to auscultation"),
        ("Patient has chest pain.", "She has chest pain"),
        ("Continue metoprolol 25 mg b.i.d.", "CONTINUE METOPROLOL 25 mg BID."),
    ],
)
def test_nearly_the_same(one: str, other: str) -> None:
    assert gist(one) == gist(other) is not None


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Denies fever.", "Fever."),
        ("Pain in the left knee, swelling in the right.", "Pain in the right knee, swelling in the left."),
        ("Metoprolol 25 mg.", "Metoprolol 50 mg."),
        ("Pain before meals.", "Pain after meals."),
        ("Possible pneumonia.", "Pneumonia."),
        ("Mother had a stroke.", "Had a stroke."),
        ("Lungs were clear.", "Lungs are clear."),
    ],
)
def test_not_nearly_the_same(one: str, other: str) -> None:
    assert gist(one) != gist(other)


def test_a_sentence_of_nothing_but_such_words_is_like_no_other() -> None:
    assert gist("There is the.") is None
    assert gist("***") is None


VARIANTS = ["Denies chest pain.", "No chest pain.", "The patient denies chest pain."]
OTHERS = ["Chest pain at night.", "Wound drainage is stable.", "Mild edema of the left leg."]


@pytest.fixture
def notes(tiny_model: Path, tmp_path: Path) -> Collection:
    """Three notes that deny chest pain in other words each, the first of which is there twice, and others."""
    texts = [f"{VARIANTS[number % 3]} {OTHERS[number % 3]}" for number in range(4)]
    path = tmp_path / "notes.jsonl"
    lines = [json.dumps({"note_id": f"n{number}", "text": text}) for number, text in enumerate(texts)]
    path.write_text("\n".join(lines), encoding="utf-8")
    index([path], tmp_path / "c", model=str(tiny_model))
    return Collection(tmp_path / "c")


@pytest.mark.parametrize("mode", ["hybrid", "vector", "keyword"])
def test_near_identical_sentences_are_one_hit_whose_places_can_all_be_had(notes: Collection, mode: str) -> None:
    hits = notes.search("no chest pain", 10, mode=mode)
    (denied,) = [hit for hit in hits if hit.sentence in VARIANTS]
    assert denied.variants == 2
    assert all(hit.variants == 0 for hit in hits if hit is not denied)
    assert len(hits) == (4 if mode == "vector" else len(hits))
    places = notes.places(denied)
    assert {(place.note_id, place.sentence) for place in places} == {
        (f"n{number}", VARIANTS[number % 3]) for number in range(4)
    }
    assert places[0].sentence == denied.sentence
    of_first = [place for place in places if place.sentence == VARIANTS[0]]
    assert [place.occurrences for place in of_first] == [2, 2]


def test_as_many_hits_as_are_asked_for_where_the_nearest_are_nearly_the_same(notes: Collection) -> None:
    hits = notes.search("no chest pain", 4, mode="vector")
    every = {str(hit.sentence) for hit in hits}
    assert len(hits) == 4
    assert every > set(OTHERS)


def test_variants_that_do_not_pass_a_filter_are_not_counted(tiny_model: Path, tmp_path: Path) -> None:
    path = tmp_path / "notes.jsonl"
    lines = [
        json.dumps({"note_id": f"n{number}", "patient_id": f"p{number % 2}", "text": text})
        for number, text in enumerate([*VARIANTS, *OTHERS])
    ]
    path.write_text("\n".join(lines), encoding="utf-8")
    index([path], tmp_path / "c", model=str(tiny_model))
    hits = Collection(tmp_path / "c").search("no chest pain", 10, patient_id="p0")
    assert [hit.variants for hit in hits if hit.sentence in VARIANTS] == [1]


def test_the_terminal_says_so(notes: Collection) -> None:
    found = CliRunner().invoke(main, ["search", "no chest pain", "--collection", str(notes.location)])
    assert "2 more in nearly the same words" in found.stdout
    every = CliRunner().invoke(main, ["search", "no chest pain", "--every-place", "--collection", str(notes.location)])
    assert all(variant in every.stdout for variant in VARIANTS)


def test_diverse_hits_are_chosen_one_by_one() -> None:
    rng = np.random.default_rng(3)
    vectors = rng.normal(size=(40, 8)).astype(np.float32)
    vectors /= np.linalg.norm(vectors, axis=1, keepdims=True)
    scores = rng.random(40)
    chosen: list[int] = []
    for _ in range(7):

        def value(at: int) -> float:
            likeness = max((float(vectors[at] @ vectors[other]) for other in chosen), default=0.0)
            return RELEVANCE * float(scores[at]) - (1 - RELEVANCE) * max(likeness, 0.0)

        chosen.append(max((at for at in range(40) if at not in chosen), key=value))
    assert diverse(scores.tolist(), vectors, 7) == chosen


@pytest.mark.parametrize("level", ["sentence", "note"])
def test_diverse_hits_begin_with_the_best_and_are_among_the_good(notes: Collection, level: str) -> None:
    best, other = (notes.search("no chest pain", 3, level=level, diverse=choice) for choice in (False, True))
    assert other[0] == best[0]
    assert len({(hit.note_id, hit.sentence) for hit in other}) == 3
    wide = notes.search("no chest pain", 10, level=level)
    assert {hit.score for hit in other} <= {hit.score for hit in wide}


def test_similar_leaves_out_copies_on_request(tiny_model: Path, tmp_path: Path) -> None:
    body = ["Chest pain at night.", "Wound drainage is stable.", "Mild edema of the left leg.", "Lungs are clear."]
    texts = {
        "own": body,
        "copied": [*body[:3], "Sleeps flat.", "Fever and chills at home with cough.", "Weight loss, no appetite."],
        "reworded": ["Chest pain at night.", "The wound drainage is stable.", *body[2:]],
        "other": ["Short of breath lying flat.", "Needs three pillows to sleep.", body[3]],
    }
    path = tmp_path / "notes.jsonl"
    path.write_text("\n".join(json.dumps({"note_id": k, "text": " ".join(v)}) for k, v in texts.items()))
    index([path], tmp_path / "c", model=str(tiny_model))
    notes = Collection(tmp_path / "c")
    assert {hit.note_id for hit in notes.similar("own")} == {"copied", "reworded", "other"}
    assert [hit.note_id for hit in notes.similar("own", copies=False)] == ["other"]
    assert [hit.note_id for hit in notes.similar("own", 1, copies=False)] == ["other"]
    assert notes.similar("own", 2, diverse=True)[0] == notes.similar("own", 1)[0]
