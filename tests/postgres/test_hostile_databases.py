"""A database that someone else prepared: it is refused in one line, and nothing in it runs in the name of who asks."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest
from sqlalchemy import text

import clinsearch
from clinsearch.collection import Collection
from clinsearch.errors import CollectionDamaged, CollectionError, CollectionVersion
from clinsearch.records.locations import database_at
from clinsearch.storage import is_made, open_writer
from clinsearch.storage.postgres import database, schema
from tests.support.postgres import PostgresServer
from tests.support.postgres_schema import make_tables

# What a hostile function does with the rights of who calls it: here it leaves a mark that no rollback takes away.
EVIL = """
CREATE SEQUENCE public.caught;
GRANT ALL ON SEQUENCE public.caught TO PUBLIC;
CREATE FUNCTION public.evil(ignored text DEFAULT '') RETURNS boolean LANGUAGE plpgsql IMMUTABLE AS
    $$BEGIN PERFORM nextval('public.caught'); RETURN true; END$$;
CREATE FUNCTION public.evil_trigger() RETURNS trigger LANGUAGE plpgsql AS
    $$BEGIN PERFORM public.evil(); RETURN NEW; END$$;
"""
HOSTILE = {
    "trigger": "CREATE TRIGGER t BEFORE INSERT ON clinsearch.notes FOR EACH ROW EXECUTE FUNCTION public.evil_trigger()",
    "rule": "CREATE RULE r AS ON INSERT TO clinsearch.last_searches DO ALSO SELECT public.evil()",
    "default": "ALTER TABLE clinsearch.notes ALTER title SET DEFAULT public.evil()::text",
    "generated column": "ALTER TABLE clinsearch.notes ADD x bool GENERATED ALWAYS AS (public.evil(note_id)) STORED",
    "check": "ALTER TABLE clinsearch.notes ADD CHECK (public.evil(note_id))",
    "index": "CREATE INDEX i ON clinsearch.notes (public.evil(note_id))",
    "partial index": "CREATE INDEX i ON clinsearch.notes (key) WHERE public.evil(note_id)",
    "index like a graph": "CREATE INDEX note_vectors_1 ON clinsearch.note_vectors (key) WHERE public.evil(key::text)",
    "policy": "CREATE POLICY p ON clinsearch.notes USING (public.evil(note_id))",
    "changed policy": "ALTER POLICY reading ON clinsearch.notes USING (public.evil(note_id))",
    "no policies": "ALTER TABLE clinsearch.notes DISABLE ROW LEVEL SECURITY",
    "view of revisions": """ALTER TABLE clinsearch.alembic_version RENAME TO former;
        CREATE VIEW clinsearch.alembic_version AS SELECT '0001' AS version_num WHERE public.evil()""",
    "policy of revisions": "ALTER POLICY reading ON clinsearch.alembic_version USING (public.evil())",
    "view": """ALTER TABLE clinsearch.counts RENAME TO former;
        CREATE VIEW clinsearch.counts AS SELECT * FROM clinsearch.former WHERE public.evil()""",
    "materialized view": "CREATE MATERIALIZED VIEW clinsearch.more AS SELECT 1 AS n",
    "function of ours": """CREATE OR REPLACE FUNCTION clinsearch.sees_all() RETURNS boolean LANGUAGE sql STABLE
        SECURITY DEFINER PARALLEL SAFE SET search_path = pg_catalog, pg_temp AS 'SELECT public.evil()'""",
    "function like ours": "CREATE FUNCTION clinsearch.sees_all(text) RETURNS boolean LANGUAGE sql AS 'SELECT true'",
    "function like PostgreSQL's": """CREATE FUNCTION clinsearch.max(character varying) RETURNS text LANGUAGE sql AS
        'SELECT public.evil()::text'""",
    "function beside": """CREATE FUNCTION public.quote_ident(name) RETURNS text LANGUAGE sql AS
        'SELECT public.evil()::text'""",
    "function beside like pgvector's": """CREATE FUNCTION public.inner_product(public.halfvec, real[]) RETURNS float8
        LANGUAGE sql AS 'SELECT 1.0'""",
    "operator": """CREATE FUNCTION clinsearch.same(text, varchar) RETURNS boolean LANGUAGE sql
        AS 'SELECT public.evil()';
        CREATE OPERATOR clinsearch.= (LEFTARG = text, RIGHTARG = varchar, FUNCTION = clinsearch.same)""",
    "operator beside": "CREATE OPERATOR public.= (LEFTARG = text, RIGHTARG = boolean, FUNCTION = public.both)",
    "type": "CREATE DOMAIN clinsearch.text AS pg_catalog.text CHECK (public.evil())",
    "inheritance": "CREATE TABLE public.more () INHERITS (clinsearch.notes)",
    "partition": """ALTER TABLE clinsearch.remains RENAME TO former;
        CREATE TABLE clinsearch.remains (are_there boolean NOT NULL) PARTITION BY LIST (are_there)""",
    "foreign table": """CREATE EXTENSION postgres_fdw; CREATE SERVER far FOREIGN DATA WRAPPER postgres_fdw;
        ALTER TABLE clinsearch.remains RENAME TO former;
        CREATE FOREIGN TABLE clinsearch.remains (are_there boolean NOT NULL) SERVER far""",
    "owner": "ALTER TABLE clinsearch.counts OWNER TO postgres",
    "type of a column": "ALTER TABLE clinsearch.sections ALTER start TYPE bigint",
    "nullable column": "ALTER TABLE clinsearch.sentences ALTER text DROP NOT NULL",
    "collation": 'ALTER TABLE clinsearch.languages ALTER language TYPE text COLLATE "default"',
    "lacking table": "DROP TABLE clinsearch.measurements",
    "lacking index": "DROP INDEX clinsearch.ix_notes_source",
    "more": "CREATE TABLE clinsearch.more (n int)",
    "no revision": "DELETE FROM clinsearch.alembic_version",
    "two revisions": "INSERT INTO clinsearch.alembic_version VALUES ('0000')",
}


@pytest.fixture(scope="module")
def template(postgres_server: PostgresServer, tmp_path_factory, tiny_model: Path) -> Iterator[str]:
    notes = tmp_path_factory.mktemp("notes") / "notes.jsonl"
    notes.write_text(json.dumps({"note_id": "n1", "text": "Chest pain at night.\n"}) + "\n", encoding="utf-8")
    with postgres_server.database() as dsn:
        clinsearch.index(notes, dsn, model=str(tiny_model))
        name = dsn.rpartition("/")[2]
        postgres_server.execute(EVIL, database=name)
        postgres_server.execute(
            "CREATE FUNCTION public.both(text, boolean) RETURNS boolean LANGUAGE sql AS 'SELECT public.evil()'",
            database=name,
        )
        yield name


def caught(server: PostgresServer, name: str) -> bool:
    return bool(server.execute("SELECT is_called FROM public.caught", database=name)[0][0])


@pytest.mark.drawn(12)
@pytest.mark.parametrize("what", HOSTILE)
def test_what_is_not_ours_is_refused_and_never_run(postgres_server, template: str, tiny_model: Path, what: str) -> None:
    with postgres_server.database(template=template) as dsn:
        name = dsn.rpartition("/")[2]
        postgres_server.execute(HOSTILE[what], database=name)
        # To check a constraint, or to fill a column, is the work of who makes it.
        postgres_server.execute("SELECT setval('public.caught', 1, false)", database=name)
        superuser = postgres_server.dsn(name, role="postgres")
        for ask in (
            lambda: Collection(superuser, model=str(tiny_model)),
            lambda: is_made(database_at(superuser)),
            lambda: open_writer(database_at(superuser), create=True).__enter__(),
            lambda: open_writer(database_at(superuser)).__enter__(),
        ):
            with pytest.raises(CollectionDamaged, match="not as clinsearch writes it"):
                ask()
        assert not caught(postgres_server, name)


def test_the_trap_works(postgres_server, template: str) -> None:
    with postgres_server.database(template=template) as dsn:
        name = dsn.rpartition("/")[2]
        postgres_server.execute(HOSTILE["changed policy"], database=name)
        postgres_server.make_role("victim")
        try:
            postgres_server.execute("GRANT USAGE ON SCHEMA clinsearch TO victim", database=name)
            postgres_server.execute("GRANT SELECT ON clinsearch.notes TO victim", database=name)
            postgres_server.execute("GRANT EXECUTE ON ALL FUNCTIONS IN SCHEMA clinsearch TO victim", database=name)
            with psycopg.connect(postgres_server.dsn(name, role="victim")) as connection:
                connection.execute("SELECT * FROM clinsearch.notes")
            assert caught(postgres_server, name)
        finally:
            postgres_server.execute("DROP OWNED BY victim", database=name)
            postgres_server.execute("DROP ROLE victim")


def test_a_newer_collection_is_refused(postgres_server, template: str, tiny_model: Path) -> None:
    with postgres_server.database(template=template) as dsn:
        name = dsn.rpartition("/")[2]
        postgres_server.execute("UPDATE clinsearch.alembic_version SET version_num = '9999'", database=name)
        postgres_server.execute("ALTER TABLE clinsearch.notes ADD more text", database=name)
        for ask in (
            lambda: Collection(dsn, model=str(tiny_model)),
            lambda: open_writer(database_at(dsn), create=True).__enter__(),
        ):
            with pytest.raises(CollectionVersion, match="made by a newer clinsearch"):
                ask()


def test_a_schema_of_our_name_that_is_another_s_is_refused(postgres_database: str) -> None:
    with psycopg.connect(postgres_database) as connection:
        connection.execute("CREATE SCHEMA clinsearch CREATE TABLE notes (n int)")
    with pytest.raises(CollectionDamaged):
        open_writer(database_at(postgres_database), create=True).__enter__()


def test_settings_of_a_database_change_nothing(postgres_server, template: str, tiny_model: Path) -> None:
    with postgres_server.database(template=template) as dsn:
        name = dsn.rpartition("/")[2]
        before = list(Collection(dsn, model=str(tiny_model)).search("chest pain", 3))
        for setting in (
            "search_path = public, clinsearch",
            "bytea_output = escape",
            "DateStyle = 'German, DMY'",
            "extra_float_digits = -15",
            "row_security = off",
            "default_transaction_read_only = on",
        ):
            postgres_server.execute(f"ALTER DATABASE {name} SET {setting}")
        assert list(Collection(dsn, model=str(tiny_model)).search("chest pain", 3)) == before


def test_the_list_of_parts_is_that_of_a_fresh_database(postgres_database: str) -> None:
    """If not: `python -m tests.support.postgres_schema` writes it anew."""
    engine = database.open_engine(database_at(postgres_database), writing=True)
    with engine.begin() as connection:
        make_tables(connection, postgres_database)
        assert schema.LINES.read_text(encoding="utf-8") == schema.written(schema.parts_of(connection))
        assert connection.scalar(text("SELECT current_schema()")) == "clinsearch"
    engine.dispose()


def test_pgvector_may_be_in_a_schema_of_its_own(postgres_server, postgres_database: str, tiny_model, tmp_path) -> None:
    name = postgres_database.rpartition("/")[2]
    postgres_server.execute("DROP EXTENSION vector", database=name)
    postgres_server.execute('CREATE SCHEMA "Vectors Of"', database=name)
    postgres_server.execute('CREATE EXTENSION vector SCHEMA "Vectors Of"', database=name)
    postgres_server.execute('GRANT USAGE ON SCHEMA "Vectors Of" TO PUBLIC', database=name)
    (tmp_path / "n.txt").write_text("Chest pain at night.\n", encoding="utf-8")
    clinsearch.index(tmp_path, postgres_database, model=str(tiny_model))
    assert [hit.note_id for hit in Collection(postgres_database, model=str(tiny_model)).search("pain", 1)] == ["n"]


def test_without_the_right_to_make_a_schema_one_line_says_so(
    postgres_server, postgres_database: str, tiny_model
) -> None:
    postgres_server.make_role("guest")
    try:
        guest = postgres_server.dsn(postgres_database.rpartition("/")[2], role="guest")
        with pytest.raises(CollectionError, match="The role may not do this in the database"):
            open_writer(database_at(guest), create=True).__enter__()
    finally:
        postgres_server.execute("DROP ROLE guest")
