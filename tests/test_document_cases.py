"""Small files of documents and messages as people have them, indexed, and what must come out of each."""

from __future__ import annotations

import re
import shutil
from collections.abc import Callable
from datetime import datetime
from pathlib import Path

import pytest

from clinsearch import Collection, index
from clinsearch.records import IndexReport, Note
from tests.conftest import shared

Indexed = Callable[[str], tuple[Collection, IndexReport]]
WHEN = datetime(2024, 3, 2, 21, 40)


@pytest.fixture
def indexed(tmp_path: Path, tiny_model: Path) -> Indexed:
    def of(case: str) -> tuple[Collection, IndexReport]:
        folder = shared(f"cases/{case}")
        notes = Path(shutil.copytree(folder, tmp_path / case, ignore=shutil.ignore_patterns("EXPECT.md")))
        report = index([notes], tmp_path / "collection", tokens=False, model=str(tiny_model))
        return Collection(tmp_path / "collection"), report

    return of


def only_note(collection: Collection) -> tuple[Note, list[str | None], list[str]]:
    """Return the one note, the names of its sections, and its sentences."""
    assert collection.status().notes == 1
    (note_id,) = {str(hit.note_id) for hit in collection.search("cough", mode="keyword")}
    view = collection.note(note_id)
    return view.note, [one.name for one in view.sections], [one.sentence for one in view.sentences]


def test_every_case_has_a_test() -> None:
    said = "".join(path.read_text(encoding="utf-8") for path in Path(__file__).parent.glob("test_*.py"))
    cases = [path.name for path in shared("cases").iterdir() if path.is_dir()]
    assert [case for case in cases if f'"{case}"' not in said] == []


def test_a_page_is_read_by_its_headings_and_lists(indexed: Indexed) -> None:
    collection, report = indexed("html-note")
    note, sections, sentences = only_note(collection)
    assert (report.new, report.failures) == (1, ())
    assert sections == ["history of present illness"]
    assert "HPI Dry cough & wheeze." in sentences
    assert {"No fever", "No chills"} <= set(sentences)
    assert not re.search(r"[<{}]|color", note.text)


def test_an_rtf_letter_is_read_without_its_codes(indexed: Indexed) -> None:
    collection, _ = indexed("rtf-letter")
    note, sections, sentences = only_note(collection)
    assert any("Dry cough for three days." in one for one in sentences)
    assert "temp 38°C" in note.text
    assert "Patient\u2019s wife" in note.text
    assert sections == ["history of present illness", "plan"]
    assert not re.search(r"\\|Calibri|fonttbl", note.text)


def test_a_clinical_document_is_read_by_its_narrative(indexed: Indexed) -> None:
    collection, _ = indexed("ccda-narrative")
    note, sections, sentences = only_note(collection)
    assert (note.patient_id, note.title, note.note_datetime) == ("p7", "Progress Note", WHEN)
    assert [name for name in sections if name] == ["history of present illness", "medications"]
    assert {"No fever", "No hemoptysis"} <= set(sentences)
    assert any("Metformin | 500 mg" in one for one in sentences)
    assert not any(re.search("SNOMEDJUNK|paragraph|<", one) for one in sentences)


def test_notes_of_a_bulk_export_are_read(indexed: Indexed) -> None:
    collection, report = indexed("fhir-ndjson")
    assert (report.new, report.failures) == (2, ())
    notes = [collection.note(note_id).note for note_id in ("d1", "d2")]
    assert [note.patient_id for note in notes] == ["p1", "p2"]
    assert {(note.note_type, note.note_datetime) for note in notes} == {("History and physical note", WHEN)}
    assert collection.search("dry cough", mode="keyword")[0].note_id == "d1"
    assert not any(re.search(r"[{}]|[A-Za-z0-9+/]{40}", note.text) for note in notes)


def test_a_message_is_read_by_its_observations(indexed: Indexed) -> None:
    collection, _ = indexed("hl7v2-mdm")
    note, _, sentences = only_note(collection)
    assert (note.patient_id, note.encounter_id, note.note_type) == ("P9", "E5", "Consult note")
    assert note.note_datetime == WHEN
    assert note.text.splitlines()[:2] == ["HPI: Dry cough for three days.", "No fever & no hemoptysis."]
    assert not any(re.search(r"\||OBX|DOE", one) for one in sentences)


def test_records_of_an_array_are_read_under_the_usual_names(indexed: Indexed) -> None:
    collection, report = indexed("json-array")
    assert (report.new, report.failures) == (2, ())
    assert {hit.note_id for hit in collection.search("cough rash fever", mode="keyword")} <= {"n1", "n2"}


def test_a_document_that_is_nothing_but_a_scan_does_not_stop_a_run(indexed: Indexed) -> None:
    collection, report = indexed("ccda-embedded-pdf")
    assert collection.note("good").note.text == "Patient has a cough.\n"
    assert report.new + len(report.failures) == 2
