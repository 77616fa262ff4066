"""Folders that are not walked: only collections of clinsearch's and links, and each is counted and named."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest

import clinsearch
from clinsearch.errors import InputError
from clinsearch.readers import NoteFiles
from clinsearch.records import Note
from tests.support.command_line import run


def ids_in(*paths: Path) -> list[str]:
    return [note.note_id for note in NoteFiles(paths) if isinstance(note, Note)]


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    (tmp_path / "notes" / "ward").mkdir(parents=True)
    (tmp_path / "notes" / "ward" / "a.txt").write_text("Mild edema.")
    return tmp_path / "notes"


@pytest.fixture
def collection(tmp_path: Path, notes: Path, tiny_model: Path) -> Path:
    clinsearch.index(notes, tmp_path / "kept", model=str(tiny_model))
    return tmp_path / "kept"


def test_a_catalog_of_another_program_hides_no_notes(notes: Path) -> None:
    with closing(sqlite3.connect(notes / "ward" / "catalog.db")) as database:
        database.execute("CREATE TABLE books (title TEXT)")
    files = NoteFiles([notes])
    assert [path.name for path in files.files] == ["a.txt"]
    assert [path.name for path in files.passed_over] == ["catalog.db"]


@pytest.mark.parametrize("gone", [None, "vectors", "writer.lock"])
def test_a_collection_is_left_out_and_named(notes: Path, collection: Path, gone: str | None) -> None:
    inside = notes / "ward" / "kept"
    collection.rename(inside)
    (inside / "last_search.json").write_text('{"text": "a query"}')
    if gone:
        (inside / gone).rename(notes.parent / gone)
    files = NoteFiles([notes])
    assert [path.name for path in files.files] == ["a.txt"]
    assert [(left.path, left.kind) for left in files.left_out] == [(inside, "collection")]
    with pytest.raises(InputError, match="is a clinsearch collection"):
        NoteFiles([inside])


def test_links_to_folders_are_not_followed_but_named(notes: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "b.txt").write_text("Wound drainage.")
    (notes / "circle").symlink_to(notes)
    (notes / "ward" / "elsewhere").symlink_to(outside)
    (notes / ".hidden").symlink_to(outside)
    files = NoteFiles([notes])
    assert [path.name for path in files.files] == ["a.txt"]
    assert [(left.path, left.kind) for left in files.left_out] == [
        (notes / "circle", "link"),
        (notes / "ward" / "elsewhere", "link"),
    ]


def test_a_link_that_is_given_is_followed_and_not_named(notes: Path, tmp_path: Path) -> None:
    outside = tmp_path / "outside"
    outside.mkdir()
    (outside / "b.txt").write_text("Wound drainage.")
    link = notes / "elsewhere"
    link.symlink_to(outside)
    assert ids_in(link) == ["b"]
    files = NoteFiles([notes, link])
    assert sorted(path.name for path in files.files) == ["a.txt", "b.txt"]
    assert files.left_out == ()


def test_links_to_files_are_read_under_their_own_names(notes: Path) -> None:
    (notes / "b.txt").symlink_to(notes / "ward" / "a.txt")
    (notes / "gone.txt").symlink_to(notes / "nowhere.txt")
    files = NoteFiles([notes])
    assert [path.name for path in files.files] == ["b.txt", "a.txt"]
    assert [outcome.path.name for outcome in files if not isinstance(outcome, Note)] == ["gone.txt"]


def test_where_there_are_no_notes_but_a_link_it_is_named(tmp_path: Path, notes: Path) -> None:
    empty = tmp_path / "empty"
    empty.mkdir()
    (empty / "link").symlink_to(notes)
    with pytest.raises(InputError, match=f"{empty / 'link'} is a link to a folder"):
        NoteFiles([empty])


def test_a_run_says_which_folders_it_did_not_walk_but_for_its_own(
    notes: Path, collection: Path, tiny_model: Path
) -> None:
    collection.rename(notes / "kept")
    (notes / "link").symlink_to(notes.parent)
    index = ("index", notes, "--model", tiny_model, "--collection", notes / "other")
    first = run(*index)
    assert first.exit_code == 0
    said = [" ".join(line.split()) for line in first.stderr.splitlines()]
    assert "Not walked: 1 link to a folder." in said
    assert "Not walked: 1 clinsearch collection." in said
    assert f"{notes / 'kept'}: a clinsearch collection" in first.stderr
    assert str(notes / "other") not in first.stderr
    report = json.loads(run(*index, "--format", "json").stdout)
    assert sorted((one["kind"], one["source"]) for one in report["passed_over"]) == [
        ("collection", str(notes / "kept")),
        ("link", str(notes / "link")),
    ]
    assert report["failures"] == []
