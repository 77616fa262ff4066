"""Bringing a collection in step with its files: what is new, what is left alone, what goes, and what is refused."""

from __future__ import annotations

import csv
import gzip
import json
import os
import random
import shutil
import tempfile
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

import clinsearch
from clinsearch.collection import Collection
from clinsearch.encoder.checkpoint import DEFAULT_MODEL, PUBLISHED
from clinsearch.encoder.encoder import load_encoder
from clinsearch.errors import CollectionNotFound, InputError, ModelError, ModelMismatch
from clinsearch.indexing import run
from clinsearch.indexing.upkeep import identity_of
from clinsearch.readers import NoteFiles
from clinsearch.records import Hit, IndexReport
from clinsearch.storage.writer import Writer
from tests.conftest import PROJECT, real_notes, small_vocab, write_model

ALL = 100_000
SECRET = "zyxwquartz"

Indexer = Callable[..., IndexReport]
# Notes by id: the type and the sentences of each.
Notes = dict[str, tuple[str, list[str]]]

THREE: Notes = {
    "n1": ("progress note", ["Patient denies fever and chills.", "The wound was stable at night."]),
    "n2": ("progress note", ["Mild edema on the left was stable.", "Patient denies fever and chills."]),
    "n3": ("consult", ["The heart was clear on the right."]),
}


@pytest.fixture
def collection(tmp_path: Path) -> Path:
    return tmp_path / "collection"


@pytest.fixture
def index(tiny_model: Path, collection: Path) -> Indexer:
    """Bring the test's collection in step with some paths, with the tiny model."""

    def run(*paths: Path, **options: object) -> IndexReport:
        return clinsearch.index(list(paths), collection, **{"model": str(tiny_model), **options})

    return run


def write_text(path: Path, sentences: list[str], **header: str) -> Path:
    """Write a note, each sentence a paragraph of its own, beneath a header if there are fields for one."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fields = "".join(f"{name}: {value}\n" for name, value in header.items())
    path.write_text((f"---\n{fields}---\n" if fields else "") + "\n\n".join(sentences) + "\n")
    return path


def write_notes(folder: Path, form: str, notes: Notes) -> Path:
    """Write just these notes into a folder: a text file each, or all as records of one table."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    rows = [
        {"note_id": note_id, "note_type": note_type, "text": "\n\n".join(sentences)}
        for note_id, (note_type, sentences) in notes.items()
    ]
    if form == "jsonl":
        write_jsonl(folder / "notes.jsonl", rows)
    elif form == "csv":
        with (folder / "notes.csv").open("w", newline="") as file:
            table = csv.DictWriter(file, ["note_id", "note_type", "text"])
            table.writeheader()
            table.writerows(rows)
    else:
        for note_id, (note_type, sentences) in notes.items():
            write_text(folder / f"{note_id}.txt", sentences, note_type=note_type)
    return folder


def write_jsonl(path: Path, rows: list[dict[str, str]]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    return path


def outcome(report: IndexReport) -> dict[str, int]:
    """Return the counts of a report that are not zero."""
    names = ("new", "changed", "renamed", "unchanged", "deleted", "missing", "sentences_encoded")
    counts = {name: getattr(report, name) for name in names} | {"failures": len(report.failures)}
    return {name: count for name, count in counts.items() if count}


def standing(collection: Path, **filters: str) -> dict[str, list[str]]:
    """Return all that search finds: the sentences of each note in their order. Looks at every vector."""
    notes = Collection(collection)
    places = places_of_all(notes, **filters)
    found: dict[str, list[str]] = {}
    for place in sorted(places, key=lambda place: (place.note_id, place.start)):
        found.setdefault(place.note_id, []).append(str(place.sentence))
    assert notes.status().occurrences == len(places) or filters
    return found


def places_of_all(notes: Collection, **filters: str) -> list[Hit]:
    """Return every place of every sentence that a search finds."""
    hits = notes.search("fever", ALL, **filters)
    return [p for h in hits for p in ([h] if h.occurrences == 1 else notes.places(h, **filters))]


def sentences_of(notes: Notes) -> dict[str, list[str]]:
    return {note_id: sentences for note_id, (_, sentences) in notes.items()}


forms = pytest.mark.parametrize("form", ["txt", "csv", "jsonl"])


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


def test_what_cannot_be_read_is_listed_without_its_text_and_the_rest_goes_on(
    index: Indexer, collection: Path, tmp_path: Path
) -> None:
    folder = write_notes(tmp_path / "notes", "txt", THREE)
    (folder / "binary.txt").write_bytes(f"{SECRET}\0".encode())
    (folder / "latin.txt").write_bytes(f"{SECRET} café".encode("latin-1"))
    (folder / "empty.txt").write_text(" \n")
    (folder / "noheader.csv").write_text(f"{SECRET} denies fever, no cough\nmore, text\n")
    (folder / "quotes.csv").write_text(f'note_id,text\n1,"{SECRET} denies" fever\n')
    (folder / "cells.csv").write_text(f"note_id,text\n1,{SECRET},denies\n")
    (folder / "broken.jsonl").write_text(f'{{"text": "{SECRET}\n["{SECRET}"]\n{{"text": ["{SECRET}"]}}\n')
    (folder / "date.jsonl").write_text(json.dumps({"text": "Mild cough.", "date": SECRET, "title": [SECRET]}))
    (folder / "cut.txt.gz").write_bytes(gzip.compress(SECRET.encode())[:-4])
    write_jsonl(folder / "twice.jsonl", [{"id": "n1", "text": f"{SECRET} coughs."}, {"id": "z", "text": "Clear."}])
    report = index(folder)
    places = [(Path(failure.source).name, failure.record) for failure in report.failures]
    assert sorted(places, key=str) == sorted(
        [
            ("binary.txt", None),
            ("latin.txt", None),
            ("empty.txt", None),
            ("noheader.csv", None),
            ("quotes.csv", 1),
            ("cells.csv", 1),
            ("broken.jsonl", 1),
            ("broken.jsonl", 2),
            ("broken.jsonl", 3),
            ("cut.txt.gz", None),
            ("twice.jsonl", None),
        ],
        key=str,
    )
    assert [(Path(doubt.source).name, doubt.kind) for doubt in report.doubts] == [
        ("date.jsonl", "field"),
        ("date.jsonl", "date"),
    ]
    assert not [one for one in report.failures + report.doubts if SECRET in one.reason.lower()]
    expected = sentences_of(THREE) | {"date#1": ["Mild cough."], "z": ["Clear."]}
    assert standing(collection) == expected


def many_notes(count: int, sentences: int, *, version: str = "first") -> Notes:
    """Make notes of sentences that all differ."""
    return {
        f"{note:04}": ("progress note", [f"Patient {version} {note} fever {n} at home." for n in range(sentences)])
        for note in range(count)
    }


class Stop:
    """A progress callback that is interrupted, as by Ctrl-C, when it is called for the n-th time."""

    def __init__(self, calls: int) -> None:
        self.calls_left = calls

    def __call__(self, notes: int) -> None:
        self.calls_left -= 1
        if not self.calls_left:
            raise KeyboardInterrupt


@pytest.mark.parametrize("calls", [1, 2, 4])
def test_an_interrupted_run_leaves_whole_commits_and_the_next_encodes_only_the_rest(
    index: Indexer, collection: Path, tmp_path: Path, calls: int
) -> None:
    notes = many_notes(300, 9)
    folder = write_notes(tmp_path / "notes", "jsonl", notes)
    with pytest.raises(KeyboardInterrupt):
        index(folder, progress=Stop(calls))
    kept = standing(collection)
    assert kept == dict(list(sentences_of(notes).items())[: len(kept)])
    assert len(kept) < 300
    assert kept or calls < 4
    report = index(folder)
    assert (report.unchanged, report.new) == (len(kept), 300 - len(kept))
    assert report.sentences_encoded == 9 * (300 - len(kept))
    assert standing(collection) == sentences_of(notes)


def test_a_run_interrupted_among_changes_leaves_every_note_in_its_old_or_its_new_version(
    index: Indexer, collection: Path, tmp_path: Path
) -> None:
    old, new = many_notes(150, 17), many_notes(150, 17, version="second")
    folder = tmp_path / "notes"
    index(write_notes(folder, "jsonl", old))
    write_notes(folder, "jsonl", new)
    with pytest.raises(KeyboardInterrupt):
        index(folder, progress=Stop(2))
    kept = standing(collection)
    changed = [note_id for note_id in kept if kept[note_id] == new[note_id][1]]
    assert 0 < len(changed) < 150
    assert kept == sentences_of(old | {note_id: new[note_id] for note_id in changed})
    assert outcome(index(folder)) == {
        "unchanged": len(changed),
        "changed": 150 - len(changed),
        "sentences_encoded": 17 * (150 - len(changed)),
    }
    assert standing(collection) == sentences_of(new)


def test_progress_counts_the_notes_up_to_all_of_them(index: Indexer, tmp_path: Path) -> None:
    seen: list[int] = []
    index(write_notes(tmp_path / "notes", "csv", many_notes(150, 2)), progress=seen.append)
    assert seen == sorted(seen)
    assert seen[-1] == 150


def test_white_space_does_not_make_another_sentence(index: Indexer, collection: Path, tmp_path: Path) -> None:
    plain = "The wound was irrigated with saline at night and then closed in layers without drainage."
    path = write_text(tmp_path / "notes" / "a.txt", [plain])
    path.with_name("b.txt").write_text(plain.replace(" at night ", "\t  at\u00a0night ") + "\n")
    path.with_name("c.txt").write_text(plain.replace("then closed", "then\nclosed") + "\n")
    assert index(path.parent).sentences_encoded == 1
    (hit,) = Collection(collection).search("wound", ALL)
    assert (hit.note_id, hit.sentence, hit.occurrences) == ("a", plain, 3)
    places = Collection(collection).places(hit)
    assert [(place.note_id, place.sentence, place.occurrences) for place in places] == [
        ("a", plain, 3),
        ("b", plain, 3),
        ("c", plain, 3),
    ]


def folded(text: str) -> str:
    return " ".join(text.split())


def assert_offsets_lead_to_the_sentences(collection: Path) -> None:
    notes = Collection(collection)
    texts: dict[str, str] = {}
    hits = notes.search("fever", ALL) + places_of_all(notes)
    assert hits
    for hit in hits:
        if hit.note_id not in texts:
            view = notes.note(hit.note_id)
            texts[hit.note_id] = view.note.text
            for place in view.sentences:
                assert folded(view.note.text[place.start : place.end]) == place.sentence
        assert folded(texts[hit.note_id][hit.start : hit.end]) == hit.sentence


def test_offsets_of_hits_lead_to_their_sentences(index: Indexer, collection: Path, tmp_path: Path) -> None:
    odd = "HPI:\r\n\r\n  Naïve patient \U0001f642 denies\tfever.\r\nPLAN:\r\n- Home\u00a0with  a\u2003walker.\r\n"
    path = tmp_path / "notes" / "odd.txt"
    path.parent.mkdir()
    path.write_bytes(odd.encode())
    index(path.parent, PROJECT / "sample_notes")
    assert_offsets_lead_to_the_sentences(collection)


def test_offsets_of_hits_in_real_notes_lead_to_their_sentences(
    index: Indexer, collection: Path, tmp_path: Path
) -> None:
    rows = [{"id": note["id"], "text": note["text"]} for note in real_notes()[::50]]
    index(write_jsonl(tmp_path / "real.jsonl", rows))
    assert_offsets_lead_to_the_sentences(collection)
    for row in rows:
        assert Collection(collection).note(row["id"]).note.text == row["text"]


@pytest.mark.parametrize("other", ["weights", "pooling"])
def test_another_model_is_refused_with_the_remedy_and_changes_nothing(
    index: Indexer, collection: Path, tmp_path: Path, tiny_model: Path, other: str
) -> None:
    folder = write_notes(tmp_path / "notes", "txt", THREE)
    index(folder)
    before = Collection(collection).status()
    files = {path.name: path.read_bytes() for path in (collection / "vectors").iterdir()}
    write_text(folder / "n4.txt", ["Patient needs three pillows."])
    options = (
        {"pooling": "cls"}
        if other == "pooling"
        else {"model": str(write_model(tmp_path / "other", small_vocab(), seed=8))}
    )
    with pytest.raises(ModelMismatch) as error:
        index(folder, **options)
    message = str(error.value)
    assert str(tiny_model) in message
    assert "Leave --model and --pooling out" in message
    assert "--collection" in message
    after = Collection(collection).status()
    assert (after.notes, after.model, after.fingerprint) == (3, before.model, before.fingerprint)
    assert {path.name: path.read_bytes() for path in (collection / "vectors").iterdir()} == files
    assert standing(collection) == sentences_of(THREE)


def test_a_collection_keeps_its_model_when_none_is_named(index: Indexer, collection: Path, tmp_path: Path) -> None:
    folder = write_notes(tmp_path / "notes", "txt", THREE)
    index(folder, pooling="max")
    before = Collection(collection).status()
    write_text(folder / "n4.txt", ["Patient needs three pillows."])
    assert outcome(clinsearch.index(folder, collection)) == {"new": 1, "unchanged": 3, "sentences_encoded": 1}
    after = Collection(collection).status()
    assert (after.model, after.pooling) == (before.model, "max")


@pytest.mark.parametrize("model", ["nobody/no-such-model", "./no-such-folder", "no such name"])
def test_a_model_that_cannot_be_found_leaves_no_folder_behind(
    index: Indexer, collection: Path, tmp_path: Path, no_network: list[object], model: str
) -> None:
    folder = write_notes(tmp_path / "notes", "txt", THREE)
    with pytest.raises(ModelError):
        index(folder, model=model)
    assert not collection.exists()


def test_a_model_that_cannot_be_loaded_leaves_no_folder_behind(
    index: Indexer, collection: Path, tmp_path: Path, tiny_model: Path
) -> None:
    folder = write_notes(tmp_path / "notes", "txt", THREE)
    model = Path(shutil.copytree(tiny_model, tmp_path / "model"))
    (model / "model.safetensors").write_bytes(b"not weights at all")
    with pytest.raises(ModelError):
        index(folder, model=str(model))
    assert not collection.exists()


def test_a_default_model_that_is_not_as_published_leaves_no_folder_behind(
    index: Indexer, collection: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = write_notes(tmp_path / "notes", "txt", THREE)
    monkeypatch.setitem(PUBLISHED, DEFAULT_MODEL, ("0" * 64, "Install it again."))
    with pytest.raises(ModelError):
        index(folder, model=None)
    assert not collection.exists()


def test_a_pooling_that_does_not_exist_is_refused(index: Indexer, collection: Path, tmp_path: Path) -> None:
    folder = write_notes(tmp_path / "notes", "txt", THREE)
    with pytest.raises(ModelError, match="median"):
        index(folder, pooling="median")
    assert not collection.exists()


def test_a_path_without_notes_leaves_no_folder_behind(index: Indexer, collection: Path, tmp_path: Path) -> None:
    with pytest.raises(InputError):
        index(tmp_path / "nowhere")
    assert not collection.exists()
    with pytest.raises(CollectionNotFound):
        Collection(collection)


def test_a_note_without_a_sentence_is_kept_and_counted(index: Indexer, collection: Path, tmp_path: Path) -> None:
    path = tmp_path / "notes" / "rules.txt"
    path.parent.mkdir()
    path.write_text("-----\n\n=====\n")
    assert outcome(index(path.parent)) == {"new": 1}
    write_text(path.with_name("a.txt"), ["Patient denies fever."])
    assert outcome(index(path.parent)) == {"new": 1, "unchanged": 1, "sentences_encoded": 1}
    status = Collection(collection).status()
    assert (status.notes, status.sentences, status.occurrences) == (2, 1, 1)
    assert standing(collection) == {"a": ["Patient denies fever."]}


def test_many_small_runs_come_to_the_same_as_one(index: Indexer, collection: Path, tmp_path: Path) -> None:
    folder = tmp_path / "notes"
    notes: Notes = {}
    for note_id, note in many_notes(20, 3).items():
        notes[note_id] = note
        index(write_text(folder / f"{note_id}.txt", note[1]))
    assert standing(collection) == sentences_of(notes)
    files = Counter(path.name.partition("-")[0] for path in (collection / "vectors").iterdir())
    assert files.keys() == {"sentence", "note", "opening", "word", "piece"}
    assert max(files.values()) < 10


class Shelf:
    """A folder of text files that is moved about in at random, and what should be found of it."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.folder = folder
        self.dice = random.Random(seed)
        self.made = 0
        # By file name: the id in its header if it has one, and its text.
        self.files: dict[str, tuple[str | None, str]] = {}
        for _ in range(6):
            self.add()

    def fresh(self, stem: str) -> str:
        self.made += 1
        return f"{stem}{self.made}"

    def some(self) -> str:
        return self.dice.choice(sorted(self.files))

    def add(self) -> None:
        note_id = self.dice.choice([None, self.fresh("K")])
        self.files[self.fresh("f")] = (note_id, f"Patient denies fever {self.fresh('')}.")

    def edit(self) -> None:
        name = self.some()
        self.files[name] = (self.files[name][0], f"Patient denies chills {self.fresh('')}.")

    def copy(self) -> None:
        self.files[self.fresh("f")] = (None, self.files[self.some()][1])

    def remove(self) -> None:
        del self.files[self.some()]

    def rename(self) -> None:
        self.files[self.fresh("f")] = self.files.pop(self.some())

    def replace(self) -> None:
        name = self.some()
        self.files[self.some()] = self.files[name]
        del self.files[name]

    def turn_names(self) -> None:
        names = self.dice.sample(sorted(self.files), min(3, len(self.files)))
        notes = [self.files[name] for name in names]
        self.files |= dict(zip(names[1:] + names[:1], notes, strict=True))

    def turn_ids(self) -> None:
        names = self.dice.sample(sorted(self.files), min(3, len(self.files)))
        ids = [self.files[name][0] for name in names]
        for name, note_id in zip(names[1:] + names[:1], ids, strict=True):
            self.files[name] = (note_id, self.files[name][1])

    def give_id(self) -> None:
        name = self.some()
        note_id = self.dice.choice([None, self.fresh("K"), self.files[self.some()][0], self.some()])
        self.files[name] = (note_id, self.files[name][1])

    def change(self) -> None:
        """Do one to four things to the files, and write them."""
        ways = [self.add, self.edit, self.copy, self.remove, self.rename, self.replace]
        ways += [self.turn_names, self.turn_ids, self.give_id]
        for way in self.dice.choices(ways, k=self.dice.randint(1, 4)):
            if len(self.files) > 3:
                way()
            else:
                self.add()

    def write(self) -> None:
        shutil.rmtree(self.folder, ignore_errors=True)
        for name, (note_id, text) in self.files.items():
            write_text(self.folder / f"{name}.txt", [text], **({"note_id": note_id} if note_id else {}))

    def claims(self) -> dict[str, list[str]]:
        """Return for each id the texts of the files that claim it."""
        texts: dict[str, list[str]] = {}
        for name, (note_id, text) in sorted(self.files.items()):
            texts.setdefault(note_id or name, []).append(text)
        return texts


@pytest.mark.parametrize("seed", [1, 2, 3, 49])
def test_whatever_happens_to_files_each_id_stands_once_with_a_text_that_claims_it(
    index: Indexer, collection: Path, tmp_path: Path, seed: int
) -> None:
    shelf = Shelf(tmp_path / "notes", seed)
    for _ in range(7):
        shelf.write()
        claims = shelf.claims()
        delete = shelf.dice.random() < 0.6
        report = index(shelf.folder, delete_missing=delete)
        found = standing(collection)
        if delete:
            assert found.keys() == claims.keys()
        assert found.keys() >= claims.keys()
        assert len(found) == len(claims) + report.missing
        for note_id, texts in claims.items():
            assert found[note_id][0] in texts
        assert report.new + report.changed + report.renamed + report.unchanged >= len(claims)
        again = index(shelf.folder)
        assert (again.unchanged, again.sentences_encoded, again.missing) == (len(claims), 0, report.missing)
        shelf.change()


def test_one_id_of_two_patients_is_two_notes(index: Indexer, collection: Path, tmp_path: Path) -> None:
    first = write_jsonl(tmp_path / "a.jsonl", [{"id": "1", "patient_id": "P1", "text": "Patient denies fever."}])
    second = write_jsonl(tmp_path / "b.jsonl", [{"id": "1", "patient_id": "P2", "text": "Mild cough at night."}])
    index(first)
    report = index(second)
    assert outcome(report) == {"failures": 1}
    assert str(first) in report.failures[0].reason
    assert standing(collection) == {"1": ["Patient denies fever."]}


def test_a_record_that_cannot_be_read_this_time_stays(index: Indexer, collection: Path, tmp_path: Path) -> None:
    rows = [{"id": "A", "text": "Patient denies fever."}, {"id": "B", "text": "Mild cough at night."}]
    path = write_jsonl(tmp_path / "notes.jsonl", rows)
    index(path)
    path.write_text(path.read_text()[:-4] + "\n")
    report = index(path, delete_missing=True)
    assert outcome(report) == {"unchanged": 1, "failures": 1}
    assert set(standing(collection)) == {"A", "B"}


SENTENCES = ("Patient denies fever.", "Mild cough at night.", "The wound was stable.")
PLACES = ("a.jsonl", "b.csv", "by name", "by header")
State = list[tuple[str, str, str]]


def states() -> st.SearchStrategy[list[State]]:
    """Make states of some files: notes, each with its id, its place and its text, in the order of their records."""
    note = st.tuples(st.sampled_from([f"K{n}" for n in range(6)]), st.sampled_from(PLACES), st.sampled_from(SENTENCES))
    return st.lists(st.lists(note, min_size=1, max_size=6, unique_by=lambda note: note[0]), min_size=1, max_size=3)


def write_state(folder: Path, state: State) -> None:
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    rows = {place: [{"note_id": i, "text": t} for i, p, t in state if p == place] for place in PLACES}
    if rows["a.jsonl"]:
        write_jsonl(folder / "a.jsonl", rows["a.jsonl"])
    if rows["b.csv"]:
        with (folder / "b.csv").open("w", newline="") as file:
            table = csv.DictWriter(file, ["note_id", "text"])
            table.writeheader()
            table.writerows(rows["b.csv"])
    for row in rows["by name"]:
        write_text(folder / f"{row['note_id']}.txt", [row["text"]])
    for number, row in enumerate(rows["by header"]):
        write_text(folder / f"f{number}.txt", [row["text"]], note_id=row["note_id"])


def ids_and_texts(writer: Writer) -> dict[str, str]:
    with writer.catalog() as catalog:
        stored = list(catalog.notes_with_source())
        return {note.note_id: catalog.note(note.note_id)[1].text.strip() for note in stored}


def assert_each_state_is_what_the_collection_holds(
    tiny_model: Path, folder: Path, history: list[State], *, group: int, batch: int, stop: int = 0
) -> None:
    encoder = load_encoder(str(tiny_model))
    with pytest.MonkeyPatch.context() as patch, Writer(folder / "collection", create=True) as writer:
        patch.setattr(run, "NOTES_PER_GROUP", group)
        patch.setattr(run, "NOTES_PER_COMMIT", batch)
        writer.claim(identity_of(encoder), "a test")
        known: set[str] = set()
        for state in history:
            write_state(folder / "notes", state)
            if stop:
                with suppress(KeyboardInterrupt):
                    run.index_files(writer, encoder, NoteFiles([folder / "notes"]), progress=Stop(stop))
            report = run.index_files(writer, encoder, NoteFiles([folder / "notes"]), delete_missing=True)
            texts = {note_id: text for note_id, _, text in state}
            assert ids_and_texts(writer) == texts
            assert report.failures == ()
            # A sentence that leaves with the old version of a note, and comes back in a later batch, is anew.
            assert stop or report.changed or report.sentences_encoded == len(set(texts.values()) - known)
            assert report.new + report.changed + report.renamed + report.unchanged >= len(state)
            again = run.index_files(writer, encoder, NoteFiles([folder / "notes"]))
            assert outcome(again) == {"unchanged": len(state)}
            assert ids_and_texts(writer) == texts
            known = set(texts.values())


A, B, C = SENTENCES
TWIN_COMES_LATER = [("K0", "a.jsonl", A), ("K1", "a.jsonl", B), ("K2", "a.jsonl", A)]
TWIN_COMES_FIRST = [("K3", "a.jsonl", A), *TWIN_COMES_LATER]
TWIN_OF_A_CHANGED_ONE = [("K2", "a.jsonl", A), ("K4", "b.csv", A), ("K0", "a.jsonl", C)]
MOVED = [("K5", "b.csv", A), ("K1", "by name", B), ("K0", "by header", A)]

PASSED_ON = [("K0", "by name", C), ("K1", "by header", B)]


@pytest.mark.parametrize(("group", "batch"), [(1, 1), (2, 3), (64, 1024)])
def test_twins_in_any_order_are_each_kept(tiny_model: Path, tmp_path: Path, group: int, batch: int) -> None:
    history = [TWIN_COMES_LATER, TWIN_COMES_FIRST, TWIN_OF_A_CHANGED_ONE, MOVED, PASSED_ON, TWIN_COMES_FIRST]
    assert_each_state_is_what_the_collection_holds(tiny_model, tmp_path, history, group=group, batch=batch)


def assert_any_history_is_followed(tiny_model: Path, tmp_path: Path, examples: int) -> None:
    # Without shrinking, which takes minutes here: the histories are short.
    phases = (Phase.explicit, Phase.reuse, Phase.generate)

    @settings(max_examples=examples, phases=phases, deadline=None, suppress_health_check=list(HealthCheck))
    @given(history=states(), sizes=st.tuples(st.integers(1, 4), st.integers(1, 4)), stop=st.integers(0, 3))
    def follow(history: list[State], sizes: tuple[int, int], stop: int) -> None:
        group, batch = sizes
        with tempfile.TemporaryDirectory(dir=tmp_path) as folder:
            assert_each_state_is_what_the_collection_holds(
                tiny_model, Path(folder), history, group=group, batch=batch, stop=stop
            )

    follow()


def test_after_every_run_the_ids_in_the_collection_are_those_in_the_files(tiny_model: Path, tmp_path: Path) -> None:
    assert_any_history_is_followed(tiny_model, tmp_path, examples=10)


@pytest.mark.exhaustive
def test_after_every_run_of_many_the_ids_in_the_collection_are_those_in_the_files(
    tiny_model: Path, tmp_path: Path
) -> None:
    assert_any_history_is_followed(tiny_model, tmp_path, examples=100)
