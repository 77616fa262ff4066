"""A second writer waits for the first, in a process of its own, for as long as it was told."""

from __future__ import annotations

import math
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import clinsearch
from clinsearch.cli.main import COMMANDS, main
from clinsearch.errors import CollectionBusy, InputError
from tests.conftest import PROJECT
from tests.support.command_line import run, run_on

WRITE = ("index", "delete", "optimize", "repair", "copy")
HOLDER = """
import sys, time
from pathlib import Path
from clinsearch.storage.folder.writer import Writer

for line in sys.stdin:
    with Writer(Path(sys.argv[1])):
        print("in", flush=True)
        time.sleep(float(line))
    print("out", flush=True)
"""
PROGRAM = """
import signal, sys
signal.signal(signal.SIGINT, signal.default_int_handler)  # ignored in the background of a shell
from clinsearch.cli import main
main(sys.argv[1:])
"""


class Holder:
    """Another process that writes to a collection when it is told to."""

    def __init__(self, folder: Path) -> None:
        self.process = subprocess.Popen(
            [sys.executable, "-c", HOLDER, str(folder)],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, cwd=PROJECT,
        )  # fmt: skip

    def hold(self, seconds: float) -> None:
        """Return once it writes, for so long."""
        assert self.process.stdin
        self.process.stdin.write(f"{seconds}\n")
        self.process.stdin.flush()
        self.heard("in")

    def heard(self, word: str) -> None:
        assert self.process.stdout
        assert self.process.stdout.readline() == f"{word}\n"

    def close(self) -> None:
        self.process.kill()
        self.process.communicate()


@pytest.fixture
def own(tmp_path: Path, tiny_model: Path) -> Path:
    (tmp_path / "notes").mkdir()
    for name, text in {"a": "Patient denies fever.", "b": "Mild cough at night."}.items():
        (tmp_path / "notes" / f"{name}.txt").write_text(text, encoding="utf-8")
    clinsearch.index(tmp_path / "notes", tmp_path / "c", model=str(tiny_model))
    return tmp_path / "c"


@pytest.fixture
def holder(own: Path) -> Iterator[Holder]:
    started = Holder(own)
    yield started
    started.close()


def begun(folder: Path, *arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", PROGRAM, *arguments, "--collection", str(folder)],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env={**os.environ, "PYTHONPATH": str(PROJECT)},
    )  # fmt: skip


def test_every_command_that_writes_waits_for_another_to_be_done(own: Path, holder: Holder, tmp_path: Path) -> None:
    (tmp_path / "more.txt").write_text("Wound drainage.", encoding="utf-8")
    commands = [
        ("index", tmp_path / "more.txt", "--collection", own),
        ("delete", "a", "--collection", own),
        ("optimize", "--collection", own),
        ("repair", "--collection", own),
    ]
    for command in commands:
        holder.hold(0.3)
        began = time.monotonic()
        result = run(*command, "--wait", "60")
        assert result.exit_code == 0, result.stderr
        assert time.monotonic() - began > 0.2
        assert f"Waiting up to 60 s for another process (pid {holder.process.pid}) to be done." in result.stderr
        holder.heard("out")
    assert run("copy", own, tmp_path / "copy", "--wait", "60").exit_code == 0
    assert sorted(note.note_id for note in clinsearch.open(tmp_path / "copy").each_note()) == ["b", "more"]


def test_these_are_all_that_have_the_option() -> None:
    commands = {name: main.get_command(None, name) for name in COMMANDS}  # type: ignore[arg-type]
    found = {name for name, one in commands.items() if one and any(param.name == "wait" for param in one.params)}
    assert found == set(WRITE)


def test_a_writer_that_waited_in_vain_is_refused_with_the_pid_of_the_other(own: Path, holder: Holder) -> None:
    holder.hold(60)
    refusals = []
    for seconds in (0, 1):
        began = time.monotonic()
        result = run_on(own, "delete", "a", "--wait", seconds)
        refusals.append((result.exit_code, result.stdout, result.stderr.splitlines()[-1]))
        assert time.monotonic() - began >= seconds
    assert set(refusals) == {
        (
            1,
            "",
            f"Error: Another process is writing to the collection at {own} (pid {holder.process.pid}). "
            "Try again when it is done, or wait for it with --wait SECONDS.",
        )
    }
    assert run_on(own, "delete", "a").stderr == f"{refusals[0][2]}\n"
    assert clinsearch.open(own).status().notes == 2


def test_control_c_ends_the_wait(own: Path, holder: Holder) -> None:
    holder.hold(60)
    process = begun(own, "delete", "a", "--wait", "600")
    assert process.stderr is not None
    assert process.stderr.readline().startswith("Waiting up to 600 s")
    process.send_signal(signal.SIGINT)
    began = time.monotonic()
    assert process.communicate()[1] == "Stopped. What was committed is kept.\n"
    assert time.monotonic() - began < 5
    assert process.returncode == 130
    assert clinsearch.open(own).status().notes == 2


def test_a_writer_that_is_killed_lets_the_one_that_waits_in(own: Path, holder: Holder) -> None:
    holder.hold(600)
    process = begun(own, "delete", "a", "--wait", "600")
    assert process.stderr is not None
    assert process.stderr.readline().startswith("Waiting")
    holder.close()
    assert process.communicate()[0].startswith("Deleted 1 note.")


def test_a_program_waits_in_a_block_and_not_behind_it(own: Path, holder: Holder) -> None:
    collection = clinsearch.open(own)
    holder.hold(0.3)
    with clinsearch.waiting(60):
        assert collection.delete(["a"]) == 1
    holder.heard("out")
    holder.hold(60)
    with clinsearch.waiting(0.1), pytest.raises(CollectionBusy):
        collection.optimize()
    with pytest.raises(CollectionBusy, match=f"pid {holder.process.pid}"):
        collection.optimize()


@pytest.mark.parametrize("seconds", [-1, math.nan])
def test_a_time_that_is_none_is_refused(seconds: float) -> None:
    with pytest.raises(InputError, match="0 or more"), clinsearch.waiting(seconds):
        pass
