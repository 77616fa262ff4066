"""Every command, in every format, on notes whose every field would steer a terminal: nothing gets there unseen."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

import clinsearch
from clinsearch.cli.main import COMMANDS
from tests.support.command_line import run

STEERING = "\x1b]0;x\x07\x9b31m\u202e\u2028\x08\x1b[2J"
UNSEEN = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")
NOTES = [
    {
        "note_id": f"{STEERING}n{number}",
        "patient_id": f"{STEERING}p{number % 2}",
        "encounter_id": f"{STEERING}e",
        "note_type": f"{STEERING}type",
        "title": f"{STEERING}title",
        "note_datetime": f"2024-01-0{number}T08:00:00",
        "text": f"HISTORY{STEERING}:\nNo {STEERING}fever at night {number}. A1c 9.{number} %{STEERING}.\n"
        f"PLAN:\nMild cough{STEERING} on the left.\n",
    }
    for number in range(1, 5)
]
FIRST, SECOND = NOTES[0]["note_id"], NOTES[1]["note_id"]
# A text in TOML is written as in JSON.
QUERY = json.dumps(f"fever{STEERING}")
CRITERIA = f'[[all]]\nname = "a"\nterms = ["cough"]\n[[any]]\nname = "b"\nquery = {QUERY}\n'
ASKED = [
    ("search", f"fever{STEERING}", "--why", "--context", "1", "--save", "a"),
    ("search", "A1c over 9", "--level", "patient"),
    ("search", "fever", "--level", "note", "--type", f"none{STEERING}"),
    ("words", "[fever] at night"),
    ("similar", FIRST),
    ("values", "A1c"),
    ("values",),
    ("cohort", "criteria.toml"),
    ("run", "a"),
    ("saved",),
    ("explain", FIRST, SECOND),
    ("explain", "--query", f"cough{STEERING}", FIRST),
    ("explain", "--hit", "1", "--pairs", "3"),
    ("map",),
    ("evaluate", "judged", "--model", "MODEL"),
    ("index", "notes.jsonl", f"bad{STEERING}.csv"),
    ("index", ".", "--dry-run"),
    ("readers",),
    ("status",),
    ("notes",),
    ("notes", "--count", "type"),
    ("notes", "--count", "section"),
    ("show", FIRST),
    ("show", FIRST, "--at", "0-30"),
    ("tokens", f"cough{STEERING}"),
    ("tokens", "--note", FIRST),
    ("vocab", "--token", "fever", "--occurrences"),
    ("vocab", "--coverage"),
    ("model",),
    ("layers", f"Mild cough{STEERING}", "--word", "cough"),
    ("config",),
    ("export", "out.csv", "--force"),
    ("copy", "clinsearch-data", f"copied{STEERING}"),
    ("verify", "--full"),
    ("backup", f"kept{STEERING}"),
    ("rescue", "clinsearch-data", f"rescued{STEERING}", "--model", "MODEL"),
    ("optimize",),
    ("repair",),
    ("delete", FIRST),
]
# Of these there is nothing to ask of a folder of notes, or tests of their own ask it.
ELSEWHERE = {
    "serve",
    "audit",
    "worker",
    "queue",
    "grant",
    "revoke",
    "shards",
    "completion",
    "verify",
    "backup",
    "rescue",
}


@pytest.fixture
def here(tmp_path: Path, tiny_model: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    Path("notes.jsonl").write_text("\n".join(map(json.dumps, NOTES)), encoding="utf-8")
    Path("criteria.toml").write_text(CRITERIA, encoding="utf-8")
    Path(f"bad{STEERING}.csv").write_text("no,columns\n1,2\n", encoding="utf-8")
    Path("judged").mkdir()
    Path("judged/corpus.jsonl").write_text(json.dumps({"_id": FIRST, "text": f"{STEERING}fever"}), encoding="utf-8")
    Path("judged/queries.jsonl").write_text(json.dumps({"_id": f"q{STEERING}", "text": "fever"}), encoding="utf-8")
    Path("judged/qrels.txt").write_text(f"q 0 {SECOND} 1\n", encoding="utf-8")
    clinsearch.index("notes.jsonl", "clinsearch-data", model=str(tiny_model), tokens=True)
    return tmp_path


@pytest.mark.parametrize("form", ["table", "csv", pytest.param("json", marks=pytest.mark.slow)])
def test_no_command_lets_text_steer(here: Path, tiny_model: Path, form: str) -> None:
    wrong, failed = [], []
    for command in ASKED:
        given = [str(tiny_model) if word == "MODEL" else word for word in command]
        formats = ["--format", form] if command[0] not in ("export", "completion") else []
        result = run(*given, *formats)
        said = result.stdout + result.stderr
        if found := UNSEEN.search(said):
            wrong.append((command[0], said[max(found.start() - 40, 0) : found.end() + 20]))
        if result.exit_code and command[0] not in ("evaluate", "index", "map"):
            failed.append((command, result.stderr))
    assert wrong == []
    assert failed == []
    exported = Path("out.csv").read_text(encoding="utf-8")
    assert exported.count("fever") == len(NOTES)
    assert Path(f"copied{STEERING}").exists()


def test_every_command_is_asked() -> None:
    assert set(COMMANDS) - {command for command, *_ in ASKED} <= ELSEWHERE
