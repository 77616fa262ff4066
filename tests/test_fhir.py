"""FHIR resources: what becomes a note, what is known of it, Bundles, and damage."""

from __future__ import annotations

import base64
import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinsearch.readers.document import Document
from clinsearch.readers.messages.fhir import read_fhir
from clinsearch.readers.outcomes import CannotRead
from tests.conftest import shared

Json = dict[str, Any]


def attachment(text: str = "Dry cough.", content_type: str = "text/plain", **more: str) -> Json:
    return {"attachment": {"contentType": content_type, "data": base64.b64encode(text.encode()).decode(), **more}}


def reference(**more: Any) -> Json:
    return {"resourceType": "DocumentReference", "id": "d1", "status": "current", "content": [attachment()], **more}


def everything(source: Any | Iterable[str]) -> tuple[list[Document], list[CannotRead], set[str]]:
    """Return the notes, what cannot be read, and what was passed over."""
    pieces = (
        [json.dumps(source)] if isinstance(source, dict | list) else [source] if isinstance(source, str) else source
    )
    outcomes = list(read_fhir(pieces))
    documents = [one for one in outcomes if isinstance(one, Document)]
    faults = [one for one in outcomes if isinstance(one, CannotRead)]
    passed_over = {one.reason.removesuffix(" passed over") for one in faults if one.kind == "passed_over"}
    return documents, [one for one in faults if one.kind != "passed_over"], passed_over


def only(source: Any) -> Document:
    documents, faults, _ = everything(source)
    assert faults == []
    (document,) = documents
    return document


def headings(document: Document) -> list[str]:
    return [document.text[start:end] for start, end in document.headings]


def bundle(*resources: Json, **more: Any) -> Json:
    return {"resourceType": "Bundle", "type": "collection", **more, "entry": [{"resource": one} for one in resources]}


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
        ({"reference": "#p1"}, "p1"),
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


REPORT = {"resourceType": "DiagnosticReport", "id": "r1", "code": {"text": "Chest X-ray"}, "issued": "2024-01-01"}


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


@pytest.mark.parametrize("indent", [None, 1])
@pytest.mark.parametrize("size", [1, 50, 100_000])
def test_entries_of_a_bundle_are_records_however_it_is_written(indent: int | None, size: int) -> None:
    whole = bundle({"resourceType": "Patient"}, reference(), reference(id="d2"), meta={"tag": [{"code": '}{][\\"'}]})
    for source in (whole, {**whole, "link": [{"url": "x"}]}, [reference(), reference(id="d2")]):
        text = json.dumps(source, indent=indent)
        documents, faults, _ = everything(iter([text[start : start + size] for start in range(0, len(text), size)]))
        assert faults == []
        assert [one.fields["noteid"] for one in documents] == ["d1", "d2"]


def test_entries_refer_to_one_another_before_and_after() -> None:
    patient = {"fullUrl": "urn:uuid:aaa", "resource": {"resourceType": "Patient", "id": "p77"}}
    binary = {"resourceType": "Binary", "contentType": "text/plain", "data": "SGVsbG8="}
    entry = {"fullUrl": "urn:uuid:bbb", "resource": binary}
    lone = {"resource": {**binary, "id": "lone", "data": "QWxvbmU="}}
    note = reference(subject={"reference": "urn:uuid:aaa"}, content=[{"attachment": {"url": "urn:uuid:bbb"}}])
    for entries in ([patient, entry, {"resource": note}, lone], [patient, {"resource": note}, lone, entry]):
        documents, faults, _ = everything(json.dumps({"resourceType": "Bundle", "entry": entries}, indent=1))
        assert faults == []
        assert [(one.text, one.fields.get("patientid")) for one in documents] == [("Hello", "p77"), ("Alone", None)]


def test_bundles_on_lines_of_their_own_are_a_record_each() -> None:
    lines = [json.dumps(bundle(reference(id=note_id), reference(id=note_id + "x"))) for note_id in "ab"]
    documents, _, _ = everything("\n".join(lines))
    assert [(one.fields["noteid"], one.record) for one in documents] == [("a", 1), ("ax", 1), ("b", 2), ("bx", 2)]


def test_ids_are_free_in_their_file() -> None:
    documents, _, _ = everything([reference(id="1"), {**REPORT, "id": "1", "conclusion": "x"}, reference(id="1")])
    assert [one.fields["noteid"] for one in documents] == ["1", "DiagnosticReport/1", "DocumentReference/1"]


def test_a_bundle_without_entries_is_no_failure() -> None:
    assert everything({"resourceType": "Bundle", "total": 0}) == ([], [], {"FHIR Bundle without entries: 1"})


def test_a_damaged_line_costs_no_other() -> None:
    lines = [json.dumps(reference()), '{"resourceType": "Docu', "[]", "{}", "", json.dumps(reference(id="d2"))]
    documents, faults, _ = everything("\n".join(lines))
    assert [(one.fields["noteid"], one.record) for one in documents] == [("d1", 1), ("d2", 5)]
    assert [fault.record for fault in faults] == [2, 3, 4]


def test_large_bundles_are_read_entry_by_entry() -> None:
    def pieces() -> Iterable[str]:
        yield '{"resourceType": "Bundle", "type": "searchset", "entry": ['
        for number in range(3000):
            entry = {"resource": reference(id=str(number), content=[attachment("Dry cough. " * 800)])}
            yield ("," if number else "") + json.dumps(entry)
        yield "]}"

    assert sum(isinstance(one, Document) for one in read_fhir(pieces())) == 3000


@pytest.mark.parametrize(
    "text",
    [
        "[" * 100_000,
        '{"a":' * 100_000,
        '{"resourceType": "Bundle", "entry": [' * 10_000,
        '{"resourceType": "Bundle", "entry": [{"resource":' * 10_000,
        json.dumps(reference(content=[{"attachment": "x"}, 3, None, {"attachment": {"data": 5, "url": [1]}}])),
        json.dumps({"resourceType": "DocumentReference", "content": "x", "subject": [], "context": 3, "status": {}}),
        json.dumps({"resourceType": 3}),
        "null",
        '"x"',
        "",
    ],
)
def test_hostile_files_are_refused_without_a_traceback(text: str) -> None:
    try:
        documents, _, _ = everything(text)
    except CannotRead:
        return
    assert documents == []


def test_files_cut_anywhere_give_no_traceback_and_no_half_of_a_note() -> None:
    whole = json.dumps(bundle(reference(), reference(id="d2")), indent=1)
    for end in range(1, len(whole)):
        documents, faults, _ = everything(whole[:end])
        assert {one.text for one in documents} <= {"Dry cough."}
        assert faults or end == len(whole)


NAMES = (
    *("resourceType", "content", "attachment", "data", "url", "contentType", "section", "text", "div", "contained"),
    *("subject", "reference", "code", "coding", "display", "entry", "resource", "presentedForm", "conclusion", "note"),
)
VALUES: st.SearchStrategy[Any] = st.recursive(
    st.none()
    | st.booleans()
    | st.integers()
    | st.sampled_from(["", "Patient/1", "text/html", "SGVsbG8=", "#a", "final"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(NAMES), inner, max_size=5),
    max_leaves=20,
)


@given(st.sampled_from(["DocumentReference", "DiagnosticReport", "Composition", "Bundle", "Observation"]), VALUES)
@settings(deadline=None, max_examples=300)
def test_no_resource_whatever_gives_a_traceback(kind: str, value: Any) -> None:
    everything({**(value if isinstance(value, dict) else {"content": value}), "resourceType": kind})


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
