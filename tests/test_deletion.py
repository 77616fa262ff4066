"""After a deletion no file of the collection has a byte of what was deleted, nor a vector of it."""

from __future__ import annotations

import json
import sqlite3
from contextlib import closing
from pathlib import Path

import faiss
import pytest

import clinsearch
from tests.support.command_line import run_on

# Whatever form it is kept in (lower case, without an ending, as a part of a query), it begins so.
GONE, KEPT, ASKED = "quartz", "zircon", "beryl"
NOTES = [
    {"id": "n1", "text": f"HISTORY:\nMild cough at night. {KEPT}fever on the left.\n"},
    {"id": f"{GONE}1", "patient_id": f"{GONE}2", "title": f"{GONE} three", "note_type": f"{GONE} four", "text":
     f"HISTORY:\nMild cough at night. No {GONE}ine fever, {GONE}itis of the lung. {GONE.title()}ol 77.5 mg.\n"
     f"{GONE.upper()} PLAN:\nShort of breath lying flat on the right. {KEPT}fever on the left.\n"},
]  # fmt: skip


@pytest.fixture
def folder(tmp_path: Path, tiny_model: Path) -> Path:
    """A collection that has been searched for what is to go, and saved a search that will stay."""
    (tmp_path / "notes.jsonl").write_text("\n".join(map(json.dumps, NOTES)), encoding="utf-8")
    folder = tmp_path / "c"
    clinsearch.index(tmp_path / "notes.jsonl", folder, model=str(tiny_model), tokens=True)
    assert run_on(folder, "search", f"{ASKED} fever", "--save", "mine").exit_code == 0
    assert run_on(folder, "search", f"{GONE}itis of the lung").exit_code == 0
    return folder


def content(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.rglob("*")) if path.is_file())


def codes(folder: Path) -> set[bytes]:
    """Return what is kept of each vector, and of the tokens of each sentence."""
    found = set()
    for path in (folder / "vectors").glob("*.faiss"):
        index = faiss.read_index(str(path))  # which must live as long as what is in it
        flat = faiss.downcast_index(index.index)
        kept = bytes(faiss.vector_to_array(flat.codes))
        found |= {kept[start : start + flat.code_size] for start in range(0, len(kept), flat.code_size)}
    with closing(sqlite3.connect(f"file:{folder / 'catalog.db'}?mode=ro", uri=True)) as catalog:
        blobs = catalog.execute("SELECT token_ids FROM sentence_words").fetchall()
    return found | {blob for (blob,) in blobs if len(blob) >= 8}  # shorter ones stand anywhere by chance


def assert_gone(folder: Path, before: set[bytes]) -> None:
    left = content(folder)
    assert GONE.encode() not in left.lower()
    assert KEPT.encode() in left
    assert ASKED.encode() in left  # which is the user's own: `saved --delete` takes it out
    gone = before - codes(folder)
    assert len(gone) > 5
    assert [code for code in gone if code in left] == []


def test_nothing_of_a_deleted_note_is_left(folder: Path) -> None:
    before = codes(folder)
    assert all(code in content(folder) for code in before)
    assert run_on(folder, "delete", f"{GONE}1").exit_code == 0
    assert run_on(folder, "optimize").exit_code == 0
    assert_gone(folder, before)


def test_deletion_alone_takes_all_text_of_a_small_collection_off_the_disk(folder: Path) -> None:
    assert run_on(folder, "delete", f"{GONE}1").exit_code == 0
    assert GONE.encode() not in content(folder).lower()


def test_nothing_of_a_note_that_was_changed_is_left(folder: Path, tmp_path: Path) -> None:
    before = codes(folder)
    (tmp_path / "notes.jsonl").write_text(json.dumps(NOTES[0]), encoding="utf-8")
    report = clinsearch.index(tmp_path / "notes.jsonl", folder, delete_missing=True)
    assert report.deleted == 1
    clinsearch.open(folder).optimize()
    assert_gone(folder, before)


def test_of_a_large_collection_what_is_left_is_told_and_optimize_takes_it_away(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("clinsearch.storage.folder.writer.SCRUBBED_AT_ONCE_BYTES", 0)
    before = codes(folder)
    deleted = run_on(folder, "delete", f"{GONE}1", "--format", "json")
    assert json.loads(deleted.stdout)["has_remains"] is (GONE.encode() in content(folder).lower())
    assert run_on(folder, "optimize").exit_code == 0
    assert_gone(folder, before)
    assert not clinsearch.open(folder).status().has_remains
