"""Wherever a collection is named, a database may be; its password is refused where others see it, and never shown."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest
from click.testing import Result

import clinsearch
from clinsearch.errors import ClinsearchError, CollectionError, InputError
from clinsearch.records.locations import database_at
from clinsearch.settings import collection_location
from clinsearch.storage import is_made, open_reader, open_writer
from tests.support.command_line import as_json, refused, run
from tests.support.settings import Settings

SECRET = "s3cret"
WITH_SECRET = f"postgresql://u:{SECRET}@h.example/db?options=-cx%3D{SECRET}"
SAFE = "postgresql://u@h.example/db"
ELSEWHERE = "$PGPASSWORD, ~/.pgpass or a service file, or the whole address into $CLINSEARCH_COLLECTION."
COMMANDS = [
    ("search", "cough"),
    ("words", "[cough]"),
    ("similar", "n1"),
    ("status",),
    ("notes",),
    ("show", "n1"),
    ("delete", "n1"),
    ("optimize",),
    ("repair",),
    ("saved",),
    ("run", "x"),
    ("values",),
    ("map",),
    ("export", "x.jsonl"),
    ("explain", "a", "b"),
    ("index", "."),
    ("index", ".", "--dry-run"),
    ("tokens", "cough"),
    ("vocab",),
    ("layers", "cough", "--word", "cough"),
    ("config",),
]


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    return Settings.made(tmp_path, monkeypatch)


@pytest.fixture
def without_driver(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "psycopg", None)


def written(result: Result) -> str:
    return f"{result.output}{result.exception!r}"


# Where a password may stand.


@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_a_password_on_the_command_line_is_refused(settings: Settings, command: tuple[str, ...]) -> None:
    result = run(*command, "--collection", WITH_SECRET)
    assert result.exit_code == 2
    assert "'--collection': The address holds a password, which `ps` shows to others. Put it into" in result.stderr
    assert ELSEWHERE in result.stderr
    assert SECRET not in written(result)
    assert list(settings.folder.iterdir()) == []


@pytest.mark.parametrize("content", ['collection = "{}"', '[status]\ncollection = "{}"'])
def test_a_password_in_a_file_is_refused(settings: Settings, content: str) -> None:
    path = settings.user(content.format(WITH_SECRET))
    said = refused("status")
    assert f"{path}: " in said
    assert "collection holds a password, and a file of settings may be shared. Put it into" in said
    assert ELSEWHERE in said
    assert SECRET not in said
    assert SECRET not in written(run("config", "--paths"))


@pytest.mark.parametrize("address", [WITH_SECRET, SAFE])
def test_a_project_s_file_names_no_database(settings: Settings, address: str) -> None:
    settings.project(f'collection = "{address}"')
    said = refused("status")
    assert "clinsearch.toml: collection names a database: that is for $CLINSEARCH_COLLECTION, or your own file" in said
    assert SECRET not in said


@pytest.mark.parametrize("variable", ["CLINSEARCH_COLLECTION", "CLINSEARCH_STATUS_COLLECTION"])
@pytest.mark.usefixtures("without_driver")
def test_a_password_in_the_environment_is_taken(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, variable: str
) -> None:
    monkeypatch.setenv(variable, WITH_SECRET)
    assert "needs psycopg" in refused("status")  # it was taken, and went on to be opened


@pytest.mark.usefixtures("without_driver")
def test_an_address_without_a_password_is_taken_everywhere(settings: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    assert "needs psycopg" in refused("status", "--collection", SAFE)
    settings.user(f'collection = "{SAFE}"')
    assert "needs psycopg" in refused("status")
    settings.project("k = 3")
    assert "needs psycopg" in refused("status")


# What is said.


@pytest.mark.parametrize("form", ["table", "json", "jsonl", "csv"])
def test_config_shows_who_where_and_which(settings: Settings, monkeypatch: pytest.MonkeyPatch, form: str) -> None:
    monkeypatch.setenv("CLINSEARCH_COLLECTION", WITH_SECRET)
    for command in (("config",), ("config", "status")):
        result = run(*command, "--format", form)
        assert SAFE in result.stdout
        assert SECRET not in written(result)
    settings.user(f'collection = "{SAFE}?options=-cx%3D{SECRET}"')
    monkeypatch.delenv("CLINSEARCH_COLLECTION")
    result = run("config", "--format", form)
    assert SAFE in result.stdout
    assert SECRET not in written(result)


@pytest.mark.parametrize("wrong", [f"postgresql://u:{SECRET}/x@h/db", f"postgresql+psycopg2://u:{SECRET}@h/db"])
def test_an_address_that_cannot_be_read_is_not_repeated(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, wrong: str
) -> None:
    monkeypatch.setenv("CLINSEARCH_TRACEBACK", "1")
    on_command_line = run("status", "--collection", wrong)
    monkeypatch.setenv("CLINSEARCH_COLLECTION", wrong)
    in_environment = run("status")
    shown = run("config")
    monkeypatch.delenv("CLINSEARCH_COLLECTION")
    settings.user(f'collection = "{wrong}"')
    in_file = run("status")
    for result in (on_command_line, in_environment, in_file):
        assert "The address of a database cannot be read. Write postgresql://" in result.stderr
    assert in_environment.stderr.startswith("Error: $CLINSEARCH_COLLECTION: ")
    assert not any(SECRET in written(result) for result in (on_command_line, in_environment, in_file, shown))
    assert list(settings.folder.iterdir()) == []


@pytest.mark.parametrize(
    "arguments", [("index", WITH_SECRET), ("index", ".", WITH_SECRET), (WITH_SECRET,), ("--collection", WITH_SECRET)]
)
def test_an_address_in_the_wrong_place_is_not_repeated(settings: Settings, arguments: tuple[str, ...]) -> None:
    result = run(*arguments)
    assert result.exit_code == 2
    assert SECRET not in written(result)


def test_settings_next_to_a_database_are_looked_for_here_alone(settings: Settings) -> None:
    looked = as_json("config", "--paths", "--collection", SAFE)
    assert [one["kind"] for one in looked] == ["project", "user"]


@pytest.mark.parametrize("option", ["", f"?foo={SECRET}", f"?sslmode={SECRET}", f"?connect_timeout={SECRET}"])
@pytest.mark.parametrize("command", ["status", "tokens cough", "layers cough --word cough", "index ."])
def test_of_a_database_that_does_not_answer_nothing_secret_is_said(
    settings: Settings, monkeypatch: pytest.MonkeyPatch, command: str, option: str
) -> None:
    pytest.importorskip("psycopg")
    (settings.folder / "note.txt").write_text("No cough.")
    monkeypatch.setenv("CLINSEARCH_TRACEBACK", "1")
    monkeypatch.setenv("CLINSEARCH_COLLECTION", f"postgresql://u:{SECRET}@127.0.0.1:1/db{option}")
    said = refused(*command.split())
    assert "postgresql://u@127.0.0.1:1/db " in said
    assert SECRET not in said


# In the library.


def test_the_library_takes_an_address_with_a_password_and_does_not_show_it(monkeypatch: pytest.MonkeyPatch) -> None:
    database = database_at(WITH_SECRET)
    assert collection_location(WITH_SECRET) == collection_location(database) == database
    monkeypatch.setenv("CLINSEARCH_COLLECTION", WITH_SECRET)
    assert collection_location() == database
    assert collection_location("notes") == Path("notes")
    monkeypatch.delenv("CLINSEARCH_COLLECTION")
    assert collection_location() == Path("clinsearch-data")


@pytest.mark.usefixtures("without_driver")
def test_without_the_driver_it_is_said_what_to_install() -> None:
    database = database_at(WITH_SECRET)
    for use in (
        lambda: open_reader(database),
        lambda: open_writer(database, create=True),
        lambda: is_made(database),
        lambda: clinsearch.open(WITH_SECRET),
        lambda: clinsearch.index(["sample_notes"], WITH_SECRET),
    ):
        with pytest.raises(CollectionError, match=r'Install it: pip install "clinsearch\[postgres\]"$') as caught:
            use()
        assert SECRET not in repr(caught.value)


def test_a_path_made_of_an_address_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    for use in (clinsearch.open, lambda place: clinsearch.index([tmp_path], place)):
        with pytest.raises(InputError) as caught:
            use(Path(WITH_SECRET))
        assert isinstance(caught.value, ClinsearchError)
        assert SECRET not in str(caught.value)
    assert list(tmp_path.iterdir()) == []
