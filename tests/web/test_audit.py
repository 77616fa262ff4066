"""What is shown is recorded first, and what was recorded cannot be changed unseen."""

from __future__ import annotations

import json
import os
import re
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

import pytest

from clinsearch.errors import AuditError
from clinsearch.web import answers
from clinsearch.web.audit.chain import START, check
from clinsearch.web.audit.trail import Trail, hashed
from clinsearch.web.operations.shown import note_ids
from clinsearch.web.serving import Serving
from tests.conftest import PROJECT
from tests.support.command_line import run
from tests.support.selecting import select
from tests.support.served import HOSTILE_NOTE, NOTES, Served, serving

IDS = {note["note_id"] for note in (*NOTES, HOSTILE_NOTE)}
# A question for each operation that shows notes.
QUESTIONS: dict[str, dict[str, Any]] = {
    "patients": {"q": "fever", "k": 5},
    "values": {"name": "A1c"},
    "notes": {},
}


def lines_of(path: Path) -> list[dict[str, Any]]:
    return [json.loads(line) for line in path.read_text(encoding="ascii").splitlines()]


@pytest.fixture(scope="module")
def audited(served_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Served, Path]]:
    path = tmp_path_factory.mktemp("audited") / "audit.jsonl"
    with serving(served_folder, Serving(audit=path)) as started:
        yield started, path


def strings(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict | list):
        for one in value.values() if isinstance(value, dict) else value:
            yield from strings(one)


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_note_that_is_shown_is_recorded(audited: tuple[Served, Path], name: str) -> None:
    served, path = audited
    shown = {text for text in strings(served.json(name, QUESTIONS[name])) if text in IDS}
    line = [one for one in lines_of(path) if one["what"] == name][-1]
    assert shown
    assert shown <= set(line["notes"])
    assert line["who"] == "local"
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", line["at"])


def test_a_query_is_kept_as_a_keyed_hash(audited: tuple[Served, Path]) -> None:
    served, path = audited
    served.json("patients", {"q": "mild edema", "k": 3, "section": ["PLAN"]})
    asked = lines_of(path)[-1]["asked"]
    assert "edema" not in path.read_text()
    assert "PLAN" not in path.read_text()
    key = bytes.fromhex(path.with_name(path.name + ".key").read_text())
    assert asked == {"q": hashed(key, "mild edema"), "k": 3, "section": [hashed(key, "PLAN")]}
    assert {one.stat().st_mode & 0o777 for one in path.parent.iterdir()} == {0o600}


def test_queries_are_kept_where_that_was_asked_for(served_folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    with serving(served_folder, Serving(audit=path, audit_queries=True)) as served:
        served.json("patients", {"q": "mild edema"})
        served.json("stamp")
    assert [one["asked"] for one in lines_of(path)] == [{"q": "mild edema"}]


def test_nothing_is_shown_that_cannot_be_recorded(served_folder: Path, tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    with serving(served_folder, Serving(audit=path)) as served:
        served.json("patients", {"q": "fever"})
        trail: Trail = served.app.state.trail
        whole, kept = path.read_bytes(), trail._file
        full = trail._file = os.open("/dev/full", os.O_WRONLY)
        answer = served.ask("/api/v1/patients", {"q": "fever"})
        assert (answer.status, answer.json()["error"][:31]) == (503, "The audit trail cannot be writt")
        assert not any(one in answer.text for one in IDS)
        trail._file = kept
        os.close(full)
        assert path.read_bytes() == whole
        served.json("patients", {"q": "fever"})
    assert check(path).lines == 2


def test_only_one_place_asks_the_collection() -> None:
    """A view that asked it itself would show what is not recorded."""
    asking = {
        str(path.relative_to(PROJECT / "clinsearch" / "web"))
        for path in (PROJECT / "clinsearch" / "web").rglob("*.py")
        if re.search(r"state\.collection\b", path.read_text())
    }
    assert asking <= {"answers.py", "app.py", "views/deletion.py"}
    assert answers.record


@pytest.fixture
def trail_file(tmp_path: Path) -> Path:
    path = tmp_path / "audit.jsonl"
    trail = Trail(path)
    for number in range(5):
        trail.record("ada", "note", [f"n{number}", "\u202e ünï"], {"q": "x" * number, "k": number})
    trail.close()
    return path


def cut_line(lines: list[bytes]) -> None:
    del lines[2]


def swap_lines(lines: list[bytes]) -> None:
    lines[1], lines[2] = lines[2], lines[1]


def repeat_line(lines: list[bytes]) -> None:
    lines.insert(3, lines[2])


def change_id(lines: list[bytes]) -> None:
    lines[2] = lines[2].replace(b'"n2"', b'"n9"')


def change_space(lines: list[bytes]) -> None:
    lines[2] = lines[2].replace(b":", b": ", 1)


def add_nonsense(lines: list[bytes]) -> None:
    lines.insert(2, b"[" * 100_000 + b"\n")


def drop_first(lines: list[bytes]) -> None:
    del lines[0]


@pytest.mark.parametrize(
    ("change", "line"),
    [
        (cut_line, 3),
        (swap_lines, 2),
        (repeat_line, 4),
        (change_id, 3),
        (change_space, 3),
        (add_nonsense, 3),
        (drop_first, 1),
    ],
)
def test_a_change_is_found(trail_file: Path, change: Callable[[list[bytes]], None], line: int) -> None:
    whole = run("audit", "verify", trail_file)
    assert (whole.exit_code, whole.stdout.split()[0]) == (0, "5")
    lines = trail_file.read_bytes().splitlines(keepends=True)
    change(lines)
    trail_file.write_bytes(b"".join(lines))
    result = run("audit", "verify", trail_file)
    assert (result.exit_code, result.stderr.count("\n")) == (1, 1)
    assert f"does not hold in line {line}:" in result.stderr
    with pytest.raises(AuditError, match=f"does not hold in line {line}:"):
        Trail(trail_file)


def test_lines_that_were_cut_off_are_missed_by_who_knows_the_last(trail_file: Path) -> None:
    last = run("audit", "verify", trail_file).stdout.split()[-1]
    assert run("audit", "verify", trail_file, "--holds", last).exit_code == 0
    trail_file.write_bytes(b"".join(trail_file.read_bytes().splitlines(keepends=True)[:-1]))
    assert run("audit", "verify", trail_file).exit_code == 0
    assert run("audit", "verify", trail_file, "--holds", last).exit_code == 1


def test_a_line_that_was_not_written_to_its_end_is_left_out(trail_file: Path) -> None:
    whole = trail_file.read_bytes()
    trail_file.write_bytes(whole + b'{"at":"20')
    assert run("audit", "verify", trail_file).exit_code == 1
    trail = Trail(trail_file)
    trail.record("ada", "note", ["n9"])
    trail.close()
    assert trail_file.read_bytes().startswith(whole)
    assert [one["what"] for one in lines_of(trail_file)[5:]] == [
        "line that was not written to its end left out",
        "note",
    ]
    assert check(trail_file).fault is None


def test_a_long_trail_goes_on_in_another_file(tmp_path: Path) -> None:
    path = tmp_path / "audit.jsonl"
    trail = Trail(path, most_bytes=600)
    for number in range(12):
        trail.record("ada", "note", [f"n{number}"])
    trail.close()
    files = [*sorted(one for one in tmp_path.iterdir() if re.search(r"\.\d{8}T", one.name)), path]
    assert len(files) > 2
    assert run("audit", "verify", *files).exit_code == 0
    assert run("audit", "verify", path).exit_code == 0
    assert run("audit", "verify", files[0], *files[2:]).exit_code == 1
    found = [note for one in files for line in lines_of(one) for note in line.get("notes", [])]
    assert found == [f"n{number}" for number in range(12)]
    assert lines_of(files[0])[0]["previous"] == START


def test_a_trail_is_one_process_s_alone_and_nobody_else_s_to_read(trail_file: Path) -> None:
    trail = Trail(trail_file)
    with pytest.raises(AuditError, match="Another process"):
        Trail(trail_file)
    trail.close()
    trail_file.chmod(0o640)
    with pytest.raises(AuditError, match="chmod 600"):
        Trail(trail_file)


@pytest.mark.parametrize("key", ["", "zz", "00" * 31])
def test_a_key_has_to_be_one(tmp_path: Path, key: str) -> None:
    path = tmp_path / "audit.jsonl"
    file = path.with_name("audit.jsonl.key")
    file.touch(0o600)
    file.write_text(key)
    if key:
        with pytest.raises(AuditError, match="no key"):
            Trail(path)
    else:
        Trail(path).close()
        assert len(file.read_text().strip()) == 64


def test_ids_are_found_wherever_they_stand_in_an_answer() -> None:
    answer = {"left_note_id": "a", "hits": [{"note_id": "b", "text": "c"}, ({"note_id": "a"},)], "note_id": None}
    assert note_ids(answer) == ("a", "b")


def test_deleting_is_refused_unless_it_was_allowed_and_recorded(served_folder: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(served_folder, tmp_path / "copy")
    path = tmp_path / "audit.jsonl"
    with serving(copy, Serving(audit=path, allow_writes=True)) as served:
        own = {"Origin": served.url, "Sec-Fetch-Site": "same-origin"}
        assert served.ask("/api/v1/notes", method="DELETE").status == 400
        assert served.ask("/api/v1/notes", {"id": "nowhere"}, method="DELETE").status == 404
        answer = served.ask("/api/v1/notes", {"id": ["n01", "n02"]}, method="DELETE")
        assert (answer.status, answer.json()) == (200, {"deleted": 2})
        [link] = select(served.page("/note", {"id": "n03"}), "a[href*=/delete]")
        [form] = select(served.page(link.get("href")), "form[method=post]")
        sent = urlencode(form.form_values()).encode()
        assert (form.action, sent) == ("/notes/delete", b"id=n03")
        assert served.ask("/notes/delete", method="POST", body=sent, headers=own).status == 303
        assert served.json("status")["notes"] == len(IDS) - 3
    assert [one["notes"] for one in lines_of(path) if one["what"] == "delete"] == [["nowhere"], ["n01", "n02"], ["n03"]]


def test_who_signed_in_is_who_was_shown(served_folder: Path, tmp_path: Path) -> None:
    tokens, path = tmp_path / "tokens", tmp_path / "audit.jsonl"
    tokens.touch(0o600)
    tokens.write_text("ada " + "t" * 32)
    with serving(served_folder, Serving(audit=path, token_file=tokens)) as served:
        bearer = {"Authorization": "Bearer " + "t" * 32}
        assert served.ask("/api/v1/patients", {"q": "fever"}, headers=bearer).status == 200
        assert served.ask("/api/v1/patients", {"q": "fever"}, headers={"Authorization": "Bearer x"}).status == 401
        assert served.ask("/sign-in", method="POST", body=b"token=" + b"t" * 32).status == 303
    found = [(one["who"], one["what"]) for one in lines_of(path)]
    assert found == [("ada", "patients"), ("nobody", "sign in refused"), ("ada", "sign in")]
