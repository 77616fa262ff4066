"""Tables and versions of the catalog, and where it may lie."""

from __future__ import annotations

import re
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine

from clinsearch.errors import CollectionError, CollectionNotFound, CollectionVersion
from clinsearch.storage import migrations as storage_migrations
from clinsearch.storage.folder import database, tables
from clinsearch.storage.folder.writer import Writer
from tests.conftest import PROJECT
from tests.support.catalogs import one_note, read, refused, with_catalog, write
from tests.support.collections import assert_whole, collection_of, contents_of, path_in_memory

tmp_path = path_in_memory


def schema(file: Path) -> dict[tuple[str, str], list[str]]:
    """Return what SQLite has of every table and index, columns and constraints in order of their text.

    SQLite puts quotes around the name of a table that was renamed, as one is that a migration has made anew, and
    writes a column that was added later on the line of the one before.
    """
    with closing(sqlite3.connect(file)) as catalog:
        rows = catalog.execute("SELECT type, name, sql FROM sqlite_master").fetchall()
    lines = {(kind, name): re.split(r"\n|,(?![^(]*\))", (sql or "").replace('"', "")) for kind, name, sql in rows}
    return {of: sorted(filter(None, (line.strip(" ,\t") for line in listed))) for of, listed in lines.items()}


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
        monkeypatch.setattr(storage_migrations, "_folder", lambda: migrations)
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
