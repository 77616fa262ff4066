"""What search answers clinicians' questions with, by the carried model: names, values, several things, and nothing."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

import clinsearch
from clinsearch.collection import Collection

TEXTS = {
    "dyspnea": "HPI: She was short of breath climbing stairs.\n\nPLAN: Walk daily.",
    "stout": "PHYSICAL EXAMINATION: Stout.\n\nWD, WN.",
    "low": "ECHO: Ejection fraction is 25%.",
    "near": "ECHO: Ejection fraction is 45%.",
    "normal": "ECHO: Ejection fraction is 65%.",
    "bleed": "HPI: She came with a gastrointestinal bleed.",
    "both": "MEDICATIONS: Coumadin.\n\nHPI: He was admitted with a GI hemorrhage.",
    "warfarin": "MEDICATIONS: Warfarin 5 mg daily.",
    "smoker": "SOCIAL HISTORY: He has not quit smoking.",
}


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory) -> Collection:
    folder: Path = tmp_path_factory.mktemp("answers")
    records = [{"note_id": note_id, "text": text} for note_id, text in TEXTS.items()]
    (folder / "n.jsonl").write_text("\n".join(map(json.dumps, records)))
    clinsearch.index(folder / "n.jsonl", folder / "c", tokens=False)
    return Collection(folder / "c")


def first(notes: Collection, query: str, **options: object) -> str:
    return notes.search(query, 3, **options)[0].note_id  # type: ignore[arg-type]


def test_an_abbreviation_finds_what_it_stands_for_in_plain_words(notes: Collection) -> None:
    assert first(notes, "SOB") == "dyspnea"
    (name,) = {term.stands_for for term in notes.search("SOB", 1)[0].parts.terms}  # type: ignore[union-attr]
    assert name == "SOB"
    assert not notes.search("SOB", 1, mode="keyword", synonyms=False)


def test_a_value_that_is_as_asked_stands_first_and_the_nearest_next(notes: Collection) -> None:
    hits = notes.search("EF below 40", 3)
    assert [hit.note_id for hit in hits] == ["low", "near", "normal"]
    assert [hit.parts.values[0].meets for hit in hits] == [True, False, False]  # type: ignore[union-attr]
    assert all(0 <= hit.score <= 1 for hit in hits)


def test_a_note_with_both_stands_before_notes_with_one(notes: Collection) -> None:
    hits = notes.search("warfarin with GI bleed", 3, level="note")
    assert hits[0].note_id == "both"
    assert {one.asked for one in hits[0].parts.evidence} == {"warfarin", "GI bleed"}  # type: ignore[union-attr]


def test_a_least_score_leaves_out_what_is_lower_and_nothing_is_about_nonsense(notes: Collection) -> None:
    hits = notes.search("shortness of breath", 9)
    least = hits[2].score
    kept = notes.search("shortness of breath", 9, min_score=least)
    assert [hit.note_id for hit in kept] == [hit.note_id for hit in hits if hit.score >= least]
    assert not hits[0].is_chance
    assert notes.search("quarterly revenue report", 1)[0].is_chance


def test_a_misspelt_query_finds_what_was_meant_unless_words_are_taken_as_they_are(notes: Collection) -> None:
    (hit,) = notes.search("warfarrin", 1, mode="keyword")
    assert hit.note_id in ("warfarin", "both")
    assert hit.parts is not None
    assert hit.parts.meant == "warfarin"
    assert not notes.search("warfarrin", 1, mode="keyword", exact=True)
