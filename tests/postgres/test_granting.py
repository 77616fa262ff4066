"""Granting and taking back: by the owner alone, to roles that there are, for what can be meant."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from psycopg.sql import SQL, Identifier

import clinsearch
from clinsearch.collection import Collection
from clinsearch.errors import CollectionError, CollectionNotFound, InputError
from clinsearch.records.grants import Grant
from clinsearch.records.locations import database_at
from clinsearch.storage import roles_of
from tests.support.postgres import PostgresServer


def write(path: Path, **patients: str) -> None:
    rows = [{"note_id": name, "patient_id": name, "text": f"{text}\n"} for name, text in patients.items()]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")


@pytest.fixture
def role(postgres_server: PostgresServer, postgres_database: str) -> Iterator[str]:
    postgres_server.make_role("ann")
    yield "ann"
    postgres_server.drop_database(postgres_database.rpartition("/")[2])
    postgres_server.execute(SQL("DROP ROLE {}").format(Identifier("ann")))


@pytest.fixture
def made(postgres_database: str, tmp_path: Path, tiny_model: Path) -> str:
    write(tmp_path / "notes.jsonl", p1="Chest pain at night.", p2="Mild cough.", p3="Wound is clear.")
    clinsearch.index(tmp_path / "notes.jsonl", postgres_database, model=str(tiny_model))
    return postgres_database


def as_role(server: PostgresServer, dsn: str, role: str) -> str:
    return server.dsn(dsn.rpartition("/")[2], role=role)


def ids(dsn: str, model: Path) -> list[str]:
    return [note.note_id for note in Collection(dsn, model=str(model)).notes()]


def test_grants_add_up_and_are_taken_back_one_by_one(postgres_server, made, role, tiny_model) -> None:
    owned, own = roles_of(database_at(made)), as_role(postgres_server, made, role)
    assert owned.grant(Grant(role, patients=("p1",))) == Grant(role, patients=("p1",))
    assert ids(own, tiny_model) == ["p1"]
    assert owned.grant(Grant(role, patients=("p2", "p1"))).patients == ("p1", "p2")
    assert ids(own, tiny_model) == ["p1", "p2"]
    assert owned.listed() == [Grant(role, patients=("p1", "p2"))]
    assert owned.revoke(role, Grant(role, patients=("p1",))) == Grant(role, patients=("p2",))
    assert ids(own, tiny_model) == ["p2"]
    assert owned.grant(Grant(role, sees_all=True)) == Grant(role, sees_all=True)
    assert ids(own, tiny_model) == ["p1", "p2", "p3"]
    with pytest.raises(InputError, match="may read all notes already"):
        owned.grant(Grant(role, patients=("p1",)))
    assert owned.revoke(role) == Grant(role)
    assert owned.listed() == []
    with pytest.raises(CollectionError, match="may not do this"):
        ids(own, tiny_model)
    with pytest.raises(InputError, match="was granted nothing here"):
        owned.revoke(role)


def test_an_open_collection_forgets_what_was_taken_back(postgres_server, made, role, tiny_model) -> None:
    owned = roles_of(database_at(made))
    owned.grant(Grant(role, patients=("p1", "p2")))
    opened = Collection(as_role(postgres_server, made, role), model=str(tiny_model))
    assert {hit.note_id for hit in opened.search("chest cough", 9)} == {"p1", "p2"}
    owned.revoke(role, Grant(role, patients=("p2",)))
    assert {hit.note_id for hit in opened.search("chest cough", 9)} == {"p1"}
    assert opened.status().notes == 1


def test_rights_of_a_group_are_those_of_its_members(postgres_server, made, role, tiny_model) -> None:
    postgres_server.execute("CREATE ROLE team")
    postgres_server.execute(f"GRANT team TO {role}")
    try:
        roles_of(database_at(made)).grant(Grant("team", patients=("p3",)))
        assert ids(as_role(postgres_server, made, role), tiny_model) == ["p3"]
        roles_of(database_at(made)).grant(Grant(role, patients=("p1",)))
        assert ids(as_role(postgres_server, made, role), tiny_model) == ["p1", "p3"]
    finally:
        roles_of(database_at(made)).revoke("team")
        postgres_server.execute("DROP ROLE team")


def test_a_writer_indexes_and_deletes_and_is_not_the_owner(postgres_server, made, role, tiny_model, tmp_path) -> None:
    roles_of(database_at(made)).grant(Grant(role, writes=True))
    own = as_role(postgres_server, made, role)
    write(tmp_path / "notes.jsonl", p1="Chest pain at night.", p2="Cough is worse.", p4="Denies chills.")
    report = clinsearch.index(tmp_path / "notes.jsonl", own, model=str(tiny_model), delete_missing=True)
    assert (report.new, report.changed, report.deleted) == (1, 1, 1)
    assert ids(own, tiny_model) == ["p1", "p2", "p4"] == ids(made, tiny_model)
    Collection(own, model=str(tiny_model)).delete(["p1"])
    assert ids(made, tiny_model) == ["p2", "p4"]
    assert Collection(own, model=str(tiny_model)).repair() == 0
    with pytest.raises(CollectionError, match=r"Only the owner .* may rewrite its tables: the role clinsearch"):
        Collection(own, model=str(tiny_model)).optimize()
    with pytest.raises(CollectionError, match=r"Only the owner .* may grant rights to it: the role clinsearch"):
        roles_of(database_at(own)).grant(Grant(role, sees_all=True))


@pytest.mark.parametrize("name", ["postgres", "clinsearch"])
def test_who_is_above_all_rules_is_granted_nothing(made: str, name: str) -> None:
    with pytest.raises(InputError, match=f"The role {name} may do everything already"):
        roles_of(database_at(made)).grant(Grant(name, patients=("p1",)))


@pytest.mark.parametrize("name", ["absent", 'x"; DROP SCHEMA clinsearch CASCADE; --', "", "PUBLIC"])
def test_a_role_that_there_is_not_is_named(made: str, name: str) -> None:
    with pytest.raises(InputError, match="There is no role"):
        roles_of(database_at(made)).grant(Grant(name, sees_all=True))


def test_where_no_collection_is_nothing_is_granted(postgres_database: str) -> None:
    roles = roles_of(database_at(postgres_database))
    for ask in (lambda: roles.grant(Grant("x", sees_all=True)), roles.listed):
        with pytest.raises(CollectionNotFound):
            ask()


def test_a_folder_has_no_roles(tmp_path: Path) -> None:
    with pytest.raises(CollectionError, match="is a folder"):
        roles_of(tmp_path)
