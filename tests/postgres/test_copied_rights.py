"""Who may copy a collection, and who may see the copy: only those who see all, and only its owner."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg.sql import SQL, Identifier

import clinsearch
from clinsearch.collection import Collection
from clinsearch.errors import CollectionError
from clinsearch.records.grants import Grant
from clinsearch.records.locations import database_at
from clinsearch.storage import make_shards, roles_of
from tests.support.copies import NOTES, make_source
from tests.support.postgres import OWNER, PostgresServer


@pytest.fixture
def role(postgres_server: PostgresServer, postgres_database: str) -> Iterator[str]:
    postgres_server.make_role("copier")
    yield "copier"
    postgres_server.drop_database(postgres_database.rpartition("/")[2])
    postgres_server.execute(SQL("DROP ROLE {}").format(Identifier("copier")))


def test_a_part_of_a_collection_is_not_copied_nor_copied_to(
    postgres_server: PostgresServer, tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPASSWORD", postgres_server.passwords[OWNER])
    source = make_source(tmp_path, tiny_model)
    with postgres_server.database() as one, postgres_server.database() as other:
        make_shards([database_at(one), database_at(other)])
        with pytest.raises(CollectionError, match="is in several databases, and such a one cannot be copied"):
            clinsearch.copy(source, one)
        clinsearch.index(tmp_path / "notes.jsonl", one, model=str(tiny_model))
        for place in (one, other):
            with pytest.raises(CollectionError, match="is in several databases, and such a one cannot be copied"):
                clinsearch.copy(place, tmp_path / "part")
    assert not (tmp_path / "part").exists()


def test_only_who_sees_all_copies_and_nobody_else_sees_the_copy(
    postgres_server: PostgresServer, postgres_database: str, role: str, tmp_path: Path, tiny_model: Path
) -> None:
    clinsearch.copy(make_source(tmp_path, tiny_model), postgres_database)
    own = postgres_server.dsn(postgres_database.rpartition("/")[2], role=role)
    with pytest.raises(CollectionError):
        Collection(own).status()
    roles_of(database_at(postgres_database)).grant(Grant(role, patients=("p1",)))
    assert {note.patient_id for note in Collection(own).notes()} == {"p1"}
    with pytest.raises(CollectionError, match=r"Your role sees only some of the notes in .*\. Have one copy it that"):
        clinsearch.copy(own, tmp_path / "some")
    roles_of(database_at(postgres_database)).grant(Grant(role, sees_all=True))
    report = clinsearch.copy(own, tmp_path / "all")
    assert (report.different, report.notes_copied) == ((), len(NOTES))
