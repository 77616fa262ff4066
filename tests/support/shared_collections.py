"""Collections in a database that several writers share: what has to hold of them, and processes that write to them."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import asdict
from pathlib import Path
from threading import Event
from typing import Any

import psycopg
import pytest
import torch

from clinsearch.encoder.encoder import Encoder
from clinsearch.encoder.words import WORD_RECIPE
from clinsearch.indexing.index import index
from clinsearch.indexing.upkeep import identity_of
from clinsearch.indexing.worker import work
from clinsearch.records.locations import database_at
from clinsearch.storage.postgres import leases
from clinsearch.storage.postgres.writer import Writer
from tests.conftest import PROJECT
from tests.support.collections import commit_often

# What it must not take to find out that a killed writer is gone.
LEASE_S = 2.0

COUNTED = {
    "notes": "SELECT count(*) FROM notes",
    "notes_with_sentences": "SELECT count(DISTINCT note) FROM occurrences",
    "sentences": "SELECT count(*) FROM sentences",
    "occurrences": "SELECT count(*) FROM occurrences",
    "sentences_with_words": "SELECT count(*) FROM sentence_words",
    "words": "SELECT coalesce(sum(words), 0) FROM sentence_words",
    "pieces": "SELECT coalesce(sum(pieces), 0) FROM sentence_words",
}
OWNERS = {
    "sentence_vectors": "SELECT key FROM sentences",
    "note_vectors": "SELECT DISTINCT note FROM occurrences",
    "opening_vectors": "SELECT DISTINCT note FROM occurrences",
}


def rows_of(dsn: str, query: str) -> list[tuple[Any, ...]]:
    with psycopg.connect(dsn, options="-c search_path=clinsearch,public") as connection:
        return connection.execute(query).fetchall()  # type: ignore[call-overload,no-any-return]


def texts_of(dsn: str) -> dict[str, tuple[str, tuple[str, ...]]]:
    """Return the text and the sentences of every note, by id. Fails if an id is there twice."""
    places: dict[int, list[str]] = {}
    query = "SELECT note, s.text FROM occurrences JOIN sentences AS s ON s.key = sentence ORDER BY note, start"
    for note, text in rows_of(dsn, query):
        places.setdefault(note, []).append(text)
    notes = rows_of(dsn, "SELECT key, note_id, text FROM notes")
    assert len({note_id for _, note_id, _ in notes}) == len(notes)
    return {note_id: (text, tuple(places.get(key, ()))) for key, note_id, text in notes}


def assert_whole(dsn: str, *, waiting: int = 0) -> None:
    """Check that all tables say the same, that nothing is there twice, and that nothing is still claimed."""
    notes = dict(rows_of(dsn, "SELECT key, text FROM notes"))
    texts = dict(rows_of(dsn, "SELECT key, text FROM sentences"))
    assert len(set(texts.values())) == len(texts)
    places = rows_of(dsn, 'SELECT note, start, "end", sentence FROM occurrences')
    for note, start, end, sentence in places:
        assert " ".join(notes[note][start:end].split()) == texts[sentence]
    assert {sentence for *_, sentence in places} == texts.keys()
    kept = dict(rows_of(dsn, "SELECT name, rows FROM counts"))
    assert {name: rows_of(dsn, query)[0][0] for name, query in COUNTED.items()} == {one: kept[one] for one in COUNTED}
    for table, owners in OWNERS.items():
        assert sorted(rows_of(dsn, f"SELECT key FROM {table}")) == sorted(rows_of(dsn, owners))
    assert rows_of(dsn, "SELECT count(*) FROM claims") == [(0,)]
    assert rows_of(dsn, "SELECT count(*) FROM queue") == [(waiting,)]


def expire_leases(dsn: str) -> None:
    """Have the leases of all writers be over, as if they had said nothing for long."""
    with psycopg.connect(dsn) as connection:
        connection.execute("UPDATE clinsearch.workers SET until = now() - interval '1 second'")


def forget_the_gone(dsn: str) -> None:
    """Free what is still held by writers whose leases are over."""
    with Writer(database_at(dsn)) as writer:
        writer.queue.status()


def serve() -> None:
    """Start writers, each in a process of its own that has all modules already; requests and answers are JSON lines.

    The first run, of what the command line names, is for the modules that are imported on the way.
    """
    commit_often(setattr)
    leases.LEASE_S = LEASE_S
    torch.set_num_threads(1)
    sys.modules["openvino"] = None  # type: ignore[assignment]  # its threads would not be there after a fork
    notes, dsn, model = sys.argv[1:]
    index(notes, dsn, model=model, enqueue=True)
    work(database_at(dsn), until_empty=True)
    for line in sys.stdin:
        request = json.loads(line)
        if "wait" in request:
            _, status = os.waitpid(request["wait"], 0)
            print(json.dumps(os.waitstatus_to_exitcode(status)), flush=True)
            continue
        child = os.fork()
        if not child:
            _run(request)
        print(json.dumps(child), flush=True)


def _run(request: dict[str, Any]) -> None:
    status = 1
    try:
        stopped = Event()
        signal.signal(signal.SIGTERM, lambda *_: stopped.set())
        what, dsn = request.pop("what"), request.pop("dsn")
        log = Path(request.pop("report"))
        with log.with_suffix(".log").open("w") as said:
            os.dup2(said.fileno(), 2)
            if what == "index":
                report: Any = index(request.pop("notes"), dsn, **request)
            else:
                report = work(database_at(dsn), stopped=stopped, **request)
            log.write_text(json.dumps(asdict(report)))
        status = 0
    except BaseException:
        import traceback

        traceback.print_exc()
    finally:
        os._exit(status)


class Writing:
    """A process that indexes, or works, on its own."""

    def __init__(self, server: Writers, pid: int, report: Path) -> None:
        self._server, self.pid, self._report = server, pid, report

    def kill(self) -> None:
        """Kill it if it still runs, and wait for its end."""
        os.kill(self.pid, signal.SIGKILL)
        assert self._server.ask({"wait": self.pid}) in (0, -signal.SIGKILL)

    def stop(self) -> None:
        """Ask it to end."""
        os.kill(self.pid, signal.SIGTERM)

    def has_finished(self) -> bool:
        """Wait for its end; tell whether it came to it, rather than be told that the server was away."""
        if self._server.ask({"wait": self.pid}) == 0:
            return True
        said = self._report.with_suffix(".log").read_text()
        assert "clinsearch.errors.CollectionAway: " in said, said
        return False

    def report(self) -> dict[str, Any]:
        """Wait for its end, which has to be a good one, and return its report."""
        status = self._server.ask({"wait": self.pid})
        assert status == 0, self._report.with_suffix(".log").read_text()
        found: dict[str, Any] = json.loads(self._report.read_text())
        return found


class Writers:
    """Starts writers in processes of their own."""

    def __init__(self, notes: Path, dsn: str, model: Path, folder: Path) -> None:
        self._folder, self._started = folder, 0
        self._server = subprocess.Popen(
            [sys.executable, "-c", "from tests.support.shared_collections import serve; serve()", notes, dsn, model],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=PROJECT,
            # See `kills.Indexers`.
            env={
                **os.environ,
                "OMP_NUM_THREADS": "1",
                "TOKENIZERS_PARALLELISM": "false",
                "MKL_DISABLE_FAST_MM": "1",
            },
        )

    def ask(self, request: dict[str, Any]) -> Any:
        assert self._server.stdin
        assert self._server.stdout
        self._server.stdin.write(json.dumps(request) + "\n")
        self._server.stdin.flush()
        return json.loads(self._server.stdout.readline())

    def index(self, notes: Path, dsn: str, **options: Any) -> Writing:
        return self._start(what="index", dsn=dsn, notes=str(notes), **options)

    def work(self, dsn: str, **options: Any) -> Writing:
        return self._start(what="work", dsn=dsn, **options)

    def _start(self, **request: Any) -> Writing:
        self._started += 1
        report = self._folder / f"{self._started}.json"
        return Writing(self, self.ask({**request, "report": str(report)}), report)

    def close(self) -> None:
        self._server.communicate()


@contextmanager
def ending(*writings: Writing) -> Iterator[None]:
    """Kill what still runs at the end."""
    try:
        yield
    finally:
        for one in writings:
            with suppress(ProcessLookupError, AssertionError):
                one.kill()


@pytest.fixture(scope="module")
def template(postgres_server, tiny_encoder: Encoder) -> Iterator[str]:
    """A database with an empty collection, to be copied."""
    dsn = postgres_server.make_database()
    with Writer(database_at(dsn), create=True) as writer:
        writer.claim(identity_of(tiny_encoder), "a test", words=WORD_RECIPE)
    yield dsn.rpartition("/")[2]
    postgres_server.drop_database(dsn.rpartition("/")[2])


@pytest.fixture
def dsn(postgres_server, template: str) -> Iterator[str]:
    with postgres_server.database(template=template) as dsn:
        yield dsn
