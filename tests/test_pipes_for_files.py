"""A pipe in the place of a file of ours, which would have whoever opens it wait for ever: no command waits."""

from __future__ import annotations

import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.hostile import run, vector_file
from tests.support.sound import own, sound

__all__ = ["own", "sound"]

SECONDS = 60
COMMANDS = (
    ("search", "cough"),
    ("search", "cough", "--level", "note"),
    ("words", "she has a [cough]"),
    ("similar", "n1"),
    ("explain", "n1", "n2"),
    ("explain", "--hit", "1"),
    ("show", "n1"),
    ("notes",),
    ("status",),
    ("map", "--format", "json"),
    ("saved",),
    ("vocab", "--coverage"),
    ("export", "-"),
    ("verify",),
    ("backup", "BACKUP"),
    ("rescue", "OWN", "RESCUED"),
    ("copy", "OWN", "COPIED"),
    ("index", "NOTES"),
    ("delete", "n3"),
    ("repair",),
    ("optimize",),
)
PLACES = (
    "sentence",
    "word",
    "catalog.seal",
    "last_search.json",
    "catalog.db-wal",
    "catalog.seal.tmp",
    "catalog.db-copy",
)


@contextmanager
def no_wait(what: object) -> Iterator[None]:
    """Fail if something takes as long as only a pipe does."""

    def fail(*_: object) -> None:
        raise AssertionError(f"{what} waits")

    former = signal.signal(signal.SIGALRM, fail)
    signal.alarm(SECONDS)
    try:
        yield
    finally:
        signal.alarm(0)
        signal.signal(signal.SIGALRM, former)


@pytest.mark.drawn(3)
@pytest.mark.parametrize("place", PLACES)
def test_a_pipe_is_waited_for_by_no_command(own: Path, tmp_path: Path, place: str) -> None:
    assert run(own, "search", "cough").exit_code == 0  # so that there is a last one
    path = own / place if "." in place else vector_file(own, place)
    path.unlink(missing_ok=True)
    os.mkfifo(path)
    names = {"OWN": str(own), **{name: str(tmp_path / name) for name in ("BACKUP", "RESCUED", "COPIED")}}
    for command in COMMANDS:
        if place in ("sentence", "word") and command == ("repair",):
            break  # which mends it
        arguments = [names.get(word, word) for word in command]
        with no_wait(command):
            result = run_without_collection(arguments) if command[0] == "copy" else run(own, *arguments)
        assert result.exit_code in (0, 1), (command, result.output)
        if result.exit_code and not result.stdout:
            assert result.stderr.splitlines()[-1].startswith("Error: "), (command, result.stderr)
        assert "fault of the program" not in result.stderr, (command, result.stderr)
    assert path.is_fifo() or place in ("catalog.db-copy", "last_search.json")


def run_without_collection(arguments: list[str]) -> object:
    from tests.support.command_line import run as run_alone

    return run_alone(*arguments)


def test_repair_makes_a_file_of_vectors_in_place_of_a_pipe(own: Path) -> None:
    os.mkfifo(path := vector_file_made_way_for(own))
    with no_wait("repair"):
        assert run(own, "repair").exit_code == 0
    assert run(own, "search", "cough").exit_code == 0
    assert run(own, "verify").exit_code == 0
    assert path.is_fifo()  # not ours, so it is left where it is


def vector_file_made_way_for(folder: Path) -> Path:
    path = vector_file(folder, "sentence")
    path.unlink()
    return path
