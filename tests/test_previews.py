"""What `index --dry-run` says would be read, and the list of what can be; neither writes or loads anything."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from clinsearch.readers import extras
from clinsearch.readers.formats import FORMATS
from tests.support.command_line import as_json, run
from tests.support.note_files import SECRET, csv_of, written


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    header = ["NOTE_ID", "Patient_ID", "chartdate", "note_text", "ward"]
    written(
        folder / "a.csv", csv_of(header, ["n1", "P1", "2024-03-02", SECRET, "A"], ["n2", "P2", "some day", SECRET, "A"])
    )
    written(folder / "b.csv.gz", csv_of(header, ["n3", "P1", "", SECRET, "A"], ["n4", "P1", "", "", "A"]))
    written(folder / "c.html", f"<html><head><title>Letter</title></head><body><p>{SECRET}</p></body></html>")
    written(folder / "d.txt", b"\xff")
    written(folder / "e.png", b"x")
    return folder


def test_a_dry_run_counts_files_and_notes_and_says_which_column_is_which_field(notes: Path) -> None:
    result = run("index", "--dry-run", notes, "--format", "json")
    assert result.exit_code == 1
    found = json.loads(result.stdout)
    assert found["notes"] == 4
    assert {one["format"]: (one["files"], one["notes"]) for one in found["formats"]} == {
        "csv": (2, 3),
        "html": (1, 1),
        "text": (1, 0),
    }
    assert found["formats"][0]["filled"] == {
        "patient_id": 3, "encounter_id": 0, "note_type": 0, "note_datetime": 1, "title": 0,
    }  # fmt: skip
    (table,) = found["tables"]
    assert (table["source"], table["tables"]) == (str(notes / "a.csv"), 2)
    assert table["columns"] == {
        "text": ["note_text"], "note_id": ["NOTE_ID"], "patient_id": ["Patient_ID"], "note_datetime": ["chartdate"],
    }  # fmt: skip
    assert found["first"]["note_id"] == "n1"
    assert found["first"]["characters"] == len(SECRET)
    assert found["ignored_fields"] == ["ward"]
    assert sorted(one["kind"] for one in found["failures"]) == ["file", "no_text"]
    assert [one["kind"] for one in found["doubts"]] == ["date"]
    assert [one["kind"] for one in found["passed_over"]] == [".png"]


def test_a_dry_run_is_readable_and_shows_no_text(notes: Path) -> None:
    result = run("index", "--dry-run", notes, "--verbose")
    said = " ".join(result.stdout.split())
    assert "Nothing was written. A run would read 4 notes." in said
    assert f"{notes / 'a.csv'} and 1 more: text = note_text, note_id = NOTE_ID" in said
    assert "Left out: 1 record without a text, 1 file that cannot be read." in said
    assert "Not read, being of another format: 1 .png." in result.stderr
    assert SECRET not in result.output


def test_a_dry_run_writes_nothing_and_loads_no_model(notes: Path, tmp_path: Path) -> None:
    code = (
        "import sys\nfrom clinsearch.cli import main\n"
        f"main(['index', '--dry-run', {str(notes)!r}, '--collection', 'c'], standalone_mode=False)\n"
        "print([name for name in ('torch', 'openvino', 'faiss', 'transformers') if name in sys.modules])"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.splitlines()[-1] == "[]"
    assert [path.name for path in tmp_path.iterdir()] == ["notes"]


def test_the_preset_of_a_table_is_named(tmp_path: Path) -> None:
    header = ["note_id", "subject_id", "hadm_id", "note_type", "note_seq", "charttime", "storetime", "text"]
    written(tmp_path / "discharge.csv", csv_of(header, ["1", "2", "3", "DS", "4", "2130-01-01 00:00:00", "", SECRET]))
    (table,) = as_json("index", "--dry-run", tmp_path)["tables"]
    assert table["preset"] == "mimic-iv-note"
    assert "(mimic-iv-note): text = text" in " ".join(run("index", "--dry-run", tmp_path).stdout.split())


def test_every_format_is_listed_with_its_endings() -> None:
    listed = as_json("readers")
    formats = {one["name"]: one for one in listed if one["kind"] == "format"}
    assert {name: tuple(one["endings"]) for name, one in formats.items()} == {f.name: f.endings for f in FORMATS}
    assert formats["pdf"]["extra"] == "pdf"
    assert {one["name"] for one in listed if one["kind"] == "preset"} >= {"mimic-iv-note", "omop-note"}
    assert ".zst" in run("readers").stdout


def test_what_is_not_installed_is_listed_with_its_command(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(extras, "find_spec", lambda name: None)
    (pdf,) = [one for one in as_json("readers") if one["name"] == "pdf"]
    assert pdf["needs"] == 'pip install "clinsearch[pdf]"'
    assert 'pip install "clinsearch[pdf]"' in run("readers").stdout


def test_no_ending_belongs_to_two_formats() -> None:
    endings = [ending for form in FORMATS for ending in form.endings]
    assert len(endings) == len(set(endings))
