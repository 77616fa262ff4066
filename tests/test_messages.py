"""Messages and documents in XML as files of notes: from the file to what search finds; and damaged ones."""

from __future__ import annotations

import base64
import json
import random
from datetime import datetime
from pathlib import Path

import pytest

from clinsearch.readers import NoteFiles, Unreadable
from clinsearch.records import Note
from tests.conftest import shared
from tests.support.fhir import reference
from tests.support.note_files import notes, outcomes, written
from tests.test_cases import Indexed, by_note, found, indexed

__all__ = ["indexed"]  # the fixture


def test_a_bulk_export_is_found(indexed: Indexed) -> None:
    collection, report = indexed("fhir-ndjson")
    assert (report.new, report.failures) == (2, ())
    assert by_note(collection, '"dry cough"') == {"d1"}
    for note_id, patient in (("d1", "p1"), ("d2", "p2")):
        note = collection.note(note_id).note
        assert (note.patient_id, note.note_type) == (patient, "History and physical note")
        assert note.note_datetime == datetime(2024, 3, 2, 21, 40)


def test_a_message_is_found(indexed: Indexed) -> None:
    collection, report = indexed("hl7v2-mdm")
    assert (report.new, report.failures) == (1, ())
    (hit,) = collection.search("hemoptysis", mode="keyword")
    assert (hit.patient_id, hit.note_type, hit.note_datetime) == ("P9", "Consult note", datetime(2024, 3, 2, 21, 40))
    assert "No fever & no hemoptysis." in found(collection, "hemoptysis")
    assert found(collection, "OBX") == found(collection, "DOE") == []


def test_a_clinical_document_is_found_by_its_sections(indexed: Indexed) -> None:
    collection, report = indexed("ccda-narrative")
    assert (report.new, report.failures) == (1, ())
    (cough,) = collection.search("cough", mode="keyword")
    (metformin,) = collection.search("metformin", mode="keyword")
    assert (cough.section, metformin.section) == ("history of present illness", "medications")
    assert (cough.patient_id, cough.title) == ("p7", "Progress Note")
    assert "No hemoptysis" in "".join(found(collection, "hemoptysis"))
    assert found(collection, "SNOMEDJUNK") == found(collection, "paragraph") == []


MESSAGE = "MSH|^~\\&|A||||20240102||ORU^R01|M1\rPID|1||P1\rOBR|1||R1|CT^Chest CT\rOBX|1|TX|||Clear lungs.||||||F\r"


@pytest.mark.parametrize(
    ("name", "content", "note_id"),
    [
        ("a.hl7", MESSAGE, "R1"),
        ("a.txt", MESSAGE, "R1"),
        ("a.hl7.gz", MESSAGE, "R1"),
        ("a.txt", "\x0b" + MESSAGE + "\x1c\r", "R1"),
        ("a.json", json.dumps(reference(), indent=1), "d1"),
        ("a.ndjson", json.dumps(reference()) + "\n", "d1"),
        ("a.jsonl.gz", json.dumps(reference()) + "\n", "d1"),
        ("a.xml", "<ROOT><RECORD ID='7'><TEXT>Clear lungs.</TEXT></RECORD></ROOT>", "7"),
        ("a.xml", "<section><templateId root='1'/><title>CT</title><text>Clear lungs.</text></section>", "a"),
        ("a.txt", '<?xml version="1.0"?><root><TEXT>Clear lungs.</TEXT></root>', "a"),
    ],
)
def test_what_a_file_is_shows_in_its_content(tmp_path: Path, name: str, content: str, note_id: str) -> None:
    (note,) = notes(written(tmp_path / name, content))
    assert note.note_id == note_id
    assert note.text


def test_a_first_resource_may_say_at_its_end_what_it_is(tmp_path: Path) -> None:
    resource = reference()
    resource["text"] = {"div": "x" * 100_000}
    resource["resourceType"] = resource.pop("resourceType")
    path = written(tmp_path / "a.ndjson", json.dumps(resource) + "\n" + json.dumps(reference(id="d2")) + "\n")
    assert [note.note_id for note in notes(path)] == ["d1", "d2"]


def test_files_of_resources_without_notes_are_no_failures_and_keep_nothing_from_being_deleted(tmp_path: Path) -> None:
    lines = "".join(json.dumps({"resourceType": "Patient", "id": str(number)}) + "\n" for number in range(5))
    files = NoteFiles([written(tmp_path / "Patient.ndjson", lines)])
    (told,) = files
    assert isinstance(told, Unreadable)
    assert (told.kind, told.reason) == ("passed_over", "FHIR Patient: 5 passed over")
    assert files.finished == {tmp_path / "Patient.ndjson"}


def test_documents_are_looked_up_in_the_folder_named(tmp_path: Path) -> None:
    written(tmp_path / "attachments" / "b1.html", "<html><body><p>Clear lungs.</p></body></html>")
    resource = reference(content=[{"attachment": {"contentType": "text/html", "url": "Binary/b1"}}])
    path = written(tmp_path / "notes" / "a.ndjson", json.dumps(resource))
    (fault,) = outcomes(path)
    assert isinstance(fault, Unreadable)
    assert "--attachments" in fault.reason
    (note,) = NoteFiles([path], attachments=tmp_path / "attachments")
    assert isinstance(note, Note)
    assert note.text == "Clear lungs."


@pytest.mark.parametrize(
    "name", ["Binary.ndjson", "Binary.000.ndjson", "export-Binary-1.jsonl", "Binary/Binary_2.json"]
)
def test_the_documents_of_a_bulk_export_are_lines_of_another_file(tmp_path: Path, name: str) -> None:
    binaries = [
        {"resourceType": "Binary", "id": f"b{n}", "contentType": "text/html", "data": base64.b64encode(page).decode()}
        for n, page in enumerate([b"<p>Clear lungs.</p>", b"<p>No fever.</p>"])
    ]
    attached = [{"attachment": {"contentType": "text/html", "url": f"https://x.org/fhir/Binary/b{n}"}} for n in (1, 7)]
    referring = [reference(id=f"d{n}", content=[one]) for n, one in enumerate(attached)]
    written(tmp_path / name, '\n\n{"resourceType": "Bin\n'.join(map(json.dumps, binaries)))
    written(tmp_path / "DocumentReference.ndjson", "\n".join(map(json.dumps, referring)))
    found = list(NoteFiles([tmp_path], attachments=tmp_path))
    (note,) = [one for one in found if isinstance(one, Note)]
    assert (note.note_id, note.text) == ("d0", "No fever.")
    reasons = {one.reason for one in found if isinstance(one, Unreadable)}
    assert "FHIR Binary in the folder of attachments: 2 passed over" in reasons
    assert any("is at an address" in reason for reason in reasons)
    alone = NoteFiles([tmp_path / name])
    assert [one.text for one in alone if isinstance(one, Note)] == ["Clear lungs.", "No fever."]


def damaged(data: bytes, rng: random.Random) -> bytes:
    """Return data with some bytes changed, taken out or put in, or cut off."""
    changed = bytearray(data)
    for _ in range(rng.choice((1, 1, 3, 20))):
        place = rng.randrange(len(changed))
        what = rng.randrange(4)
        if what == 0:
            changed[place] = rng.randrange(256)
        elif what == 1:
            del changed[place : place + rng.choice((1, 5, 500))]
        elif what == 2:
            changed[place:place] = rng.choice((b"\0", b"<", b"&", b'"', b"|", b"\\", b"\r", b"\xff", data[:50]))
        else:
            del changed[max(place, 1) :]
        if not changed:
            return b"x"
    return bytes(changed)


@pytest.mark.parametrize("rounds", [2, pytest.param(60, marks=pytest.mark.slow)])
def test_damaged_files_give_notes_or_reasons_and_no_traceback(tmp_path: Path, rounds: int) -> None:
    rng = random.Random(rounds)
    for folder in ("fhir", "hl7v2", "ccda"):
        for source in sorted(shared(f"real/{folder}").iterdir()):
            if source.stat().st_size > 200_000:
                continue
            for _ in range(rounds):
                path = written(tmp_path / source.name, damaged(source.read_bytes(), rng))
                for outcome in outcomes(path):
                    assert not isinstance(outcome, Unreadable) or len(outcome.reason) < 300
