"""What happens when the primary of a shard is killed under load; see `benchmarks.cluster`.

Three shards; the second has a synchronous replica. One client indexes and another searches all the time, while the
second shard's primary is killed with signal 9 and, as a hospital's Patroni or repmgr would, its replica promoted.
"""

from __future__ import annotations

import json
import os
import statistics
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import psycopg

import clinsearch
from clinsearch.errors import ClinsearchError
from clinsearch.records.locations import database_at
from clinsearch.storage import make_shards
from tests.conftest import small_vocab, write_model
from tests.support.postgres import OWNER, PostgresServer

LOAD_S, PROMOTED_AFTER_S, AFTERWARDS_S = 1.5, 0.5, 1.5
NOTES_AT_ONCE = 6
ANSWERS_WITHIN_S = 30.0


@dataclass
class Load:
    """A client that indexes and one that searches, each as often as it can, and what they were told.

    acknowledged: the ids of the notes whose indexing was reported as done. answers, commits: when each was.
    """

    address: str
    folder: Path
    acknowledged: list[str] = field(default_factory=list)
    answers: list[float] = field(default_factory=list)
    commits: list[float] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    stopped: threading.Event = field(default_factory=threading.Event)

    def index(self) -> None:
        """Index new notes, of other patients each time, and again what was not reported as done."""
        while not self.stopped.is_set():
            first = len(self.acknowledged)
            ids = [f"n{number:06}" for number in range(first, first + NOTES_AT_ONCE)]
            rows = [
                {"note_id": one, "patient_id": f"P{one}", "text": f"Fever and chills. Seen as {one}."} for one in ids
            ]
            path = self.folder / f"{first:06}.jsonl"
            path.write_text("".join(json.dumps(row) + "\n" for row in rows))
            with self._noting_errors():
                clinsearch.index(path, self.address)
                self.acknowledged += ids
                self.commits.append(time.monotonic())

    def search(self) -> None:
        """Search; what was acknowledged before must be there."""
        collection = clinsearch.Collection(self.address)
        while not self.stopped.is_set():
            known = len(self.acknowledged)
            with self._noting_errors():
                if collection.count() < known:
                    self.wrong.append(f"{known} notes were acknowledged, and fewer were there")
                collection.search("fever and chills", mode="vector")
                self.answers.append(time.monotonic())

    @contextmanager
    def _noting_errors(self) -> Iterator[None]:
        try:
            yield
        except ClinsearchError as error:
            self.refused.append(str(error))
            time.sleep(0.05)


@dataclass(frozen=True)
class Round:
    """One failover: seconds from the kill to the first answer and the first acknowledged write, and what was wrong."""

    answer_s: float
    write_s: float
    acknowledged: int
    lost: int
    doubled: int
    errors: int
    wrong: int


def failover(rounds: int) -> Iterator[Round]:
    """Kill the second shard's primary again and again; yield what each time was like."""
    with ExitStack() as ended:
        folder = Path(ended.enter_context(tempfile.TemporaryDirectory()))
        others, primary = (ended.enter_context(PostgresServer.make(durable=True)) for _ in range(2))
        os.environ["PGPASSWORD"] = others.passwords[OWNER]
        # One password for all, as a service file or ~/.pgpass would give.
        primary.execute(f"ALTER ROLE {OWNER} PASSWORD '{others.passwords[OWNER]}'")
        names = [server.make_database().rpartition("/")[2] for server in (others, primary, others)]
        options = "?target_session_attrs=read-write"
        addresses = [s.dsn(n, with_password=False) for s, n in zip((others, primary, others), names, strict=True)]
        make_shards([database_at(address) for address in addresses])
        load_address = addresses[0] + options
        clinsearch.index(_one_note(folder), load_address, model=str(_model(folder)))
        load = Load(load_address, folder)
        for _ in range(rounds):
            replica = ended.enter_context(primary.replica(synchronous=True))
            _tell_addresses(addresses[0], (primary, replica), names[1])
            yield _round(load, primary, replica)
            primary.close()
            primary = replica


def _round(load: Load, primary: PostgresServer, replica: PostgresServer) -> Round:
    load.stopped.clear()
    before, refused = len(load.acknowledged), len(load.refused)
    threads = [threading.Thread(target=target) for target in (load.index, load.search)]
    for thread in threads:
        thread.start()
    try:
        _await(lambda: len(load.acknowledged) > before + NOTES_AT_ONCE and bool(load.answers))
        time.sleep(LOAD_S)
        primary.kill()
        killed = time.monotonic()
        time.sleep(PROMOTED_AFTER_S)
        replica.promote()
        _await(lambda: load.answers[-1] > killed + PROMOTED_AFTER_S and load.commits[-1] > killed + PROMOTED_AFTER_S)
        time.sleep(AFTERWARDS_S)
    finally:
        load.stopped.set()
        for thread in threads:
            thread.join()
    stored = [note.note_id for note in clinsearch.Collection(load.address).notes()]
    return Round(
        answer_s=next(at for at in load.answers if at > killed + PROMOTED_AFTER_S) - killed,
        write_s=next(at for at in load.commits if at > killed + PROMOTED_AFTER_S) - killed,
        acknowledged=len(load.acknowledged) - before,
        lost=len(set(load.acknowledged) - set(stored)),
        doubled=len(stored) - len(set(stored)),
        errors=len(load.refused) - refused,
        wrong=len(load.wrong),
    )


def _await(is_so: Callable[[], bool]) -> None:
    until = time.monotonic() + ANSWERS_WITHIN_S
    while not is_so():
        if time.monotonic() > until:
            raise TimeoutError(f"no answer within {ANSWERS_WITHIN_S} s")
        time.sleep(0.01)


def _tell_addresses(first: str, servers: tuple[PostgresServer, PostgresServer], name: str) -> None:
    """Write down where the second shard is, on either server."""
    hosts = ",".join(f"127.0.0.1:{server.port}" for server in servers)
    with psycopg.connect(first) as connection:
        change = "UPDATE clinsearch.shard_addresses SET address = %s WHERE number = 1"
        connection.execute(change, (f"postgresql://{OWNER}@{hosts}/{name}",))


def _model(folder: Path) -> Path:
    return write_model(folder / "model", small_vocab())


def _one_note(folder: Path) -> Path:
    path = folder / "first.jsonl"
    path.write_text(json.dumps({"note_id": "first", "text": "Fever and chills."}) + "\n")
    return path


def measure(rounds: int) -> dict[str, Any]:
    """Kill the second shard's primary again and again; return what each time was like."""
    return {"rounds": [asdict(one) for one in failover(rounds)]}


def print_rounds(measured: dict[str, Any]) -> None:
    """Print a line for each round, and the sum."""
    found = [Round(**one) for one in measured["rounds"]]
    for one in found:
        print(f"  {one}")
    answers, writes = ([getattr(one, of) for one in found] for of in ("answer_s", "write_s"))
    print(
        f"  {len(found)} rounds: first answer after {statistics.median(answers):.2f} s (at most {max(answers):.2f}), "
        f"first write acknowledged after {statistics.median(writes):.2f} s (at most {max(writes):.2f}); "
        f"{sum(one.acknowledged for one in found)} notes acknowledged, {found[-1].lost} lost, "
        f"{found[-1].doubled} doubled; {sum(one.errors for one in found)} errors told."
    )
