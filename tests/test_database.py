"""A catalog that is not what it was is one line, and what is never said."""

from __future__ import annotations

import logging
import os
import random
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import insert
from sqlalchemy.exc import IntegrityError

from clinsearch import Collection
from clinsearch.errors import CollectionDamaged, CollectionError, CollectionNotFound
from clinsearch.storage.catalog.tables import notes
from clinsearch.storage.folder import database
from clinsearch.storage.folder.writer import Writer
from tests.support.catalogs import SECRET, one_note, read, refused, with_catalog, write
from tests.support.collections import (
    a_note,
    assert_whole,
    collection_of,
    commit,
    contents_of,
    path_in_memory,
    vector_paths,
)

tmp_path = path_in_memory


@pytest.mark.parametrize("work", [read, write])
@pytest.mark.parametrize(
    "garbage",
    [b"garbage", bytes(8192), random.Random(1).randbytes(8192), b"SQLite format 3\0" + b"\xff" * 5000],
    ids=["a word", "zeros", "noise", "only a header"],
)
def test_a_catalog_of_garbage_is_damaged(tmp_path: Path, work: Callable[[Path], object], garbage: bytes) -> None:
    folder = one_note(tmp_path / "c")
    (folder / "catalog.db").write_bytes(garbage)
    assert "catalog.db is damaged" in refused(work, folder, CollectionDamaged)
    assert (folder / "catalog.db").read_bytes() == garbage
    assert len(vector_paths(folder)) == 3


@pytest.mark.parametrize("work", [read, write])
def test_a_catalog_that_was_cut_short_is_damaged(tmp_path: Path, work: Callable[[Path], object]) -> None:
    folder = collection_of(tmp_path / "c", [a_note(f"n{i}", f"{SECRET} {i}.", "x" * 900) for i in range(50)])
    os.truncate(folder / "catalog.db", 5 * 4096)
    assert "damaged" in refused(work, folder, CollectionDamaged)


def test_a_catalog_that_is_a_folder_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "c" / "catalog.db").mkdir(parents=True)
    assert "No collection" in refused(read, tmp_path / "c", CollectionNotFound)
    assert "is a directory" in refused(write, tmp_path / "c", CollectionError)


def test_an_empty_catalog_is_no_collection_yet_and_becomes_one(tmp_path: Path) -> None:
    (tmp_path / "c").mkdir()
    (tmp_path / "c" / "catalog.db").touch()
    assert "clinsearch index" in refused(read, tmp_path / "c", CollectionNotFound)
    one_note(tmp_path / "c")
    assert set(contents_of(tmp_path / "c").notes) == {"a"}


@pytest.mark.parametrize("table", ["notes", "sentences", "occurrences", "sections", "vector_files", "collection"])
def test_a_catalog_without_one_of_its_tables_is_damaged(tmp_path: Path, table: str) -> None:
    folder = one_note(tmp_path / "c")
    with_catalog(folder, f"DROP TABLE {table}")
    assert "damaged" in refused(read, folder, CollectionDamaged)
    assert "damaged" in refused(write, folder, CollectionDamaged)


def test_a_note_twice_is_refused_without_its_text(tmp_path: Path) -> None:
    folder = one_note(tmp_path / "c")

    def add_twice(folder: Path) -> None:
        with Writer(folder) as writer:
            commit(writer, a_note("a", f"{SECRET} once more."))

    refused(add_twice, folder, CollectionError)
    assert contents_of(folder).notes == {"a": (f"{SECRET} has no fever.", "Has cough.")}


@pytest.mark.parametrize("table", ["notes", "sentences", "sections", "occurrences", "vector_files"])
def test_a_row_that_cannot_be_added_is_refused_without_its_text(tmp_path: Path, table: str) -> None:
    folder = one_note(tmp_path / "c")
    before = contents_of(folder)
    fault = f"CREATE TRIGGER fault AFTER INSERT ON {table} BEGIN SELECT RAISE(ABORT, 'a fault'); END"

    def add(folder: Path, *faults: str) -> None:
        with Writer(folder) as writer:
            for statement in faults:
                with_catalog(folder, statement)
            commit(writer, a_note("new", f"{SECRET} is new."), removed=["a"])

    assert "SQLITE_CONSTRAINT" in refused(lambda folder: add(folder, fault), folder, CollectionError)
    with_catalog(folder, "DROP TRIGGER fault")
    assert contents_of(folder) == before
    add(folder)
    assert set(contents_of(folder).notes) == {"new"}
    assert_whole(folder)


def test_a_value_that_cannot_be_stored_is_refused_without_the_text_beside_it(tmp_path: Path) -> None:
    folder = one_note(tmp_path / "c")
    item = a_note("new", f"{SECRET} is new.")

    def add(folder: Path) -> None:
        with Writer(folder) as writer:
            commit(writer, replace(item, note=replace(item.note, title=[SECRET])))  # type: ignore[arg-type]

    refused(add, folder, CollectionError)


def test_text_that_is_not_readable_any_more_is_not_quoted(tmp_path: Path) -> None:
    folder = one_note(tmp_path / "c")
    content = (folder / "catalog.db").read_bytes()
    assert content.count(f"{SECRET} has".encode()) == 2
    (folder / "catalog.db").write_bytes(
        content.replace(f"{SECRET} has".encode(), f"{SECRET} \xff\xfe\xfd".encode("latin-1"))
    )
    (folder / "catalog.seal").unlink()
    with pytest.raises(CollectionDamaged, match="note a is not as it was written") as caught:
        read(folder)
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_an_error_of_the_database_itself_hides_the_values(tmp_path: Path) -> None:
    engine = database.open_engine(one_note(tmp_path / "c"), writing=True)
    row = {"note_id": "a", "text": f"{SECRET} once more.", "digest": b""}
    with pytest.raises(IntegrityError) as caught, engine.begin() as connection:
        connection.execute(insert(notes), [row, row])
    engine.dispose()
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_nothing_of_a_note_is_logged(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    folder = one_note(tmp_path / "c")
    assert SECRET in str(read(folder).notes)
    Collection(folder).delete(["a"])
    assert SECRET not in caplog.text


def test_a_catalog_whose_tables_have_unreadable_names_is_damaged(tmp_path: Path) -> None:
    folder = one_note(tmp_path / "c")
    content = (folder / "catalog.db").read_bytes()
    (folder / "catalog.db").write_bytes(content.replace(b"CREATE TABLE notes", b"CREATE \xfe\xff\xfe\xff\xfe notes"))
    assert "damaged" in refused(read, folder, CollectionDamaged)


@pytest.mark.parametrize("seed", range(4))
def test_noise_in_the_catalog_is_never_answered_with_text(tmp_path: Path, seed: int) -> None:
    """What SQLite makes of noise is as may be; what is said of it has no word of a note in it."""
    rng = random.Random(seed)
    notes = [a_note(f"n{i}", f"{SECRET} {i}.", f"Fever {rng.random()}.") for i in range(60)]
    folder = collection_of(tmp_path / "c", notes)
    content = (folder / "catalog.db").read_bytes()
    for _ in range(12):
        noisy = bytearray(content)
        for place in rng.sample(range(len(noisy)), rng.choice([1, 20, 1000])):
            noisy[place] = rng.randrange(256)
        (folder / "catalog.db").write_bytes(noisy)
        try:
            read(folder)
        except Exception as error:
            shown = traceback.format_exception_only(error)
        else:
            continue
        assert SECRET not in "".join(shown)
