"""Notes that come by a stream: read as JSON Lines, told by what they hold, and never deleted for not coming again."""

from __future__ import annotations

import gzip
import io
import json
import sys
from pathlib import Path

import pytest

from clinsearch import Collection, index
from clinsearch.errors import InputError
from clinsearch.readers import NoteFiles, Unreadable
from clinsearch.readers import contents as contents_module
from clinsearch.records import Note
from tests.support.note_files import csv_of, jsonl_of

LINES = jsonl_of({"note_id": "n1", "text": "Dry cough."}, {"note_id": "n2", "text": "No fever."})


def test_a_stream_is_read_as_json_lines() -> None:
    files = NoteFiles([io.BytesIO(LINES.encode())])
    for _ in range(2):
        assert list(files) == [Note("n1", "Dry cough.", source="-"), Note("n2", "No fever.", source="-")]


def test_a_compressed_stream_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(contents_module, "MAX_COPY_IN_MEMORY", 10)
    assert len(list(NoteFiles([io.BytesIO(gzip.compress(LINES.encode()))]))) == 2


def test_the_path_of_one_dash_is_standard_input(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(LINES.encode())))
    (tmp_path / "a.txt").write_text("Rash.")
    assert [one.note_id for one in NoteFiles([Path("-"), tmp_path]) if isinstance(one, Note)] == ["n1", "n2", "a"]


def test_two_streams_are_one_too_many() -> None:
    with pytest.raises(InputError, match="Only one stream"):
        NoteFiles([Path("-"), io.BytesIO()])


def test_a_closed_standard_input_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stdin", None)
    with pytest.raises(InputError, match="Standard input is closed"):
        NoteFiles([Path("-")])


def test_an_empty_stream_is_told() -> None:
    (fault,) = NoteFiles([io.BytesIO()])
    assert isinstance(fault, Unreadable)
    assert fault.reason == "no text in it"


def test_a_table_in_a_stream_is_told_line_by_line() -> None:
    found = list(NoteFiles([io.BytesIO(csv_of(["text"], ["Cough"]).encode())]))
    assert all(isinstance(one, Unreadable) for one in found)


def test_notes_without_ids_of_two_streams_are_not_taken_for_each_other() -> None:
    first, second = (
        [one.note_id for one in NoteFiles([io.BytesIO(jsonl_of({"text": text}).encode())]) if isinstance(one, Note)]
        for text in ("Cough", "Rash")
    )
    assert first != second
    files = NoteFiles([io.BytesIO(jsonl_of({"text": "Cough"}).encode())])
    (note,) = files
    assert isinstance(note, Note)
    assert [note.note_id] == first
    assert files.is_default_id(note)


def test_what_came_by_a_stream_is_never_missing(tmp_path: Path, tiny_model: Path) -> None:
    def run(stream: io.BytesIO, **options: bool) -> tuple[int, int, int]:
        report = index(NoteFiles([stream]), tmp_path / "c", model=str(tiny_model), **options)  # type: ignore[arg-type]
        return report.new, report.changed, report.deleted

    assert run(io.BytesIO(LINES.encode())) == (2, 0, 0)
    other = jsonl_of({"note_id": "n1", "text": "Wet cough."}, {"note_id": "n3", "text": "Rash."})
    assert run(io.BytesIO(other.encode()), delete_missing=True) == (1, 1, 0)
    assert run(io.BytesIO(LINES.encode()), delete_missing=True) == (0, 1, 0)
    assert Collection(tmp_path / "c").status().notes == 3
    (tmp_path / "notes").mkdir()
    (tmp_path / "notes" / "a.jsonl").write_text(json.dumps({"note_id": "x", "text": "Rash."}))
    report = index(tmp_path / "notes", tmp_path / "c", delete_missing=True)
    assert (report.new, report.renamed, report.deleted, report.missing) == (1, 0, 0, 0)
