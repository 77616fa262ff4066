"""The notes that a query of a database returns."""

from __future__ import annotations

import sqlite3
import sys
from collections.abc import Iterable
from contextlib import closing
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy.exc import DataError, OperationalError, ProgrammingError

from clinsearch import Collection, index
from clinsearch.errors import InputError
from clinsearch.readers import Unreadable, is_on_disk
from clinsearch.readers.databases import Database
from clinsearch.readers.sql import NO_ID, NO_ROW, QueryNotes
from clinsearch.readers.statements import check_query, is_query_name, query_name
from clinsearch.records import Note
from tests.support.command_line import run
from tests.support.note_files import SECRET, written

ALL = "SELECT * FROM note"
PASSWORD = "s3cr3t/pass"


def database(path: Path, rows: Iterable[tuple[object, ...]], columns: str = "note_id, person_id, note_text") -> str:
    """Write a database with a table `note`; return its URL."""
    with closing(sqlite3.connect(path)) as connection:
        connection.execute(f"CREATE TABLE note ({columns})")
        connection.executemany(f"INSERT INTO note VALUES ({', '.join('?' * (columns.count(',') + 1))})", rows)
        connection.commit()
    return f"sqlite:///{path}"


def change(url: str, statement: str) -> None:
    with closing(sqlite3.connect(url.removeprefix("sqlite:///"))) as connection:
        connection.execute(statement)
        connection.commit()


def split(source: QueryNotes) -> tuple[list[Note], list[Unreadable]]:
    found = list(source)
    return [one for one in found if isinstance(one, Note)], [one for one in found if isinstance(one, Unreadable)]


def test_every_row_is_a_note_with_the_fields_that_its_columns_have(tmp_path: Path) -> None:
    columns = "note_id, person_id, note_date, note_datetime, note_type_concept_id, note_title, note_text, provider_id"
    rows = [
        (2**60 + 1, 7.0, "2024-03-02", None, 44814637, "ED note", "Cough: 100% of the time.", 1),
        ("007", None, "2024-03-02", "2024-03-02 21:40:00", 0, None, "No rash.", 2),
    ]
    source = QueryNotes(database(tmp_path / "a b.db", rows, columns), f"{ALL} WHERE note_text LIKE '%:%' OR 1=1 ;\n")
    (first, second), faults = split(source)
    assert faults == []
    assert (first.note_id, first.patient_id, first.note_type) == (str(2**60 + 1), "7", "Discharge summary")
    assert (first.note_datetime, first.title, first.text) == (
        datetime(2024, 3, 2),
        "ED note",
        "Cough: 100% of the time.",
    )
    assert (second.note_id, second.note_datetime) == ("007", datetime(2024, 3, 2, 21, 40))
    assert first.source == source.name == str(source.files[0])
    assert source.name.startswith(f"sqlite:{tmp_path}/a b.db (query ")
    assert (set(source.ignored_fields), list(source.presets.values())) == ({"provider_id"}, ["omop-note"])


def test_texts_that_are_bytes_are_read_in_utf_8_or_told(tmp_path: Path) -> None:
    url = database(tmp_path / "a.db", [("1", "p", "Größe".encode()), ("2", "p", "Größe".encode("cp1252"))])
    note, fault = QueryNotes(url, ALL)
    assert isinstance(note, Note)
    assert note.text == "Größe"
    assert isinstance(fault, Unreadable)
    assert fault.reason == "text is bytes that are not UTF-8, not a string; decode them first"


def test_a_note_in_several_rows_is_joined(tmp_path: Path) -> None:
    rows = [(9001, 2, "Z1", "there."), (9001, 1, "Z1", "Cough "), (9002, 1, "Z2", "Rash."), (9003, 2, "Z3", SECRET)]
    source = QueryNotes(database(tmp_path / "a.db", rows, "NOTE_ID, LINE, PAT_ID, NOTE_TEXT"), ALL)
    kept, (fault,) = split(source)
    assert [(note.note_id, note.patient_id, note.text) for note in kept] == [
        ("9001", "Z1", "Cough there."),
        ("9002", "Z2", "Rash."),
    ]
    assert (fault.kind, "9003" in fault.reason, SECRET in fault.reason) == ("parts", True, False)
    assert source.finished == set()


def test_columns_are_named_in_the_query_or_mapped(tmp_path: Path) -> None:
    url = database(tmp_path / "a.db", [("1", "P1", "Cough.")], "key, chart, story")
    for query, columns in (
        ("SELECT key AS note_id, chart AS patient_id, story AS text FROM note", {}),
        (ALL, {"note_id": "KEY", "patient_id": "chart", "text": "story"}),
    ):
        (note,), faults = split(QueryNotes(url, query, columns=columns))
        assert (note.note_id, note.patient_id, note.text, faults) == ("1", "P1", "Cough.", [])
    _, (fault,) = split(QueryNotes(url, ALL, columns={"note_id": "key"}))
    assert "it has key, chart, story; if one of them is the text" in fault.reason
    _, (fault,) = split(QueryNotes(url, ALL, columns={"text": "story"}))
    assert (fault.reason, fault.kind) == (NO_ID, "columns")
    _, (fault,) = split(QueryNotes(url, ALL, columns={"title": "head", "note_id": "key", "text": "story"}))
    assert (fault.reason, fault.kind) == ("no column called head; it has key, chart, story", "columns")
    _, (fault,) = split(QueryNotes(url, ALL, preset="mimic-iii"))
    assert fault.reason.startswith("not mimic-iii: it has no row_id")


def test_what_a_row_lacks_is_told_by_its_number(tmp_path: Path) -> None:
    rows = [
        (1, "P", "Cough."),
        (None, "P", SECRET),
        (3, "P", None),
        (4, "P", b"Rash."),
        (5, "P", b"\xff" + SECRET.encode()),
    ]
    source = QueryNotes(
        database(tmp_path / "a.db", rows), "SELECT note_id, person_id, CAST(note_text AS TEXT) note FROM note"
    )
    kept, faults = split(source)
    assert [note.text for note in kept] == ["Cough.", "Rash."]
    assert [(one.record, one.kind) for one in faults] == [(2, "malformed"), (3, "no_text"), (5, "malformed")]
    assert SECRET not in str([one.reason for one in faults])


def test_notes_that_a_query_no_longer_returns_are_deleted_and_no_others(tmp_path: Path, tiny_model: Path) -> None:
    url = database(tmp_path / "a.db", [(n, "P", f"Cough {n}.") for n in range(6)])
    low, high = f"{ALL} WHERE note_id < 3", f"{ALL} WHERE note_id >= 3"
    written(tmp_path / "notes" / "file.txt", "Cough in a file.")
    made = {"model": str(tiny_model), "tokens": False}

    def run_of(source: object, **options: object) -> tuple[int, int, int, int]:
        report = index(source, tmp_path / "c", **made, **options)  # type: ignore[arg-type]
        assert [one.kind for one in report.failures] in ([], ["no_text"])
        return report.new, report.unchanged, report.missing, report.deleted

    assert run_of([tmp_path / "notes"]) == (1, 0, 0, 0)
    assert run_of(QueryNotes(url, low)) == (3, 0, 0, 0)
    assert run_of(QueryNotes(url, high)) == (3, 0, 0, 0)
    change(url, "DELETE FROM note WHERE note_id IN (1, 4)")
    change(url, "INSERT INTO note VALUES (-1, 'P', NULL)")
    assert run_of(QueryNotes(url, f"  {low}\n;")) == (0, 2, 1, 0)
    assert run_of(QueryNotes(url, low), delete_missing=True) == (0, 2, 0, 1)
    assert run_of([tmp_path / "notes"], delete_missing=True) == (0, 1, 0, 0)
    collection = Collection(tmp_path / "c")
    assert [collection.note(str(n)).note.note_id for n in (0, 2, 3, 4, 5)] == ["0", "2", "3", "4", "5"]
    change(url, "DELETE FROM note")
    report = index(QueryNotes(url, low), tmp_path / "c", **made, delete_missing=True)  # type: ignore[arg-type]
    assert (report.deleted, [one.reason for one in report.failures]) == (0, [NO_ROW])


def test_a_note_is_that_of_the_query_that_was_run_last(tmp_path: Path, tiny_model: Path) -> None:
    url = database(tmp_path / "a.db", [(n, "P", f"Cough {n}.") for n in range(3)])
    made = {"model": str(tiny_model), "tokens": False}
    index(QueryNotes(url, ALL), tmp_path / "c", **made)  # type: ignore[arg-type]
    rewritten = f"{ALL} WHERE note_id > 0"
    assert index(QueryNotes(url, rewritten), tmp_path / "c", **made).failures == ()  # type: ignore[arg-type]
    change(url, "DELETE FROM note WHERE note_id = 2")
    report = index(QueryNotes(url, rewritten), tmp_path / "c", delete_missing=True, **made)  # type: ignore[arg-type]
    assert (report.deleted, report.unchanged) == (1, 1)
    collection = Collection(tmp_path / "c")
    assert collection.note("0").note.source == QueryNotes(url, ALL).name
    assert collection.note("1").note.source == QueryNotes(url, rewritten).name


def test_a_copy_of_a_querys_note_in_a_file_leaves_both_where_they_are(tmp_path: Path, tiny_model: Path) -> None:
    url = database(tmp_path / "a.db", [(1, "P", "Cough at night.")])
    made = {"model": str(tiny_model), "tokens": False}
    assert index(QueryNotes(url, ALL), tmp_path / "c", **made).new == 1  # type: ignore[arg-type]
    copy = written(tmp_path / "notes" / "a.csv", "note_id,patient_id,text\n2,P,Cough at night.\n")
    report = index([copy], tmp_path / "c", **made)  # type: ignore[arg-type]
    assert (report.new, report.renamed) == (1, 0)
    assert is_on_disk(QueryNotes(url, ALL).name)


def test_rows_come_as_they_are_read_and_a_run_that_is_left_closes_the_database(tmp_path: Path) -> None:
    source = QueryNotes(database(tmp_path / "a.db", [(n, "P", f"Cough {n}.") for n in range(5000)]), ALL)
    notes = iter(source)
    assert isinstance(next(notes), Note)
    notes.close()  # type: ignore[attr-defined]
    kept, faults = split(source)
    assert (len(kept), faults, source.finished) == (5000, [], set(source.files))


@pytest.mark.parametrize(
    "query",
    [
        "select 1",
        "  -- all of them; delete nothing\n WITH x AS (SELECT 1) SELECT * FROM x; ",
        "(SELECT 1) UNION ALL (SELECT 2)",
        "SELECT ';drop', \"delete\", `update`, [insert] FROM t /* into */ ;",
        "SELECT replace(text, 'it''s; delete', '') AS created, updated_at FROM note",
    ],
)
def test_a_single_query_that_reads_is_taken(query: str) -> None:
    check_query(query)


@pytest.mark.parametrize(
    "query",
    [
        *("", "-- SELECT 1", "DELETE FROM note", "PRAGMA table_info(note)", "ATTACH 'x' AS y", "EXPLAIN SELECT 1"),
        *("SELECT 1; SELECT 2", "SELECT 1; DROP TABLE note", "WITH x AS (DELETE FROM n RETURNING *) SELECT * FROM x"),
        *(
            "SELECT * INTO copy FROM note",
            "SELECT 1 DROP TABLE note",
            "SELECT 1 /*! INTO OUTFILE 'x' */",
            "SELECT 1;'x'",
        ),
        *("SELECT * FROM note FOR UPDATE", "VALUES (1)"),
    ],
)
def test_what_is_not_a_single_query_that_reads_is_refused(query: str) -> None:
    with pytest.raises(InputError, match="SELECT or WITH"):
        check_query(query)


def test_a_database_is_opened_for_reading_only(tmp_path: Path) -> None:
    url = database(tmp_path / "a.db", [(1, "P", "Cough.")])
    for statement in ("DELETE FROM note", "CREATE TABLE x (y)"):
        with pytest.raises(Exception, match="readonly"), Database(url).rows(statement):
            pass


def test_a_query_has_one_name_however_it_is_spaced_and_another_in_another_database() -> None:
    name = query_name("sqlite:/a.db", "SELECT *\n  FROM note ;")
    assert name == query_name("sqlite:/a.db", "SELECT * FROM note")
    assert len({name, query_name("sqlite:/b.db", ALL), query_name("sqlite:/a.db", ALL, ["x=1"])}) == 3
    assert is_query_name(name)
    assert str(Path(name)) == name
    assert not any(map(is_query_name, ("/notes/a.txt", "/x/sqlite:/a.db (query 0123456789)", "a.txt")))


def test_the_url_may_be_in_the_environment(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    url = database(tmp_path / "a.db", [(1, "P", "Cough.")])
    monkeypatch.setenv("CLINIC", url)
    assert QueryNotes("env:CLINIC", ALL).name == QueryNotes(url, ALL).name
    with pytest.raises(InputError, match=r"^The environment has no NOWHERE\. Set it to the URL of the database\.$"):
        QueryNotes("env:NOWHERE", ALL)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("sqlite:///{}/none.db", r"^No database at /.*/none\.db\. Check the path\.$"),
        ("sqlite:///{}", r"may not be read: is a directory\.$"),
        ("sqlite://", "names no file of a database"),
        ("{}/notes.db", "URL of the database cannot be read"),
        (f"nosuch://u:{PASSWORD}@host/x", r"^SQLAlchemy knows no database nosuch\. Check the URL\.$"),
        (f"snowflake://u:{PASSWORD}@host/x", "pip install snowflake-sqlalchemy"),
        (
            f"postgresql+psycopg2://u:{PASSWORD}@localhost/x",
            r"driver psycopg2 is not installed.*pip install psycopg2-binary",
        ),
        (f"mysql+pymysql://u:{PASSWORD}@localhost/x", r"driver pymysql is not installed.*pip install PyMySQL"),
        (f"postgresql://u:{PASSWORD}@host:many/x", "URL of the database cannot be read"),
    ],
)
def test_a_database_that_cannot_be_reached_is_one_line_without_the_password(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, url: str, said: str
) -> None:
    for driver in ("psycopg2", "pymysql"):
        monkeypatch.setitem(sys.modules, driver, None)
    with pytest.raises(InputError, match=said) as raised:
        QueryNotes(url.format(tmp_path), ALL)
    assert PASSWORD not in str(raised.value)
    assert "\n" not in str(raised.value)
    assert raised.value.__cause__ is None


def test_a_query_that_fails_is_one_line_that_names_what_is_missing(tmp_path: Path) -> None:
    url = database(tmp_path / "a.db", [(1, "P", "Cough.")])
    for query, said in (
        ("SELECT * FROM absent", "no such table: absent"),
        ("SELECT absent FROM note", "no such column: absent"),
        ("SELECT * FORM note", 'near "FORM": syntax error'),
        (f"SELECT '{SECRET} and more' FORM note", "syntax error"),
    ):
        _, (fault,) = split(QueryNotes(url, query))
        assert (said in fault.reason, SECRET in fault.reason, fault.kind) == (True, False, "query")
    (tmp_path / "b.db").write_text(SECRET * 1000)
    source = QueryNotes(f"sqlite:///{tmp_path}/b.db", ALL)
    _, (fault,) = split(source)
    assert (fault.reason, source.finished) == ("the query failed: file is not a database", set())


def test_a_drivers_words_are_told_without_secrets_and_values(tmp_path: Path) -> None:
    reached = Database(database(tmp_path / "a.db", []))
    reached._secrets = [PASSWORD]
    said = reached._words(
        OperationalError("q", None, Exception(f'no entry for "{PASSWORD}", user "reader"\nDETAIL: x'))
    )
    assert said == 'no entry for …, user "reader"'
    said = reached._words(ProgrammingError("q", None, Exception("bad value 'Mr Smith has a cough' for column 'age'.")))
    assert said == "bad value … for column 'age'"
    said = reached._words(OperationalError("q", None, Exception(2003, "Can't connect to 'localhost:3306' (111)")))
    assert said == "Can't connect to 'localhost:3306' (111)"
    assert SECRET not in reached._words(DataError("q", None, Exception(f"cannot convert {SECRET}")))


def test_a_password_stands_in_no_name(monkeypatch: pytest.MonkeyPatch) -> None:
    from sqlalchemy import make_url

    from clinsearch.readers import databases

    url = make_url(
        f"postgresql+psycopg://reader:{PASSWORD.replace('/', '%2F')}@db.example:5433/clinic?password=x&sslmode=on"
    )
    assert databases._name(url) == "postgresql:reader@db.example:5433/clinic"
    assert list(databases._settings(url)) == ["sslmode=on"]
    odbc = make_url("mssql+pyodbc:///?odbc_connect=Driver%3DX%3BServer%3Dh%3BUID%3Du%3BPWD%3Dhidden")
    assert databases._name(odbc) == "mssql:"
    assert list(databases._settings(odbc)) == ["Driver=X", "Server=h"]
    assert "hidden" in databases._secrets(odbc)


def test_the_command_takes_a_query_or_folders(tmp_path: Path, tiny_model: Path) -> None:
    url = database(tmp_path / "a.db", [(1, "P", "Cough."), (2, "P", "Rash.")])
    to = ("--collection", tmp_path / "c", "--model", tiny_model, "--no-tokens")
    result = run("index", "--sql", url, ALL, *to, "--map", "title=person_id")
    assert (result.exit_code, "Notes: 2 new." in result.stdout, result.stderr) == (0, True, "")
    assert "sqlite:" in run("show", "1", "--collection", tmp_path / "c").stdout
    for arguments in ((), (tmp_path, "--sql", url, ALL)):
        result = run("index", *arguments, *to)
        assert (result.exit_code, "Name the folders to index, or a query with --sql" in result.stderr) == (2, True)
    result = run("index", "--sql", url, "DROP TABLE note", *to)
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)


@pytest.mark.parametrize(
    ("count", "repeats"),
    [pytest.param(25_000, 160, marks=pytest.mark.slow), pytest.param(100_000, 40, marks=pytest.mark.exhaustive)],
)
def test_many_rows_are_read_in_little_memory(tmp_path: Path, count: int, repeats: int) -> None:
    """Their texts alone have 76 MB."""
    import tracemalloc

    rows = ((n, n % 5000, f"Note {n}. " + "No cough at night. " * repeats) for n in range(count))
    source = QueryNotes(database(tmp_path / "a.db", rows), ALL)
    tracemalloc.start()
    read = sum(isinstance(one, Note) for one in source)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert read == count
    assert peak < 60_000_000
