"""Files of FHIR: Bundles and lines, what their entries have together, and damage."""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from clinsearch.readers.document import Document
from clinsearch.readers.messages.fhir import read_fhir
from clinsearch.readers.messages.fhir.bundles import Bundle
from clinsearch.readers.outcomes import CannotRead
from tests.support.fhir import REPORT, attachment, bundle, everything, only, reference


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
        json.dumps({"resourceType": "DocumentReference", "contained": [{"resourceType": [1]}, {"resourceType": {}}]}),
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


def test_a_patient_who_comes_after_the_document_is_known_by_the_id_of_its_own() -> None:
    addresses = {"subject": {"reference": "urn:uuid:p"}, "encounter": {"reference": "urn:uuid:e"}}
    entries = [
        {"fullUrl": "urn:uuid:c", "resource": {**REPORT, "id": "r", "conclusion": "Normal.", **addresses}},
        {"fullUrl": "urn:uuid:p", "resource": {"resourceType": "Patient", "id": "p7"}},
        {"fullUrl": "urn:uuid:e", "resource": {"resourceType": "Encounter", "id": "e7"}},
    ]
    document = only({"resourceType": "Bundle", "type": "document", "entry": entries})
    assert (document.fields["patientid"], document.fields["encounterid"]) == ("p7", "e7")
    assert only({"resourceType": "Bundle", "entry": entries[:1]}).fields["patientid"] == "p"


def test_a_resource_too_deep_to_be_kept_does_not_wait() -> None:
    deep: dict[str, object] = {}
    for _ in range(100_000):
        deep = {"a": deep}
    waiting = Bundle()
    assert waiting.wait({"resourceType": "Composition"}, 1)
    assert not waiting.wait(deep, 2)
    assert len(waiting.put_off) == 1


@pytest.mark.parametrize("kind", [["Patient"], {"a": 1}, 7, None])
def test_a_resource_whose_type_is_no_text_is_told_and_the_others_are_read(kind: object) -> None:
    documents, faults, _ = everything(bundle({"resourceType": kind}, reference()))
    assert ([one.text for one in documents], len(faults)) == (["Dry cough."], 1)
