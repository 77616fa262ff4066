"""`clinsearch verify`: what is damaged is named, with the command that mends it; nothing is written."""

from __future__ import annotations

import json
import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from clinsearch import Collection, index
from clinsearch.errors import CollectionDamaged
from clinsearch.storage.folder.seal import read_seal
from clinsearch.storage.folder.writer import Writer
from tests.support.collections import commit, flip_a_bit, overwrite, truncate
from tests.support.hostile import contents, refused, run, vector_file, with_catalog
from tests.support.sound import flip, killed_after, own, sound

__all__ = ["own", "sound"]


def found(folder: Path, *options: str) -> list[dict[str, str]]:
    """Return what is damaged, as JSON has it; the exit code says whether anything is."""
    result = run(folder, "verify", "--format", "json", *options)
    record = json.loads(result.stdout)
    assert result.exit_code == bool(record["damages"]) == (not record["is_sound"])
    assert "80 mg" not in result.output
    return list(record["damages"])


@pytest.mark.parametrize("options", [(), ("--full",)])
def test_a_sound_collection_is_said_to_be_and_is_not_written_to(own: Path, options: tuple[str, ...]) -> None:
    before = contents(own)
    assert found(own, *options) == []
    assert contents(own) == before
    result = run(own, "verify", *options)
    assert result.stdout.startswith("Sound: 43 notes")
    record = json.loads(run(own, "verify", "--format", "json", *options).stdout)
    assert record["is_full"] == bool(options)
    assert record["checked"]["notes read again"] == 43


@pytest.mark.drawn(6)
@pytest.mark.parametrize("kind", ["sentence", "note", "opening", "word"])
@pytest.mark.parametrize("harm", [truncate, flip_a_bit, overwrite, Path.unlink])
def test_a_damaged_file_of_vectors_is_named_and_repair_mends_it(
    own: Path, kind: str, harm: Callable[[Path], None]
) -> None:
    path = vector_file(own, kind)
    harm(path)
    (damage,) = found(own)
    assert damage["name"] == f"vectors/{path.name}"
    assert damage["remedy"] == "clinsearch repair"
    assert run(own, "repair").exit_code == 0
    assert found(own) == []


@pytest.mark.parametrize(
    ("statement", "name", "remedy"),
    [
        ("UPDATE notes SET text = replace(text, '80 mg', '90 mg') WHERE note_id = 'n1'", "note n1", "repair, then"),
        ("UPDATE sentences SET text = replace(text, '80 mg', '90 mg')", "sentence", "repair"),
        ('UPDATE occurrences SET "end" = "end" - 1 WHERE start > 0', "note", "repair --full"),
        ('UPDATE sections SET "end" = 100000', "note", "repair --full"),
        ("UPDATE assertions SET assertion = 'possible'", "sentence", "repair --full"),
        ("UPDATE measurements SET low = 1, high = 1", "sentence", "repair --full"),
        ("DELETE FROM assertions", "sentence", "repair --full"),
        ("INSERT INTO sentence_terms(sentence_terms) VALUES ('delete-all')", "sentence", "repair --full"),
        ("INSERT INTO note_terms(note_terms) VALUES ('delete-all')", "note", "repair --full"),
        ("UPDATE counts SET rows = rows + 1 WHERE name = 'notes'", "count of notes", "rescue"),
        ("UPDATE sentence_words SET words = words + 1 WHERE sentence = 3", "count of words", "rescue"),
        ("DELETE FROM sections WHERE note = 3", "catalog.db", "rescue"),
        ("CREATE VIEW v AS SELECT 1", "catalog.db", "rescue"),
        ("INSERT INTO dead_rows VALUES ('sentence', 5000, 3)", "vectors of sentences", "repair"),
    ],
)
def test_what_is_wrong_in_the_catalog_is_named_with_its_remedy(
    own: Path, statement: str, name: str, remedy: str
) -> None:
    with_catalog(own, "PRAGMA foreign_keys = OFF", statement)
    damages = found(own, "--full")
    assert any(name in damage["name"] and remedy in damage["remedy"] for damage in damages), damages


@pytest.mark.parametrize(
    "statement",
    [
        'UPDATE occurrences SET "end" = "end" - 1 WHERE start > 0',
        "UPDATE assertions SET assertion = 'possible'",
        "INSERT INTO sentence_terms(sentence_terms) VALUES ('delete-all')",
        "UPDATE measurements SET low = 1, high = 1",
    ],
)
def test_what_was_read_of_texts_is_made_again_by_repair(own: Path, statement: str) -> None:
    asked = ("search", "--mode", "keyword", "no fever", "--format", "json")
    before = run(own, *asked).stdout
    with_catalog(own, statement)
    assert found(own, "--full")
    assert run(own, "repair", "--full").exit_code == 0
    assert found(own, "--full") == []
    assert run(own, *asked).stdout == before


def lose_from_an_index(folder: Path) -> None:
    """Change a row behind the back of an index of its table, as a fault of a disk may leave it."""
    of_index = "FROM sqlite_master WHERE name = 'ix_notes_patient_id'"
    with closing(sqlite3.connect(folder / "catalog.db")) as catalog, catalog:
        row = catalog.execute(f"SELECT type, name, tbl_name, rootpage, sql {of_index}").fetchone()
        catalog.execute("PRAGMA writable_schema = ON")
        catalog.execute(f"DELETE {of_index}")
    with closing(sqlite3.connect(folder / "catalog.db")) as catalog, catalog:
        catalog.execute("UPDATE notes SET patient_id = 'P9' WHERE note_id = 'n1'")
    with closing(sqlite3.connect(folder / "catalog.db")) as catalog, catalog:
        catalog.execute("PRAGMA writable_schema = ON")
        catalog.execute("INSERT INTO sqlite_master VALUES (?, ?, ?, ?, ?)", row)
    with_catalog(folder)


def test_a_catalog_that_is_damaged_within_is_found_by_verify_and_no_repair_says_that_all_is_well(own: Path) -> None:
    lose_from_an_index(own)
    said = run(own, "verify")
    assert said.exit_code == 1
    assert "SQLite finds" in said.stdout
    for options in ((), ("--full",)):
        for _ in range(2):
            assert "catalog.db is damaged" in refused(own, "repair", *options)
            assert "clinsearch rescue" in refused(own, "repair", *options)


def test_many_of_a_kind_are_a_few_lines(own: Path) -> None:
    with_catalog(own, "UPDATE notes SET text = 'x'")
    assert len(found(own)) <= 65


def test_a_saved_search_and_a_last_search_that_changed_are_named(own: Path) -> None:
    assert run(own, "search", "cough", "--save", "coughs").exit_code == 0
    assert found(own) == []
    flip(own / "saved" / "coughs.json", b"cough", b"couch")
    flip(own / "last_search.json", b"cough", b"couch")
    named = {damage["name"]: damage["remedy"] for damage in found(own)}
    assert named == {
        "saved search coughs": "clinsearch saved --delete coughs",
        "last_search.json": "clinsearch search again",
    }
    assert "not as clinsearch writes it" in run(own, "run", "coughs").stderr
    assert "No search is remembered" in run(own, "explain", "--hit", "1").stderr


def test_a_byte_that_changed_in_the_catalog_is_told_by_every_command_with_the_remedy(own: Path) -> None:
    """Whatever the byte is of: here the name of a section, of which no digest is kept."""
    flip(own / "catalog.db", b"Note 17 has", b"Note 71 has")
    for command in (("search", "wound"), ("show", "n3"), ("status",), ("repair",), ("optimize",), ("delete", "n3")):
        result = run(own, *command)
        assert result.exit_code == 1
        assert "clinsearch rescue" in result.stderr
        assert result.stderr.count("\n") == 1
    assert any("clinsearch rescue" in damage["remedy"] for damage in found(own))


@pytest.mark.parametrize("harm", ["damaged", "cut", "gone"])
def test_a_log_that_lost_its_commits_is_told(own: Path, harm: str) -> None:
    """SQLite alone would answer as of an earlier commit: the deleted note would be back."""
    killed = killed_after(own, "n1", "n2")
    log = killed / "catalog.db-wal"
    assert Collection(shutil.copytree(killed, own.with_name("whole"))).status().notes == 41
    if harm == "damaged":
        log.write_bytes(log.read_bytes()[:60] + b"\xff" * 9 + log.read_bytes()[69:])
    elif harm == "cut":
        os.truncate(log, 40)
    else:
        log.unlink()
    with pytest.raises(CollectionDamaged, match=r"has lost what was written last.*clinsearch rescue"):
        Collection(killed).status()
    assert run(killed, "repair").exit_code == 1
    assert found(killed)


def test_what_an_older_program_wrote_is_believed_though_it_left_the_seal(own: Path) -> None:
    with closing(sqlite3.connect(own / "catalog.db")) as catalog, catalog:
        catalog.execute("UPDATE collection SET commits = commits + 1")
    assert run(own, "search", "cough").exit_code == 0


def test_a_seal_that_is_damaged_says_nothing_and_verify_names_it(own: Path) -> None:
    (own / "catalog.seal").write_text("{", encoding="utf-8")
    assert run(own, "search", "cough").exit_code == 0
    (damage,) = found(own)
    assert damage["name"] == "catalog.seal"
    assert run(own, "optimize").exit_code == 0
    assert found(own) == []


def test_while_a_writer_is_at_work_there_is_no_checksum_and_verify_goes_on(own: Path) -> None:
    with Writer(own) as writer:
        commit(writer, removed=["n1"])
        seal = read_seal(own)
        assert seal is not None
        assert seal.crc32 is None
        assert found(own) == []
    closed = read_seal(own)
    assert closed is not None
    assert closed.crc32 is not None
    assert closed.commits == seal.commits


def test_a_file_that_cannot_be_read_is_not_called_damaged(own: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    from clinsearch.storage.folder.spaces import files

    def fail(path: Path) -> str:
        raise OSError(5, "Input/output error")

    os.utime(vector_file(own, "sentence"))  # so that it is not known to be sound
    monkeypatch.setattr(files, "file_sha256", fail)
    message = run(own, "search", "cough").stderr
    assert "cannot be read: input/output error" in message
    assert "repair" not in message


def test_there_is_one_line_for_what_is_no_collection(tmp_path: Path) -> None:
    result = run(tmp_path / "none", "verify")
    assert result.exit_code == 1
    assert "No collection at" in result.stderr


def test_indexing_again_keeps_a_collection_sound(own: Path) -> None:
    (own.parent / "notes" / "n1.txt").write_text("HISTORY:\nNothing new.\n", encoding="utf-8")
    index(own.parent / "notes", own)
    assert found(own, "--full") == []


def test_a_second_writer_is_told_who_the_first_is(own: Path) -> None:
    with Writer(own):
        message = run(own, "delete", "n1").stderr
    assert "Another process is writing" in message
    assert f"(pid {os.getpid()})" in message
