"""Roles with rights to a part: they find all of it, and nothing else, by clinsearch or by SQL."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any

import numpy as np
import psycopg
import pytest
from psycopg.sql import SQL, Identifier

import clinsearch
from clinsearch.collection import Collection
from clinsearch.errors import CollectionError, HitNotFound, NoteNotFound
from clinsearch.records import Filter
from clinsearch.records.grants import Grant
from clinsearch.records.locations import database_at
from clinsearch.records.phrases import Phrase
from clinsearch.storage import open_reader, roles_of
from clinsearch.storage.postgres.protection import OPEN, OWN, SEEN
from tests.support.postgres import PostgresServer

SHARED_TEXT = "Chest pain at night. Heart is stable."
NOTES = {
    "north": [
        "Denies fever and chills. Needs three pillows, potassium 6.1 mmol/L.",
        "Wound drainage on the left lung.",
    ],
    "south": ["Cough with edema, quinsy suspected. Potassium 3.9 mmol/L.", "Mild weakness, xanthoma on the right."],
}
# Words of notes of the south alone.
SECRETS = ("quinsy", "xanthoma", "cough", "s0", "s1", "south")
PATIENTS = {"north": ("n0", "n1"), "south": ("s0", "s1")}


@dataclass
class Place:
    """A collection of two sites in a database, and one of the north alone in another."""

    server: PostgresServer
    name: str
    north_alone: str
    model: str

    def dsn(self, role: str) -> str:
        return self.server.dsn(self.name, role=role)

    @property
    def owned(self) -> str:
        return self.dsn("clinsearch")

    def opened(self, role: str) -> Collection:
        return Collection(self.dsn(role), model=self.model)

    def rows(self, role: str, query: Any) -> list[tuple[Any, ...]]:
        with psycopg.connect(self.dsn(role)) as connection:
            return connection.execute(query).fetchall()


def written(folder: Path, site: str) -> Path:
    rows = [
        {
            "note_id": f"{site}-{number}",
            "patient_id": PATIENTS[site][number],
            "note_type": f"{site} note",
            "note_datetime": f"2024-0{number + 1}-01",
            "text": f"HISTORY:\n{text} {SHARED_TEXT}\n",
        }
        for number, text in enumerate(NOTES[site])
    ]
    (folder / site).mkdir(parents=True, exist_ok=True)
    path = folder / site / "notes.jsonl"
    path.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def notes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("notes")
    for site in NOTES:
        written(folder, site)
    return folder


@pytest.fixture(scope="module")
def place(postgres_server: PostgresServer, notes: Path, tiny_model: Path) -> Iterator[Place]:
    with postgres_server.database() as dsn, postgres_server.database() as alone:
        clinsearch.index(notes, dsn, model=str(tiny_model), tokens=True)
        clinsearch.index(notes / "north", alone, model=str(tiny_model))
        made = Place(postgres_server, dsn.rpartition("/")[2], alone, str(tiny_model))
        for role in ("patients", "source", "reader", "writer", "nobody"):
            made.server.make_role(role)
        owned = roles_of(database_at(made.owned))
        owned.grant(Grant("patients", patients=PATIENTS["north"]))
        owned.grant(Grant("source", sources=(f"{notes}/north/",)))
        owned.grant(Grant("reader", sees_all=True))
        owned.grant(Grant("writer", writes=True))
        yield made
        for role in ("patients", "source", "reader", "writer"):
            owned.revoke(role)
    for role in ("patients", "source", "reader", "writer", "nobody"):
        postgres_server.execute(SQL("DROP ROLE {}").format(Identifier(role)))


PARTIAL = ("patients", "source")
QUERIES = ("chest pain", "potassium above 3", "quinsy", '"at night" heart', "xanthoma weakness", "wound drai")


# What is seen is found, all of it.


@pytest.mark.drawn(12)
@pytest.mark.parametrize(("role", "query", "mode"), list(product(PARTIAL, QUERIES, ("hybrid", "vector", "keyword"))))
def test_search_finds_what_a_collection_of_the_seen_notes_alone_finds(place: Place, role, query, mode) -> None:
    alone = Collection(place.north_alone, model=place.model).search(query, 20, mode=mode)
    found = place.opened(role).search(query, 20, mode=mode)
    assert [(hit.note_id, hit.start) for hit in found] == [(hit.note_id, hit.start) for hit in alone]
    # Of all notes is the mean length that BM25 goes by.
    np.testing.assert_allclose([hit.score for hit in found], [hit.score for hit in alone], atol=0.02)


@pytest.mark.parametrize("role", PARTIAL)
def test_of_each_term_a_role_is_told_what_the_texts_that_it_sees_have(place: Place, role: str) -> None:
    phrases = [
        Phrase(("chest",)),
        Phrase(("quinsy",)),
        Phrase(("p",), is_prefix=True),
        Phrase(("chest", "pain")),
        Phrase(("chest", "pa"), is_prefix=True),
        Phrase(("cough",)),
        Phrase(("absent",)),
    ]
    for kind, phrase in product(("sentence", "note"), phrases):
        with (
            open_reader(database_at(place.dsn(role))).catalog() as (seen, _),
            open_reader(database_at(place.owned)).catalog() as (whole, _),
        ):
            keys = seen.sentence_keys(Filter()) if kind == "sentence" else seen.note_keys(Filter())
            index, of_all = seen.keywords(kind), whole.keywords(kind)
            expected = of_all.postings(phrase, of_all.frequency(phrase))
            found = index.postings(phrase, index.frequency(phrase))
            np.testing.assert_array_equal(found.keys, np.intersect1d(expected.keys, keys))
            assert index.frequency(phrase) == len(found.keys)
            assert index.size() == len(keys)


@pytest.mark.parametrize("role", PARTIAL)
def test_everything_else_is_of_the_seen_notes_alone(place: Place, role: str) -> None:
    seen, alone = place.opened(role), Collection(place.north_alone, model=place.model)
    mine, theirs = seen.status(), alone.status()
    assert (mine.notes, mine.sentences, mine.occurrences) == (theirs.notes, theirs.sentences, theirs.occurrences)
    assert mine.note_types == theirs.note_types == {"north note": 2}
    assert [one.note_id for one in seen.notes()] == ["north-0", "north-1"]
    assert seen.note("north-0") == alone.note("north-0")
    assert seen.measured() == alone.measured()
    with pytest.raises(NoteNotFound):
        seen.note("south-0")
    why = seen.explain("north-0", "north-1")
    assert not any(secret in repr(why) for secret in SECRETS)
    seen.search("chest pain", 3)
    with pytest.raises(CollectionError, match="Words in their context are searched by roles that may read all notes"):
        seen.search_tokens("chest [pain]")


@pytest.mark.drawn(4)
@pytest.mark.parametrize("role", ["reader", "writer"])
@pytest.mark.parametrize("query", QUERIES)
def test_who_may_read_all_is_answered_as_the_owner_is(place: Place, role: str, query: str) -> None:
    assert list(place.opened(role).search(query, 9)) == list(place.opened("clinsearch").search(query, 9))
    assert place.opened(role).status().sentences == place.opened("clinsearch").status().sentences
    assert list(place.opened(role).search_tokens("chest [pain]")) == list(
        place.opened("clinsearch").search_tokens("chest [pain]")
    )


# By SQL a role gets at nothing else, whatever else it is given the right to read.


def tables(place: Place) -> list[str]:
    query = "SELECT relname FROM pg_class WHERE relnamespace = 'clinsearch'::regnamespace AND relkind NOT IN ('i', 'S')"
    return [name for (name,) in place.server.execute(query, database=place.name)]


@pytest.fixture
def careless(place: Place) -> Iterator[Place]:
    """An administrator gave everybody the right to read and write all tables; policies are all that is left."""
    changing = SQL("{} ALL ON ALL TABLES IN SCHEMA clinsearch {} patients, source")
    place.server.execute(changing.format(SQL("GRANT"), SQL("TO")), database=place.name)
    yield place
    for role in PARTIAL:
        owned = roles_of(database_at(place.owned))
        now = next(one for one in owned.listed() if one.role == role)
        owned.grant(now)


def everything(place: Place, role: str, table: str) -> str:
    """Return a table's rows as that role reads them, whatever they hold as text, bytes as readable as they are."""
    rows = place.rows(role, SQL("SELECT * FROM clinsearch.{}").format(Identifier(table)))
    return "\n".join(repr(row) for row in rows).casefold()


@pytest.mark.parametrize("role", PARTIAL)
def test_no_table_shows_a_word_or_an_id_of_other_notes(careless: Place, role: str) -> None:
    names = tables(careless)
    assert {"notes", "sentence_postings", "sentence_vectors", "grants"} <= set(names)
    for table in names:
        shown = everything(careless, role, table)
        assert not [secret for secret in SECRETS if re.search(rf"\b{secret}\b", shown)], table


@pytest.mark.parametrize("role", PARTIAL)
def test_of_other_notes_no_table_has_a_row(careless: Place, role: str) -> None:
    """Each table shows either what belongs to notes that are seen, or nothing, or nothing that is of notes."""
    north = careless.rows("clinsearch", "SELECT key FROM clinsearch.notes WHERE note_id LIKE 'north%'")
    sentences = careless.rows(
        "clinsearch",
        "SELECT DISTINCT sentence FROM clinsearch.occurrences JOIN clinsearch.notes ON key = note "
        "WHERE note_id LIKE 'north%'",
    )
    own = {"note": {key for (key,) in north}, "sentence": {key for (key,) in sentences}}
    columns = {
        **dict.fromkeys(("notes", "note_vectors", "opening_vectors"), ("key", "note")),
        **dict.fromkeys(("sections", "languages", "occurrences"), ("note", "note")),
        **dict.fromkeys(("sentences", "sentence_vectors"), ("key", "sentence")),
        **dict.fromkeys(("assertions", "measurements", "sentence_words"), ("sentence", "sentence")),
    }
    assert columns.keys() == SEEN.keys()
    for table in tables(careless):
        if table in columns:
            column, kind = columns[table]
            query = SQL("SELECT {} FROM clinsearch.{}").format(Identifier(column), Identifier(table))
            assert {key for (key,) in careless.rows(role, query)} <= own[kind], table
        elif table not in (*OPEN, *OWN, "grants"):
            assert everything(careless, role, table) == "", table
    assert {key for (key,) in careless.rows(role, "SELECT key FROM clinsearch.notes")} == own["note"]
    assert {key for (key,) in careless.rows(role, "SELECT key FROM clinsearch.sentence_vectors")} == own["sentence"]


@pytest.mark.parametrize("role", [*PARTIAL, "nobody"])
def test_every_table_has_policies_and_every_function_is_closed_to_the_public(place: Place, role: str) -> None:
    query = "SELECT relname FROM pg_class WHERE relnamespace = 'clinsearch'::regnamespace AND relkind = 'r' AND NOT ("
    query += "relrowsecurity AND EXISTS (SELECT FROM pg_policy WHERE polrelid = pg_class.oid))"
    assert place.server.execute(query, database=place.name) == []
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        place.rows("nobody", "SELECT * FROM clinsearch.notes")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        place.rows("nobody", "SELECT * FROM clinsearch.seen_sentence_places('a', 'z')")


@pytest.mark.parametrize("role", PARTIAL)
def test_functions_answer_by_what_the_role_sees_and_no_setting_widens_it(place: Place, role: str) -> None:
    counted = dict(place.rows(role, "SELECT * FROM clinsearch.seen_counts()"))
    assert counted["notes"] == 2
    every_key = place.rows(role, "SELECT DISTINCT key FROM clinsearch.seen_sentence_places('', '\U0010ffff')")
    seen = place.rows(role, "SELECT key FROM clinsearch.sentences")
    assert sorted(every_key) == sorted(seen)
    for setting in ("SET role TO clinsearch", "SET session_authorization TO clinsearch", "SET row_security = off"):
        with pytest.raises((psycopg.errors.InsufficientPrivilege, psycopg.errors.UndefinedObject)):
            place.rows(role, f"{setting}; SELECT count(*) FROM clinsearch.notes")
    trap = "CREATE FUNCTION pg_temp.granted_roles() RETURNS text[] LANGUAGE sql AS $$SELECT '{reader}'::text[]$$; "
    trap += "SET search_path = pg_temp, clinsearch, public; SELECT count(*) FROM clinsearch.notes"
    with psycopg.connect(place.dsn(role)) as connection:
        cursor = connection.execute(trap)
        while cursor.nextset():
            pass
        assert cursor.fetchall() == [(2,)]


@pytest.mark.parametrize("role", [*PARTIAL, "reader"])
@pytest.mark.parametrize(
    "statement",
    [
        "INSERT INTO clinsearch.grants VALUES (current_user, 'reads', '')",
        "UPDATE clinsearch.notes SET patient_id = 'n0'",
        "DELETE FROM clinsearch.occurrences",
        "TRUNCATE clinsearch.notes CASCADE",
        "CREATE TABLE clinsearch.mine (n int)",
        "CREATE FUNCTION clinsearch.mine() RETURNS int LANGUAGE sql AS 'SELECT 1'",
        "ALTER TABLE clinsearch.notes DISABLE ROW LEVEL SECURITY",
        "DROP POLICY reading ON clinsearch.notes",
    ],
)
def test_readers_change_nothing(place: Place, role: str, statement: str) -> None:
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        place.rows(role, statement)


def test_even_with_the_right_to_write_policies_let_a_reader_change_nothing(careless: Place) -> None:
    with closing(psycopg.connect(careless.dsn("patients"))) as connection:
        assert connection.execute("UPDATE clinsearch.sentences SET text = ''").rowcount == 0
        assert connection.execute("DELETE FROM clinsearch.notes").rowcount == 0
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            connection.execute("INSERT INTO clinsearch.grants VALUES (current_user, 'reads', '')")


def test_a_search_is_remembered_for_its_own_role_alone(place: Place) -> None:
    place.opened("reader").remember("quinsy", place.opened("reader").search("quinsy", 2))
    for role in PARTIAL:
        with pytest.raises(HitNotFound):
            open_reader(database_at(place.dsn(role))).last_search()
        assert place.rows(role, "SELECT * FROM clinsearch.last_searches WHERE role <> current_user") == []
    place.opened("patients").remember("chest", place.opened("patients").search("chest", 2))
    assert open_reader(database_at(place.dsn("patients"))).last_search().asked == "chest"
    assert open_reader(database_at(place.dsn("reader"))).last_search().asked == "quinsy"
