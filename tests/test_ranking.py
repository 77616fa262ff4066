"""Ranking by meaning, words and assertion: the parts of a score against the formula worked out by hand."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

import clinsearch
from clinsearch.collection import Collection
from clinsearch.encoder.encoder import Encoder
from clinsearch.errors import InputError
from clinsearch.language.assertions import find_assertions
from clinsearch.language.terms import terms_of
from clinsearch.records import Hit, Said
from clinsearch.retrieval.agreement import disagreement, said_of

NOTES = {
    "fever": "Patient has a fever of 39.2 since Monday.\n\nHe takes acetaminophen.",
    "no-fever": "Patient denies fever.\n\nHe takes acetaminophen.",
    "pneumonia": "Chest x-ray shows pneumonia of the left lower lobe.\n\nStart ceftriaxone 1 g b.i.d.",
    "family": "FAMILY HISTORY:\n\nMother had breast cancer at 52.",
    "cancer": "ASSESSMENT:\n\nInvasive breast cancer on the left.",
    "knee": "Knee pain after a fall.\n\nNo swelling.",
    "headings": "-----\n",
}


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory, default_encoder: Encoder) -> Collection:
    folder = tmp_path_factory.mktemp("ranking")
    lines = [json.dumps({"note_id": note_id, "text": text, "note_type": note_id}) for note_id, text in NOTES.items()]
    (folder / "notes.jsonl").write_text("\n".join(lines))
    clinsearch.index(folder / "notes.jsonl", folder / "c", tokens=False)
    return Collection(folder / "c")


def parts_add_up(hit: Hit) -> bool:
    assert hit.parts is not None
    assert sum(term.score for term in hit.parts.terms) == pytest.approx(hit.parts.keyword, abs=1e-6)
    return hit.score == pytest.approx(hit.parts.vector + hit.parts.keyword + hit.parts.assertion, abs=1e-6)


@pytest.mark.parametrize("level", ["sentence", "note"])
@pytest.mark.parametrize("mode", ["hybrid", "keyword"])
@pytest.mark.parametrize(
    "query", ["fever", "no fever", "breast cancer", "x-ray of the chest", '"breast cancer" pneumo*']
)
def test_the_parts_of_a_score_add_up_to_it(notes: Collection, query: str, mode: str, level: str) -> None:
    hits = notes.search(query, 20, level=level, mode=mode)
    assert hits
    assert all(map(parts_add_up, hits))
    assert [hit.score for hit in hits] == sorted((hit.score for hit in hits), reverse=True)


def test_a_sentence_scores_as_the_formula_says(notes: Collection, default_encoder: Encoder) -> None:
    query = "knee swelling"
    hits = notes.search(query, 20, assertion="any", synonyms=False)
    vector = default_encoder.encode([query])[0]
    idf = np.log1p((9 - 1 + 0.5) / 1.5)
    most_by_words = 2.2 * (2 + 0.65) * idf**2
    by_words = notes.search(query, 20, mode="keyword", synonyms=False)
    bm25 = {str(hit.sentence): hit.score * most_by_words for hit in by_words}
    assert bm25.keys() == {
        text for text in (str(hit.sentence) for hit in hits) if {"knee", "swelling"} & set(terms_of(text))
    }
    second = sorted(bm25.values())[-2]
    full = 1.5 * max(second, 0.5 * 2.2 * 2 * idf**2)
    for hit in hits:
        cosine = float(default_encoder.encode([str(hit.sentence)])[0] @ vector)
        expected = (cosine + 0.345 * min(bm25.get(str(hit.sentence), 0.0) / full, 1)) / 1.345
        assert hit.score == pytest.approx(expected, abs=3e-3)


def test_a_note_scores_as_the_formula_says(notes: Collection, default_encoder: Encoder) -> None:
    query = "Knee pain. Swelling after a fall."
    hits = notes.search(query, 20, level="note", mode="vector")
    assert {hit.note_id for hit in hits} == NOTES.keys() - {"headings"}
    opening, *of_query = default_encoder.encode([query, "Knee pain.", "Swelling after a fall."])
    lengths = np.array([len(terms_of(text)) + 1 for text in ("Knee pain.", "Swelling after a fall.")])
    for hit in hits:
        view = notes.note(hit.note_id)
        sentences = default_encoder.encode([place.sentence for place in view.sentences])
        best = np.array([(sentences @ one).max() for one in of_query])
        whole = default_encoder.encode([" ".join(view.note.text.split())])[0] @ opening
        assert hit.score == pytest.approx((whole + 0.3 * best @ lengths / lengths.sum()) / 1.3, abs=3e-3)


def test_what_is_denied_is_found_by_denial_and_what_is_so_by_its_name(notes: Collection) -> None:
    assert notes.search("fever", 1)[0].note_id == "fever"
    assert notes.search("no fever", 1)[0].note_id == "no-fever"
    assert notes.search("patient denies fevers", 1, level="note")[0].note_id == "no-fever"


def test_only_what_affirms_or_denies_is_given_on_request(notes: Collection) -> None:
    affirmed = {hit.note_id for hit in notes.search("fever", 20, assertion="affirmed", mode="keyword")}
    negated = {hit.note_id for hit in notes.search("fever", 20, assertion="negated", mode="keyword")}
    assert (affirmed, negated) == ({"fever"}, {"no-fever"})


def test_as_many_as_there_are_are_found_that_deny(tmp_path: Path, default_encoder: Encoder) -> None:
    """However far down they stand: there are more that affirm than are looked at first."""
    texts = [f"Fever of {n} degrees." for n in range(120)] + ["Denies any fever whatsoever at home."]
    (tmp_path / "n.jsonl").write_text(
        "\n".join(json.dumps({"note_id": str(i), "text": t}) for i, t in enumerate(texts))
    )
    clinsearch.index(tmp_path / "n.jsonl", tmp_path / "c", tokens=False)
    notes = Collection(tmp_path / "c")
    for mode in ("hybrid", "vector", "keyword"):
        for level in ("sentence", "note"):
            found = notes.search("fever", 5, mode=mode, level=level, assertion="negated")
            assert [hit.note_id for hit in found] == ["120"]


def test_what_a_note_found_by_words_says_is_looked_for_in_the_sentence_that_has_them(
    tmp_path: Path, tiny_model: Path
) -> None:
    """Not in the one whose vector is the nearest, of this model's any one."""
    record = {"note_id": "n", "text": "Denies cough. Heart is clear. Fever of 39.2 was in the left lung."}
    (tmp_path / "n.jsonl").write_text(json.dumps(record))
    clinsearch.index(tmp_path / "n.jsonl", tmp_path / "c", model=str(tiny_model))
    notes = Collection(tmp_path / "c")
    for query, affirmed in (("cough", False), ("fever", True)):
        for choice in ("affirmed", "negated"):
            found = notes.search(query, mode="keyword", level="note", assertion=choice)
            assert len(found) == ((choice == "affirmed") == affirmed)


def test_what_a_query_supposes_it_asks_for_on_purpose() -> None:
    weights = {"dvt": 1.0}
    ruled_out, named = (said_of(text, find_assertions(text)) for text in ("rule out DVT", "DVT"))
    so, perhaps = (said_of(text, find_assertions(text)) for text in ("Found a DVT.", "Possible DVT."))
    assert disagreement(ruled_out, perhaps, weights)[0] == 0
    assert disagreement(ruled_out, so, weights)[0] == 0.4
    assert disagreement(named, perhaps, weights)[0] == 0.1


def test_the_sentence_shown_of_a_note_found_by_words_has_them(notes: Collection) -> None:
    (hit,) = notes.search("ceftri*", mode="keyword", level="note")
    assert "ceftriaxone" in str(hit.sentence)
    assert hit.parts is not None
    assert hit.parts.cosine is None


def test_a_hit_says_what_is_said_of_the_querys_words(notes: Collection) -> None:
    (hit,) = (hit for hit in notes.search("breast cancer", 5) if hit.note_id == "family")
    assert hit.parts is not None
    assert {term.term: (term.assertion, term.of_other) for term in hit.parts.terms if " " not in term.term} == {
        "breast": (None, True),
        "cancer": (None, True),
    }


def test_what_stands_under_family_history_is_someone_elses() -> None:
    said = said_of("Breast cancer.", (), "family history")
    assert said == {"breast": {Said(of_other=True)}, "cancer": {Said(of_other=True)}}


@pytest.mark.parametrize(
    ("query", "text", "apart"),
    [
        ("fever", "Has a fever.", 0.0),
        ("fever", "Denies fever.", 1.0),
        ("no fever", "Denies fever.", 0.0),
        ("no fever", "Has a fever.", 1.0),
        ("fever", "Denies fever on Monday; on Tuesday fever.", 0.0),
        ("fever", "Possible fever.", 0.1),
        ("no fever", "Possible fever.", 0.5),
        ("fever and cough", "No fever, but a cough.", 0.5),
        ("fever", "Denies cough.", 0.5),
        ("fever", "", 0.0),
        ("fever cough chills pain nausea vomiting rash edema", "Denies fever.", 1.0),
    ],
)
def test_how_far_a_text_disagrees(query: str, text: str, apart: float) -> None:
    asked, said = (said_of(one, find_assertions(one)) for one in (query, text))
    assert disagreement(asked, said, dict.fromkeys(asked, 1.0))[0] == pytest.approx(apart)


def test_keywords_find_only_what_has_them(notes: Collection) -> None:
    assert [hit.note_id for hit in notes.search('"breast cancer"', mode="keyword", level="note")] != []
    assert notes.search('"cancer breast"', mode="keyword") == []
    assert {hit.note_id for hit in notes.search("ceftri*", mode="keyword")} == {"pneumonia"}
    assert {hit.note_id for hit in notes.search("BID", mode="keyword")} == {"pneumonia"}
    assert {hit.note_id for hit in notes.search("39.2", mode="keyword", level="note")} == {"fever"}


@pytest.mark.parametrize("mode", ["hybrid", "vector", "keyword"])
@pytest.mark.parametrize("level", ["sentence", "note"])
def test_filters_hold_in_every_mode(notes: Collection, mode: str, level: str) -> None:
    hits = notes.search("fever acetaminophen", 20, level=level, mode=mode, note_type="no-fever")
    assert {hit.note_id for hit in hits} == {"no-fever"}
    hits = notes.search("breast cancer", 20, level=level, mode=mode, section="family history")
    assert {hit.note_id for hit in hits} == {"family"}


def test_fewer_hits_are_the_first_of_more(notes: Collection) -> None:
    for level in ("sentence", "note"):
        all_of_them = notes.search("fever and breast cancer", 20, level=level)
        for k in range(1, 9):
            assert notes.search("fever and breast cancer", k, level=level) == all_of_them[:k]


def test_a_deleted_note_is_in_no_ranking(tmp_path: Path, default_encoder: Encoder) -> None:
    (tmp_path / "notes.jsonl").write_text("\n".join(json.dumps({"note_id": i, "text": t}) for i, t in NOTES.items()))
    clinsearch.index(tmp_path / "notes.jsonl", tmp_path / "c", tokens=False)
    notes = Collection(tmp_path / "c")
    assert notes.search("pneumonia", mode="keyword", level="note")
    notes.delete(["pneumonia"])
    for mode in ("hybrid", "vector", "keyword"):
        for level in ("sentence", "note"):
            assert all(hit.note_id != "pneumonia" for hit in notes.search("pneumonia", 20, mode=mode, level=level))
    assert notes.search("pneumonia", mode="keyword") == []


def test_a_mode_that_there_is_not_is_refused(notes: Collection) -> None:
    with pytest.raises(InputError, match="hybrid, vector, keyword"):
        notes.search("fever", mode="semantic")  # type: ignore[arg-type]
