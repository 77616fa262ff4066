"""Names that many rows have in common, as types of notes and of sections, in PostgreSQL: by an index of beginnings."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

import clinsearch
from clinsearch.records import Filter
from clinsearch.records.locations import database_at
from clinsearch.storage.catalog.filters import notes_passing, sentences_passing
from clinsearch.storage.catalog.rows import about_how_many, planned
from clinsearch.storage.catalog.tables import notes as note_rows
from clinsearch.storage.catalog.tables import sections
from clinsearch.storage.postgres.snapshots import Reader

LONG = "nursing note " + "x" * 3000
LONG_TOO = LONG + " of another ward"
TYPES = ["Progress note", "progress note", "nurse\x01s note", "Entlassungsbrief Ä", LONG, LONG_TOO]
ROWS = 3000


@pytest.fixture(scope="module")
def files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("notes")
    rows = [f'{number},"{kind}","Plan: No fever on day {number}."' for number, kind in enumerate(TYPES)]
    (folder / "notes.csv").write_text("\n".join(["note_id,note_type,text", *rows]), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def dsn(postgres_server, tiny_model: Path, files: Path) -> Iterator[str]:
    with postgres_server.database() as dsn:
        clinsearch.index(files, dsn, model=str(tiny_model))
        yield dsn


@pytest.fixture(scope="module")
def notes(dsn: str, tiny_model: Path) -> clinsearch.Collection:
    return clinsearch.open(dsn, model=str(tiny_model))


def test_each_type_is_found_by_its_own_name(notes: clinsearch.Collection) -> None:
    for number, kind in enumerate(TYPES[2:], 2):
        assert {hit.note_id for hit in notes.search("fever", note_type=kind)} == {str(number)}
    assert {hit.note_id for hit in notes.search("fever", note_type="PROGRESS NOTE")} == {"0", "1"}
    assert {hit.note_id for hit in notes.search("fever", section="PLAN", note_type=LONG_TOO)} == {"5"}
    assert len(notes.search("fever", exclude_type=LONG)) == len(TYPES) - 1


def test_all_names_are_known_however_long(dsn: str) -> None:
    with Reader(database_at(dsn)).catalog() as (catalog, _):
        assert sorted(catalog.names_in(note_rows.c.note_type)) == sorted(TYPES)
        short = catalog.spelt(Filter(note_type=("NURSE\x01S NOTE",), section=("plan",)))
        assert short.note_type == ("nurse\x01s note",)
        assert list(catalog.names_in(sections.c.name)) == list(short.section)


def test_what_many_rows_have_in_common_is_found_by_an_index_and_told_by_steps(
    postgres_database: str, tiny_model: Path, files: Path
) -> None:
    """An index by hash would walk through all rows of a name with each that is added."""
    dsn = postgres_database
    clinsearch.index(files, dsn, model=str(tiny_model))
    where = Filter(note_type=("discharge summary",), section=("plan",))
    with psycopg.connect(dsn, options="-c search_path=clinsearch,public") as connection:
        connection.execute(
            "INSERT INTO notes(key, note_id, note_type, text, digest) SELECT 1000 + n, 'made ' || n, "
            "CASE WHEN n % 100 = 0 THEN 'discharge summary' ELSE 'progress note' END, 'No fever.', '' "
            f"FROM generate_series(1, {ROWS}) AS n"
        )
        methods = connection.execute(
            "SELECT c.relname, amname FROM pg_class AS c JOIN pg_am ON pg_am.oid = relam "
            "WHERE c.relname IN ('ix_notes_note_type', 'ix_notes_source', 'ix_sections_name')"
        ).fetchall()
        connection.execute("ANALYZE notes")
    assert {method for _, method in methods} == {"btree"}
    with Reader(database_at(dsn)).catalog() as (catalog, _):
        catalog.connection.execute(text("SET LOCAL enable_seqscan = off"))  # as in a large collection
        plans = [planned(catalog.connection, query(where)) for query in (notes_passing, sentences_passing)]
        assert all("ix_notes_note_type" in str(plan) for plan in plans)
        assert about_how_many(catalog.connection, notes_passing(Filter(note_type=where.note_type))) == ROWS // 100
        many = about_how_many(catalog.connection, notes_passing(Filter(note_type=("progress note",))))
        assert many == pytest.approx(ROWS, rel=0.1)
        assert sorted(catalog.names_in(note_rows.c.note_type)) == sorted([*TYPES, "discharge summary"])
