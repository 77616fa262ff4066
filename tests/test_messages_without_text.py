"""No message holds text of a note, a query or a file: marks are put into all of them, and every way to fail is gone."""

from __future__ import annotations

import gzip
import json
import os
import random
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest

import clinsearch
from tests.conftest import PROJECT
from tests.support.command_line import run

# In what a note says, its title, a query, a file that cannot be used, and what may be given in a file.
TEXT, TITLE, QUERY, CONTENT = "zebratext", "zebratitle", "zebraquery", "zebracontent"
FAULT = "fault of the program"
MARK = re.compile("zebra(text|title|query|content)", re.IGNORECASE)
NOTES = [
    {"id": f"n{i}", "patient_id": f"p{i % 3}", "title": f"{TITLE} {i}", "date": "2024-01-05",
     "text": f"HISTORY:\n{TEXT} denies fever {i}. A1c 9.{i} %. {TEXT} has a cough at night.\nPLAN:\n{TEXT} clear.\n"}
    for i in range(6)
]  # fmt: skip
UNREADABLE = {
    "binary.txt": f"{CONTENT}\0\1".encode(),
    "rows.csv": f"{CONTENT}\n{CONTENT}\n".encode(),
    "quotes.csv": f'note_id,text\n1,"{CONTENT}'.encode(),
    "broken.jsonl": f'{{"text": "{CONTENT}\n["{CONTENT}"]\n{{"text": ["{CONTENT}"]}}\n'.encode(),
    "cut.txt.gz": gzip.compress(CONTENT.encode() * 9)[:-6],
    "a.pdf": f"%PDF-1.4 {CONTENT}".encode(),
    "a.docx": f"PK\3\4{CONTENT}".encode(),
    "a.rtf": b"{\\rtf1 {\\field " + CONTENT.encode() * 3,
    "a.xml": f"<ClinicalDocument xmlns='urn:hl7-org:v3'><{CONTENT}".encode(),
    "a.hl7": f"MSH|^~\\&|{CONTENT}\rOBX|{CONTENT}\r".encode(),
    "fhir.json": json.dumps({"resourceType": "DocumentReference", "content": CONTENT}).encode(),
    "a.parquet": f"PAR1{CONTENT}PAR1".encode(),
    "a.zip": f"PK\5\6{CONTENT}".encode(),
}
# Files that commands take beside notes.
GIVEN = {
    "terms.tsv": f"{CONTENT}\t{CONTENT}\tmany\n",
    "criteria.toml": f'[[all]]\nname = "{CONTENT}"\nterms = "{CONTENT}\n',
    "wrong.toml": f'[[all]]\nname = "x"\nquery = "{CONTENT}"\nwithin_days = "{CONTENT}"\n',
    "values.toml": f'[[all]]\nname = "x"\nwhere = "{CONTENT} >"\n',
    "trail.jsonl": f'{{"{CONTENT}": 1}}\n',
    "record.json": f'{{"{CONTENT}": 1}}\n',
}
COMMANDS = [
    ("search", f'"{QUERY} unclosed'),
    ("search", f"{QUERY} > > 5"),
    ("search", ""),
    ("search", QUERY, "--exact", "--type", "none"),
    ("search", QUERY, "--where", f"{QUERY} over"),
    ("search", QUERY, "--level", "token"),
    ("search", f"[{QUERY}] [{QUERY}]", "--level", "token"),
    ("search", f"[{QUERY}", "--level", "token"),
    ("search", QUERY, "-k", "99999999999999999999"),
    ("search", QUERY, "--model", "nowhere/at/all"),
    ("search", QUERY, "--terms", "terms.tsv"),
    ("search", QUERY, "--save", f"../{QUERY}"),
    ("search", QUERY, QUERY),
    ("words", QUERY),
    ("words", f"[{QUERY}]", "--note", "none"),
    ("explain", "--query", QUERY, "none"),
    ("explain", "--text", QUERY, ""),
    ("explain", "--hit", "99"),
    ("explain", "--query", QUERY, "n1", "--png", "nowhere/at/all.png"),
    ("similar", "none"),
    ("values", f"{QUERY}"),
    ("show", "n1", "--at", "5000-6000"),
    ("show", "n1", "--at", QUERY),
    ("vocab", "--regex", f"({QUERY}"),
    ("vocab", "--token", QUERY),
    ("layers", QUERY, "--word", "fever"),
    ("layers", QUERY, "--word", QUERY.upper() * 3),
    ("tokens", QUERY, "--note", "n1"),
    ("cohort", "criteria.toml"),
    ("cohort", "wrong.toml"),
    ("cohort", "values.toml"),
    ("cohort", "values.toml", "--compare", "record.json"),
    ("evaluate", "judged"),
    ("run", "none"),
    ("export", "nowhere/at/all.csv"),
    ("index", "unreadable", "--collection", "other", "--model", "MODEL"),
    ("index", "unreadable", "--dry-run", "--collection", "other", "--model", "MODEL"),
    ("index", "unreadable/rows.csv", "--map", f"text={CONTENT}", "--collection", "other", "--model", "MODEL"),
    ("index", "--sql", "sqlite:///notes.db", f"SELECT {QUERY} FROM {QUERY}", "--collection", "other"),
    ("audit", "verify", "trail.jsonl"),
]  # fmt: skip


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Path:
    folder = tmp_path_factory.mktemp("made")
    (folder / "notes.jsonl").write_text("\n".join(map(json.dumps, NOTES)), encoding="utf-8")
    clinsearch.index(folder / "notes.jsonl", folder / "clinsearch-data", model=str(tiny_model))
    (folder / "unreadable").mkdir()
    for name, content in UNREADABLE.items():
        (folder / "unreadable" / name).write_bytes(content)
    for name, text in GIVEN.items():
        (folder / name).write_text(text, encoding="utf-8")
        (folder / name).chmod(0o600)
    (folder / "judged").mkdir()
    (folder / "judged" / "corpus.jsonl").write_text(f'{{"_id": "{CONTENT}", "text": ["{CONTENT}"]}}', encoding="utf-8")
    (folder / "judged" / "queries.jsonl").write_text(f"{CONTENT}\n", encoding="utf-8")
    return folder


@pytest.fixture
def here(made: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of all of it, to be in and to damage."""
    folder = Path(shutil.copytree(made, tmp_path / "here"))
    monkeypatch.chdir(folder)
    return folder


def assert_no_mark(said: str, *arguments: str) -> None:
    assert not MARK.search(said), (arguments, said)


def test_no_error_repeats_what_was_asked_or_what_stands_in_a_file(here: Path, tiny_model: Path) -> None:
    failed, wrong = 0, []
    for command in COMMANDS:
        result = run(*(str(tiny_model) if word == "MODEL" else word for word in command))
        wrong += [(command, result.stderr)] if MARK.search(result.stderr) or FAULT in result.stderr else []
        failed += result.exit_code != 0
    assert wrong == []
    assert failed > len(COMMANDS) * 3 // 4  # others only warn


@pytest.mark.parametrize("seed", range(3))
def test_no_error_of_a_damaged_collection_repeats_its_text(here: Path, seed: int) -> None:
    rng = random.Random(seed)
    folder = here / "clinsearch-data"
    whole = {path: path.read_bytes() for path in folder.rglob("*") if path.is_file()}
    commands = [
        ("search", f"{QUERY} cough"), ("search", QUERY, "--mode", "keyword"), ("show", "n1"), ("explain", "n1", "n2"),
        ("status",), ("repair",), ("delete", "n3"), ("index", "notes.jsonl"), ("map",), ("search", "cough", "--why"),
    ]  # fmt: skip
    failed = 0
    for command in commands * 2:
        for path, content in whole.items():
            damaged = bytearray(content)
            for _ in range(rng.randrange(1, 30) if content else 0):
                damaged[rng.randrange(len(damaged))] ^= 1 << rng.randrange(8)
            path.write_bytes(damaged[: rng.randrange(len(damaged) // 2, len(damaged) + 1)])
        result = run(*command)
        assert_no_mark(result.stderr, *command)
        failed += result.exit_code != 0
        for path in set(folder.rglob("*")) - set(whole):
            if path.is_file():
                path.unlink()
    assert failed


def started(here: Path, *arguments: str, before: str = "") -> subprocess.Popen[str]:
    program = f"{before}\nfrom clinsearch.cli import main\nmain({list(arguments)!r})"
    environment = {**os.environ, "PYTHONPATH": str(PROJECT), "PYTHONFAULTHANDLER": "1"}
    return subprocess.Popen(
        [sys.executable, "-c", program], cwd=here, env=environment, text=True, stderr=subprocess.PIPE, stdout=-3
    )


def test_a_run_without_room_says_so_without_text(here: Path, tiny_model: Path) -> None:
    limit = "import resource, signal\nsignal.signal(signal.SIGXFSZ, signal.SIG_IGN)\n"
    limit += "resource.setrlimit(resource.RLIMIT_FSIZE, (9000, 9000))"
    process = started(here, "index", "notes.jsonl", "--collection", "new", "--model", str(tiny_model), before=limit)
    _, said = process.communicate()
    assert process.returncode == 1
    assert said.startswith("Error: ")
    assert_no_mark(said)


@pytest.mark.parametrize("sign", [signal.SIGINT, signal.SIGABRT])
def test_a_run_that_is_stopped_says_so_without_text(here: Path, tiny_model: Path, sign: signal.Signals) -> None:
    # A record of a program that goes on writing keeps the run waiting where it is in the middle of notes.
    os.mkfifo(here / "slow")
    process = started(here, "index", "-", "--collection", "new", "--model", str(tiny_model), before=READ_FROM_PIPE)
    with (here / "slow").open("w", encoding="utf-8") as slow:
        slow.write("\n".join(map(json.dumps, NOTES)) + f'\n{{"text": "{CONTENT}')
        slow.flush()
        said = stopped(process, sign)
    assert process.returncode in (130, -sign)
    assert_no_mark(said)


def stopped(process: subprocess.Popen[str], sign: signal.Signals) -> str:
    """Stop a process and return what it said; a signal that comes while it imports may be lost, so there are more."""
    assert process.stderr is not None
    said = process.stderr.readline()
    for _ in range(MOST_SIGNALS):
        process.send_signal(sign)
        try:
            return said + process.communicate(timeout=1)[1]
        except subprocess.TimeoutExpired:
            continue
    process.kill()
    return said + process.communicate()[1]


MOST_SIGNALS = 60
# Interrupts are ignored where these tests were begun in the background of a shell.
READ_FROM_PIPE = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)
sys.stdin = open('slow', encoding='utf-8')
print('begun', file=sys.stderr, flush=True)"""
