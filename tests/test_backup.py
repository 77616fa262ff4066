"""`clinsearch backup`: a copy of one commit, whole and checked, while a writer is at work; what export gives back."""

from __future__ import annotations

import fcntl
import json
import os
import stat
import threading
from pathlib import Path

import pytest

from clinsearch import Collection
from clinsearch.errors import CollectionDamaged, CollectionError
from clinsearch.records.digests import note_digest
from clinsearch.storage.folder.writer import Writer
from tests.support.collections import commit, contents_of, flip_a_bit, truncate
from tests.support.hostile import contents, run, vector_file
from tests.support.sound import NOTES, own, sound

__all__ = ["own", "sound"]


def test_a_backup_is_the_collection_and_can_be_used_in_its_place(own: Path) -> None:
    assert run(own, "search", "cough", "--save", "coughs").exit_code == 0
    before, target = contents(own), own.with_name("backup")
    result = run(own, "backup", str(target), "--format", "json")
    assert result.exit_code == 0
    report = json.loads(result.stdout)
    assert (report["notes"], report["saved_searches"]) == (43, 1)
    assert contents(own) == before
    assert contents_of(target) == contents_of(own)
    for command in (("search", "no fever", "--format", "json"), ("run", "coughs"), ("verify", "--full")):
        assert run(target, *command).exit_code == 0
    asked = ("search", "no fever", "--format", "json")
    assert run(target, *asked).stdout == run(own, *asked).stdout
    index = run(target, "index", "NOTES", "--format", "json")
    assert json.loads(index.stdout)["unchanged"] == 43


def test_only_its_owner_can_read_a_backup(own: Path) -> None:
    target = own.with_name("backup")
    assert run(own, "backup", str(target)).exit_code == 0
    for path in (target, *target.rglob("*")):
        assert stat.S_IMODE(path.stat().st_mode) == (0o700 if path.is_dir() else 0o600), path
    assert not (target / "last_search.json").exists()
    assert [path.name for path in own.parent.iterdir() if path.name.startswith(".")] == []


def test_a_place_that_is_taken_is_refused_and_an_empty_folder_is_not(own: Path) -> None:
    for target in (own, own / "vectors" / "inside", own.parent / "notes"):
        result = run(own, "backup", str(target))
        assert result.exit_code == 1
        assert "Name another place" in result.stderr
    empty = own.with_name("empty")
    empty.mkdir()
    assert run(own, "backup", str(empty)).exit_code == 0
    assert run(empty, "verify").exit_code == 0


@pytest.mark.parametrize("harm", [flip_a_bit, truncate, Path.unlink])
def test_what_is_damaged_is_not_backed_up(own: Path, harm) -> None:
    harm(vector_file(own, "word"))
    target = own.with_name("backup")
    with pytest.raises(CollectionDamaged, match="clinsearch repair"):
        Collection(own).backup(target)
    assert not target.exists()
    assert [path.name for path in own.parent.iterdir() if path.name.startswith(".")] == []


def test_a_backup_that_cannot_be_written_is_one_line_and_leaves_nothing(own: Path) -> None:
    (own.parent / "file").touch()
    with pytest.raises(CollectionError, match="cannot be written to"):
        Collection(own).backup(own.parent / "file" / "backup")


def test_backups_while_a_writer_is_at_work_are_each_of_one_commit(own: Path) -> None:
    """A writer deletes notes one by one, and merges files; each backup holds what some commit left."""
    ids, all_ids = [f"m{n:02}" for n in range(10)], set(NOTES)
    done = threading.Event()

    def write() -> None:
        try:
            with Writer(own) as writer:
                for note_id in ids:
                    commit(writer, removed=[note_id])
                    writer.scrub()
        finally:
            done.set()

    thread = threading.Thread(target=write)
    thread.start()
    sizes = []
    while not done.is_set() or len(sizes) < 2:
        report = Collection(own).backup(own.with_name(f"backup{len(sizes)}"))
        sizes.append(report.notes)
    thread.join()
    assert sizes == sorted(sizes, reverse=True)
    for number, notes in enumerate(sizes):
        backup = Collection(own.with_name(f"backup{number}"))
        left = {note.note_id for note in backup.notes()}
        assert left == all_ids - set(ids[: len(all_ids) - notes])
        assert backup.verify(full=True).is_sound


def test_what_is_exported_can_be_indexed_again(own: Path, tiny_model: Path) -> None:
    """`index` is the import of what `export` writes."""
    for form in ("jsonl", "csv"):
        path, again = own.with_name(f"notes.{form}"), own.with_name(f"of_{form}")
        assert run(own, "export", str(path)).exit_code == 0
        assert run(again, "index", str(path), "--model", str(tiny_model)).exit_code == 0
        here, there = (
            {note.note_id: note_digest(note) for note in Collection(place).whole_notes()} for place in (own, again)
        )
        assert there == here


def test_what_a_killed_backup_left_beside_goes_with_the_next_and_what_one_at_work_holds_stays(own: Path) -> None:
    left, held, foreign = (own.with_name(f".backup.{name}.tmp") for name in ("0" * 16, "1" * 16, "mine"))
    for path in (left, held, foreign):
        path.mkdir()
        (path / "catalog.db").write_text("A copy of notes.", encoding="utf-8")
    handle = os.open(held, os.O_RDONLY)
    fcntl.flock(handle, fcntl.LOCK_EX)
    Collection(own).backup(own.with_name("backup"))
    assert [path.exists() for path in (left, held, foreign)] == [False, True, True]
    os.close(handle)
