"""JSON as databases and their programs write it: values that are objects, and records a line under any name."""

from __future__ import annotations

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from tests.support.note_files import SECRET, notes, outcomes, written

RECORDS = [{"id": f"n{number}", "text": f"Cough {number}"} for number in range(3)]


@pytest.mark.parametrize("name", ["a.json", "a.ndjson", "a.jsonl.gz"])
@pytest.mark.parametrize(
    "content",
    [
        "\n".join(map(json.dumps, RECORDS)),
        "\ufeff" + "\r\n\r\n".join(map(json.dumps, RECORDS)) + "\r\n",
        json.dumps(RECORDS),
        json.dumps(RECORDS, indent=2),
        "\n" + json.dumps(RECORDS).replace("}, {", "},\n{"),
    ],
)
def test_records_are_found_a_line_or_in_an_array_whatever_the_file_is_called(
    tmp_path: Path, name: str, content: str
) -> None:
    assert [note.note_id for note in notes(written(tmp_path / name, content))] == ["n0", "n1", "n2"]


@pytest.mark.parametrize("first", ['["a"]', '{"id": "x", "te', "null", "{}"])
def test_a_bad_first_line_costs_no_other(tmp_path: Path, first: str) -> None:
    found = outcomes(written(tmp_path / "a.ndjson", "\n".join([first, *map(json.dumps, RECORDS)])))
    assert [getattr(one, "note_id", None) for one in found] == [None, "n0", "n1", "n2"]


def test_the_objects_of_mongodb_stand_for_their_values(tmp_path: Path) -> None:
    moments: list[Any] = ["2024-01-02T10:00:00Z", {"$numberLong": "1704189600000"}]
    lines = [{"_id": {"$oid": f"5f{n}"}, "text": "Cough.", "date": {"$date": at}} for n, at in enumerate(moments)]
    found = notes(written(tmp_path / "a.json", "\n".join(map(json.dumps, lines))))
    assert [(note.note_id, note.note_datetime) for note in found] == [
        ("5f0", datetime(2024, 1, 2, 10)),
        ("5f1", datetime(2024, 1, 2, 10)),
    ]


def test_the_envelope_of_elasticsearch_is_taken_off(tmp_path: Path) -> None:
    line = {"_index": "notes", "_id": "e1", "_source": {"note_text": "Cough.", "patient_id": 7}}
    (note,) = notes(written(tmp_path / "a.ndjson", json.dumps(line)))
    assert (note.note_id, note.patient_id, note.text) == ("e1", "7", "Cough.")


def test_a_note_and_whose_it_is_may_be_objects(tmp_path: Path) -> None:
    record = {
        "id": 1,
        "patient": {"name": SECRET, "mrn": 77},
        "encounter": {"id": "e3"},
        "note": {"id": "n5", "text": "Cough.", "date": "2024-01-02"},
    }
    (note,) = notes(written(tmp_path / "a.json", json.dumps(record)))
    assert (note.note_id, note.patient_id, note.encounter_id, note.text) == ("n5", "77", "e3", "Cough.")
    assert note.note_datetime == datetime(2024, 1, 2)


@pytest.mark.parametrize("note", [{"author": SECRET}, {SECRET: {"text": SECRET}}, [{"text": SECRET}]])
def test_an_object_without_a_text_is_told_and_not_shown(tmp_path: Path, note: Any) -> None:
    (fault,) = outcomes(written(tmp_path / "a.json", json.dumps({"id": 1, "note": note})))
    assert "write one record for each note" in getattr(fault, "reason", "")
    assert SECRET not in repr(fault)
