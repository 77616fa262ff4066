"""The catalog's file: its tables, its versions, where it may lie, and what is said when it cannot be used."""

from __future__ import annotations

import json
import logging
import os
import random
import re
import shutil
import sqlite3
import subprocess
import sys
import traceback
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, insert
from sqlalchemy.exc import IntegrityError

from clinsearch import Collection, index
from clinsearch.errors import (
    CollectionDamaged,
    CollectionError,
    CollectionNotFound,
    CollectionVersion,
)
from clinsearch.storage.catalog import database, tables
from clinsearch.storage.snapshots import Reader
from clinsearch.storage.writer import Writer
from tests.conftest import PROJECT
from tests.support.collections import (
    Contents,
    a_note,
    a_single_thread,
    assert_alike,
    assert_whole,
    collection_of,
    commit,
    commit_often,
    contents_of,
    folder_in_memory,
    holders,
    vector_paths,
)

SECRET = "Secretword"


@pytest.fixture
def tmp_path() -> Iterator[Path]:
    with folder_in_memory() as folder:
        yield folder


def one_note(folder: Path) -> Path:
    return collection_of(folder, [a_note("a", f"{SECRET} has no fever.", "Has cough.")])


def read(folder: Path) -> Contents:
    """Read all that there is, as a search and `show` would."""
    with Reader(folder).snapshot() as snapshot:
        for note_id in ("a", "b"):
            if snapshot.catalog.stored_notes("note_id", [note_id]):
                snapshot.catalog.note(note_id)
    return contents_of(folder)


def write(folder: Path) -> None:
    with Writer(folder, create=True) as writer:
        commit(writer, a_note("b", "Written."))


def refused(work: Callable[[Path], object], folder: Path, kind: type[CollectionError]) -> str:
    """Return the one line with which reading or writing is refused."""
    with pytest.raises(kind) as caught:
        work(folder)
    shown = "".join(traceback.format_exception(caught.value))
    assert SECRET not in shown
    message = str(caught.value)
    assert "\n" not in message
    assert str(folder) in message
    return message


def with_catalog(folder: Path, *statements: str) -> list[tuple]:
    """Do to the catalog what clinsearch would not; return the last answer."""
    with closing(sqlite3.connect(folder / "catalog.db")) as catalog, catalog:
        return [catalog.execute(statement).fetchall() for statement in statements][-1]


def schema(file: Path) -> dict[tuple[str, str], list[str]]:
    """Return what SQLite has of every table and index, columns and constraints in order of their text.

    SQLite puts quotes around the name of a table that was renamed, as one is that a migration has made anew, and
    writes a column that was added later on the line of the one before.
    """
    with closing(sqlite3.connect(file)) as catalog:
        rows = catalog.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
    lines = {(kind, name): re.split(r"\n|,(?![^(]*\))", (sql or "").replace('"', "")) for kind, name, sql in rows}
    return {of: sorted(filter(None, (line.strip(" ,\t") for line in listed))) for of, listed in lines.items()}


# Tables and versions.


def test_a_migrated_catalog_equals_a_fresh_one(tmp_path: Path) -> None:
    folder = collection_of(tmp_path / "c")
    fresh = create_engine(f"sqlite:///{tmp_path}/fresh.db")
    tables.metadata.create_all(fresh)
    fresh.dispose()
    migrated = schema(folder / "catalog.db")
    others = ("alembic_version", "sqlite_autoindex_alembic_version", *tables.KEYWORD_TABLES)
    assert {key: lines for key, lines in migrated.items() if not key[1].startswith(others)} == schema(
        tmp_path / "fresh.db"
    )


def test_alembic_finds_nothing_left_to_migrate(tmp_path: Path) -> None:
    folder = collection_of(tmp_path / "c")
    engine = database.open_engine(folder, writing=False)
    with engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"compare_type": True, "compare_server_default": True, "include_name": tables.is_table_of_ours},
        )
        assert compare_metadata(context, tables.metadata) == []


def test_the_program_knows_the_newest_migration() -> None:
    script = ScriptDirectory(str(PROJECT / "migrations"))
    assert script.get_heads() == [tables.SCHEMA_REVISION]
    assert script.get_bases() == ["0001"]


NEXT = """
import sqlalchemy as sa
from alembic import op

revision = "{revision}"
down_revision = "{former}"


def upgrade() -> None:
    op.create_table("beds", sa.Column("key", sa.Integer(), primary_key=True))
    op.execute("INSERT INTO beds VALUES (1)")
    with op.batch_alter_table("notes") as notes:
        notes.add_column(sa.Column("bed", sa.Integer()))
    {then}
"""


@pytest.fixture
def next_version(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], None]:
    """Make this program the next version: with one more migration, that does as it is told at its end."""

    def update(then: str) -> None:
        migrations = tmp_path / "migrations"
        shutil.rmtree(migrations, ignore_errors=True)
        shutil.copytree(PROJECT / "migrations", migrations)
        revision = f"{int(tables.SCHEMA_REVISION) + 1:04}"
        text = NEXT.format(revision=revision, former=tables.SCHEMA_REVISION, then=then)
        (migrations / "versions" / "next.py").write_text(text, encoding="utf-8")
        monkeypatch.setattr(database, "_migrations_folder", lambda: migrations)
        monkeypatch.setattr(database, "SCHEMA_REVISION", revision)
        if then == "pass":
            monkeypatch.setattr(database, "newest_schema", lambda: database._schema_at(revision))

    return update


def test_a_migration_that_fails_halfway_leaves_nothing(
    tmp_path: Path, next_version: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = one_note(tmp_path / "c")
    before, tables_before = contents_of(folder), schema(folder / "catalog.db")
    with monkeypatch.context():
        next_version("raise ZeroDivisionError")
        with pytest.raises(ZeroDivisionError):
            write(folder)
        assert schema(folder / "catalog.db") == tables_before
        assert with_catalog(folder, "SELECT version_num FROM alembic_version") == [(tables.SCHEMA_REVISION,)]
        next_version("op.execute('no SQL at all')")
        refused(write, folder, CollectionError)
    monkeypatch.undo()
    assert schema(folder / "catalog.db") == tables_before
    assert contents_of(folder) == before
    write(folder)


def test_a_first_migration_that_fails_leaves_an_empty_catalog(
    tmp_path: Path, next_version: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    next_version("raise ZeroDivisionError")
    with pytest.raises(ZeroDivisionError):
        collection_of(tmp_path / "c")
    assert schema(tmp_path / "c" / "catalog.db") == {}
    assert "clinsearch index" in refused(read, tmp_path / "c", CollectionNotFound)
    monkeypatch.undo()
    one_note(tmp_path / "c")
    assert_whole(tmp_path / "c")


def test_an_older_collection_is_refused_to_readers_and_updated_by_a_writer(
    tmp_path: Path, next_version: Callable[[str], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = one_note(tmp_path / "c")
    before = contents_of(folder)
    next_version("pass")
    message = refused(read, folder, CollectionVersion)
    assert "older" in message
    assert "clinsearch index" in message
    with Writer(folder):
        pass
    assert with_catalog(folder, "SELECT bed FROM notes UNION ALL SELECT key FROM beds") == [(None,), (1,)]
    assert contents_of(folder) == before
    monkeypatch.undo()
    assert "newer" in refused(read, folder, CollectionVersion)


@pytest.mark.parametrize("work", [read, write])
def test_a_newer_collection_is_refused_with_the_remedy(tmp_path: Path, work: Callable[[Path], object]) -> None:
    folder = one_note(tmp_path / "c")
    before = contents_of(folder)
    with_catalog(folder, "UPDATE alembic_version SET version_num = '9999'")
    message = refused(work, folder, CollectionVersion)
    assert "newer" in message
    assert "pip install -U clinsearch" in message
    with_catalog(folder, f"UPDATE alembic_version SET version_num = '{tables.SCHEMA_REVISION}'")
    assert contents_of(folder) == before


# Where it may lie.


@pytest.mark.parametrize(
    "name",
    [
        "50% of 100%41",
        "with  spaces ",
        "é 日本 ñ",
        "what?mode=ro&x=1",
        "hash#tag",
        "file:name",
        "a;b=c",
        "quo'te\"s",
        "[1]*",
        "-rf",
    ],
)
def test_a_collection_may_lie_in_a_folder_of_any_name(
    tmp_path: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = one_note(tmp_path / name / "c")
    write(folder)
    assert set(read(folder).notes) == {"a", "b"}
    assert sorted(path.name for path in (tmp_path / name).iterdir()) == ["c"]
    assert_whole(folder)
    monkeypatch.chdir(tmp_path)
    one_note(Path(name) / "d")
    assert set(read(Path(name) / "d").notes) == {"a"}
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name / "d" / "catalog.db").is_file()


# When it is not what it was.


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


# What is never said.


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
    with pytest.raises(CollectionDamaged, match="note a is not as it was written") as caught:
        read(folder)
    assert SECRET not in "".join(traceback.format_exception(caught.value))


def test_an_error_of_the_database_itself_hides_the_values(tmp_path: Path) -> None:
    engine = database.open_engine(one_note(tmp_path / "c"), writing=True)
    row = {"note_id": "a", "text": f"{SECRET} once more.", "digest": b""}
    with pytest.raises(IntegrityError) as caught, engine.begin() as connection:
        connection.execute(insert(tables.notes), [row, row])
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


# A disk without room.


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder of 30 notes of seven sentences."""
    folder = tmp_path_factory.mktemp("notes")
    for i in range(30):
        lines = [f"{SECRET} {i} {j} has {'no ' * (j * 5)}fever." for j in range(6)]
        (folder / f"n{i:02}.txt").write_text("HISTORY:\n" + " ".join([*lines, "Patient is stable."]) + "\n")
    return folder


@pytest.fixture(scope="module")
def many_commits() -> Iterator[None]:
    """Commit and compact often, on one thread, for there is little to encode."""
    with pytest.MonkeyPatch.context() as patch, a_single_thread():
        commit_often(patch.setattr)
        yield


@pytest.fixture(scope="module")
def ten_notes(notes: Path, tiny_model: Path, many_commits: None, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A collection of the first ten of the notes."""
    folder = tmp_path_factory.mktemp("ten") / "c"
    index([notes / f"n{i:02}.txt" for i in range(10)], folder, model=str(tiny_model))
    return folder


@pytest.fixture(scope="module")
def uninterrupted(ten_notes: Path, notes: Path, tmp_path_factory: pytest.TempPathFactory) -> Contents:
    """What all the notes come to when nothing goes wrong."""
    folder = tmp_path_factory.mktemp("all") / "c"
    shutil.copytree(ten_notes, folder)
    index(notes, folder)
    return contents_of(folder)


@pytest.fixture
def small_disk(tmp_path: Path) -> Iterator[Callable[[str], Path]]:
    """A disk of its own, in memory, whose size can be set more than once."""
    disk = tmp_path / "disk"

    def mount(options: str) -> Path:
        remount = "remount," if disk.is_mount() else ""
        disk.mkdir(exist_ok=True)
        command = ["mount", "-t", "tmpfs", "-o", remount + options, "tmpfs", str(disk)]
        if os.geteuid() != 0 or subprocess.run(command, capture_output=True).returncode != 0:
            assert not remount, options
            pytest.skip("no disk can be mounted here: that takes root")
        return disk

    yield mount
    if disk.is_mount():
        subprocess.run(["umount", "--lazy", str(disk)], check=True)


def committed(folder: Path) -> set[str]:
    """Check what a collection holds after a failure, and return which notes that are."""
    try:
        there = contents_of(folder)
    except CollectionNotFound:
        return set()
    assert_whole(folder, may_hold_stray_files=True)
    assert all(len(sentences) == 7 for sentences in there.notes.values())
    return set(there.notes)


def names_the_disk(error: CollectionError) -> bool:
    """Tell whether an error is one line that says that there is no room, not that something is damaged."""
    message = str(error)
    assert "\n" not in message
    assert SECRET not in message
    return type(error) is CollectionError and any(word in message for word in ("full", "disk", "No space", "no space"))


ENOUGH = "size=50m,nr_inodes=10000"


@pytest.mark.parametrize(
    "options",
    [*(f"size={kib}k" for kib in (4, 20, 120, 228, 260)), *(f"nr_inodes={n}" for n in (2, 3, 4, 6, 9))],
)
def test_a_full_disk_is_one_line_and_what_was_committed_stays(
    notes: Path, tiny_model: Path, uninterrupted: Contents, small_disk: Callable[[str], Path], options: str
) -> None:
    folder = small_disk(options) / "c"
    with pytest.raises(CollectionError) as caught:
        index(notes, folder, model=str(tiny_model))
    assert names_the_disk(caught.value)
    if len(options) == len("size=100k"):
        committed(folder)  # SQLite takes a little room even to read, so there has to be some
    small_disk(ENOUGH)
    there = committed(folder)
    report = index(notes, folder, model=str(tiny_model))
    assert (report.new, report.unchanged) == (30 - len(there), len(there))
    assert_alike(folder, uninterrupted)


def test_a_disk_that_fills_up_later_keeps_what_was_committed(
    notes: Path, ten_notes: Path, uninterrupted: Contents, small_disk: Callable[[str], Path]
) -> None:
    for spare_kib in (8, 60, 100):
        disk = small_disk("size=50m")
        folder = Path(shutil.copytree(ten_notes, disk / str(spare_kib)))
        taken = shutil.disk_usage(disk).used // 1024
        small_disk(f"size={taken + spare_kib}k")
        with pytest.raises(CollectionError) as caught:
            index(notes, folder)
        assert names_the_disk(caught.value)
        small_disk("size=50m")
        assert committed(folder) >= {f"n{i:02}" for i in range(10)}
        index(notes, folder)
        assert_alike(folder, uninterrupted)


def test_a_deletion_on_a_full_disk_is_done_or_one_line_and_its_text_goes(
    ten_notes: Path, small_disk: Callable[[str], Path]
) -> None:
    for spare_kib in (0, 40, 80, 120):
        disk = small_disk("size=50m")
        folder = Path(shutil.copytree(ten_notes, disk / str(spare_kib)))
        small_disk(f"size={shutil.disk_usage(disk).used // 1024 + spare_kib}k")
        try:
            Collection(folder).delete(["n03"])
        except CollectionError as caught:
            error: CollectionError | None = caught
        else:
            error = None
        assert error is None or names_the_disk(error)
        small_disk("size=50m")
        there = committed(folder)
        assert {f"n{i:02}" for i in range(10)} - there <= {"n03"}
        if "n03" in there:
            assert error
            Collection(folder).delete(["n03"])
        else:
            Collection(folder).repair()
        assert holders(folder, f"{SECRET} 3 ") == []
        assert_whole(folder)


# As far as the size of a file is limited, the disk's end is met in the middle of any write.
WITH_LIMITS = """
import json, resource, signal, sys
from pathlib import Path
from clinsearch import index
from clinsearch.errors import ClinsearchError
from tests.support.collections import commit_often

notes, collections = map(Path, sys.argv[1:])
commit_often(setattr)
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
messages = {}
for path in collections.iterdir():
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(path.name), resource.RLIM_INFINITY))
    try:
        index(notes, path)
        messages[path.name] = None
    except ClinsearchError as error:
        messages[path.name] = [type(error).__name__, str(error)]
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (resource.RLIM_INFINITY, resource.RLIM_INFINITY))
print(json.dumps(messages))
"""


def test_a_write_that_fails_in_its_middle_is_one_line_and_what_was_committed_stays(
    tmp_path: Path, notes: Path, ten_notes: Path, uninterrupted: Contents
) -> None:
    limits = [0, 700, 9000, 30_000]
    for limit in limits:
        shutil.copytree(ten_notes, tmp_path / str(limit))
    done = subprocess.run(
        [sys.executable, "-c", WITH_LIMITS, str(notes), str(tmp_path)],
        capture_output=True, text=True, cwd=PROJECT, env={**os.environ, "OMP_NUM_THREADS": "1"},
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    assert SECRET not in done.stdout + done.stderr
    for limit, said in json.loads(done.stdout).items():
        assert said is not None, limit
        kind, message = said
        assert "\n" not in message
        assert kind == "CollectionError", (limit, message)
        assert committed(tmp_path / limit) >= {f"n{i:02}" for i in range(10)}
        index(notes, tmp_path / limit)
        assert_alike(tmp_path / limit, uninterrupted)
