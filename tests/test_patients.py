"""Patients by their notes: the ranking against the grouping of an exhaustive one, and what is said of each."""

from __future__ import annotations

import json
import random
from collections.abc import Iterable
from math import log2
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import clinsearch
from clinsearch.collection import Collection
from clinsearch.errors import InputError
from clinsearch.readers.requests import make_filter
from clinsearch.records import Hit, PatientHit
from clinsearch.retrieval import patients as ranking
from clinsearch.retrieval import question
from clinsearch.retrieval.judging import Judge
from clinsearch.retrieval.keywords import Keywords
from clinsearch.retrieval.question import ask
from clinsearch.retrieval.several import Requirement
from tests.support.command_line import json_on, run_on
from tests.support.made_up_notes import ALL, ROUNDING, gist

PATTERNS = [
    "Fever {0} after the wound {1}.",
    "Denies fever, {0} and {1}.",
    "Cough with {0} at night, {1}.",
    "No cough on {0} {1}.",
    "His father had chest pain and {0} {1}.",
    "Possible edema of {0} {1}.",
    "Mild edema, {0} {1}.",
    "Return if fever or {0} {1}.",
    "Heart {0}, lung {1}.",
]
SOME = ["stable", "clear", "home", "sleep", "breath", "weakness", "chills", "pillows", "drainage", "appetite"]
QUERIES = ["fever", "no cough at night"]
FILTERS: list[dict[str, Any]] = [{}, {"note_type": "progress"}, {"since": "2024-06"}, {"patient_id": ["p1", "p4"]}]


def made_up(notes: int = 32) -> list[dict[str, Any]]:
    """Make notes of three sentences, no two of which are nearly the same; a fifth of them are no patient's."""
    rng = random.Random(11)
    sentences = {gist(text): text for text in (p.format(a, b) for p in PATTERNS for a in SOME for b in SOME)}
    left = sorted(sentences.values())
    rng.shuffle(left)
    made = []
    for number in range(notes):
        some = [left.pop() for _ in range(2)] + [rng.choice(left)]
        made.append(
            {
                "note_id": f"n{number:02}",
                "patient_id": None if number % 5 == 0 else f"p{rng.randrange(7)}",
                "note_type": rng.choice(["progress", "nursing"]),
                "note_datetime": f"2024-{rng.randrange(1, 13):02}-03",
                "text": "PLAN:\n\n" + "\n\n".join(some),
            }
        )
    return made


def indexed(folder: Path, model: Path, records: Iterable[dict[str, Any]]) -> Collection:
    (folder / "n.jsonl").write_text("\n".join(map(json.dumps, records)))
    clinsearch.index(folder / "n.jsonl", folder / "c", model=str(model))
    return Collection(folder / "c")


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Collection:
    return indexed(tmp_path_factory.mktemp("patients"), tiny_model, made_up())


def owner(hit: Hit) -> str:
    return hit.patient_id or hit.note_id


def name(patient: PatientHit) -> str:
    return patient.patient_id or str(patient.note_id)


def assert_best(found: list[PatientHit], expected: dict[str, float], k: int) -> None:
    """Assert that these are the k best; rounding may part only ties."""
    assert len(found) == min(k, len(expected))
    assert len({name(one) for one in found}) == len(found)
    best = sorted(expected.values(), reverse=True)[:k]
    assert [one.score for one in found] == pytest.approx(best, abs=ROUNDING)
    assert [one.score for one in found] == pytest.approx([expected[name(one)] for one in found], abs=ROUNDING)


@pytest.mark.drawn(6)
@pytest.mark.parametrize("filters", FILTERS)
@pytest.mark.parametrize(
    "how",
    [{}, {"assertion": "any"}, {"assertion": "affirmed"}, {"mode": "keyword"}, {"mode": "vector"}],
    ids=lambda how: "-".join(how.values()) or "default",
)
def test_patients_are_ranked_as_an_exhaustive_search_for_sentences_would_group_them(
    notes: Collection, how: dict[str, Any], filters: dict[str, Any]
) -> None:
    for query in QUERIES:
        expected: dict[str, float] = {}
        for hit in notes.search(query, ALL, **how, **filters):
            places = notes.places(hit, query=query, **how, **filters) if how.get("mode") != "vector" else None
            for place in places if places is not None else notes.places(hit, **filters):
                expected[owner(place)] = max(place.score, expected.get(owner(place), -np.inf))
        for k in (3, ALL):
            found = notes.search(query, k, level="patient", **how, **filters)
            assert_best(found, expected, k)
            assert all(one.is_certain for one in found)


def best_of_parts(notes: Collection, query: str, filters: dict[str, Any]) -> dict[str, dict[str, float]]:
    """Score every sentence at every place for each part of a query; return the best of each patient."""
    best: dict[str, dict[str, float]] = {}
    with notes._reader.snapshot() as snapshot:
        catalog, where = snapshot.catalog, snapshot.catalog.spelt(make_filter(**filters))
        asked = ask(query, notes._readers.of(catalog, synonyms=True, exact=False), "hybrid", None, where)
        keys = catalog.sentence_keys(where)
        for part in asked.parts:
            scored = Requirement(snapshot, notes._encoder_of(snapshot), part).scored(keys)
            weights = Keywords(catalog.keywords("sentence"), part.text, part.expansions).weight_of_terms
            judge = Judge(catalog, part, weights)
            for one in judge.at_places(catalog.occurrences(keys.tolist(), where)):
                score = scored[one.place.sentence_key].score
                of_owner = best.setdefault(one.place.note.patient_id or one.place.note.note_id, {})
                of_owner[part.text] = max(score - judge.lost(one, score), of_owner.get(part.text, 0.0))
    return best


@pytest.mark.parametrize("filters", FILTERS)
@pytest.mark.parametrize("query", ["fever with edema", "cough and chest pain"])
def test_of_several_things_the_best_evidence_in_any_note_of_the_patient_counts(
    notes: Collection, query: str, filters: dict[str, Any]
) -> None:
    best = best_of_parts(notes, query, filters)
    assert all(len(of_owner) == 2 for of_owner in best.values())
    expected = {key: 2 ** np.mean([log2(score) for score in parts.values()]) for key, parts in best.items()}
    for k in (1, 3, ALL):
        found = notes.search(query, k, level="patient", **filters)
        assert_best(found, expected, k)
        for one in found:
            scores = {evidence.asked: evidence.score for evidence in one.evidence}
            assert scores == pytest.approx(best[name(one)], abs=ROUNDING)


def test_a_patient_with_everything_does_not_hide_the_others(tmp_path: Path, tiny_model: Path) -> None:
    said = "Fever and chills, {}{}{}."
    letters = "abcdefghij"
    crowd = [said.format(a, b, c) for a in letters for b in letters for c in letters[:2]]
    records = [{"note_id": f"x{at}", "patient_id": "x", "text": text} for at, text in enumerate(crowd)]
    for number in range(5):
        records.append({"note_id": f"y{number}", "patient_id": f"y{number}", "text": f"Heart {SOME[number]}."})
    notes = indexed(tmp_path, tiny_model, records)
    found = notes.search("fever and chills", 4, level="patient")
    assert len(found) == 4
    assert found[0].patient_id == "x"
    assert found == notes.search("fever and chills", ALL, level="patient")[:4]


def test_the_limit_of_candidates_is_said(notes: Collection, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(question, "LEAST_CANDIDATES", 1)
    monkeypatch.setattr(ranking, "DEEPEST_OF_PATIENTS", 0)
    monkeypatch.setattr(ranking, "DEEPEST_PER_PATIENT", 0)
    found = notes.search("heart", 10, level="patient")
    assert not all(one.is_certain for one in found)
    assert "another patient may stand before number" in run_on(
        notes.location, "search", "heart", "--level", "patient", "-k", 10
    ).stdout.replace("\n", " ")


FEVERS = {
    "a": "Fever today.",
    "b": "No fever.",
    "c": "Father had fever. No fever since.",
    "d": "Possible fever.",
    "e": "PAST MEDICAL HISTORY:\nFever.",
    "f": "Return if fever.",
    "g": "Heart stable.",
}


@pytest.fixture(scope="module")
def fevers(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Collection:
    records = [
        {"note_id": key, "patient_id": "p", "note_datetime": f"2024-0{at}-01", "text": text}
        for at, (key, text) in enumerate(FEVERS.items(), start=1)
    ]
    records += [{"note_id": f"none{at}", "text": f"Fever today, {SOME[at]}."} for at in range(2)]
    return indexed(tmp_path_factory.mktemp("fevers"), tiny_model, records)


def test_notes_are_counted_by_what_they_say(fevers: Collection) -> None:
    found = fevers.search("fever", level="patient", mode="keyword", patient_id="p")
    ((evidence,),) = [one.evidence for one in found]
    assert evidence.notes == 6
    assert (str(evidence.first), str(evidence.last)) == ("2024-01-01 00:00:00", "2024-06-01 00:00:00")
    assert dict(evidence.said) == {
        "affirmed": 1,
        "negated": 2,
        "possible": 1,
        "historical": 1,
        "hypothetical": 1,
        "other": 1,
        "unread": 0,
    }
    assert len({hit.note_id for hit in evidence.hits}) == len(evidence.hits) == 3


def test_each_note_is_given_with_what_it_says_and_where(fevers: Collection) -> None:
    (patient,) = fevers.search("fever", level="patient", mode="keyword", patient_id="p")
    in_notes = patient.evidence[0].in_notes
    assert [(one.note_id, one.said) for one in in_notes] == [
        ("a", ("affirmed",)),
        ("b", ("negated",)),
        ("c", ("negated", "other")),
        ("d", ("possible",)),
        ("e", ("historical",)),
        ("f", ("hypothetical",)),
    ]
    texts = {one.note_id: FEVERS[one.note_id][one.start : one.end] for one in in_notes}
    assert texts["c"] == "Father had fever."
    assert all("ever" in text for text in texts.values())


def test_notes_without_a_patient_id_are_not_put_together(fevers: Collection) -> None:
    found = fevers.search("fever", level="patient")
    assert sorted((one.patient_id or "", one.note_id or "") for one in found) == [
        ("", "none0"),
        ("", "none1"),
        ("p", ""),
    ]
    shown = run_on(fevers.location, "search", "fever", "--level", "patient").stdout
    assert shown.count("no patient id") == 2
    assert "none0" in shown


def test_a_score_below_the_least_leaves_a_patient_out(fevers: Collection) -> None:
    best = fevers.search("fever", level="patient")[0].score
    kept = fevers.search("fever", level="patient", min_score=best)
    assert [one.score >= best for one in kept] == [True] * len(kept)
    assert 0 < len(kept) < 3


def test_the_command_writes_what_the_library_finds(fevers: Collection) -> None:
    found = json_on(fevers.location, "search", "fever", "--level", "patient", "-k", 2)
    expected = fevers.search("fever", 2, level="patient").to_records()
    assert found == json.loads(json.dumps(expected, default=lambda value: value.isoformat()))
    rows = run_on(fevers.location, "search", "fever", "--level", "patient", "--format", "csv").stdout.splitlines()
    assert rows[0].startswith("patient_id,patient_score,is_certain,asked,notes,first,last,affirmed")
    assert len(rows) == 1 + sum(len(one.hits) for p in fevers.search("fever", level="patient") for one in p.evidence)


def test_sentences_are_numbered_through_for_an_explanation(fevers: Collection) -> None:
    shown = run_on(fevers.location, "search", "fever", "--level", "patient", "--why").stdout
    hits = [hit for one in fevers.search("fever", level="patient") for hit in one.evidence[0].hits]
    assert f"  {len(hits)}  " in shown
    assert "keywords" in shown
    explained = json_on(fevers.location, "explain", "--hit", len(hits))
    assert (explained["note_id"], explained["sentence"]) == (hits[-1].note_id, hits[-1].sentence)


def test_what_does_not_go_with_patients_is_said(fevers: Collection) -> None:
    for option in ("--diverse", "--every-place"):
        refused = run_on(fevers.location, "search", "fever", "--level", "patient", option)
        assert refused.exit_code == 2
        assert option in refused.stderr
    with pytest.raises(InputError, match="sentence, note or patient"):
        fevers.search("fever", level="person")  # type: ignore[call-overload]
