"""Files that are not what their names say, JSON in its forms, names of columns, headers."""

from __future__ import annotations

import base64
import json
from datetime import datetime
from pathlib import Path

import pytest

from clinsearch.readers import NoteFiles, Unreadable
from clinsearch.readers.markup import kind_of_markup
from clinsearch.records import Note
from tests.conftest import real_notes
from tests.support.note_files import outcomes
from tests.support.tables import read, table, texts

RTF = r"{\rtf1\ansi\deff0{\fonttbl{\f0 Calibri;}}\f0\fs22 \b HPI:\b0  Dry cough.\par}"


HTML = "<html><head><style>.x{color:red}</style></head><body><p>Dry cough.</p></body></html>"


FRAGMENT = "<div class='n'><p>Dry cough.</p></div>"


BREAKS = "Dry cough.<br>No fever.<br/>PLAN: rest.<br>"


CCDA = '<?xml version="1.0"?>\n<ClinicalDocument xmlns="urn:hl7-org:v3"><title>Note</title></ClinicalDocument>'


BARE_XML = "<note><id>7</id><body>Dry cough.</body></note>"


HL7 = "MSH|^~\\&|LAB|H|EHR|H|202403022140||MDM^T02|77|P|2.5\rOBX|1|TX|||Dry cough."


JSON = '{"resourceType": "DocumentReference", "id": "d1"}'


PRETTY = json.dumps([{"note_id": "n1", "text": "Dry cough."}], indent=1)


ENCODED = base64.b64encode(b"HPI: Dry cough for three days, worse at night. No fever.\n" * 4).decode()


MIME = base64.encodebytes(b"%PDF-1.4 of nothing at all, and yet it is long enough to be seen, 123" * 3).decode()


FOREIGN = [
    (RTF, "rtf"), (HTML, "html"), (FRAGMENT, "html"), (BREAKS, "html"), (CCDA, "cda"), (BARE_XML, "xml"), (HL7, "hl7"),
    ("\x0b" + HL7, "hl7"), (JSON, "fhir"), (PRETTY, "json"), (ENCODED, "encoded"), (MIME, "pdf"),
    ("data:text/plain;base64," + ENCODED, "encoded"), ("\ufeff  " + CCDA, "cda"), ("%PDF-1.4 1 0 obj", "pdf"),
]  # fmt: skip


MARKS = ("<", "\\", "{", "|", "JVBER", "resourceType", "%PDF", ENCODED[:20])


def is_read_or_told(outcome: Note | Unreadable) -> bool:
    if isinstance(outcome, Note):
        return not any(mark in outcome.text for mark in MARKS)
    return "cough" not in outcome.reason.lower()


@pytest.mark.parametrize(("content", "kind"), FOREIGN)
def test_another_format_in_a_text_file_or_a_cell_is_read_or_refused_as_what_it_is(
    tmp_path: Path, content: str, kind: str
) -> None:
    assert kind_of_markup(content) == kind
    (tmp_path / "a.txt").write_text(content)
    (tmp_path / "b.md").write_text("---\ntitle: T\n---\n" + content)
    table(tmp_path / "c.csv", ["id", "text"], ["1", content], ["2", "Cough"])
    (tmp_path / "d.jsonl").write_text(json.dumps({"text": content}) + "\n")
    (tmp_path / "e.txt").write_text("Rash")
    text, titled, cell, plain, line, last = outcomes(tmp_path)
    assert [one.text for one in (plain, last) if isinstance(one, Note)] == ["Cough", "Rash"]
    assert all(map(is_read_or_told, (text, titled, cell, line)))


@pytest.mark.parametrize("content", [b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\n", b"PK\x03\x04\x14\0\0", b"\xd0\xcf\x11\xe0\0"])
@pytest.mark.parametrize("name", ["a.txt", "a.csv", "a.jsonl"])
def test_a_document_under_the_name_of_a_text_is_not_taken_for_another_encoding(
    tmp_path: Path, name: str, content: bytes
) -> None:
    (tmp_path / name).write_bytes(content)
    (fault,) = read(tmp_path)[1]
    assert "--encoding" not in fault.reason


@pytest.mark.parametrize("name", ["a.csv", "a.jsonl", "a.tsv"])
@pytest.mark.parametrize("content", [RTF, HTML, CCDA, HL7])
def test_another_format_under_the_name_of_a_table_is_read_or_refused_as_what_it_is(
    tmp_path: Path, name: str, content: str
) -> None:
    (tmp_path / name).write_text(content)
    assert all(map(is_read_or_told, outcomes(tmp_path)))


def test_a_table_under_the_name_of_a_text_is_refused_as_a_table(tmp_path: Path) -> None:
    table(tmp_path / "a.txt", ["note_id", "person_id", "note_text"], ["1", "2", "Cough"], delimiter="\t")
    assert [(fault.kind, fault.reason) for fault in read(tmp_path)[1]] == [
        ("table", "a table, not plain text; name it .csv or .tsv")
    ]


@pytest.mark.parametrize(
    "text",
    [
        "<NAME> is a 60 year old man seen on <DATE>.",
        "<10 RBC per field, WBC <5, lactate < 2",
        "[**2024-03-02**] Admission",
        "{see scanned document}",
        "[1] Cough\n[2] Fever",
        "MSH 2 deficient on staining",
        "PDF of the outside study was reviewed.",
        "Temp <38 and HR >100; pt <b>very</b> ill",
        "x" * 500,
        "1234567890" * 50,
        "ACGT" * 100,
        "JSON",
        "note, text and report were reviewed",
    ],
)
def test_a_note_that_only_looks_a_little_like_another_format_is_read(tmp_path: Path, text: str) -> None:
    assert kind_of_markup(text) is None
    (tmp_path / "a.txt").write_text(text)
    assert texts(tmp_path) == {"a": text}


def test_no_real_note_is_taken_for_another_format() -> None:
    assert not [note["id"] for note in real_notes() if kind_of_markup(note["text"])]


def test_an_array_in_a_json_file_is_read_record_by_record(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(
        '[\n {"note_id": "n1",\n "note": "Cough"},\n 7, {"noteId": "n2", "content": "Rash"}]'
    )
    (tmp_path / "b.json").write_text('{"note_id": "n3", "text": "Clear"}')
    (tmp_path / "c.json").write_text('{"text": "no end"')
    notes, faults = read(tmp_path)
    assert [(note.note_id, note.text) for note in notes] == [("n1", "Cough"), ("n2", "Rash"), ("n3", "Clear")]
    assert [(fault.path.name, fault.record) for fault in faults] == [("a.json", 2), ("c.json", None)]


def test_an_array_that_is_too_long_to_be_held_is_refused_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text('[{"text": "' + "x" * 21_000_001 + '"}]')
    (fault,) = read(tmp_path)[1]
    assert (fault.kind, ".jsonl" in fault.reason) == ("too_long", True)


def test_a_fhir_resource_among_the_notes_of_a_table_is_refused_as_what_it_is(tmp_path: Path) -> None:
    resource = {"resourceType": "DocumentReference", "id": "d1", "content": [{"attachment": {"data": ENCODED}}]}
    (tmp_path / "a.ndjson").write_text(json.dumps({"id": 1, "text": "Cough"}) + "\n" + json.dumps(resource) + "\n")
    notes, (fault,) = read(tmp_path)
    assert [note.text for note in notes] == ["Cough"]
    assert fault.kind == "fhir"
    assert "a FHIR DocumentReference" in fault.reason


@pytest.mark.parametrize(
    "name", ["transcription", "Clinical_Note", "notes", "Note Text", "noteText", "REPORT-TEXT", "content"]
)
def test_a_text_is_known_under_its_usual_names(tmp_path: Path, name: str) -> None:
    path = table(
        tmp_path / "a.csv", ["Patient_ID", "Visit_Date", "description", name], ["P1", "3/2/2024", "A", "Cough"]
    )
    (note,), faults = read(path)
    assert (note.text, note.patient_id, note.title, faults) == ("Cough", "P1", "A", [])
    assert note.note_datetime == datetime(2024, 3, 2)


def test_a_remark_beside_the_text_is_never_taken_for_it(tmp_path: Path) -> None:
    path = table(tmp_path / "a.csv", ["notes", "id", "note_text"], ["called twice", "1", "Cough"], ["called", "2", ""])
    files = NoteFiles([path])
    assert [one.text if isinstance(one, Note) else one.reason for one in files] == ["Cough", "no text in it"]
    assert files.ignored_fields == {"notes": 1}


def test_the_columns_of_the_text_and_of_the_id_can_be_named(tmp_path: Path) -> None:
    header = ["text", "Narrative", "note_id", "CSN"]
    path = table(tmp_path / "a.csv", header, ["x", "Cough", "1", "c1"], ["y", "Rash", "1", "c2"])
    notes, faults = read(path, text_column="narrative", id_column="csn")
    assert [(note.note_id, note.text) for note in notes] == [("c1", "Cough"), ("c2", "Rash")]
    assert not faults
    _, (fault,) = read(path, text_column="story")
    remedy = "if one of them is the text, say so: --text-column NAME"
    assert fault.reason == f"no column called story; it has text, Narrative, note_id, CSN; {remedy}"
    _, (fault,) = read(path, id_column="key")
    assert fault.reason == "no column called key; it has text, Narrative, note_id, CSN"


def test_lists_and_what_lies_further_in_do_not_keep_a_header_from_being_read(tmp_path: Path) -> None:
    path = tmp_path / "a.md"
    path.write_text(
        "---\n# from the ward\npatient_id: 'P1'\nproblems:\n  - asthma\n- gout\ncare:\n  team: A\n\n"
        'title: >\n  Progress\n  note\ntags: [a, b]\nnote_type: ~\ndate: "2024-03-02"\n---\nWheeze.'
    )
    files = NoteFiles([path])
    (note,) = files
    assert note == Note("a", "Wheeze.", "P1", None, None, datetime(2024, 3, 2), "Progress note", str(path))
    assert sorted(files.ignored_fields) == ["care", "problems", "tags"]


@pytest.mark.parametrize("value", ["\n  - P1\n  - P2", " [P1, P2]", " {id: P1}", "\n  id: P1"])
def test_a_field_of_several_values_is_told_and_the_note_is_kept(tmp_path: Path, value: str) -> None:
    (tmp_path / "a.txt").write_text(f"---\npatient_id:{value}\n---\nWheeze.")
    (note,), (fault,) = read(tmp_path)
    assert (note.text, note.patient_id, fault.kind) == ("Wheeze.", None, "field")
    assert fault.reason.startswith("patient_id is an ")


@pytest.mark.parametrize(
    ("text", "fault"),
    [
        ("---\ntitle: T\nno end", "its line 3 is not of the form `name: value`"),
        ("---\ntitle: T\n" + "ward: A\n" * 300 + "---\nx", "it has no second --- within 200 lines"),
    ],
)
def test_a_header_that_cannot_be_read_is_told_and_stays_in_the_text(tmp_path: Path, text: str, fault: str) -> None:
    (tmp_path / "a.txt").write_text(text)
    (note,), (told,) = read(tmp_path)
    assert note.text == text
    assert (told.kind, told.reason) == ("header", f"its header was not read: {fault}")
