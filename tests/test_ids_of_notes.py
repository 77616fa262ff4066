"""Notes that share an id, change it, or lie in files that cannot be read this time."""

from __future__ import annotations

import gzip
import json
import os
from collections.abc import Callable
from pathlib import Path

import pytest

from clinsearch.errors import InputError
from tests.support import indexed
from tests.support.indexed import (
    THREE,
    Indexer,
    forms,
    outcome,
    sentences_of,
    standing,
    write_jsonl,
    write_notes,
    write_text,
)

collection, index = indexed.collection, indexed.index


def test_the_same_note_twice_in_a_run_does_no_harm(index: Indexer, collection: Path, tmp_path: Path) -> None:
    row = {"note_id": "K1", "text": "Patient denies fever."}
    path = write_jsonl(tmp_path / "notes" / "a.jsonl", [row, row])
    again = write_jsonl(tmp_path / "notes" / "b.jsonl", [row])
    assert outcome(index(path, again, path.parent)) == {"new": 1, "sentences_encoded": 1}
    assert standing(collection) == {"K1": ["Patient denies fever."]}
    assert outcome(index(path, again, path.parent)) == {"unchanged": 1}


def test_of_an_id_with_two_texts_in_one_table_none_is_kept_and_the_run_goes_on(
    index: Indexer, collection: Path, tmp_path: Path
) -> None:
    rows = [
        {"note_id": "K1", "text": "Patient denies fever."},
        {"note_id": "K1", "text": "Mild cough at night."},
        {"note_id": "K2", "text": "The wound was stable."},
    ]
    path = write_jsonl(tmp_path / "notes" / "a.jsonl", rows)
    report = index(path)
    assert outcome(report) == {"new": 1, "sentences_encoded": 1, "failures": 1}
    assert (report.failures[0].source, report.failures[0].kind) == (str(path), "parts")
    assert "K1" in report.failures[0].reason
    assert standing(collection) == {"K2": ["The wound was stable."]}


def test_a_part_that_was_taken_for_the_note_before_goes(index: Indexer, collection: Path, tmp_path: Path) -> None:
    first = {"note_id": "K1", "text": "Patient denies fever."}
    other = {"note_id": "K2", "text": "The wound was stable."}
    path = write_jsonl(tmp_path / "notes" / "a.jsonl", [first, other])
    index(path)
    write_jsonl(path, [first, other, {"note_id": "K1", "text": "Mild cough at night."}])
    assert outcome(index(path)) == {"unchanged": 1, "deleted": 1, "failures": 1}
    assert standing(collection) == {"K2": ["The wound was stable."]}
    rows = [{**first, "line": "1"}, {**other, "line": "1"}, {"note_id": "K1", "text": "\n\nMild cough.", "line": "2"}]
    assert outcome(index(write_jsonl(path, rows))) == {"new": 1, "unchanged": 1, "sentences_encoded": 2}
    assert standing(collection)["K1"] == ["Patient denies fever.", "Mild cough."]


def test_columns_can_be_named_from_the_library(index: Indexer, collection: Path, tmp_path: Path) -> None:
    path = write_jsonl(tmp_path / "a.jsonl", [{"key": "K1", "story": "Patient denies fever."}])
    assert outcome(index(path)) == {"failures": 1}
    assert outcome(index(path, text_column="story", id_column="key")) == {"new": 1, "sentences_encoded": 1}
    assert standing(collection) == {"K1": ["Patient denies fever."]}


def test_a_file_named_like_a_note_that_another_file_gives_up_in_the_same_run_is_taken(
    index: Indexer, collection: Path, tmp_path: Path
) -> None:
    later = write_text(tmp_path / "notes" / "z.txt", ["Patient denies fever."], note_id="K1")
    index(later.parent)
    write_text(later, ["Patient denies fever."], note_id="K2")
    write_text(later.with_name("K1.txt"), ["Mild cough at night."])
    report = index(later.parent)
    assert (report.failures, report.missing) == ((), 0)
    assert standing(collection) == {"K1": ["Mild cough at night."], "K2": ["Patient denies fever."]}


@pytest.mark.parametrize("name", ["001.txt", "lab #3.txt"])
def test_a_file_called_like_another_folders_file_is_refused_and_nothing_is_lost(
    index: Indexer, collection: Path, tmp_path: Path, name: str
) -> None:
    first = write_text(tmp_path / "A" / name, ["Patient denies fever."])
    second = write_text(tmp_path / "B" / name, ["Mild cough at night."])
    write_text(tmp_path / "B" / "002.txt", ["The wound was stable."])
    note_id = first.stem
    index(first.parent)
    report = index(second.parent)
    assert outcome(report) == {"new": 1, "sentences_encoded": 1, "failures": 1}
    assert report.failures[0].source == str(second)
    assert note_id in report.failures[0].reason
    assert str(first) in report.failures[0].reason
    expected = {note_id: ["Patient denies fever."], "002": ["The wound was stable."]}
    assert standing(collection) == expected
    assert outcome(index(second.parent, delete_missing=True)) == {"unchanged": 1, "failures": 1}
    assert outcome(index(first.parent, delete_missing=True)) == {"unchanged": 1}
    assert standing(collection) == expected


def test_records_of_tables_that_share_a_name_are_refused_and_nothing_is_lost(
    index: Indexer, collection: Path, tmp_path: Path
) -> None:
    first = write_jsonl(tmp_path / "A" / "notes.jsonl", [{"text": "Patient denies fever."}])
    second = write_jsonl(tmp_path / "B" / "notes.jsonl", [{"text": "Mild cough."}, {"text": "Stable at night."}])
    index(first.parent)
    assert outcome(index(second.parent)) == {"new": 1, "sentences_encoded": 1, "failures": 1}
    assert standing(collection) == {"notes#1": ["Patient denies fever."], "notes#2": ["Stable at night."]}


def test_a_refused_file_does_not_keep_the_owner_of_the_id_from_changing(
    index: Indexer, collection: Path, tmp_path: Path
) -> None:
    owner = write_text(tmp_path / "B" / "001.txt", ["Patient denies fever."])
    index(owner.parent)
    other = write_text(tmp_path / "A" / "001.txt", ["Mild cough at night."])
    write_text(owner, ["Patient denies chills."])
    report = index(other.parent, owner.parent)
    assert [failure.source for failure in report.failures] == [str(other)]
    assert standing(collection) == {"001": ["Patient denies chills."]}


def test_a_copy_in_another_folder_that_changes_does_not_take_the_first_files_note(
    index: Indexer, collection: Path, tmp_path: Path
) -> None:
    first = write_text(tmp_path / "A" / "001.txt", ["Patient denies fever."])
    second = write_text(tmp_path / "B" / "001.txt", ["Patient denies fever."])
    index(first.parent)
    index(second.parent)
    write_text(second, ["Mild cough at night."])
    index(second.parent)
    assert standing(collection) == {"001": ["Patient denies fever."]}


def test_deleting_a_copy_in_another_folder_leaves_the_first_files_note(
    index: Indexer, collection: Path, tmp_path: Path
) -> None:
    first = write_text(tmp_path / "A" / "001.txt", ["Patient denies fever."])
    second = write_text(tmp_path / "B" / "001.txt", ["Patient denies fever."])
    write_text(tmp_path / "B" / "002.txt", ["Mild cough at night."])
    index(first.parent)
    index(second.parent)
    second.unlink()
    index(second.parent, delete_missing=True)
    assert standing(collection) == {"001": ["Patient denies fever."], "002": ["Mild cough at night."]}


def test_a_folder_reached_by_another_path_is_the_same_folder(index: Indexer, collection: Path, tmp_path: Path) -> None:
    path = write_text(tmp_path / "notes" / "001.txt", ["Patient denies fever."])
    index(path.parent)
    (tmp_path / "link").symlink_to(path.parent)
    write_text(path, ["Mild cough at night."])
    assert outcome(index(tmp_path / "link")) == {"changed": 1, "sentences_encoded": 1}
    assert standing(collection) == {"001": ["Mild cough at night."]}


def test_a_record_in_a_newer_export_updates_the_note_of_its_id(
    index: Indexer, collection: Path, tmp_path: Path
) -> None:
    old = write_jsonl(tmp_path / "may" / "a.jsonl", [{"note_id": "K1", "text": "Patient denies fever."}])
    new = write_jsonl(tmp_path / "june" / "b.jsonl", [{"note_id": "K1", "text": "Mild cough at night."}])
    index(old.parent)
    assert outcome(index(new.parent)) == {"changed": 1, "sentences_encoded": 1}
    assert standing(collection) == {"K1": ["Mild cough at night."]}
    assert outcome(index(new.parent, delete_missing=True)) == {"unchanged": 1}


def test_a_text_file_in_a_newer_export_updates_the_note_of_the_id_in_its_header(
    index: Indexer, collection: Path, tmp_path: Path
) -> None:
    old = write_text(tmp_path / "may" / "K1.txt", ["Patient denies fever."], note_id="K1")
    new = write_text(tmp_path / "june" / "K1.txt", ["Mild cough at night."], note_id="K1")
    index(old.parent)
    assert outcome(index(new.parent)) == {"changed": 1, "sentences_encoded": 1}
    assert standing(collection) == {"K1": ["Mild cough at night."]}


def test_deleting_what_is_missing_touches_no_other_folder(index: Indexer, collection: Path, tmp_path: Path) -> None:
    first = write_text(tmp_path / "A" / "1.txt", ["Patient denies fever."])
    write_text(tmp_path / "A" / "2.txt", ["Patient denies chills."])
    table = write_jsonl(tmp_path / "B" / "b.jsonl", [{"note_id": "K1", "text": "Mild cough at night."}])
    beside = write_text(tmp_path / "AB" / "3.txt", ["The wound was stable."])
    index(first.parent, table.parent, beside.parent)
    first.unlink()
    table.unlink()
    beside.unlink()
    assert outcome(index(tmp_path / "A")) == {"unchanged": 1, "missing": 1}
    assert outcome(index(tmp_path / "A" / "2.txt", delete_missing=True)) == {"unchanged": 1}
    assert outcome(index(tmp_path / "A", delete_missing=True)) == {"unchanged": 1, "deleted": 1}
    assert standing(collection) == {
        "2": ["Patient denies chills."],
        "K1": ["Mild cough at night."],
        "3": ["The wound was stable."],
    }


def damaged_gzip(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:-12])


def made_binary(path: Path) -> None:
    path.write_bytes(b"\0\1\2")


def made_dangling(path: Path) -> None:
    path.unlink()
    path.symlink_to(path.parent / "unmounted" / path.name)


@pytest.mark.parametrize(
    ("name", "spoil"),
    [("a.jsonl.gz", damaged_gzip), ("a.txt", made_binary), ("a.txt", made_dangling)],
    ids=["a damaged gzip file", "a binary file", "a link to nowhere"],
)
def test_notes_of_a_file_that_cannot_be_read_this_time_stay(
    index: Indexer, collection: Path, tmp_path: Path, name: str, spoil: Callable[[Path], None]
) -> None:
    path = tmp_path / "notes" / name
    path.parent.mkdir()
    if name.endswith(".gz"):
        row = json.dumps({"note_id": "a", "text": "Patient denies fever."})
        path.write_bytes(gzip.compress(row.encode()))
    else:
        write_text(path, ["Patient denies fever."])
    write_text(path.with_name("b.txt"), ["Mild cough at night."])
    index(path.parent)
    spoil(path)
    report = index(path.parent, delete_missing=True)
    assert [failure.source for failure in report.failures] == [str(path)]
    assert standing(collection) == {"a": ["Patient denies fever."], "b": ["Mild cough at night."]}


@forms
def test_a_note_that_moved_to_another_folder_does_not_go_with_its_old_file(
    index: Indexer, collection: Path, tmp_path: Path, form: str
) -> None:
    kept, moved = ("letter", ["Patient denies fever."]), ("letter", ["Mild cough at night."])

    def write(folder: str, **notes: tuple[str, list[str]]) -> Path:
        path = write_notes(tmp_path / folder, form, notes)
        if form == "txt":
            for note_id, (_, sentences) in notes.items():
                (path / f"{note_id}.txt").unlink()
                write_text(path / "note.txt", sentences, note_id=note_id)
        return path

    index(write("new", K2=moved))
    archive, new = write("archive", K2=moved), write("new", K1=kept)
    index(archive, new)
    index(new, delete_missing=True)
    assert standing(collection) == {"K1": kept[1], "K2": moved[1]}


@pytest.mark.skipif(os.geteuid() == 0, reason="root may read everything")
def test_notes_of_a_folder_that_may_not_be_entered_this_time_stay(
    index: Indexer, collection: Path, tmp_path: Path
) -> None:
    path = write_text(tmp_path / "notes" / "closed" / "a.txt", ["Patient denies fever."])
    write_text(tmp_path / "notes" / "b.txt", ["Mild cough at night."])
    index(tmp_path / "notes")
    path.parent.chmod(0)
    try:
        report = index(tmp_path / "notes", delete_missing=True)
    finally:
        path.parent.chmod(0o700)
    assert [failure.source for failure in report.failures] == [str(path.parent)]
    assert standing(collection) == {"closed/a": ["Patient denies fever."], "b": ["Mild cough at night."]}


def test_a_folder_without_a_note_deletes_nothing(index: Indexer, collection: Path, tmp_path: Path) -> None:
    folder = write_notes(tmp_path / "notes", "txt", THREE)
    index(folder)
    for path in folder.iterdir():
        path.unlink()
    with pytest.raises(InputError, match="No notes in"):
        index(folder, delete_missing=True)
    assert standing(collection) == sentences_of(THREE)
