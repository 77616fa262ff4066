"""Notes like a note where it is hard: signs of queries in notes, few candidates, many copies, any short notes."""

from __future__ import annotations

import json
import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import clinsearch
from clinsearch.collection import Collection
from clinsearch.language.terms import terms_of
from clinsearch.retrieval import similar
from tests.conftest import STORED
from tests.support import indexed
from tests.support.made_up_notes import ALL, random_sentence

small = indexed.small


def without_signs(text: str) -> str:
    return text.replace('"', "").replace("*", "")


def test_quotations_inches_and_bullets_in_a_note_are_no_phrases_of_a_query(small) -> None:
    """Each word counts by itself: the same note without such signs is as like to others in words."""
    text = 'Says "mild cough at night" and "chest pain"; wound of 3", drainage* of 5" on the left.'
    others = ["Mild edema, cough of the left lung.", "Drainage. Chest clear, pain is mild.", "Heart stable at night."]
    notes: Collection = small(text, without_signs(text), *others)
    signed, plain = ({hit.note_id: hit.parts for hit in notes.similar(note_id)} for note_id in ("00", "01"))
    assert signed["01"].keyword == plain["00"].keyword > 0.47
    for number in range(2, 5):
        assert signed[f"{number:02}"].keyword == plain[f"{number:02}"].keyword > 0


def made_of(folder: Path, model: Path, texts: Sequence[str]) -> Collection:
    folder.mkdir(exist_ok=True)
    records = [{"note_id": f"{number:03}", "text": text} for number, text in enumerate(texts)]
    (folder / "notes.jsonl").write_text("\n".join(map(json.dumps, records)), encoding="utf-8")
    clinsearch.index(folder / "notes.jsonl", folder / "collection", model=str(model), tokens=False)
    return Collection(folder / "collection")


def test_among_few_candidates_as_many_are_found_as_there_are(
    tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    dice = random.Random(8)
    texts = ["\n\n".join(random_sentence(dice) for _ in range(4)) for _ in range(60)]
    notes = made_of(tmp_path, tiny_model, [*texts, *[texts[0]] * 20])
    monkeypatch.setattr(similar, "LEAST_CANDIDATES", 1)
    monkeypatch.setattr(similar, "CANDIDATES_PER_HIT", 1)
    for k in (1, 2, 7, 30, 59, 79, 200):
        assert len(notes.similar("005", k)) == min(k, 79)
        alike = [hit.note_id for hit in notes.similar("000", k, copies=False)]
        assert len(alike) == min(k, 59)
        assert set(alike) <= {f"{number:03}" for number in range(1, 60)}


def test_the_defaults_find_the_first_hits_of_many_notes(tmp_path: Path, tiny_model: Path) -> None:
    """Of 700 notes two hundred are looked at: the ten best of all are among them."""
    dice = random.Random(9)
    pool = [random_sentence(dice) for _ in range(300)]
    texts = ["\n\n".join(dice.choice(pool) for _ in range(5)) for _ in range(700)]
    notes = made_of(tmp_path, tiny_model, texts)
    for number in (0, 123, 699):
        everything = notes.similar(f"{number:03}", 700)
        assert [hit.note_id for hit in notes.similar(f"{number:03}", 10)] == [hit.note_id for hit in everything[:10]]


def assert_compared(notes: Collection) -> None:
    """Assert that every note with a sentence is compared with all others of these, and explained with its score."""
    ids = [hit.note_id for hit in notes.search("fever", ALL, level="note", mode="vector")]
    for note_id in ids:
        hits = notes.similar(note_id, ALL)
        assert sorted([*(hit.note_id for hit in hits), note_id]) == sorted(ids)
        # What has no words has none in common, not even with itself.
        itself = 1.0 if terms_of(notes.note(note_id).note.text) else 1.1 / 2.1
        for other, score in [(hit.note_id, hit.score) for hit in hits] + [(note_id, itself)]:
            explained = notes.explain(note_id, other, pairs=2)
            assert explained.score == pytest.approx(score, abs=STORED)
            assert 0 <= explained.score <= 1 + 1e-6
            assert abs(explained.residual) < 1e-6
            assert 0 <= explained.in_common <= explained.score + 1e-6


EDGES = [
    ["Patient denies fever."],
    ["Patient denies fever."] * 4,
    ["Fever.", "Fever. Fever. Fever.", "Cough."],
    ["The patient is the patient.", "It is.", "No."],
    ['"Fever" and "', '"" * ** "fever*" 5\' 6"', '* fever\n* cough*\n* "night sweats"', '"' * 9 + " fever"],
    ["!!! ???", "\u0639\u05d0 \U0001f600", "\u200f\u0301 fever"],
]


@pytest.mark.parametrize("texts", EDGES, ids=range(len(EDGES)))
def test_whatever_notes_say_they_are_compared(tmp_path: Path, tiny_model: Path, texts: list[str]) -> None:
    assert_compared(made_of(tmp_path, tiny_model, texts))


def test_the_only_note_has_none_like_it(small) -> None:
    notes = small("Patient denies fever. Mild cough at night.")
    assert notes.similar("00") == []
    assert notes.similar("00", copies=False, diverse=True) == []


@settings(max_examples=6, deadline=None)
@given(texts=st.lists(st.text("fev er.\"*\n'-5é:\u05d0", min_size=1, max_size=60), min_size=1, max_size=4))
def test_any_notes_are_compared(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path, texts: list[str]) -> None:
    assert_compared(made_of(tmp_path_factory.mktemp("any"), tiny_model, [*texts, "Mild fever at night."]))
