"""What is written is for its owner alone, whatever the umask; a folder that others can write to is not believed."""

from __future__ import annotations

import json
import os
import re
import shutil
import stat
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest

import clinsearch
from clinsearch.storage.folder import trust
from tests.support.command_line import refused, run

NOTES = [
    {"id": f"n{i}", "patient_id": f"p{i % 2}", "date": f"2024-01-0{i + 1}",
     "text": f"HISTORY:\nNo fever on day {i}. A1c 9.{i} %. Mild cough at night.\n"}
    for i in range(6)
]  # fmt: skip
CRITERIA = '[[all]]\nname = "cough"\nterms = ["cough"]\n'
# Everything that writes a file.
WRITING = [
    ("index", "notes.jsonl", "--model", "MODEL"),
    ("search", "cough", "--save", "a"),
    ("run", "a"),
    ("explain", "n1", "n2", "--html", "why.html", "--png", "why.png"),
    ("map", "--html", "map.html", "--svg", "map.svg"),
    ("cohort", "criteria.toml", "--record", "cohort.json", "--format", "html", "--output", "cohort.html"),
    ("export", "notes.csv"),
    ("export", "out.jsonl"),
    ("export", "out.parquet"),
    ("copy", "clinsearch-data", "copied"),
    ("backup", "kept"),
    ("rescue", "kept", "rescued", "--model", "MODEL"),
    ("delete", "n5"),
    ("optimize",),
    ("repair",),
]
READING = [("search", "cough"), ("show", "n1"), ("status",), ("explain", "n1", "n2")]
CHANGING = [("delete", "n5"), ("repair",), ("optimize",), ("index", "notes.jsonl")]


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    (tmp_path / "notes.jsonl").write_text("\n".join(map(json.dumps, NOTES)), encoding="utf-8")
    (tmp_path / "criteria.toml").write_text(CRITERIA, encoding="utf-8")
    monkeypatch.chdir(tmp_path)
    former = os.umask(0o022)
    yield tmp_path
    os.umask(former)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Path:
    folder = tmp_path_factory.mktemp("made")
    (folder / "notes.jsonl").write_text("\n".join(map(json.dumps, NOTES)), encoding="utf-8")
    clinsearch.index(folder / "notes.jsonl", folder / "c", model=str(tiny_model))
    return folder / "c"


@pytest.fixture
def collection(here: Path, made: Path) -> Path:
    return Path(shutil.copytree(made, here / "clinsearch-data"))


def mode(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_whatever_is_written_is_for_its_owner_alone(
    here: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLINSEARCH_CACHE", str(here / "cache"))
    before = set(here.rglob("*"))
    os.umask(0)
    for command in WRITING:
        result = run(*(str(tiny_model) if word == "MODEL" else word for word in command))
        assert result.exit_code == 0, result.stderr
        written = set(here.rglob("*")) - before
        # What is made of a model holds no notes; nobody else gets into its folder.
        inside = {path for path in written if path.is_relative_to(here / "cache" / "models")}
        wrong = {
            path: oct(mode(path)) for path in written - inside if mode(path) != (0o700 if path.is_dir() else 0o600)
        }
        assert wrong == {}, command
        assert mode(here / "cache" / "models") == 0o700
    names = {path.name for path in here.iterdir()}
    assert {"why.png", "map.svg", "cohort.json", "out.parquet", "copied", "kept"} <= names


@pytest.mark.parametrize(
    ("name", "bits"),
    [
        (".", 0o777),
        (".", 0o720),
        ("vectors", 0o702),
        ("saved", 0o770),
        ("catalog.db", 0o620),
        ("last_search.json", 0o602),
    ],
)
def test_a_collection_that_others_can_write_to_is_refused_until_they_cannot(
    collection: Path, name: str, bits: int
) -> None:
    assert run("search", "cough", "--save", "a").exit_code == 0
    path = collection / name
    path.chmod(bits)
    for command in (*READING, *CHANGING):
        message = refused(*command)
        assert re.search(rf"Others can write to (\S*/)?{path.name}, ", message)
        assert re.search(r"`chmod -R go-w (\S*/)?clinsearch-data`", message)
    assert path.stat().st_mode & 0o022  # nothing was changed
    subprocess.run(["chmod", "-R", "go-w", collection], check=True)
    for command in READING:
        assert run(*command).exit_code == 0


def test_one_that_is_trusted_is_used_as_it_is_by_that_command_alone(collection: Path) -> None:
    collection.chmod(0o770)
    for command in (*READING, *CHANGING):
        result = run(*command, "--trust")
        assert result.exit_code == 0, result.stderr
    assert mode(collection) == 0o770
    assert "Others can write to" in refused("search", "cough")


def test_the_library_is_told_by_a_call(collection: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trust._Trust, "folders", frozenset())
    collection.chmod(0o777)
    with pytest.raises(clinsearch.ClinsearchError, match="go-w"):
        clinsearch.open(collection)
    assert clinsearch.open(collection, trust=True).search("cough")
    assert clinsearch.index("notes.jsonl", collection).unchanged == len(NOTES)  # for as long as the process runs


def test_a_folder_does_not_say_of_itself_that_it_is_to_be_trusted(
    collection: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("CLINSEARCH_NO_SETTINGS")
    Path("clinsearch.toml").write_text("[search]\ntrust = true\n", encoding="utf-8")
    collection.chmod(0o777)
    message = refused("search", "cough")
    assert "trust is for the command line or your own file" in message


def test_an_empty_folder_that_others_can_write_to_becomes_its_owners(here: Path, tiny_model: Path) -> None:
    (here / "clinsearch-data").mkdir()
    (here / "clinsearch-data").chmod(0o777)
    assert run("index", "notes.jsonl", "--model", tiny_model).exit_code == 0
    assert mode(here / "clinsearch-data") == 0o700
