"""What `clinsearch index` says of what it left out, could not read, or passed over."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import clinsearch
from clinsearch.readers import KEPT_KINDS, NoteFiles, Unreadable
from clinsearch.readers.markup import NAMES
from clinsearch.rendering.terminal.reports import LEFT_OUT, MOST_NAMED_OF_A_KIND, NOT_READ, NOT_WALKED
from tests.conftest import PROJECT, shared
from tests.support.command_line import run

SECRET = "zyxwquartz"


@pytest.fixture
def notes(tmp_path: Path) -> Path:
    folder = tmp_path / "notes"
    folder.mkdir()
    rows = "".join(f"some day,{SECRET} has a cough.\n" for _ in range(30)) + "2024-03-02,\n" * 9
    (folder / "a.csv").write_text("date,text\n" + rows)
    (folder / "b.txt").write_bytes(b"\xd0\xcf\x11\xe0" + SECRET.encode())
    for name in ("c.pages", "d.wpd", "e.wpd", "README"):
        (folder / name).write_text(SECRET)
    return folder


def test_what_is_left_out_is_counted_by_reason_and_dates_do_not_fill_the_screen(
    notes: Path, tmp_path: Path, tiny_model: Path
) -> None:
    result = run("index", notes, "--collection", tmp_path / "c", "--model", tiny_model)
    assert result.exit_code == 1
    said = " ".join(result.stdout.split())
    assert "Notes: 30 new, 10 not usable. Left out: 9 records without a text, 1 old Office file." in said
    assert f"Dates not read: 30, the first in {notes / 'a.csv'}, record 1;" in said
    lines = result.stderr.splitlines()
    assert lines[:3] == [
        "Not read, being of another format: 2 .wpd, 1 without suffix, 1 .pages.",
        "To read .pages, .wpd: save them as plain text (.txt), one note a file.",
        "To read without suffix: give them one, as .txt.",
    ]
    assert len(lines) == 3 + MOST_NAMED_OF_A_KIND + 1 + 1
    assert lines[-1] == f"… and {9 - MOST_NAMED_OF_A_KIND} more; --verbose names them all."
    assert SECRET not in result.output


def test_all_of_it_is_named_with_verbose_and_in_json(notes: Path, tmp_path: Path, tiny_model: Path) -> None:
    index = ("index", notes, "--collection", tmp_path / "c", "--model", tiny_model)
    result = run(*index, "--verbose", "--format", "json")
    report = json.loads(result.stdout)
    assert [one["kind"] for one in report["failures"]] == ["no_text"] * 9 + ["doc"]
    assert [(one["kind"], one["record"]) for one in report["doubts"]] == [("date", n) for n in range(1, 31)]
    assert {Path(one["source"]).name for one in report["passed_over"]} == {"c.pages", "d.wpd", "e.wpd", "README"}
    for one in report["failures"] + report["doubts"]:
        place = f"{one['source']}, record {one['record']}" if one["record"] else one["source"]
        assert f"{place}: {one['reason']}" in result.stderr
    assert SECRET not in result.output


def test_a_date_that_cannot_be_read_is_no_failure(tmp_path: Path, tiny_model: Path) -> None:
    (tmp_path / "a.csv").write_text("date,text\nsome day,Cough.\nNULL,Rash.\n")
    result = run("index", tmp_path / "a.csv", "--collection", tmp_path / "c", "--model", tiny_model)
    assert result.exit_code == 0
    assert "Notes: 2 new. Dates not read: 1, the first in " in " ".join(result.stdout.split())


def test_the_columns_can_be_named(tmp_path: Path, tiny_model: Path) -> None:
    path = tmp_path / "a.csv"
    path.write_text("key,story\nK1,Cough.\n")
    index = ("index", path, "--collection", tmp_path / "c", "--model", tiny_model)
    result = run(*index)
    assert "nor one named with --text-column; its first line" in result.stderr
    result = run(*index, "--text-column", "story", "--id-column", "key")
    assert (result.exit_code, result.stderr) == (0, "")
    assert run("show", "K1", "--collection", tmp_path / "c").exit_code == 0


CASES = {
    "epic-lines": {"9001", "9002"},
    "null-words": {"n1", "n3"},
    "dates-in-the-wild": {f"d{n}" for n in range(1, 8)},
    "unknown-text-column": {"a#1", "b#1", "c#1"},
    "yaml-list-header": {"a"},
    "json-array": {"n1", "n2"},
    "tsv-omop": {"1", "2"},
    "ccda-embedded-pdf": {"good"},
}


@pytest.mark.parametrize("case", CASES)
def test_of_the_shared_cases_each_note_is_read_and_what_is_not_is_told(case: str) -> None:
    found = list(NoteFiles([path for path in shared(f"cases/{case}").iterdir() if path.name != "EXPECT.md"]))
    assert {one.note_id for one in found if not isinstance(one, Unreadable)} == CASES[case]
    kinds = [one.kind for one in found if isinstance(one, Unreadable)]
    assert kinds == {"null-words": ["no_text"], "ccda-embedded-pdf": ["file"]}.get(case, [])


def test_every_kind_of_fault_has_its_words() -> None:
    sources = [
        path.read_text() for name in ("readers", "indexing") for path in (PROJECT / "clinsearch" / name).rglob("*.py")
    ]
    kinds = {kind for source in sources for kind in re.findall(r'kind="(\w+)"|Doubt\("(\w+)"', source)}
    met = {one or other for one, other in kinds} | set(NAMES) | {"malformed"}
    met -= {"passed_over"}  # which is told with its own words
    assert met == LEFT_OUT.keys() | NOT_READ.keys() | NOT_WALKED.keys()
    assert NOT_READ.keys() | {"passed_over"} == KEPT_KINDS


def test_notes_without_a_word_and_with_encoded_data_are_counted_and_named(tmp_path: Path, tiny_model: Path) -> None:
    folder = tmp_path / "notes"
    folder.mkdir()
    data = bytes(range(256)).hex()
    texts = {"rules": "-----\n* * *\n", "photo": f"Wound seen.\n{data}\n", "plain": "No fever."}
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text)
    index = ("index", folder, "--collection", tmp_path / "c", "--model", tiny_model)
    result = run(*index, "--verbose")
    assert result.exit_code == 0
    assert "Notes without a word, which no search finds: 1." in result.stdout
    assert "Notes with base64 or hexadecimal data, which is left out: 1." in result.stdout
    assert "Notes without a word, which no search finds: rules" in result.stderr
    again = ("index", folder, "--collection", tmp_path / "d", "--model", tiny_model, "--format", "json")
    report = json.loads(run(*again).stdout)
    assert (report["without_sentence"], report["with_encoded_data"]) == (["rules"], ["photo"])
    found = json.loads(run("search", "wound", "--collection", tmp_path / "d", "--format", "json").stdout)
    assert all(data[:40] not in hit["sentence"] for hit in found)


def test_a_record_that_is_there_twice_is_counted_as_the_same_again(tmp_path: Path, tiny_model: Path) -> None:
    line = json.dumps({"note_id": "a", "text": "No fever."}) + "\n"
    for name in ("one.jsonl", "two.jsonl"):
        (tmp_path / name).write_text(line)
    report = clinsearch.index(tmp_path, tmp_path / "c", model=str(tiny_model))
    assert (report.new, report.repeated) == (1, 1)
