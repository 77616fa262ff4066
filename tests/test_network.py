"""Nothing here reaches for a network, nor for a program that is not ours: neither an import nor any command."""

from __future__ import annotations

import json
import re
import signal
import subprocess
import sys
from contextlib import closing
from http.client import HTTPConnection
from pathlib import Path

import pytest

import clinsearch
from clinsearch.inspection import pattern_worker
from tests.support.sealed import SEALED, SEEN

NOTES = {"a": "HISTORY:\nDenies chest pain. Has a cough.\n", "b": "PLAN:\nThe wound is clear. Mild cough at night.\n"}
COMMANDS = [
    ["index", "notes", "--model", "MODEL"],
    ["search", "cough at night"],
    ["search", "cough", "--level", "note", "--why"],
    ["words", "[cough] at night"],
    ["explain", "--hit", "1", "--html", "why.html", "--png", "why.png"],
    ["map", "--html", "map.html"],
    ["vocab", "--regex", "co.*"],
    ["layers", "Mild cough.", "--word", "cough"],
    ["similar", "a"],
    ["export", "out.parquet"],
    ["delete", "b"],
    ["optimize"],
    ["repair"],
]


def started(folder: Path, refused: str, *commands: list[str]) -> subprocess.Popen[str]:
    given = json.dumps(commands)
    command = [sys.executable, "-m", "tests.support.sealed", refused, given]
    environment = {"PYTHONPATH": str(Path(__file__).parents[1]), "CLINSEARCH_NO_SETTINGS": "1", "HOME": str(folder)}
    return subprocess.Popen(
        command, cwd=folder, env=environment, text=True, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE
    )


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    (tmp_path / "notes").mkdir()
    for name, text in NOTES.items():
        (tmp_path / "notes" / f"{name}.txt").write_text(text, encoding="utf-8")
    return tmp_path


@pytest.mark.slow
def test_no_import_and_no_command_opens_a_socket_or_runs_a_program_of_others(folder: Path, tiny_model: Path) -> None:
    named = [[str(tiny_model) if word == "MODEL" else word for word in command] for command in COMMANDS]
    process = started(folder, "socket", *named)
    _, err = process.communicate()
    assert process.returncode == 0, err
    assert f"{SEALED}{sys.platform == 'linux'}" in err
    seen = [json.loads(line.removeprefix(SEEN)) for line in err.splitlines() if line.startswith(SEEN)]
    others = [one for one in seen if one[:2] != ["subprocess.Popen", sys.executable]]
    assert {(event, program) for event, program, _ in others} <= {("subprocess.Popen", "fc-list")}  # matplotlib's fonts
    # A pattern of the user's runs in a process of its own, since it may take for ever.
    (worker,) = (one for one in seen if one not in others)
    assert str(pattern_worker.__file__) in worker[2]
    assert not (folder / "intel").exists()  # where OpenVINO's telemetry would note whether it may report


def test_whoever_fetches_a_model_does_not_tell_what_is_installed(tmp_path: Path) -> None:
    program = (
        "from clinsearch.encoder.checkpoint import find_checkpoint\n"
        "from clinsearch.errors import ModelError\n"
        "try:\n    find_checkpoint('nobody/nothing', None, may_fetch=False)\n"
        "except ModelError:\n"
        "    from huggingface_hub import constants\n    print(constants.HF_HUB_DISABLE_TELEMETRY)\n"
    )
    environment = {"PYTHONPATH": str(Path(__file__).parents[1]), "HOME": str(tmp_path)}
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True)
    assert done.stdout == "True\n", done.stderr


def test_serving_listens_on_this_machine_and_connects_to_none(folder: Path, tiny_model: Path) -> None:
    clinsearch.index(folder / "notes", folder / "clinsearch-data", model=str(tiny_model))
    process = started(folder, "connect", ["serve", "--port", "0"])
    try:
        said = []
        for line in process.stderr or ():
            said.append(line)
            if found := re.search(r"http://127\.0\.0\.1:(\d+)/", line):
                break
        with closing(HTTPConnection("127.0.0.1", int(found[1]), timeout=120)) as connection:
            connection.request("GET", "/?q=cough")
            page = connection.getresponse().read()
    finally:
        process.send_signal(signal.SIGTERM)
        said += (process.communicate()[1] or "").splitlines()
    assert b"cough" in page
    events = [json.loads(line.removeprefix(SEEN)) for line in said if line.startswith(SEEN)]
    assert {event for event, *_ in events} <= {"socket.__new__", "socket.getaddrinfo", "socket.bind"}
    assert {arguments[1] for event, *arguments in events if event == "socket.bind"} == {"('127.0.0.1', 0)"}
    assert {arguments[0] for event, *arguments in events if event == "socket.getaddrinfo"} == {"127.0.0.1"}
