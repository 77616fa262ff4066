"""The same commands say the same of a folder and of a database, but for where it is."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from clinsearch.collection import Collection
from tests.support.alike import NEARLY, assert_alike
from tests.support.command_line import run
from tests.support.kept_twice import Pair
from tests.support.postgres import PostgresServer

NOTE, OTHER = "P003-2025-03-04-admission", "P001-2024-03-03-admission"
COMMANDS = [
    ("search", "chest pain", "-k", "5", "--why"),
    ("search", "fever", "--level", "note", "--context", "1"),
    ("search", "fever", "--level", "patient", "--since", "2024-01-01"),
    ("search", "there is none", "--type", "no such type", "--mode", "keyword"),
    ("words", "chest [pain] at night", "-k", "5"),
    ("similar", NOTE, "-k", "5"),
    ("explain", NOTE, OTHER),
    ("explain", "--query", "short of breath", NOTE),
    ("values", "A1c"),
    ("values",),
    ("notes", "--sort", "length"),
    ("notes", "--count", "month"),
    ("show", NOTE, "--at", "282-459"),
    ("vocab", "--token", "fever", "--occurrences"),
    ("vocab", "--coverage"),
    ("layers", "Denies chest pain.", "--word", "pain"),
    ("saved",),
    ("show", "no such note"),
    ("explain", "no such note", NOTE),
    ("similar", "no such note"),
    ("run", "no such search"),
    ("values", "no such thing"),
    ("delete", "no such note"),
    ("search", " "),
    ("words", "two [marked] [words]"),
]


def asked(location: object, *arguments: str) -> tuple[int, Any, str]:
    """Return the exit code, what is on stdout as JSON, and stderr without the collection's location."""
    result = run(*arguments, "--collection", location, "--format", "json")
    said = json.loads(result.stdout) if result.stdout else None
    return result.exit_code, said, result.stderr.replace(str(location), "HERE")


@pytest.fixture
def places(kept: Pair, pair: tuple[Collection, Collection], monkeypatch: pytest.MonkeyPatch) -> list[object]:
    """The folder, and the database's address without its password, which is in the environment."""
    user, _, rest = kept.dsn.removeprefix("postgresql://").partition(":")
    password, _, where = rest.partition("@")
    monkeypatch.setenv("PGPASSWORD", password)
    return [kept.folder, f"postgresql://{user}@{where}"]


@pytest.mark.drawn(10)
@pytest.mark.parametrize("arguments", COMMANDS, ids=" ".join)
def test_a_command_says_the_same(places: list[object], arguments: tuple[str, ...]) -> None:
    if arguments[0] == "delete":
        one, other = (run(*arguments, "--collection", place) for place in places)
        assert (one.exit_code, one.output) == (other.exit_code, other.output)
        return
    one, other = (asked(place, *arguments) for place in places)
    assert_alike(one, other, NEARLY)


def test_the_hits_of_the_last_search_are_numbered_alike(places: list[object]) -> None:
    for place in places:
        asked(place, "search", "chest pain", "-k", "5")
    for arguments in (
        ("explain", "--hit", "2"),
        ("explain", "--hit", "1", "--against", "2"),
        ("explain", "--hit", "9"),
    ):
        one, other = (asked(place, *arguments) for place in places)
        assert_alike(one, other, NEARLY)


def test_status_says_the_same_but_for_where_and_how_large(places: list[object]) -> None:
    (_, one, _), (_, other, _) = (asked(place, "status") for place in places)
    for key in ("notes", "sentences", "occurrences", "note_types", "model", "fingerprint"):
        assert_alike(one[key], other[key], at=key)


def test_what_is_exported_is_the_same(places: list[object], tmp_path: Path) -> None:
    files = [tmp_path / "one.jsonl", tmp_path / "other.jsonl"]
    for place, file in zip(places, files, strict=True):
        assert run("export", file, "--collection", place).exit_code == 0
    assert files[0].read_bytes() == files[1].read_bytes()


def test_the_environment_names_a_database_as_well(kept: Pair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CLINSEARCH_COLLECTION", kept.dsn)
    result = run("notes", "--format", "json", "--limit", "3")
    assert result.exit_code == 0
    assert len(json.loads(result.stdout)) == 3


def test_another_model_is_refused_alike(places: list[object], tmp_path: Path) -> None:
    (tmp_path / "note.txt").write_text("Fever.")
    said = []
    for place in places:
        result = run("index", tmp_path / "note.txt", "--collection", place, "--model", "clinsearch-small")
        said.append((result.exit_code, result.stderr.replace(str(place), "HERE")))
    assert said[0] == said[1]
    assert said[0][0] == 1
    assert "belongs to the model" in said[0][1]


def test_nothing_there_is_said_alike(postgres_database: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for place in (str(tmp_path / "nothing"), postgres_database):
        monkeypatch.setenv("CLINSEARCH_COLLECTION", place)
        result = run("status")
        assert result.exit_code == 1
        assert result.stderr.startswith("Error: No collection at ")
        assert result.stderr.count("\n") == 1


def test_a_server_that_is_not_there_and_a_wrong_password_are_one_line(
    postgres_server: PostgresServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = postgres_server.dsn(with_password=False).replace("@", ":s3cret@")
    for address, reason in ((wrong, "the user or the password is wrong"), ("postgresql://u@127.0.0.1:9/x", "nothing")):
        monkeypatch.setenv("CLINSEARCH_COLLECTION", address)
        result = run("search", "fever")
        assert result.exit_code == 1
        assert reason in result.stderr
        assert result.stderr.count("\n") == 1
        assert "s3cret" not in result.output
