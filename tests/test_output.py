"""What reaches a terminal or a spreadsheet: text from elsewhere is seen, in any encoding, and steers nothing."""

from __future__ import annotations

import csv
import io
import json
import os
import pty
import re
import subprocess
import sys
from itertools import product
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

import clinsearch
from clinsearch.rendering.records.formats import dumps
from clinsearch.rendering.signs import UNSAFE, one_line, visible
from clinsearch.rendering.terminal.layout import columns, write
from tests.support import command_line

# A title for the window, a colour by one byte, the direction turned, a line separator, a backspace, a bell.
STEERING = "\x1b]0;x\x07\x9b31m\u202e\u2028\x08"
NOTE = {
    "note_id": f"=é{STEERING}1",
    "title": f"+cmd ·{STEERING}",
    "note_type": f"@SUM(1){STEERING}",
    "patient_id": f"-P1{STEERING}",
    "text": f"HISTORY:\nTempérature 39.5, needs 3 µg ≥ 2 of café.{STEERING} Fever 😀.\n",
}
COMMANDS = [
    ("search", "fever café"),
    ("search", "fever", "--level", "note"),
    ("search", "--level", "token", "[fever]"),
    ("words", "[fever]"),
    ("search", "fever", "--why"),
    ("show", NOTE["note_id"]),
    ("status",),
    ("tokens", "--note", NOTE["note_id"]),
    ("explain", "--query", "fever", NOTE["note_id"]),
    ("explain", NOTE["note_id"], NOTE["note_id"]),
    ("explain", "--text", f"café{STEERING}", "tea"),
    ("vocab", "--coverage"),
    ("vocab", "--token", "fever", "--occurrences"),
    ("layers", f"No fever {STEERING}", "--word", "fever"),
    ("map", "--format", "csv"),
    ("search", "fever", "--context", "1", "--save", "a"),
    ("notes",),
    ("notes", "--count", "type"),
    ("show", NOTE["note_id"], "--at", "9-20"),
    ("run", "a"),
    ("saved",),
]
BAD = [
    ("show", f"none{STEERING}"),
    ("index", f"nowhere{STEERING}"),
    (f"no-command{STEERING}",),
    (f"--no-option{STEERING}",),
    ("search", "x", "--format", f"odd{STEERING}"),
    ("search", "x", "--model", f"a{STEERING}/b"),
    ("evaluate", f"nowhere{STEERING}"),
    ("search", "x", "--since", f"never{STEERING}"),
    ("explain", "--text", "a", "b", "--html", f"nowhere{STEERING}/x.html"),
    ("search", "x", "--collection", f"nowhere{STEERING}"),
]


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Path:
    folder = tmp_path_factory.mktemp("output")
    (folder / "notes.jsonl").write_text(json.dumps(NOTE), encoding="utf-8")
    clinsearch.index(folder / "notes.jsonl", folder / "clinsearch-data", model=str(tiny_model))
    run(folder, "search", "fever", "--save", "a")  # for `run` and `saved`, in whatever order tests come
    return folder


def run(place: Path, *arguments: str, encoding: str = "utf-8") -> tuple[int, bytes, bytes]:
    done = subprocess.run(
        [sys.executable, "-m", "clinsearch", *arguments],
        cwd=place,
        capture_output=True,
        env={**os.environ, "PYTHONIOENCODING": encoding},
    )
    return done.returncode, done.stdout, done.stderr


def assert_harmless(text: str) -> None:
    assert not re.search("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]", text), repr(text)


@pytest.mark.drawn(8)
@pytest.mark.parametrize("command", COMMANDS, ids=" ".join)
def test_no_table_steers_the_terminal(place: Path, monkeypatch: pytest.MonkeyPatch, command: tuple[str, ...]) -> None:
    monkeypatch.chdir(place)
    done = command_line.run(*command)
    assert done.exit_code == 0, done.stderr
    assert done.stdout
    assert_harmless(done.stdout + done.stderr)


@pytest.mark.parametrize("arguments", BAD, ids=lambda arguments: repr(arguments[0])[:20])
def test_no_message_steers_the_terminal(
    place: Path, monkeypatch: pytest.MonkeyPatch, arguments: tuple[str, ...]
) -> None:
    monkeypatch.chdir(place)
    done = command_line.run(*arguments)
    assert done.exit_code in (1, 2)
    assert done.stdout == ""
    assert "fault of the program" not in done.stderr
    assert_harmless(done.stderr)


def test_names_of_files_do_not_steer_the_terminal(place: Path, tmp_path: Path) -> None:
    (tmp_path / f"a{STEERING}.csv").write_text("no,columns\n1,2\n", encoding="utf-8")
    (tmp_path / f"b{STEERING}\nError: forged.txt").write_bytes(b"\xff\xfe\x00")
    (tmp_path / f"c.pdf{STEERING}").write_bytes(b"x")
    status, _, err = run(place, "index", str(tmp_path), "--collection", str(tmp_path / "c"))
    assert status in (0, 1)
    assert_harmless(err.decode())
    assert not any(line.startswith("Error: forged") for line in err.decode().splitlines())


ENCODINGS, FORMS = ("ascii", "latin-1", "cp1252", "utf-8"), ("table", "json", "jsonl", "csv")
PAIRS = [
    pytest.param(encoding, form, marks=[] if ENCODINGS.index(encoding) == FORMS.index(form) else pytest.mark.exhaustive)
    for encoding, form in product(ENCODINGS, FORMS)
]


@pytest.mark.parametrize(("encoding", "form"), PAIRS)
def test_a_terminal_of_another_encoding_is_written_to_as_well_as_it_can_be(
    place: Path, encoding: str, form: str
) -> None:
    for command in (("search", "fever café"), ("show", NOTE["note_id"])):
        status, out, err = run(place, *command, "--format", form, encoding=encoding)
        assert status == 0, err
        assert err == b""
        text = out.decode(encoding)
        assert_harmless(text)
        if form == "json":
            found = json.loads(text)[0] if command[0] == "search" else json.loads(text)
            assert found["note_id"] == NOTE["note_id"]
            assert found["title"] == NOTE["title"]
    assert run(place, "show", "é", encoding=encoding)[0] == 1


def test_styles_reach_a_terminal_and_nothing_else_does(place: Path) -> None:
    reader, writer = pty.openpty()
    command = [sys.executable, "-m", "clinsearch", "search", "fever"]
    environment = {**os.environ, "TERM": "xterm-256color", "COLUMNS": "200"}
    done = subprocess.run(command, cwd=place, stdout=writer, stderr=subprocess.PIPE, env=environment)
    os.close(writer)
    out = b""
    while len(piece := _read(reader)):
        out += piece
    os.close(reader)
    assert done.returncode == 0
    shown = out.decode().replace("\r\n", "\n")
    assert "\x1b[" in shown
    assert_harmless(re.sub(r"\x1b\[[0-9;]*m", "", shown))


def _read(descriptor: int) -> bytes:
    try:
        return os.read(descriptor, 65536)
    except OSError:  # all that held the other end have gone
        return b""


@pytest.mark.parametrize("value", ["=1+1", "+1", "-1", "@A1", "\tx", "\rx", "\nx", "＝1", "-P1, of note"])  # noqa: RUF001
def test_a_cell_that_would_be_a_formula_is_text(value: str) -> None:
    _, row = csv.reader(io.StringIO(dumps([{"a": value}], "csv")))
    assert row[0].startswith("'")
    assert row[0][1:] == visible(value)


@pytest.mark.parametrize("value", [-1.5, -3, 0.25, None, True])
def test_a_number_stays_a_number(value: object) -> None:
    _, row = csv.reader(io.StringIO(dumps([{"a": value, "b": 1}], "csv")))
    assert row[0] == ("" if value is None else str(value))


def test_the_names_of_columns_are_no_formulas_either() -> None:
    assert dumps([{"=cmd": 1}], "csv").splitlines()[0] == "'=cmd"


@given(st.text(), st.sampled_from(["json", "jsonl"]), st.booleans())
def test_json_is_exact_and_steers_nothing(text: str, form: str, is_ascii: bool) -> None:
    written = dumps({"a": text}, form, is_ascii=is_ascii)
    assert json.loads(written) == {"a": text}
    assert_harmless(written)
    assert written.isascii() or not is_ascii


@given(st.text(st.characters(exclude_categories=[])))
def test_what_is_shown_has_as_many_characters_as_the_text(text: str) -> None:
    assert len(visible(text)) == len(text)
    assert not UNSAFE.search(visible(text))
    assert "\n" not in one_line(text)


def test_text_that_was_not_made_visible_is_when_it_is_written(capsys: pytest.CaptureFixture[str]) -> None:
    table = columns(count=1)
    table.add_row(STEERING)
    for shown in (table, STEERING):
        write(shown)
    assert_harmless(capsys.readouterr().out)
