"""`clinsearch grant` and `revoke`: what they take, and what they say."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest

import clinsearch
from tests.support.command_line import as_json, refused, run
from tests.support.postgres import PostgresServer

PATIENTS = ("p1", "p2")


@pytest.fixture(scope="module")
def owned(postgres_server: PostgresServer, tiny_model: Path, tmp_path_factory) -> Iterator[str]:
    notes = tmp_path_factory.mktemp("notes") / "notes.jsonl"
    rows = [{"note_id": one, "patient_id": one, "text": "Chest pain.\n"} for one in PATIENTS]
    notes.write_text("".join(json.dumps(row) + "\n" for row in rows), encoding="utf-8")
    with postgres_server.database() as dsn:
        clinsearch.index(notes, dsn, model=str(tiny_model))
        postgres_server.make_role("may")
        yield dsn
    postgres_server.execute("DROP ROLE may")


@pytest.fixture(autouse=True)
def nothing_granted(owned: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("CLINSEARCH_COLLECTION", owned)
    yield
    if as_json("grant"):
        run("revoke", "may")


def test_rights_are_given_listed_and_taken_back(tmp_path: Path) -> None:
    (tmp_path / "ward.txt").write_text("\ufeffp1\n\n p2 \n", encoding="utf-8")
    granted = as_json("grant", "may", "--patients", str(tmp_path / "ward.txt"), "--source", "/north/")
    assert granted == {
        "role": "may",
        "writes": False,
        "sees_all": False,
        "patients": ["p1", "p2"],
        "sources": ["/north/"],
    }
    assert as_json("grant") == [granted]
    listed = run("grant").output
    assert "may  reads the notes of 2 patients; reads the notes from /north/…" in listed
    assert "p1" not in listed
    assert as_json("revoke", "may", "--patient", "p1")["patients"] == ["p2"]
    assert run("revoke", "may").output.split() == ["may", "nothing"]
    assert run("grant").output == "No role but the owner may read or write the collection.\n"


@pytest.mark.parametrize(("option", "said"), [("--all", "reads all"), ("--write", "reads and writes all")])
def test_all_may_be_read_or_written(option: str, said: str) -> None:
    assert run("grant", "may", option).output.strip() == f"may  {said}"
    assert "may read all notes. Take that back as a whole" in refused("revoke", "may", "--patient", "p1")


@pytest.mark.parametrize(
    "options", [(), ("--all", "--write"), ("--all", "--patient", "p1"), ("--write", "--source", "/")]
)
def test_what_a_role_may_do_is_said_once(options: tuple[str, ...]) -> None:
    result = run("grant", "may", *options)
    assert result.exit_code == 2
    assert "Say what the role may do: --all, --write, or of which notes it may read." in result.stderr


def test_a_right_without_a_role_is_nobody_s() -> None:
    result = run("grant", "--all")
    assert result.exit_code == 2
    assert "Name the role" in result.stderr


@pytest.mark.parametrize(("content", "said"), [(b"\n \n", "names no patient"), (b"\xff\xfe", "is not text in UTF-8")])
def test_a_file_that_names_nobody_is_refused(tmp_path: Path, content: bytes, said: str) -> None:
    (tmp_path / "ward.txt").write_bytes(content)
    assert said in refused("grant", "may", "--patients", str(tmp_path / "ward.txt"))


@pytest.mark.parametrize("option", ["--patient", "--source"])
def test_an_empty_value_is_no_value(option: str) -> None:
    assert "would mean nothing, or everything" in refused("grant", "may", option, "")


@pytest.mark.parametrize("command", [("grant", "may", "--all"), ("revoke", "may"), ("grant",)])
def test_a_folder_has_no_roles(tmp_path: Path, command: tuple[str, ...]) -> None:
    assert "is a folder, which has no roles" in refused(*command, "--collection", str(tmp_path))
