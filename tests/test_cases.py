"""Small folders after files and complaints of people who do this work, and what must come out of each."""

from __future__ import annotations

import json
import random
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from clinsearch import Collection, index
from clinsearch.records import Hit, IndexReport
from tests.conftest import shared

WHAT = ["patient", "stat", "awaiting", "code", "status", "positive", "refused", "transfer", "results", "no"]
OF_WHAT = ["expired", "stemi", "bed", "blue", "dnr", "mrsa", "dialysis", "icu", "pending", "fever"]

Indexed = Callable[[str], tuple[Collection, IndexReport]]


@pytest.fixture
def indexed(tmp_path: Path) -> Indexed:
    def of(case: str) -> tuple[Collection, IndexReport]:
        folder = shared(f"cases/{case}")
        notes = Path(shutil.copytree(folder, tmp_path / case, ignore=shutil.ignore_patterns("EXPECT.md")))
        report = index([notes], tmp_path / "collection", tokens=False)
        return Collection(tmp_path / "collection"), report

    return of


def found(collection: Collection, query: str, **how: object) -> list[str]:
    """Return the sentences that keyword search finds."""
    return [str(hit.sentence) for hit in collection.search(query, mode="keyword", **how)]  # type: ignore[arg-type]


def by_note(collection: Collection, query: str, **how: object) -> set[str]:
    hits: list[Hit] = collection.search(query, mode="keyword", **how)  # type: ignore[arg-type, assignment]
    return {hit.note_id for hit in hits}


@pytest.mark.parametrize(
    ("note", "words"), [("a", "patient expired"), ("b", "NKDA"), ("c", "STEMI"), ("c", "cath lab"), ("d", "HIV")]
)
def test_lines_of_capitals_are_found(indexed: Indexed, note: str, words: str) -> None:
    collection, report = indexed("capitals-only-notes")
    assert report.without_sentence == ()
    assert by_note(collection, words) == {note}
    assert collection.search(words)[0].note_id == note


def test_short_lines_of_capitals_are_found_wherever_they_stand(tmp_path: Path, tiny_model: Path) -> None:
    """Of 300 notes like these 47 could not be found, as their line was taken for a heading of nothing."""
    rng = random.Random(7)
    said = [f"{rng.choice(WHAT)} {rng.choice(OF_WHAT)}{number}".upper() for number in range(300)]
    around = [
        "{}",
        "{}\nto follow",
        "Seen at noon.\n\n{}",
        "PLAN:\nRest.\n\n{}\n\nHome.",
        "{}\n\nFAMILY HISTORY: None",
        "{}:",
    ]
    rows = [{"note_id": str(n), "text": rng.choice(around).format(line)} for n, line in enumerate(said)]
    (tmp_path / "notes.jsonl").write_text("\n".join(map(json.dumps, rows)))
    assert index([tmp_path / "notes.jsonl"], tmp_path / "c", tokens=False, model=str(tiny_model)).new == 300
    notes = Collection(tmp_path / "c")
    for number, line in enumerate(said):
        assert by_note(notes, line.split()[-1]) == {str(number)}, line


def test_a_label_is_found_with_its_answer(indexed: Indexed) -> None:
    collection, _ = indexed("label-answer-lines")
    assert found(collection, "palpitations") == ["Palpitations: yes"]
    assert found(collection, "HIV") == ["HIV: positive"]
    assert found(collection, "smoking") == ["Smoking: never"]
    for query, answer in (("palpitations", "yes"), ("HIV", "positive"), ("smoking", "never")):
        assert str(collection.search(query)[0].sentence).endswith(answer)
    assert any("Rash: none" in sentence for sentence in found(collection, "rash", assertion="negated"))
    assert found(collection, "rash", assertion="affirmed") == []
    assert found(collection, "hematuria", assertion="affirmed") == []
    assert found(collection, "dysuria", assertion="affirmed") == ["Dysuria: Y"]


def test_an_imaging_study_opens_no_assessment(indexed: Indexed) -> None:
    collection, _ = indexed("ct-abdomen-pelvis")
    hit = collection.search("perforated appendicitis")[0]
    assert "CT A/P" in str(hit.sentence)
    assert hit.section == "imaging"


def test_words_with_invisible_characters_are_found(indexed: Indexed) -> None:
    collection, _ = indexed("invisible-characters")
    assert by_note(collection, "pneumonia") == {"a"}
    assert by_note(collection, "embolism") == {"b"}


def test_line_breaks_that_are_written_out_are_read(indexed: Indexed) -> None:
    collection, _ = indexed("literal-backslash-n")
    (note_id,) = by_note(collection, "cough")
    assert {section.name for section in collection.note(note_id).sections} >= {"subjective", "plan"}


@pytest.mark.parametrize("finding", ["HIV", "strep", "influenza", "PPD", "COVID"])
def test_a_negative_test_denies_what_it_looks_for(indexed: Indexed, finding: str) -> None:
    collection, _ = indexed("test-negative-cues")
    assert not any("negative" in sentence for sentence in found(collection, finding, assertion="affirmed"))
    assert any("negative" in sentence for sentence in found(collection, finding, assertion="negated"))
    assert found(collection, "RSV", assertion="affirmed")


def test_what_a_patient_presents_with_is_of_now(indexed: Indexed) -> None:
    from clinsearch.language.assertions import assertion_at, find_assertions

    collection, _ = indexed("presents-with-pw")

    def said(sentence: str, words: str) -> str:
        start = sentence.index(words)
        span = assertion_at(find_assertions(sentence), start, start + len(words))
        return span.assertion if span else "affirmed"

    dyspnea, chest_pain = found(collection, "dyspnea")[0], found(collection, "chest pain")[0]
    assert (said(dyspnea, "dyspnea"), said(chest_pain, "chest pain")) == ("affirmed", "affirmed")
    assert [said(dyspnea, "CHF"), said(chest_pain, "HTN"), said(chest_pain, "DM2")] == ["historical"] * 3


def test_signs_and_words_behind_a_finding_are_read(indexed: Indexed) -> None:
    collection, _ = indexed("assertion-misc")
    for finding in ("edema", "plagiocephaly"):
        assert found(collection, finding, assertion="negated"), finding
        assert not found(collection, finding, assertion="affirmed"), finding
    assert not found(collection, "alcohol", assertion="negated")


def test_dates_are_read_as_people_write_them(indexed: Indexed) -> None:
    collection, report = indexed("dates-in-the-wild")
    assert report.new == 7
    days = {hit.note_id: hit.note_datetime for hit in collection.search("cough", mode="keyword")}
    assert days.pop("d7") is None
    assert {when.date() for when in days.values() if when} == {datetime(2024, 3, 2).date()}
    assert len([when for when in days.values() if when]) == 6


def test_rows_of_one_note_are_joined_in_their_order(indexed: Indexed) -> None:
    collection, _ = indexed("epic-lines")
    note = collection.note("9001").note
    assert " ".join(note.text.split()) == "HPI: Cough for three days and no fever. PLAN: rest and fluids."
    assert note.patient_id == "Z1"
    assert "Ankle sprain" in collection.note("9002").note.text


def test_words_for_nothing_are_nothing(indexed: Indexed) -> None:
    collection, report = indexed("null-words")
    first = collection.note("n1").note
    assert (first.patient_id, first.note_type) == (None, None)
    assert report.new == 2
    assert by_note(collection, "rash", patient_id="12345") == {"n3"}


def test_a_column_of_text_under_another_name_is_read(indexed: Indexed) -> None:
    collection, report = indexed("unknown-text-column")
    assert report.new == 3
    assert len(by_note(collection, "cough rash", k=10)) == 3
    days = {hit.note_datetime for hit in collection.search("dry cough", mode="keyword") if hit.patient_id == "P1"}
    assert days == {datetime(2024, 3, 2)}


def test_a_header_with_a_list_in_it_is_no_text(indexed: Indexed) -> None:
    collection, _ = indexed("yaml-list-header")
    assert collection.note("a").note.patient_id == "P1"
    assert collection.note("a").note.text.strip() == "Wheeze."


def test_encoded_data_does_not_stop_a_run(indexed: Indexed) -> None:
    collection, report = indexed("ccda-embedded-pdf")
    assert by_note(collection, "cough") == {"good"}
    assert any("note.txt" in failure.source for failure in report.failures) or "note" in report.with_encoded_data


def test_tables_with_tabs_are_read(indexed: Indexed) -> None:
    collection, report = indexed("tsv-omop")
    assert report.new == 2
    notes = [collection.note(note_id).note for note_id in ("1", "2")]
    assert [note.note_datetime for note in notes] == [datetime(2024, 3, 2)] * 2
    assert notes[1].title is None
