"""A collection's folder that someone else prepared, or that lost a part: nothing outside is touched, nothing lost."""

from __future__ import annotations

import os
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import faiss
import numpy as np
import pytest

import clinsearch
from clinsearch.collection import Collection
from clinsearch.errors import CollectionDamaged, ModelError
from clinsearch.storage.folder import schema, tables
from clinsearch.storage.folder.spaces.files import file_sha256
from tests.support.hostile import contents, refused, run, vector_file, with_catalog

NOTES = {
    "n1": "HISTORY:\nPatient needs 80 mg at night. She has a cough.\nPLAN:\nDischarge home.\n",
    "n2": "HISTORY:\nPatient needs 80 mg at night. No fever.\nPLAN:\nWound is clear.\n",
    "n3": "HISTORY:\nChest pain on the left.\n",
}
WRITING = (("index", "NOTES"), ("repair",), ("optimize",), ("delete", "n3"))
READING = (("search", "cough"), ("show", "n1"), ("status",))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Path:
    folder = tmp_path_factory.mktemp("made")
    (folder / "notes").mkdir()
    for name, text in NOTES.items():
        (folder / "notes" / f"{name}.txt").write_text(text, encoding="utf-8")
    clinsearch.index(folder / "notes", folder / "c", model=str(tiny_model))
    return folder


@pytest.fixture
def own(made: Path, tmp_path: Path) -> Path:
    """A copy of the collection, its notes beside it, to be changed."""
    shutil.copytree(made / "notes", tmp_path / "notes")
    return Path(shutil.copytree(made / "c", tmp_path / "c"))


def indexed_here(folder: Path, model: Path) -> None:
    """Index the notes beside a collection in it, in place of those that it was copied from."""
    shutil.rmtree(folder)
    clinsearch.index(folder.parent / "notes", folder, model=str(model))


# Links and names that lead elsewhere.


@pytest.mark.parametrize("command", [*WRITING, *READING])
def test_a_folder_of_vectors_that_is_a_link_is_refused_and_what_it_leads_to_stays(
    own: Path, tmp_path: Path, command: tuple[str, ...]
) -> None:
    elsewhere = tmp_path / "elsewhere"
    shutil.move(own / "vectors", elsewhere)
    (elsewhere / "precious.txt").write_text("kept", encoding="utf-8")
    (own / "vectors").symlink_to(elsewhere, target_is_directory=True)
    before = contents(elsewhere)
    assert "vectors is a link" in refused(own, *command)
    assert contents(elsewhere) == before


@pytest.mark.parametrize("name", ["catalog.db", "writer.lock", "last_search.json"])
def test_a_file_of_ours_that_is_a_link_is_refused(own: Path, tmp_path: Path, name: str) -> None:
    (own / name).touch()
    shutil.move(own / name, tmp_path / "elsewhere")
    (own / name).symlink_to(tmp_path / "elsewhere")
    before = (tmp_path / "elsewhere").read_bytes()
    for command in (*WRITING, *READING):
        assert f"{name} is a link" in refused(own, *command)
    assert (tmp_path / "elsewhere").read_bytes() == before


def test_a_collection_folder_may_itself_be_a_link(own: Path, tmp_path: Path) -> None:
    (tmp_path / "link").symlink_to(own, target_is_directory=True)
    for command in (*READING, *WRITING):
        assert run(tmp_path / "link", *command).exit_code == 0


@pytest.mark.parametrize("name", ["catalog.db", "writer.lock"])
def test_a_pipe_in_place_of_a_file_of_ours_is_refused_at_once(own: Path, name: str) -> None:
    (own / name).unlink()
    os.mkfifo(own / name)
    for command in (*WRITING, *READING):
        assert f"{name} is no file" in refused(own, *command)


def test_a_pipe_in_place_of_the_last_search_is_none(own: Path) -> None:
    os.mkfifo(own / "last_search.json")
    assert "last_search.json is no file" in refused(own, "explain", "--hit", "1")


@pytest.mark.parametrize("name", ["../../x.faiss", "../vectors2/x.faiss", "/etc/passwd", "sentence-1.faiss", "", "x\n"])
def test_a_catalog_that_names_a_file_that_is_not_ours_is_damaged(own: Path, tmp_path: Path, name: str) -> None:
    (tmp_path / "x.faiss").write_bytes(b"x" * 10)
    with_catalog(own, f"UPDATE vector_files SET name = '{name}' WHERE kind = 'sentence'")
    before = contents(tmp_path)
    for command in (*WRITING, ("search", "cough")):
        assert "catalog.db is damaged" in refused(own, *command)
    assert contents(tmp_path).keys() == before.keys()


def test_a_vector_file_that_is_a_link_is_made_again_and_what_it_leads_to_stays(own: Path, tmp_path: Path) -> None:
    path = vector_file(own, "sentence")
    shutil.move(path, tmp_path / "elsewhere")
    path.symlink_to(tmp_path / "elsewhere")
    before = (tmp_path / "elsewhere").read_bytes()
    assert "clinsearch repair" in refused(own, "search", "cough")
    assert run(own, "repair").exit_code == 0
    assert (tmp_path / "elsewhere").read_bytes() == before
    assert run(own, "search", "cough").exit_code == 0


def test_nothing_is_removed_from_the_vectors_that_does_not_bear_a_name_of_ours(own: Path) -> None:
    names = ["thesis.docx", "sentence-00.faiss", f"note-{1:016x}.faiss.bak", f"other-{1:016x}.faiss"]
    for name in names:
        (own / "vectors" / name).write_text("kept", encoding="utf-8")
    (own / "vectors" / f"sentence-{2:016x}.tmp").touch()
    assert run(own, "repair").exit_code == 0
    assert run(own, "delete", "n3").exit_code == 0
    left = {path.name for path in (own / "vectors").iterdir()}
    assert set(names) <= left
    assert f"sentence-{2:016x}.tmp" not in left


# A catalog that was cut off.


@pytest.mark.parametrize("cut", ["to nothing", "to half", "to some bytes", "away"])
@pytest.mark.parametrize("command", [*WRITING, *READING])
def test_a_catalog_that_was_cut_is_damage_and_nothing_is_deleted(own: Path, cut: str, command: tuple[str, ...]) -> None:
    catalog = own / "catalog.db"
    if cut == "away":
        catalog.unlink()
    else:
        os.truncate(catalog, {"to nothing": 0, "to half": catalog.stat().st_size // 2, "to some bytes": 50}[cut])
    before = {name for name in contents(own) if name.startswith("vectors")}
    assert before
    message = refused(own, *command)
    assert "catalog.db" in message
    assert "into another folder" in message
    assert {name for name in contents(own) if name.startswith("vectors")} == before


def test_a_new_collection_is_made_in_an_empty_folder_and_where_a_first_run_was_killed(
    own: Path, tmp_path: Path, tiny_model: Path
) -> None:
    new = tmp_path / "new"
    for _ in range(2):
        shutil.rmtree(new, ignore_errors=True)
        (new / "vectors").mkdir(parents=True)
        (new / "catalog.db").touch()
        (new / "writer.lock").touch()
        assert run(new, "index", "NOTES", "--model", str(tiny_model)).exit_code == 0
    assert Collection(new).status().notes == len(NOTES)


def test_a_folder_in_which_nothing_was_made_yet_is_no_collection_to_commands_that_need_one(tmp_path: Path) -> None:
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "catalog.db").touch()
    for command in (("repair",), ("optimize",), ("delete", "a"), ("search", "cough")):
        assert "No collection at" in refused(tmp_path / "c", *command)


# A schema that is not ours.


@pytest.mark.parametrize(
    "change",
    [
        "CREATE TRIGGER t AFTER UPDATE ON collection BEGIN DELETE FROM notes; END",
        "CREATE VIEW v AS SELECT 1",
        "CREATE TABLE more (a)",
        "CREATE INDEX i ON notes (hex(text))",
        "ALTER TABLE notes ADD COLUMN more TEXT GENERATED ALWAYS AS (hex(text))",
        "ALTER TABLE notes ADD COLUMN more TEXT DEFAULT 'x'",
        "ALTER TABLE sentences RENAME COLUMN gist TO jest",
        "DROP INDEX ix_notes_source",
        "DROP TABLE alembic_version",
        "CREATE VIRTUAL TABLE more USING fts5(a, content='notes')",
    ],
)
def test_a_catalog_with_a_schema_that_is_not_ours_is_damaged(own: Path, change: str) -> None:
    with_catalog(own, change)
    for command in (*WRITING, *READING):
        assert "catalog.db is damaged" in refused(own, *command)
    with closing(sqlite3.connect(own / "catalog.db")) as catalog:
        assert catalog.execute("SELECT count(*) FROM notes").fetchone() == (len(NOTES),)


def test_a_table_in_whose_place_a_view_stands_is_damage_and_the_view_is_never_read(own: Path) -> None:
    with_catalog(own, "ALTER TABLE counts RENAME TO c", "CREATE VIEW counts AS SELECT name, rows FROM c")
    assert "catalog.db is damaged" in refused(own, "status")


def test_a_database_of_someone_else_is_not_written_to(tmp_path: Path, own: Path) -> None:
    (tmp_path / "d").mkdir()
    with_catalog(tmp_path / "d", "CREATE TABLE precious (a)")
    before = (tmp_path / "d" / "catalog.db").read_bytes()
    shutil.copytree(own.parent / "notes", tmp_path / "d" / "notes")
    assert "damaged" in refused(tmp_path / "d", "index", str(own.parent / "notes"))
    with closing(sqlite3.connect(tmp_path / "d" / "catalog.db")) as catalog:
        assert catalog.execute("SELECT name FROM sqlite_master").fetchall() == [("precious",)]
    assert before


def test_what_analyze_leaves_is_no_damage(own: Path) -> None:
    with_catalog(own, "ANALYZE")
    for command in (*READING, *WRITING):
        assert run(own, *command).exit_code == 0


def test_the_schema_that_is_looked_for_is_that_of_the_migrations(own: Path) -> None:
    with closing(sqlite3.connect(own / "catalog.db")) as catalog:
        names = {name for (name,) in catalog.execute("SELECT name FROM sqlite_master")}
    assert {name for _, name, _, _ in schema.newest_schema()} == names
    assert set(tables.metadata.tables) | set(tables.KEYWORD_TABLES) < names


# A model that a catalog names.


def test_a_model_that_only_a_catalog_names_is_not_looked_for_in_a_network(own: Path, no_network: list[object]) -> None:
    os.environ.pop("HF_HUB_OFFLINE", None)
    try:
        with_catalog(own, "UPDATE collection SET model = 'someone/tracking-model'")
        for command in (("search", "cough"), ("repair",), ("index", "NOTES"), ("tokens", "cough")):
            message = refused(own, *command)
            assert "someone/tracking-model is not on this machine" in message
            assert "--model someone/tracking-model" in message
        with pytest.raises(ModelError):
            Collection(own).search("cough")
    finally:
        os.environ["HF_HUB_OFFLINE"] = "1"
    assert no_network == []


@pytest.mark.parametrize(("column", "value"), [("hidden_size", "'wide'"), ("hidden_size", "-1"), ("model", "x'00ff'")])
def test_odd_values_of_the_encoder_are_damage(own: Path, column: str, value: str) -> None:
    with_catalog(own, f"UPDATE collection SET {column} = {value}")
    assert "catalog.db is damaged" in refused(own, "search", "cough")


@pytest.mark.parametrize(
    ("statement", "command"),
    [
        ("UPDATE vector_files SET rows = 'many' WHERE kind = 'sentence'", ("search", "cough")),
        ("UPDATE vector_files SET bytes = -1 WHERE kind = 'sentence'", ("search", "cough")),
        ("UPDATE collection SET hidden_size = 16", ("search", "cough")),
        ("INSERT INTO dead_rows VALUES ('sentence', 1, 99999999999)", ("search", "cough")),
        ("UPDATE occurrences SET start = -5 WHERE start = 0", ("show", "n1")),
        ("UPDATE sentence_words SET token_ids = x'00'", ("search", "--level", "token", "[cough]", "--same-token")),
        ("UPDATE sentence_words SET lengths = x'0000'", ("vocab", "--coverage")),
    ],
)
def test_odd_values_in_the_catalog_are_one_line(own: Path, statement: str, command: tuple[str, ...]) -> None:
    with_catalog(own, "PRAGMA foreign_keys = OFF", statement)
    message = refused(own, *command)
    assert "damaged" in message or "not as they were written" in message or "lacks" in message


# Vectors that are no numbers.


def written_anew(folder: Path, kind: str, change: Callable[[np.ndarray], None]) -> None:
    """Change the values of a flat file, and tell the catalog its new checksum, as whoever made it would."""
    path = vector_file(folder, kind)
    index = faiss.read_index(str(path))
    flat = faiss.downcast_index(index.index)
    rows = faiss.rev_swig_ptr(flat.get_xb(), flat.ntotal * flat.d).reshape(flat.ntotal, flat.d)
    change(rows)
    faiss.write_index(index, str(path))
    digest, size = file_sha256(path), path.stat().st_size
    with_catalog(folder, f"UPDATE vector_files SET sha256 = '{digest}', bytes = {size} WHERE name = '{path.name}'")


@pytest.mark.parametrize("value", [np.nan, np.inf, -np.inf])
def test_a_vector_that_is_no_number_is_damage(own: Path, value: float) -> None:
    def put(rows: np.ndarray) -> None:
        rows[1, 3] = value

    written_anew(own, "sentence", put)
    assert "not as they were written" in refused(own, "search", "cough")


def test_words_that_are_no_numbers_are_damage(own: Path) -> None:
    path = vector_file(own, "word")
    index = faiss.read_index(str(path))
    flat = faiss.downcast_index(index.index)
    faiss.rev_swig_ptr(flat.codes.data(), flat.codes.size()).view(np.float16)[5] = np.nan
    faiss.write_index(index, str(path))
    assert "not as they were written" in refused(own, "search", "cough")


# Text that has changed on the disk.


def flipped(folder: Path, table: str, text: str, other: str) -> None:
    with_catalog(folder, f"UPDATE {table} SET text = replace(text, '{text}', '{other}') WHERE instr(text, '{text}')")


def test_a_changed_note_is_noticed_when_it_is_shown_and_named(own: Path) -> None:
    with_catalog(own, "UPDATE notes SET text = replace(text, '80 mg', '90 mg') WHERE note_id = 'n1'")
    assert "note n1 is not as it was written" in refused(own, "show", "n1")
    assert run(own, "show", "n2").exit_code == 0


@pytest.mark.parametrize(
    "command",
    [
        ("search", "needs 80 mg at night"),
        ("search", "--mode", "keyword", "80 mg"),
        ("search", "--level", "token", "needs 80 [mg]"),
        ("show", "n2"),
        ("explain", "--query", "80 mg at night", "n2"),
        ("explain", "n1", "n2"),
        ("tokens", "--note", "n1"),
    ],
)
def test_a_changed_sentence_is_noticed_wherever_it_is_shown(own: Path, command: tuple[str, ...]) -> None:
    flipped(own, "sentences", "80 mg", "90 mg")
    message = refused(own, *command)
    assert "is not as it was written" in message
    assert "note n1" in message or "note n2" in message
    assert "90" not in message


def test_a_changed_date_is_noticed(own: Path) -> None:
    with_catalog(own, "UPDATE notes SET note_datetime = '2024-0x-01 00:00:00.000000' WHERE note_id = 'n1'")
    assert run(own, "show", "n1").exit_code == 0  # it had none
    with_catalog(own, "UPDATE notes SET note_datetime = '2024-01-01 00:00:00.000000' WHERE note_id = 'n1'")
    assert "note n1 is not as it was written" in refused(own, "show", "n1")


def test_repair_makes_a_changed_sentence_again_from_its_note(own: Path) -> None:
    before = run(own, "search", "80 mg at night", "--format", "json").stdout
    flipped(own, "sentences", "80 mg", "90 mg")
    assert run(own, "repair").exit_code == 0
    assert run(own, "search", "80 mg at night", "--format", "json").stdout == before


def test_repair_names_the_notes_whose_text_is_lost_and_indexing_takes_them_anew(own: Path, tiny_model: Path) -> None:
    indexed_here(own, tiny_model)
    with_catalog(own, "UPDATE notes SET text = CAST(replace(text, 'Chest', 'Ch' || x'ff' || 'st') AS TEXT)")
    message = refused(own, "repair")
    assert "n3" in message
    assert "n1" not in message
    assert "n3" in refused(own, "show", "n3")
    assert run(own, "index", "NOTES").exit_code == 0
    assert run(own, "repair").exit_code == 0
    assert NOTES["n3"].strip() in run(own, "show", "n3").stdout
    assert "n3" in run(own, "search", "--mode", "keyword", "chest").stdout
    assert run(own, "delete", "n3").exit_code == 0
    assert "Nothing found" in run(own, "search", "--mode", "keyword", "chest").stdout


def test_a_damaged_note_can_be_deleted(own: Path) -> None:
    with_catalog(own, "UPDATE notes SET text = 'x' WHERE note_id = 'n1'")
    assert run(own, "delete", "n1").exit_code == 0


def test_every_stored_text_has_its_digest(own: Path) -> None:
    for note_id in NOTES:
        assert Collection(own).note(note_id).note.text == NOTES[note_id]
    with_catalog(own, "UPDATE notes SET digest = x'00'")
    with pytest.raises(CollectionDamaged):
        Collection(own).note("n1")


# The last search.


def test_the_last_search_goes_with_deleted_text_however_large_the_collection(
    own: Path, monkeypatch: pytest.MonkeyPatch, tiny_model: Path
) -> None:
    indexed_here(own, tiny_model)
    monkeypatch.setattr("clinsearch.storage.folder.writer.SCRUBBED_AT_ONCE_BYTES", 0)
    assert run(own, "search", "cough").exit_code == 0
    assert (own / "last_search.json").exists()
    assert run(own, "delete", "n3").exit_code == 0
    assert not (own / "last_search.json").exists()
    assert run(own, "search", "cough").exit_code == 0
    (own.parent / "notes" / "n2.txt").write_text("HISTORY:\nNothing new.\n", encoding="utf-8")
    assert run(own, "index", "NOTES").exit_code == 0
    assert not (own / "last_search.json").exists()
