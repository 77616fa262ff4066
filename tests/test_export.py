"""Exported notes, read again by `clinsearch index`: the same notes, to the letter."""

from __future__ import annotations

import csv
import json
import stat
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import pyarrow.parquet as pq
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

import clinsearch
from clinsearch.collection import Collection
from clinsearch.errors import HitNotFound, InputError
from clinsearch.readers.values import is_empty
from clinsearch.records import Note
from clinsearch.records.digests import note_digest
from clinsearch.rendering.exports import parquet
from clinsearch.rendering.exports.notes import export_notes
from tests.support.command_line import json_on, run, run_on
from tests.support.tables import QUICK, read

NASTY = [
    "=1+2 is no formula",
    "- bullet\n- bullet\n\n\t@tab",
    "'=already with an apostrophe",
    "\r\nwindows\r\nlines\rand old ones",
    'a "quoted" text, with ; and | and\ttabs',
    "\ufeffa mark in front, \u2028 \x85 \x0c \x1b[31m and 😀 é",
    "<html><body><p>not a page</p></body></html>",
    "{\\rtf1 not a letter}",
    "MSH|^~\\&|no message|",
    '{"resourceType": "Bundle"}',
    "---\nnote_id: other\n---\nno header",
    "SGVsbG8sIHdvcmxkISBUaGlzIGlzIGJhc2U2NCBvZiBhIHRleHQgdGhhdCBpcyBsb25nLg==",
    "line one\\nline two",
    "  blanks around  \n",
]
ENDINGS = ["csv", "jsonl", "parquet"]
IDS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Z"]), min_size=1, max_size=12).filter(
    lambda one: not is_empty(one) and one == one.strip()
)


def with_headings(note: Note) -> Note:
    """Mark the first line that can be a heading as one."""
    start = 0
    for line in note.text.splitlines(keepends=True):
        end = start + len(line.splitlines()[0])
        if note.text[start:end].strip() and note.text[start:end].splitlines() == [note.text[start:end]]:
            return replace(note, headings=((start, end),))
        start += len(line)
    return note


def again(folder: Path, notes: list[Note], ending: str, *, raw: bool = True) -> list[Note]:
    path = folder / f"notes.{ending}"
    exported = export_notes(notes, path, raw=raw, force=True)
    assert exported.notes == len(notes)
    found, faults = read(path)
    assert faults == []
    return found


NOTES = st.builds(
    Note,
    note_id=st.just("n"),
    text=st.sampled_from(NASTY) | st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0")),
    patient_id=st.none() | IDS,
    encounter_id=st.none() | IDS,
    note_type=st.none() | IDS,
    note_datetime=st.none() | st.datetimes(min_value=datetime(1, 1, 1)),
    title=st.none() | IDS,
)


@QUICK
@pytest.mark.parametrize("ending", ENDINGS)
@given(drawn=st.lists(NOTES, min_size=1, max_size=4), are_headed=st.booleans())
def test_whatever_a_note_holds_comes_back(ending: str, drawn: list[Note], are_headed: bool) -> None:
    assume(not any(is_empty(note.text) for note in drawn))
    notes = [replace(note, note_id=f"{number}.0") for number, note in enumerate(drawn)]
    notes = [with_headings(note) if are_headed else note for note in notes]
    with TemporaryDirectory() as folder:
        found = again(Path(folder), notes, ending)
    assert [replace(note, source=None) for note in found] == notes
    assert list(map(note_digest, found)) == list(map(note_digest, notes))


@pytest.mark.parametrize("ending", ENDINGS)
def test_nasty_texts_come_back(tmp_path: Path, ending: str) -> None:
    notes = [with_headings(Note(f"n{number:02}", text)) for number, text in enumerate(NASTY)]
    assert [replace(note, source=None) for note in again(tmp_path, notes, ending)] == notes


def test_formulas_of_a_csv_are_defused_and_their_headings_stay_in_place(tmp_path: Path) -> None:
    texts = ["=1+2", "+1", "-1", "@x", "\tx", "\rx", "a=1", "'=1"]
    notes = [Note(f"n{number}", text, title="=t", headings=((0, 2),)) for number, text in enumerate(texts)]
    notes[4:6] = [replace(note, headings=((1, 2),)) for note in notes[4:6]]
    found = again(tmp_path, notes, "csv", raw=False)
    with (tmp_path / "notes.csv").open(newline="") as file:
        rows = list(csv.DictReader(file))
    assert [row["text"] for row in rows] == [f"'{text}" for text in texts[:6]] + texts[6:]
    assert {row["title"] for row in rows} == {"'=t"}
    assert not any(cell[:1] and cell[0] in "=+-@\t\r" for row in rows for cell in row.values())
    for note, before in zip(found, notes, strict=True):
        (was,), (now,) = before.headings, note.headings
        assert note.text[slice(*now)] == before.text[slice(*was)]


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Collection:
    folder = tmp_path_factory.mktemp("export")
    (folder / "in").mkdir()
    for number in range(6):
        (folder / "in" / f"letter {number}.html").write_text(
            f"<html><body><h2>Wie es war {number}</h2><p>Has a fever. Denies cough.</p><h2>Then</h2><p>The wound was"
            f" stable {number}.</p><ul><li>Needs three pillows.</li></ul></body></html>"
        )
    records = [
        {"note_id": f"=r{number}", "patient_id": f"-P{number}", "note_type": ("a", "b")[number % 2], "text": text}
        | {"note_datetime": f"2024-03-0{number % 9 + 1}T08:30:15.000250", "title": "+x", "encounter_id": "E1"}
        for number, text in enumerate(NASTY[:6])
    ]
    (folder / "in" / "r.jsonl").write_text("\n".join(map(json.dumps, records)))
    clinsearch.index(folder / "in", folder / "c", model=str(tiny_model))
    return Collection(folder / "c")


def held(folder: Path) -> list[Any]:
    """Return all that a collection holds of its notes, but for where they came from."""
    collection = Collection(folder)
    views = [collection.note(one.note_id) for one in collection.notes(sort="id")]
    return [(replace(one.note, source=None), one.sections, one.sentences, one.language) for one in views]


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_export_indexed_is_the_same_collection(
    notes: Collection, tmp_path: Path, tiny_model: Path, ending: str
) -> None:
    path = tmp_path / f"out.{ending}"
    said = run_on(notes.location, "export", path, "--raw")
    # A long path stands on a line of its own.
    assert said.stdout.split() == ["Wrote", "12", "notes", "to", f"{path}."]
    report = clinsearch.index(path, tmp_path / "c", model=str(tiny_model))
    assert (report.new, report.failures, report.doubts, report.passed_over) == (12, (), (), ())
    assert held(tmp_path / "c") == held(notes.location)
    assert any(note.headings for note in notes.whole_notes())
    anew = run_on(tmp_path / "c", "index", path, "--format", "json")
    assert json.loads(anew.stdout)["unchanged"] == 12
    assert anew.stderr.count("ignored") == 0


def test_filters_choose_what_is_exported(notes: Collection, tmp_path: Path) -> None:
    said = json_on(notes.location, "export", tmp_path / "a.jsonl", "--type", "A", "--until", "2024-03-03")
    assert said == {"path": str(tmp_path / "a.jsonl"), "notes": 2, "changed_cells": 0}
    written = [json.loads(line) for line in (tmp_path / "a.jsonl").read_text().splitlines()]
    assert [one["note_id"] for one in written] == ["=r0", "=r2"]
    assert set(written[0]) == {*Note.__dataclass_fields__}


def test_the_notes_of_the_last_search_come_with_their_hits(notes: Collection, tmp_path: Path) -> None:
    hits = json_on(notes.location, "search", "wound fever", "-k", 8, "--every-place")
    assert run_on(notes.location, "export", tmp_path / "h.jsonl", "--hits").exit_code == 0
    written = [json.loads(line) for line in (tmp_path / "h.jsonl").read_text().splitlines()]
    assert [one["note_id"] for one in written] == list(dict.fromkeys(hit["note_id"] for hit in hits))
    places = {(one["note_id"], hit["hit"], hit["start"], hit["end"]) for one in written for hit in one["hits"]}
    assert places == {(hit["note_id"], n, hit["start"], hit["end"]) for n, hit in enumerate(hits, start=1)}
    assert run_on(notes.location, "export", tmp_path / "x.csv", "--hits", "--type", "a").exit_code == 2
    run_on(notes.location, "export", tmp_path / "h.parquet", "--hits")
    table = pq.read_table(tmp_path / "h.parquet")
    assert [json.loads(one)[0]["hit"] for one in table["hits"].to_pylist()] == sorted(
        one["hits"][0]["hit"] for one in written
    )
    again_read, faults = read(tmp_path / "h.parquet")
    assert (len(again_read), faults) == (len(written), [])


def test_without_a_search_there_are_no_hits_and_no_file(tmp_path: Path, tiny_model: Path) -> None:
    (tmp_path / "n.txt").write_text("Has a fever.")
    clinsearch.index(tmp_path / "n.txt", tmp_path / "c", model=str(tiny_model))
    assert "clinsearch search" in run_on(tmp_path / "c", "export", tmp_path / "x.csv", "--hits").stderr
    with pytest.raises(HitNotFound):
        list(Collection(tmp_path / "c").found_notes())
    assert sorted(path.name for path in tmp_path.iterdir()) == ["c", "n.txt"]


def test_a_file_is_for_its_owner_and_never_replaced_unless_that_is_said(notes: Collection, tmp_path: Path) -> None:
    path = tmp_path / "a.csv"
    run_on(notes.location, "export", path)
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    before = path.read_bytes()
    found = run_on(notes.location, "export", path, "--type", "a")
    assert (found.exit_code, found.stdout) == (1, "")
    assert "--force" in found.stderr
    assert path.read_bytes() == before
    assert run_on(notes.location, "export", path, "--type", "a", "--force").exit_code == 0
    assert path.read_bytes() != before
    assert [one.name for one in tmp_path.iterdir()] == ["a.csv"]
    (tmp_path / "link.csv").symlink_to(tmp_path / "elsewhere.csv")
    assert run_on(notes.location, "export", tmp_path / "link.csv").exit_code == 0
    assert (tmp_path / "link.csv").is_symlink()
    assert run_on(notes.location, "export", tmp_path / "link.csv").exit_code == 1


def test_an_export_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def broken() -> Any:
        yield Note("a", "text")
        raise InputError("stop")

    for ending in ENDINGS:
        with pytest.raises(InputError, match="stop"):
            export_notes(broken(), tmp_path / f"x.{ending}")
        (tmp_path / f"y.{ending}").write_text("kept")
        with pytest.raises(InputError, match="stop"):
            export_notes(broken(), tmp_path / f"y.{ending}", force=True)
        assert (tmp_path / f"y.{ending}").read_text() == "kept"
    assert len(list(tmp_path.iterdir())) == len(ENDINGS)


@pytest.mark.parametrize("name", ["notes", "notes.txt", "notes.csv.gz", "no/folder/notes.csv", ".csv"])
def test_what_cannot_be_written_is_one_line(notes: Collection, tmp_path: Path, name: str) -> None:
    found = run_on(notes.location, "export", tmp_path / name)
    assert (found.exit_code, found.stderr.count("\n")) == (1, 1)
    (tmp_path / "is a folder.csv").mkdir()
    assert run_on(notes.location, "export", tmp_path / "is a folder.csv", "--force").exit_code == 1


@pytest.mark.parametrize("ending", ENDINGS)
def test_no_notes_are_a_file_without_rows(notes: Collection, tmp_path: Path, ending: str) -> None:
    assert json_on(notes.location, "export", tmp_path / f"n.{ending}", "--type", "none")["notes"] == 0
    if ending == "csv":
        assert (tmp_path / "n.csv").read_text().startswith("note_id,patient_id,")
    if ending == "parquet":
        assert pq.read_table(tmp_path / "n.parquet").num_rows == 0


def test_a_dash_is_json_lines_on_standard_output(notes: Collection) -> None:
    found = run_on(notes.location, "export", "-")
    assert [json.loads(line)["note_id"] for line in found.stdout.splitlines()] == [
        note.note_id for note in notes.whole_notes()
    ]


def test_parquet_is_written_a_group_at_a_time(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(parquet, "ROWS_PER_GROUP", 3)
    monkeypatch.setattr(parquet, "CHARACTERS_PER_GROUP", 200)
    many = [Note(f"n{number:02}", "x" * (150 if number > 8 else 1)) for number in range(12)]
    export_notes(many, tmp_path / "n.parquet")
    file = pq.ParquetFile(tmp_path / "n.parquet")
    assert [file.metadata.row_group(n).num_rows for n in range(file.num_row_groups)] == [3, 3, 3, 2, 1]
    assert [note.note_id for note in read(tmp_path / "n.parquet")[0]] == [note.note_id for note in many]


@pytest.mark.parametrize("spans", ["[[0, 99]]", "[[3, 1]]", "x", "[1]", '{"a": 1}', "[[0, 4], [2, 5]]", "[" * 9000])
def test_headings_that_cannot_be_are_a_doubt_and_the_note_stays(tmp_path: Path, spans: str) -> None:
    (note,) = [Note("a", "PLAN\nRest.")]
    export_notes([note], tmp_path / "a.csv")
    written = (tmp_path / "a.csv").read_bytes().decode()
    damaged = written.replace("[]", '"' + spans.replace('"', '""') + '"')
    (tmp_path / "a.csv").write_bytes(damaged.encode())
    (kept,), (doubt,) = read(tmp_path / "a.csv")
    assert replace(kept, source=None) == note
    assert doubt.kind == "document"
    assert "Rest" not in doubt.reason


def test_the_help_names_every_ending() -> None:
    assert ".csv, .jsonl or .parquet" in run("export", "--help").stdout
