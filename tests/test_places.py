"""Whose finding it is belongs to the place: the same sentence stands under one heading here, under another there."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

import clinsearch
from clinsearch.collection import Collection
from clinsearch.encoder.encoder import Encoder
from clinsearch.language.assertions import find_assertions, said_at
from clinsearch.records import AssertedSpan, Hit, Said
from clinsearch.retrieval.agreement import disagreement, said_of
from tests.support.command_line import run_on

SENTENCE = "Colon cancer at 52."
# In this order, so that the first place is the one that is someone else's.
NOTES = {
    "family": f"FAMILY HISTORY:\n\nAdopted.\n\n{SENTENCE}",
    "own": f"ASSESSMENT:\n\nStable on rounds.\n\n{SENTENCE}",
    "past": f"PAST MEDICAL HISTORY:\n\nOf note.\n\n{SENTENCE}",
    "other-own": f"ASSESSMENT:\n\nSeen with the wife.\n\n{SENTENCE}",
    "denied": "ASSESSMENT:\n\nStable.\n\nNo colon cancer.",
    "denied-family": "FAMILY HISTORY:\n\nReviewed.\n\nNo colon cancer.",
}


def index(folder: Path, notes: dict[str, str], **options: Any) -> Collection:
    lines = [json.dumps({"note_id": note_id, "text": text, "note_type": note_id}) for note_id, text in notes.items()]
    (folder / "notes.jsonl").write_text("\n".join(lines))
    clinsearch.index(folder / "notes.jsonl", folder / "c", tokens=False, **options)
    return Collection(folder / "c")


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory, default_encoder: Encoder) -> Collection:
    return index(tmp_path_factory.mktemp("places"), NOTES)


def found(hits: list[Hit], sentence: str = SENTENCE) -> Hit:
    (hit,) = [hit for hit in hits if hit.sentence == sentence]
    return hit


def of_other(hit: Hit) -> set[bool]:
    assert hit.parts
    return {term.of_other for term in hit.parts.terms if " " not in term.term}


@pytest.mark.parametrize("mode", ["hybrid", "keyword", "vector"])
def test_a_sentence_is_shown_and_scored_where_it_is_the_patients_if_that_is_asked_for(
    notes: Collection, mode: str
) -> None:
    hit = found(notes.search("colon cancer", mode=mode, assertion="match"))
    assert (hit.note_id, hit.occurrences) == ("own", 4)
    assert hit.parts
    assert hit.parts.assertion == 0
    assert of_other(hit) <= {False}


@pytest.mark.parametrize("mode", ["hybrid", "keyword", "vector"])
def test_a_sentence_is_shown_where_it_is_a_relatives_if_the_family_history_is_asked_for(
    notes: Collection, mode: str
) -> None:
    hit = found(notes.search("family history of colon cancer", mode=mode, assertion="match"))
    assert (hit.note_id, hit.occurrences) == ("family", 4)
    assert hit.parts
    assert hit.parts.assertion == 0


def test_a_filter_leaves_only_the_places_that_pass(notes: Collection) -> None:
    hit = found(notes.search("colon cancer", note_type=["family", "past"]))
    assert (hit.note_id, hit.occurrences) == ("past", 2)
    assert of_other(hit) == {False}


def test_each_note_is_judged_by_its_own_place(notes: Collection) -> None:
    for mode in ("hybrid", "keyword"):
        hits = {hit.note_id: hit for hit in notes.search("colon cancer", level="note", mode=mode, assertion="match")}
        assert of_other(hits["family"]) == {True}
        assert of_other(hits["own"]) == of_other(hits["other-own"]) == {False}
        assert hits["own"].parts.assertion == 0 > hits["family"].parts.assertion
        assert {hits[note_id].occurrences for note_id in ("own", "other-own", "family")} == {4}


def test_only_places_that_deny_or_affirm_are_given_and_counted(tmp_path: Path, default_encoder: Encoder) -> None:
    """The patient's cancer is not asked for, so that three of the four places say something else."""
    notes = index(tmp_path, NOTES)
    query = "mother had colon cancer"
    for mode in ("hybrid", "keyword", "vector"):
        hits = notes.search(query, mode=mode, assertion="affirmed")
        assert [(hit.note_id, hit.occurrences) for hit in hits if "ancer" in str(hit.sentence)] == [("family", 1)]
        by_note = notes.search(query, level="note", mode=mode, assertion="affirmed")
        assert [(hit.note_id, hit.occurrences) for hit in by_note if "ancer" in str(hit.sentence)] == [("family", 1)]
        denied = notes.search(query, mode=mode, assertion="negated")
        assert [(hit.note_id, hit.occurrences) for hit in denied if "ancer" in str(hit.sentence)] == [
            ("denied-family", 1)
        ]


def test_denied_includes_what_is_denied_of_someone_else_and_affirmed_leaves_it_out(notes: Collection) -> None:
    negated = notes.search("colon cancer", mode="keyword", assertion="negated", note_type="denied-family")
    assert [(hit.note_id, hit.sentence) for hit in negated] == [("denied-family", "No colon cancer.")]
    assert notes.search("colon cancer", mode="keyword", assertion="affirmed", note_type="denied-family") == []
    shown = run_on(
        notes.location,
        "search",
        "colon cancer",
        "--mode",
        "keyword",
        "--assertion",
        "negated",
        "--type",
        "denied-family",
    )
    assert "denied here, of someone else: colon, cancer" in shown.stdout


def test_every_place_is_judged_by_its_own_section(notes: Collection) -> None:
    (hit,) = [hit for hit in notes.search("colon cancer") if hit.sentence == SENTENCE]
    places = notes.places(hit, query="colon cancer")
    assert [place.note_id for place in places] == ["own", "other-own", "past", "family"]
    assert [of_other(place) for place in places] == [{False}, {False}, {False}, {True}]
    assert places[0].score == places[1].score == pytest.approx(hit.score)
    assert places[1].score > places[2].score > places[3].score
    for place in places:
        assert place.parts
        parts = place.parts
        assert place.score == pytest.approx(parts.vector + parts.keyword + parts.assertion, abs=1e-6)
        assert place.occurrences == 4


def test_places_that_do_not_qualify_are_not_listed(notes: Collection) -> None:
    query = "family history of colon cancer"
    (hit,) = [hit for hit in notes.search(query, assertion="affirmed") if hit.sentence == SENTENCE]
    places = notes.places(hit, query=query, assertion="affirmed")
    assert [(place.note_id, place.occurrences) for place in places] == [("family", 1)]
    arguments = ("--assertion", "affirmed", "--every-place", "--format", "json")
    listed = json.loads(run_on(notes.location, "search", query, *arguments).stdout)
    assert [place["note_id"] for place in listed if place["sentence"] == SENTENCE] == ["family"]


def test_without_the_query_places_are_not_said_to_be_of_what_they_are_not(notes: Collection) -> None:
    places = notes.places(found(notes.search("colon cancer")))
    assert {(place.occurrences, place.parts) for place in places} == {(4, None)}


def test_the_terminal_says_of_someone_else_only_where_it_is(notes: Collection) -> None:
    assert "of someone else" not in run_on(notes.location, "search", "colon cancer", "-k", "1").stdout
    every = run_on(notes.location, "search", "colon cancer", "-k", "1", "--every-place").stdout
    assert every.count("of someone else here") == 1


def test_an_explanation_says_what_the_section_says(notes: Collection) -> None:
    run_on(notes.location, "search", "colon cancer", "-k", "1", "--every-place")
    says = [json.loads(run_on(notes.location, "explain", "--hit", n, "--format", "json").stdout) for n in "1234"]
    assert [one["section_assertion"] for one in says] == [None, None, "historical", "other"]
    assert [{term["of_other"] for term in one["parts"]["terms"]} for one in says] == [{False}, {False}, {False}, {True}]
    assert (
        "What stands under family history is of someone else" in run_on(notes.location, "explain", "--hit", "4").stdout
    )
    assert "What stands under" not in run_on(notes.location, "explain", "--hit", "1").stdout


def test_what_is_denied_of_someone_else_is_both() -> None:
    spans = (AssertedSpan(18, 30, "negated", 0, 2), AssertedSpan(18, 30, "other", 3, 17))
    assert said_at(spans, 18, 23) == Said("negated", of_other=True)
    assert said_at(spans[1:], 18, 23) == Said(of_other=True)
    assert said_at(spans[:1], 18, 23, "family history") == Said("negated", of_other=True)
    assert said_at((), 18, 23, "past medical history") == Said("historical")
    assert said_at(spans[:1], 18, 23, "past medical history") == Said("negated")


@pytest.mark.parametrize(
    ("asked", "nearer", "farther"),
    [
        (Said(of_other=True), Said(of_other=True), Said("negated", True)),
        (Said("negated", True), Said("negated", True), Said(of_other=True)),
        (Said("negated", True), Said("negated"), Said()),
        (Said(), Said(), Said(of_other=True)),
        (Said(), Said(of_other=True), Said("negated", True)),
        (Said("negated"), Said("negated"), Said("negated", True)),
        (Said("negated"), Said("negated", True), Said()),
    ],
)
def test_which_is_nearer(asked: Said, nearer: Said, farther: Said) -> None:
    near, far = (disagreement({"x": {asked}}, {"x": {said}}, {"x": 1.0})[0] for said in (nearer, farther))
    assert near < far


def test_the_section_goes_for_the_words_under_the_heading_and_not_for_its_own() -> None:
    heading = "Cancer in the family: "
    said = said_of(f"{heading}Father had colon polyps.", (), "family history", len(heading))
    assert said["cancer"] == said["family"] == {Said()}
    assert said["colon"] == said["polyp"] == {Said(of_other=True)}


def test_a_heading_that_its_answer_denies_is_denied() -> None:
    text = "Allergies:\nNone."
    spans = (AssertedSpan(0, 9, "negated", 11, 15),)
    assert said_of(text, spans, "allergies")["allergy"] == {Said("negated")}


def test_said_of_the_patient_has_the_spans_of_a_sentence() -> None:
    said = said_of("Denies fever.", find_assertions("Denies fever."))
    assert said == {"fever": {Said("negated")}}
