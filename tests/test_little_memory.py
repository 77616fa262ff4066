"""Where a process may take little memory it answers, or ends with one line that says so; it does not crash."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

import clinsearch
from clinsearch.memory import MB, lacks_memory
from tests.conftest import PROJECT

TEXTS = ["Patient denies fever.", "Mild cough at night.", "The wound was stable, without drainage."]
LIMITED = """
import resource, sys
limit = int(sys.argv[1]) << 20
resource.setrlimit(resource.RLIMIT_AS, (limit, limit))
from clinsearch.cli import main
main(sys.argv[2:])
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path) -> Path:
    folder = tmp_path_factory.mktemp("made")
    (folder / "notes").mkdir()
    for number, text in enumerate(TEXTS):
        (folder / "notes" / f"n{number}.txt").write_text(text, encoding="utf-8")
    clinsearch.index(folder / "notes", folder / "c", model=str(tiny_model))
    return folder


def run_limited(megabytes: int, *arguments: str, folder: Path) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-X", "faulthandler", "-c", LIMITED, str(megabytes), *arguments]
    environment = {**os.environ, "PYTHONPATH": str(PROJECT), "OMP_NUM_THREADS": "1"}
    return subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment, timeout=120)


def assert_plain(done: subprocess.CompletedProcess[str]) -> None:
    if done.returncode == 0:
        assert done.stdout
        return
    assert done.returncode == 1, (done.args, done.returncode, done.stderr)
    assert done.stderr.startswith("Error: "), done.stderr
    assert done.stderr.count("\n") == 1, done.stderr
    assert "memory" in done.stderr
    assert "fault of the program" not in done.stderr
    assert "damaged" not in done.stderr


def test_a_collection_that_does_not_fit_is_one_line(made: Path) -> None:
    done = run_limited(300, "status", "--collection", "c", folder=made)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == (
        "Error: There is not enough memory to open a collection: this process may take 300 MB, by a limit as "
        "`ulimit -v` sets it. Raise it.\n"
    )


SOME = (350, 650)


@pytest.mark.parametrize(
    "megabytes",
    [
        pytest.param(megabytes, marks=pytest.mark.slow if megabytes in SOME else pytest.mark.exhaustive)
        for megabytes in (350, 450, 550, 650, 750, 900)
    ],
)
def test_little_memory_is_enough_or_said_to_be_too_little(made: Path, megabytes: int) -> None:
    for command in (
        ("status",),
        ("search", "short of breath"),
        ("search", "cough", "--mode", "keyword"),
        ("explain", "n0", "n1"),
        ("index", "notes"),
        ("repair",),
        ("map", "--format", "json"),
    ):
        assert_plain(run_limited(megabytes, *command, "--collection", "c", folder=made))


def test_what_says_that_memory_lacks_is_known_by_its_cause() -> None:
    error = RuntimeError("the model cannot be opened")
    error.__cause__ = ImportError("libtorch_python.so: failed to map segment from shared object")
    assert lacks_memory(error)
    assert lacks_memory(OSError(12, "Cannot allocate memory"))
    assert not lacks_memory(OSError(28, "No space left on device"))
    assert not lacks_memory(RuntimeError("another fault"))


@pytest.mark.parametrize(("megabytes", "is_near"), [(1 << 20, False), (None, False), (200, True)])
def test_a_process_is_near_a_limit_that_it_has_mostly_taken(megabytes: int | None, is_near: bool) -> None:
    limit = "" if megabytes is None else f"resource.setrlimit(resource.RLIMIT_AS, ({megabytes * MB},) * 2)"
    program = f"import resource; {limit}\nfrom clinsearch.memory import is_near_limit\nkept = bytearray({140 * MB})\n"
    program += "print(is_near_limit())"
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, cwd=PROJECT, check=True)
    assert done.stdout == f"{is_near}\n"
