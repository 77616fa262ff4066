"""Answers of other processes are those of this one, and no process that ends takes more than its own question along."""

from __future__ import annotations

import gc
import os
import pickle
import re
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import clinsearch
from clinsearch import errors
from clinsearch.web.app import load_views
from clinsearch.web.operations.operation import Operation
from clinsearch.web.processes import Processes, ProcessFault, _written
from clinsearch.web.serving import Serving
from tests.support.served import Served, serving

MARK = "Xanthippe7"
LOCKED = """
import os, sqlite3, sys, time
connection = sqlite3.connect(sys.argv[1])
connection.execute("PRAGMA locking_mode = EXCLUSIVE")
connection.execute("BEGIN EXCLUSIVE")
print("locked", flush=True)
time.sleep(1)
os.kill(int(sys.argv[2]), 9)
"""
PATHS = (
    "/?q=fever",
    "/?q=fever&level=note",
    "/?q=no+[cough]&level=token",
    "/similar?id=n01",
    "/note?id=n01&q=fever",
    "/why?note=n02&q=fever",
    "/why?left=n01&right=n02",
    "/why.html?left=n01&right=n02",
    "/why.png?note=n02&q=fever",
    "/patients?q=fever",
    "/patient?id=p1&q=fever",
    "/map",
    "/vocabulary?word=fever",
    "/collection",
    "/api/v1/search?q=fever&k=3",
    "/api/v1/words?q=the+[fever]",
    "/api/v1/note?id=n02",
    "/api/v1/explain?left=n01&right=n02",
    "/api/v1/patients?q=fever",
    "/api/v1/map",
    "/api/v1/status",
    "/api/v1/note?id=none",
    "/api/v1/search?q=fever&since=never",
    "/note?id=none",
)


@pytest.fixture(scope="module")
def by_processes(served_folder: Path) -> Iterator[Served]:
    with serving(served_folder, Serving(processes=1)) as started:
        wait_until(lambda: started.app.state.processes.are_ready)
        yield started


def wait_until(holds: Callable[[], bool], seconds: float = 60) -> None:
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end
        time.sleep(0.02)


def children(pid: int) -> list[int]:
    """Return the processes that a process has started and that answer."""
    found = []
    for listed in Path(f"/proc/{pid}/task").glob("*/children"):
        found += [int(child) for child in listed.read_text().split()]
    return [child for child in found if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes()]


def has_ended(pid: int) -> bool:
    path = Path(f"/proc/{pid}/cmdline")
    return not path.exists() or not path.read_bytes()


@pytest.mark.parametrize("path", PATHS)
def test_a_process_answers_as_the_server_itself(served: Served, by_processes: Served, path: str) -> None:
    here, there = served.ask(path), by_processes.ask(path)
    assert there.status == here.status
    assert {**there.headers, "x-request-id": "", "date": ""} == {**here.headers, "x-request-id": "", "date": ""}
    assert without_times(there.body) == without_times(here.body)


def without_times(body: bytes) -> bytes:
    return re.sub(rb"\d\d:\d\d(:\d\d)?|[0-9a-f]{8}-\d+|\"seconds\": [\d.]+", b"", body)


def test_a_process_that_ends_is_replaced_and_none_asked_meanwhile_fails(
    by_processes: Served, capfd: pytest.CaptureFixture[str]
) -> None:
    wait_until(lambda: by_processes.app.state.processes.are_ready)
    (answering,) = children(os.getpid())
    os.kill(answering, signal.SIGKILL)
    wait_until(lambda: has_ended(answering))
    assert by_processes.ask("/api/v1/search?q=fever").status == 200
    wait_until(lambda: by_processes.app.state.processes.are_ready)
    assert answering not in children(os.getpid())
    assert "A process that answers has ended; another takes its place." in capfd.readouterr().err


def test_a_process_that_ends_at_its_question_fails_that_alone(
    by_processes: Served, capfd: pytest.CaptureFixture[str]
) -> None:
    wait_until(lambda: by_processes.app.state.processes.are_ready)
    (answering,) = children(os.getpid())
    catalog = by_processes.folder / "catalog.db"
    # It waits for the catalog, which another has for itself, when it is killed.
    locking = subprocess.Popen([sys.executable, "-c", LOCKED, catalog, str(answering)], stdout=subprocess.PIPE)
    assert locking.stdout is not None
    assert locking.stdout.readline() == b"locked\n"
    failed = by_processes.ask(f"/api/v1/search?q={MARK}")
    locking.communicate()
    assert failed.status == 500
    assert by_processes.ask("/api/v1/search?q=fever").status == 200
    said = capfd.readouterr().err
    assert "fault a process that answers has ended" in said
    assert MARK not in said


def test_what_fails_in_a_process_is_told_by_its_kind_and_place_alone(
    served_folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CLINSEARCH_TRACEBACK", "")
    monkeypatch.delenv("CLINSEARCH_TRACEBACK")

    def fail(*_: object) -> None:
        raise ValueError(MARK)

    collection = clinsearch.open(served_folder)
    for ask in (fail, lambda *_: lambda: MARK):  # what is no answer cannot be sent
        failing = Operation(f"failing {ask}", "", (), ask, lambda _: {})
        found = pickle.loads(_written(collection, failing.key, {}, is_page=False))
        assert isinstance(found, ProcessFault)
        assert re.fullmatch(r"\w+( at \w+\.py:\d+)?", found.origin), found.origin
        assert MARK not in str(found)


def test_every_error_of_the_program_can_be_sent() -> None:
    kinds = [one for one in vars(errors).values() if isinstance(one, type) and issubclass(one, errors.ClinsearchError)]
    assert len(kinds) > 10
    for kind in kinds:
        sent = pickle.loads(pickle.dumps(kind("The line.")))
        assert (type(sent), str(sent)) == (kind, "The line.")


def test_every_operation_has_a_key_of_its_own() -> None:
    load_views()
    made = [one for one in gc.get_objects() if type(one) is Operation and "failing" not in one.name]
    assert len(made) > 30
    assert max(Counter(one.key for one in made).values()) == 1


def test_without_processes_questions_are_answered_here(served_folder: Path) -> None:
    from clinsearch.web.operations.collection import STAMP

    collection = clinsearch.open(served_folder)
    assert Processes(collection).answer(STAMP, {}, is_page=False) == (collection.stamp(), "")


@pytest.mark.parametrize("end", [signal.SIGKILL, signal.SIGTERM, signal.SIGINT])
def test_processes_end_with_the_server(served_folder: Path, end: signal.Signals) -> None:
    command = [sys.executable, "-m", "clinsearch", "serve", "--port", "0", "--processes", "1"]
    server = subprocess.Popen(
        [*command, "--collection", served_folder], stderr=subprocess.DEVNULL,
        preexec_fn=lambda: signal.signal(signal.SIGINT, signal.default_int_handler),
    )  # fmt: skip
    try:
        wait_until(lambda: bool(children(server.pid)))
        (answering,) = children(server.pid)
        server.send_signal(end)
        server.wait(30)
        wait_until(lambda: has_ended(answering), 30)
    finally:
        server.kill()
        server.wait()
