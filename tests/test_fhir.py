"""FHIR resources: what becomes a note, what is known of it, Bundles, and damage."""

from __future__ import annotations

import base64
import gzip
import json
from pathlib import Path
from typing import Any

import pytest

from clinsearch.readers.attachment_folder import AttachmentFolder
from clinsearch.readers.document import Document
from clinsearch.readers.messages.fhir import read_fhir
from tests.conftest import shared
from tests.support.fhir import REPORT, Json, attachment, everything, headings, only, reference

LOINC = {"coding": [{"code": "x"}, {"system": "http://loinc.org", "code": "34117-2", "display": "H&P"}], "text": "Note"}


def test_a_document_reference_is_a_note_with_what_is_known_of_it() -> None:
    document = only(
        reference(
            type=LOINC,
            subject={"reference": "Patient/p1"},
            date="2024-03-02T21:40:00-05:00",
            description="Letter",
            context={"encounter": [{"reference": "https://fhir.example.org/r4/Encounter/e1/_history/3"}]},
        )
    )
    assert document.text == "Dry cough."
    assert document.fields == {
        "noteid": "d1",
        "patientid": "p1",
        "encounterid": "e1",
        "notetype": "H&P",
        "notedatetime": "2024-03-02T21:40:00-05:00",
        "title": "Letter",
    }


@pytest.mark.parametrize(
    ("subject", "patient"),
    [
        ({"reference": "Patient/p1"}, "p1"),
        ({"reference": "https://x.org/fhir/Patient/p1"}, "p1"),
        ({"reference": "urn:uuid:7b2c"}, "7b2c"),
        ({"reference": "#p1"}, None),
        ({"reference": "#p1", "identifier": {"value": "123"}}, "123"),
        ({"identifier": {"system": "urn:mrn", "value": "123"}}, "123"),
        ({"display": "Jane Doe"}, None),
        ("Patient/p1", None),
    ],
)
def test_patients_are_known_by_any_kind_of_reference(subject: Any, patient: str | None) -> None:
    assert only(reference(subject=subject)).fields.get("patientid") == patient


@pytest.mark.parametrize(
    ("more", "date"),
    [
        ({"context": {"period": {"start": "2021-06-23"}}}, "2021-06-23"),
        ({"period": {"start": "2021-06-23T10:00:00Z"}}, "2021-06-23T10:00:00Z"),
        ({"date": "2021"}, "2021-01-01"),
        ({"date": "2021-06"}, "2021-06-01"),
        ({"content": [attachment(creation="2021-06-23")]}, "2021-06-23"),
    ],
)
def test_the_date_is_where_there_is_one(more: Json, date: str) -> None:
    assert only(reference(**more)).fields["notedatetime"] == date


def test_encounters_of_r5_are_in_the_context_itself() -> None:
    context = [{"reference": "EpisodeOfCare/x"}, {"reference": "Encounter/e5"}]
    assert only(reference(context=context)).fields["encounterid"] == "e5"


PAGE = "<div><p>Dry cough.</p><p>No fever.</p></div>"


def test_a_document_in_several_formats_is_one_note_in_the_best_that_can_be_read() -> None:
    damaged = {"attachment": {"contentType": "text/plain", "data": "!"}}
    html = attachment(PAGE, "text/html; charset=utf-8")
    assert only(reference(content=[html, attachment("Plain words.")])).text == "Plain words."
    assert (
        only(reference(content=[html, damaged, attachment("%PDF-x", "application/pdf")])).text
        == "Dry cough.\nNo fever."
    )


def test_several_documents_are_several_notes_and_the_same_text_is_one() -> None:
    contents = [attachment("One.", title="a.txt"), attachment("Two.", title="b.txt"), attachment(" One. ")]
    documents, _, _ = everything(reference(content=contents))
    assert [(one.fields["noteid"], one.fields.get("title"), one.text) for one in documents] == [
        ("d1", "a.txt", "One."),
        ("d1#2", "b.txt", "Two."),
    ]


@pytest.mark.parametrize("content_type", ["text/html", "application/xhtml+xml", "text/plain", ""])
def test_what_a_document_is_shows_in_its_content(content_type: str) -> None:
    page = f"<html><body>{PAGE}</body></html>"
    assert only(reference(content=[attachment(page, content_type)])).text == "Dry cough.\nNo fever."


@pytest.mark.parametrize(
    "text", [PAGE, base64.b64encode(PAGE.encode() * 3).decode(), r"{\rtf1 Dry cough.\par No fever.\par}"]
)
def test_text_that_is_of_another_format_is_read_as_that(text: str) -> None:
    assert only(reference(content=[attachment(text)])).text.startswith("Dry cough.\nNo fever.")


def test_a_document_is_in_the_charset_of_its_content_type() -> None:
    data = base64.b64encode("Größe".encode("latin-1")).decode()
    content = {"attachment": {"contentType": "text/plain;charset=ISO-8859-1", "data": data}}
    assert only(reference(content=[content])).text == "Größe"


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ({"attachment": {"contentType": "text/plain", "url": "https://x.org/Binary/1"}}, "address"),
        ({"attachment": {"contentType": "text/plain", "data": "a"}}, "base64"),
        (attachment("x", "video/mp4"), "video/mp4"),
        (attachment("x", "patient has a cough"), "no known type"),
        ({"attachment": {"contentType": "text/plain"}}, "neither"),
        ({}, "no document"),
    ],
)
def test_documents_that_cannot_be_read_are_said_to_be_so(content: Json, said: str) -> None:
    documents, (fault,), _ = everything(reference(content=[content]))
    assert documents == []
    assert said in fault.reason
    assert fault.record == 1


@pytest.mark.parametrize(
    ("address", "text"),
    [
        ("note.txt", "Here."),
        ("sub/note.txt", "Below."),
        ("./note.txt", "Here."),
        ("Binary/b1", "Binary."),
        ("https://x.org/fhir/Binary/b2/_history/1", "In JSON."),
        ("https://x.org/note.txt", None),
        ("../secret.txt", None),
        ("sub/../../secret.txt", None),
        ("/etc/passwd", None),
        ("file:///etc/passwd", None),
        ("link.txt", None),
        ("linked/secret.txt", None),
        ("Binary/link", None),
        ("sub", None),
        ("", None),
        ("note.txt\0", None),
        ("Binary/none", None),
    ],
)
def test_documents_are_looked_up_in_a_folder_and_never_outside_of_it(
    tmp_path: Path, address: str, text: str | None
) -> None:
    (tmp_path / "secret.txt").write_text("Secret.")
    folder = tmp_path / "attachments"
    (folder / "sub").mkdir(parents=True)
    (folder / "Binary").mkdir()
    (folder / "note.txt").write_text("Here.")
    (folder / "sub" / "note.txt").write_text("Below.")
    (folder / "b1.txt").write_text("Binary.")
    binary = {"resourceType": "Binary", "contentType": "text/plain", "data": base64.b64encode(b"In JSON.").decode()}
    (folder / "Binary" / "b2.json").write_text(json.dumps(binary))
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    (folder / "linked").symlink_to(tmp_path)
    source = reference(content=[{"attachment": {"contentType": "text/plain", "url": address}}])
    outcomes = list(read_fhir([json.dumps(source)], folder=AttachmentFolder(folder)))
    assert [one.text for one in outcomes if isinstance(one, Document)] == ([] if text is None else [text])
    assert len(outcomes) == 1


def test_what_was_entered_in_error_is_passed_over_and_what_is_superseded_says_so() -> None:
    documents, faults, passed_over = everything(
        [reference(status="entered-in-error"), reference(docStatus="entered-in-error"), reference(status="superseded")]
    )
    assert faults == []
    assert passed_over == {"FHIR DocumentReference that is cancelled or entered in error: 2"}
    assert [one.fields["title"] for one in documents] == ["(superseded)"]


def test_resources_without_a_note_are_no_failures_but_counted() -> None:
    patients = "".join(json.dumps({"resourceType": "Patient", "id": str(number)}) + "\n" for number in range(50))
    documents, faults, passed_over = everything(patients)
    assert (documents, faults) == ([], [])
    assert passed_over == {"FHIR Patient: 50"}


def test_a_report_is_its_form_and_its_conclusion_unless_that_is_in_it() -> None:
    form = attachment("FINDINGS: Clear.\nIMPRESSION: Normal  study.")["attachment"]
    report = only({**REPORT, "presentedForm": [form], "conclusion": "Normal study."})
    assert report.text == "FINDINGS: Clear.\nIMPRESSION: Normal  study."
    assert report.fields["title"] == report.fields["notetype"] == "Chest X-ray"
    other = only({**REPORT, "presentedForm": [form], "conclusion": "No change."})
    assert other.text.endswith("\n\nConclusion\nNo change.")
    assert headings(other) == ["Conclusion"]
    assert only({**REPORT, "conclusion": "No change."}).text == "No change."


def test_a_report_whose_form_cannot_be_read_is_its_conclusion_and_says_so() -> None:
    report = {
        **REPORT,
        "presentedForm": [{"contentType": "application/pdf", "url": "http://x/1"}],
        "conclusion": "Normal.",
    }
    document = only(report)
    assert document.text == "Normal."
    assert len(document.doubts) == 1
    _, (fault,), _ = everything({**report, "conclusion": None})
    assert fault.kind == "attachment"


def narrative(html: str) -> Json:
    return {"status": "generated", "div": f'<div xmlns="http://www.w3.org/1999/xhtml">{html}</div>'}


def test_sections_of_a_composition_have_headings_and_may_be_nested() -> None:
    document = only(
        {
            "resourceType": "Composition",
            "id": "c1",
            "title": "Discharge summary",
            "type": LOINC,
            "date": "2024-01-01",
            "text": narrative("generated"),
            "section": [
                {
                    "title": "Course",
                    "text": narrative("<h3>Course</h3><p>Fever.</p>"),
                    "section": [{"code": {"text": "Day 1"}, "text": narrative("<ul><li>Better</li></ul>")}],
                },
                {"title": "Empty"},
            ],
        }
    )
    assert document.text == "Course\nFever.\n\nDay 1\n- Better\n\nEmpty"
    assert headings(document) == ["Course", "Day 1", "Empty"]
    assert document.fields["title"] == "Discharge summary"


def test_observations_are_notes_if_words_are_in_them() -> None:
    observation = {"resourceType": "Observation", "id": "o1", "status": "final", "code": {"text": "Culture"}}
    written = {**observation, "valueString": "No growth", "note": [{"text": "After 48 hours."}, {"text": "Final."}]}
    assert only(written).text == "Culture: No growth\nAfter 48 hours.\nFinal."
    _, faults, passed_over = everything({**observation, "valueQuantity": {"value": 3}})
    assert faults == []
    assert passed_over == {"FHIR Observation without text: 1"}


def test_words_of_other_resources() -> None:
    assert only({"resourceType": "ClinicalImpression", "summary": "Stable.", "note": [{"text": "Call."}]}).text == (
        "Stable.\nCall."
    )
    assert only({"resourceType": "Communication", "payload": [{"contentString": "Come in."}]}).text == "Come in."
    binary = {
        "resourceType": "Binary",
        "id": "b",
        "contentType": "text/html",
        "data": attachment(PAGE)["attachment"]["data"],
    }
    assert only(binary).text == "Dry cough.\nNo fever."


def test_what_is_contained_is_read_and_belongs_to_the_same_patient() -> None:
    inner = {"resourceType": "Binary", "id": "doc", "contentType": "text/plain", "data": "SGVsbG8="}
    report = {**REPORT, "conclusion": "Normal."}
    outer = reference(
        subject={"reference": "Patient/p1"}, contained=[inner, report], content=[{"attachment": {"url": "#doc"}}]
    )
    documents, faults, _ = everything(outer)
    assert faults == []
    assert [one.text for one in documents] == ["Hello", "Normal."]
    assert [one.fields["patientid"] for one in documents] == ["p1", "p1"]


def test_the_real_resources_are_read() -> None:
    read: dict[str, list[str]] = {}
    for path in sorted(shared("real/fhir").iterdir()):
        documents, faults, _ = everything(path.read_text(encoding="utf-8"))
        assert faults == []
        read[path.name] = [one.text for one in documents]
    assert read == {
        "covid-input-DocumentReference.ndjson": ["Notes for fever", "Notes! for fever"],
        "deid-input-DiagnosticReport.json": ["dropped"],
        "deid-input-DocumentReference.1.json": ["hello"],
        "simple-input-DiagnosticReport.ndjson": [
            "Notes for fever\n\nConclusion\nUnremarkable study",
            "Notes! for fever\n\nConclusion\nCT brains: large tumor sphenoid/clivus.",
        ],
        "simple-input-DocumentReference.ndjson": ["Notes for fever", "Notes! for fever"],
    }


@pytest.mark.parametrize(("identifier", "patient"), [([{"system": "urn:mrn", "value": "123"}], "123"), ([], None)])
def test_a_contained_patient_is_known_by_its_identifier(identifier: list[Json], patient: str | None) -> None:
    contained = [
        {"resourceType": "Patient", "id": "p1", "identifier": identifier},
        {**REPORT, "subject": {"reference": "#p1"}, "conclusion": "Normal."},
    ]
    found, _, _ = everything(reference(subject={"reference": "#p1"}, contained=contained))
    assert [one.fields.get("patientid") for one in found] == [patient, patient]


@pytest.mark.parametrize("content_type", ["text/x-markdown", "text/vnd.site", "TEXT", "txt"])
def test_text_of_any_kind_is_read(content_type: str) -> None:
    assert only(reference(content=[attachment("Dry cough.", content_type)])).text == "Dry cough."


def test_a_document_that_is_shorter_than_it_says_is_doubted() -> None:
    whole = only(reference(content=[attachment("Dry cough.", size=10)]))  # type: ignore[arg-type]
    in_base64 = only(reference(content=[attachment("Dry cough.", size=16)]))  # type: ignore[arg-type]
    cut = only(reference(content=[attachment("Dry cough.", size=100)]))  # type: ignore[arg-type]
    assert whole.doubts == in_base64.doubts == ()
    assert cut.doubts == ("its document has fewer bytes than its size says; it may be cut off",)


@pytest.mark.parametrize("content_type", ["text/html", "application/gzip", "application/x-gzip", None])
def test_a_compressed_document_is_unpacked(content_type: str | None) -> None:
    data = base64.b64encode(gzip.compress(PAGE.encode())).decode()
    about = {"contentType": content_type} if content_type else {}
    document = only(reference(content=[{"attachment": {**about, "data": data}}]))
    assert "Dry cough." in document.text


@pytest.mark.parametrize(
    "data",
    [gzip.compress(b"a" * 200_000_000), gzip.compress(b"Dry cough.")[:-9], b"\x1f\x8babc"],
    ids=["bomb", "cut off", "no gzip"],
)
def test_a_compressed_document_that_is_damaged_or_a_bomb_is_refused(data: bytes) -> None:
    content = [{"attachment": {"contentType": "text/plain", "data": base64.b64encode(data).decode()}}]
    documents, (fault,), _ = everything(reference(content=content))
    assert (documents, fault.kind) == ([], "attachment")
