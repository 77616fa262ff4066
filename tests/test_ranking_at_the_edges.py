"""Ties, notes without a sentence, queries that are too long, and what is asked for wrongly."""

from __future__ import annotations

import json
from itertools import product
from pathlib import Path

import pytest

import clinsearch
from clinsearch.collection import Collection
from clinsearch.encoder.encoder import Encoder
from clinsearch.errors import InputError
from tests.conftest import WORDS
from tests.support import indexed
from tests.support.made_up_notes import ALL, assert_ranked

QUERY = "patient denies fever and cough at night"


small = indexed.small


def test_notes_of_equal_score_stand_in_the_order_in_which_they_came(small) -> None:
    notes = small(*["Patient denies fever."] * 20)
    ids = [f"{number:02}" for number in range(20)]
    for k in (1, 2, 7, 8, 9, 19, 20, 21):
        assert [hit.note_id for hit in notes.search("cough", k, mode="vector", level="note")] == ids[:k]
        others = [note_id for note_id in ids if note_id != "07"]
        assert [hit.note_id for hit in notes.similar("07", k)] == others[:k]


def test_sentences_that_the_model_cannot_tell_apart_keep_one_order_for_every_k(small) -> None:
    spellings = [f"Patient denies fever {unknown}." for unknown in "βγδε"]
    notes = small(*[f"{spelling}\n\nMild cough at night {n}.\n" for n, spelling in enumerate(spellings)])
    everything_found = notes.search("patient denies fever β.", ALL, mode="vector")
    assert {hit.sentence for hit in everything_found[:4]} == set(spellings)
    for k in range(1, 9):
        assert notes.search("patient denies fever β.", k, mode="vector") == everything_found[:k]
        assert Collection(notes.location).search("patient denies fever β.", k, mode="vector") == everything_found[:k]


def test_notes_that_tie_are_all_weighed_before_the_first_are_given(tmp_path: Path, tiny_model: Path) -> None:
    # Texts that the model takes for the same, each in a note of its own, in the reverse of their own order.
    spellings = sorted(" ".join(unknown) + "." for unknown in product("βγ", repeat=5))
    records = [{"note_id": f"{n:02}", "text": text} for n, text in enumerate(reversed(spellings))]
    (tmp_path / "notes.jsonl").write_text("\n".join(json.dumps(record) for record in records))
    clinsearch.index(tmp_path / "notes.jsonl", tmp_path / "collection", model=str(tiny_model))
    notes = Collection(tmp_path / "collection")
    sentences, by_note = notes.search(QUERY, ALL, mode="vector"), notes.search(QUERY, ALL, mode="vector", level="note")
    similar = notes.similar("17", ALL)
    assert (len(sentences), len(by_note), len(similar)) == (32, 32, 31)
    for k in range(1, 33):
        assert notes.search(QUERY, k, mode="vector") == sentences[:k]
        assert notes.search(QUERY, k, mode="vector", level="note") == by_note[:k]
        assert notes.similar("17", k) == similar[:k]


def test_a_note_full_of_good_sentences_does_not_keep_other_notes_away(small, tiny_encoder: Encoder) -> None:
    crowd = [f"{QUERY} {word}." for word in WORDS[:45]]
    others = ["The heart was clear.", "Needs three pillows.", "Mild edema on the left.", "Wound drainage."]
    notes = small("\n\n".join(crowd), *others)
    texts = [*crowd, *others]
    scores = dict(zip(texts, tiny_encoder.encode(texts) @ tiny_encoder.encode([QUERY])[0], strict=True))
    assert min(scores[text] for text in crowd) > max(scores[text] for text in others)
    best = {"00": max(scores[text] for text in crowd)} | {
        f"{n:02}": scores[text] for n, text in enumerate(others, start=1)
    }
    query = tiny_encoder.encode([QUERY])[0]
    openings = tiny_encoder.encode([tiny_encoder.opening("\n\n".join(crowd)), *others]) @ query
    best = {note_id: (openings[n] + 0.3 * best[note_id]) / 1.3 for n, note_id in enumerate(sorted(best))}
    for k in range(1, 7):
        hits = notes.search(QUERY, k, mode="vector", level="note")
        assert_ranked([(hit.note_id, hit.score) for hit in hits], best, k)


def test_a_note_without_a_sentence_cannot_be_compared_and_is_in_no_ones_way(small) -> None:
    notes = small("-----\n\n=====\n", "Patient denies fever.", "Mild cough at night.")
    assert (notes.status().notes, notes.note("00").sentences) == (3, ())
    for ask in (
        lambda: notes.similar("00"),
        lambda: notes.explain("00", "01"),
        lambda: notes.explain("01", "00"),
        lambda: notes.explain_query("fever", "00"),
    ):
        with pytest.raises(InputError, match="00"):
            ask()
    assert [hit.note_id for hit in notes.similar("01")] == ["02"]
    assert {hit.note_id for hit in notes.search("fever", level="note")} == {"01", "02"}


def test_a_collection_whose_only_note_has_no_sentence_finds_nothing(small) -> None:
    notes = small("-----\n")
    assert notes.search("fever") == []
    assert notes.search("fever", level="note", note_type="consult") == []
    with pytest.raises(InputError, match="00"):
        notes.similar("00")
