"""Bringing a collection in step with its files: what is new, what is left alone, what goes, and what is refused."""

from __future__ import annotations

from pathlib import Path

import pytest

from clinsearch.collection import Collection
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


@forms
def test_new_notes_are_found_and_each_distinct_sentence_is_encoded_once(
    index: Indexer, collection: Path, tmp_path: Path, form: str
) -> None:
    report = index(write_notes(tmp_path / "notes", form, THREE))
    assert outcome(report) == {"new": 3, "sentences_encoded": 4}
    assert standing(collection) == sentences_of(THREE)


@forms
def test_a_second_run_encodes_nothing(index: Indexer, collection: Path, tmp_path: Path, form: str) -> None:
    folder = write_notes(tmp_path / "notes", form, THREE)
    index(folder)
    assert outcome(index(folder)) == {"unchanged": 3}
    assert standing(collection) == sentences_of(THREE)


@forms
def test_of_a_changed_note_only_new_sentences_are_encoded_and_old_ones_are_not_found(
    index: Indexer, collection: Path, tmp_path: Path, form: str
) -> None:
    folder = tmp_path / "notes"
    index(write_notes(folder, form, THREE))
    changed = THREE | {"n2": ("progress note", ["Patient denies fever and chills.", "Drainage on the left."])}
    report = index(write_notes(folder, form, changed))
    assert outcome(report) == {"changed": 1, "unchanged": 2, "sentences_encoded": 1}
    assert standing(collection) == sentences_of(changed)


@forms
def test_a_sentence_that_left_one_note_stays_in_the_others(
    index: Indexer, collection: Path, tmp_path: Path, form: str
) -> None:
    folder = tmp_path / "notes"
    index(write_notes(folder, form, THREE))
    changed = THREE | {"n1": ("progress note", ["The wound was stable at night."])}
    assert outcome(index(write_notes(folder, form, changed))) == {"changed": 1, "unchanged": 2}
    assert standing(collection) == sentences_of(changed)


@forms
def test_changed_fields_encode_nothing_and_filters_see_the_new_value(
    index: Indexer, collection: Path, tmp_path: Path, form: str
) -> None:
    folder = tmp_path / "notes"
    index(write_notes(folder, form, THREE))
    report = index(write_notes(folder, form, THREE | {"n3": ("letter", THREE["n3"][1])}))
    assert outcome(report) == {"changed": 1, "unchanged": 2}
    assert standing(collection, note_type="letter") == {"n3": THREE["n3"][1]}
    assert standing(collection, note_type="consult") == {}
    assert standing(collection) == sentences_of(THREE)


@forms
def test_a_missing_note_stays_until_it_is_to_be_deleted(
    index: Indexer, collection: Path, tmp_path: Path, form: str
) -> None:
    folder = tmp_path / "notes"
    index(write_notes(folder, form, THREE))
    left = {note_id: THREE[note_id] for note_id in ("n1", "n3")}
    write_notes(folder, form, left)
    assert outcome(index(folder)) == {"unchanged": 2, "missing": 1}
    assert standing(collection) == sentences_of(THREE)
    assert outcome(index(folder, delete_missing=True)) == {"unchanged": 2, "deleted": 1}
    assert standing(collection) == sentences_of(left)
    assert outcome(index(folder, delete_missing=True)) == {"unchanged": 2}


@forms
def test_a_deleted_note_that_comes_back_is_new(index: Indexer, collection: Path, tmp_path: Path, form: str) -> None:
    folder = tmp_path / "notes"
    index(write_notes(folder, form, THREE))
    Collection(collection).delete(["n1"])
    assert outcome(index(folder)) == {"new": 1, "unchanged": 2, "sentences_encoded": 1}
    assert standing(collection) == sentences_of(THREE)


def test_a_renamed_file_is_one_note_under_its_new_id(index: Indexer, collection: Path, tmp_path: Path) -> None:
    folder = write_notes(tmp_path / "notes", "txt", THREE)
    index(folder)
    (folder / "n2.txt").rename(folder / "later.txt")
    assert outcome(index(folder)) == {"renamed": 1, "unchanged": 2}
    assert standing(collection) == {
        "n1": THREE["n1"][1],
        "n3": THREE["n3"][1],
        "later": THREE["n2"][1],
    }
    assert outcome(index(folder)) == {"unchanged": 3}


def test_a_renamed_table_keeps_its_notes_under_their_new_ids(index: Indexer, collection: Path, tmp_path: Path) -> None:
    rows = [{"text": "Patient denies fever."}, {"text": "Mild cough at night."}]
    old = write_jsonl(tmp_path / "notes" / "old.jsonl", rows)
    index(old.parent)
    old.rename(old.with_name("new.jsonl"))
    assert outcome(index(old.parent)) == {"renamed": 2}
    assert standing(collection) == {"new#1": ["Patient denies fever."], "new#2": ["Mild cough at night."]}


def test_a_moved_folder_keeps_its_notes(index: Indexer, collection: Path, tmp_path: Path) -> None:
    folder = write_notes(tmp_path / "notes", "txt", THREE)
    index(folder)
    moved = folder.rename(tmp_path / "elsewhere")
    assert outcome(index(moved)) == {"unchanged": 3}
    (moved / "2024").mkdir()
    for path in moved.glob("*.txt"):
        path.rename(moved / "2024" / path.name)
    assert outcome(index(moved)) == {"renamed": 3}
    assert standing(collection) == {f"2024/{note_id}": texts for note_id, (_, texts) in THREE.items()}
    assert outcome(index(moved)) == {"unchanged": 3}


def test_two_files_that_swap_names_swap_their_texts(index: Indexer, collection: Path, tmp_path: Path) -> None:
    folder = write_notes(tmp_path / "notes", "txt", THREE)
    index(folder)
    (folder / "n1.txt").rename(folder / "aside")
    (folder / "n3.txt").rename(folder / "n1.txt")
    (folder / "aside").rename(folder / "n3.txt")
    report = index(folder)
    assert (report.failures, report.missing, report.sentences_encoded) == ((), 0, 0)
    swapped = THREE | {"n1": THREE["n3"], "n3": THREE["n1"]}
    assert standing(collection) == sentences_of(swapped)
    assert standing(collection, note_type="consult") == {"n1": THREE["n3"][1]}


def test_a_note_id_that_changes_in_a_header_replaces_the_note(index: Indexer, collection: Path, tmp_path: Path) -> None:
    path = write_text(tmp_path / "notes" / "a.txt", ["Patient denies fever."], note_id="K1")
    index(path.parent)
    write_text(path, ["Patient denies fever."], note_id="K2")
    assert outcome(index(path.parent)) == {"renamed": 1}
    assert standing(collection) == {"K2": ["Patient denies fever."]}
    write_text(path, ["Mild cough at night."], note_id="K3")
    assert outcome(index(path.parent)) == {"changed": 1, "sentences_encoded": 1}
    assert standing(collection) == {"K3": ["Mild cough at night."]}


@pytest.mark.parametrize("text", ["Patient denies fever.", "Patient denies chills."], ids=["same text", "new text"])
def test_note_ids_that_are_passed_on_from_file_to_file_leave_one_note_a_file(
    index: Indexer, collection: Path, tmp_path: Path, text: str
) -> None:
    first = write_text(tmp_path / "notes" / "1.txt", ["Patient denies fever."], note_id="K1")
    second = write_text(tmp_path / "notes" / "2.txt", ["Mild cough at night."], note_id="K2")
    index(first.parent)
    write_text(first, [text], note_id="K0")
    write_text(second, ["Mild cough at night."], note_id="K1")
    report = index(first.parent)
    assert (report.failures, report.missing) == ((), 0)
    assert standing(collection) == {"K0": [text], "K1": ["Mild cough at night."]}


def test_files_that_each_take_the_name_of_the_next_leave_one_note_a_file(
    index: Indexer, collection: Path, tmp_path: Path
) -> None:
    folder = write_notes(tmp_path / "notes", "txt", THREE)
    index(folder)
    for name, next_name in [("n3", "n4"), ("n2", "n3"), ("n1", "n2")]:
        (folder / f"{name}.txt").rename(folder / f"{next_name}.txt")
    report = index(folder)
    assert (report.failures, report.missing, report.sentences_encoded) == ((), 0, 0)
    shifted = {"n2": THREE["n1"], "n3": THREE["n2"], "n4": THREE["n3"]}
    assert standing(collection) == sentences_of(shifted)
