"""A server that goes away: what was acknowledged is there once, whatever went away when."""

from __future__ import annotations

import random
import select
import socket
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from uuid import UUID

import pytest
from sqlalchemy import Connection, Engine, create_engine, text
from sqlalchemy.exc import DBAPIError

psycopg = pytest.importorskip("psycopg")

from clinsearch.storage.postgres import outages  # noqa: E402
from tests.support.small_disks import small_disk, tablespace  # noqa: E402

ROWS = 5
WITHIN_S = 30
LOCK = 7


@pytest.fixture
def own_server(postgres_server) -> Iterator[object]:
    """A server that a test may kill."""
    with type(postgres_server).make() as server:
        yield server


class Tokens:
    """Keeps tokens as the collection does."""

    def __init__(self) -> None:
        self.looked = self.found = 0

    def keep(self, connection: Connection, token: UUID) -> None:
        connection.execute(text("INSERT INTO commits (token) VALUES (:token)"), {"token": token})

    def find(self, connection: Connection, token: UUID) -> bool:
        connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
        found = connection.execute(text("UPDATE commits SET seen = true WHERE token = :token"), {"token": token})
        self.looked += 1
        self.found += found.rowcount
        return bool(found.rowcount)


@contextmanager
def opened(dsn: str) -> Iterator[Engine]:
    engine = create_engine("postgresql+psycopg://", creator=lambda: psycopg.connect(dsn, connect_timeout=2))
    try:
        yield engine
    finally:
        engine.dispose()


def prepare(dsn: str) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute("CREATE TABLE rows (number bigint, part int, filling text)")
        connection.execute("CREATE TABLE commits (token uuid PRIMARY KEY, seen bool)")


def adding(number: int, filling: str = "") -> Callable[[Connection], int]:
    def change(connection: Connection) -> int:
        connection.execute(text(f"SELECT pg_advisory_xact_lock({LOCK})"))
        rows = [{"number": number, "part": part, "filling": filling} for part in range(ROWS)]
        connection.execute(text("INSERT INTO rows VALUES (:number, :part, :filling)"), rows)
        return number

    return change


def commit(engine: Engine, number: int, tokens: Tokens | None = None) -> int:
    return outages.commit_once(engine.begin, adding(number), tokens or Tokens(), WITHIN_S)


def rows_by_number(dsn: str) -> dict[int, int]:
    with psycopg.connect(dsn) as connection:
        return dict(connection.execute("SELECT number, count(*) FROM rows GROUP BY number").fetchall())


def count(connection: Connection) -> int:
    return connection.execute(text("SELECT count(*) FROM rows")).scalar_one()


@contextmanager
def cut_around_commit(port: int, rng: random.Random, cuts: dict[str, int]) -> Iterator[int]:
    """Give the port of a proxy that cuts some connections at COMMIT: before the server has it, or before the answer."""

    def pump(client: socket.socket) -> None:
        with client, socket.create_connection(("127.0.0.1", port)) as server:
            while True:
                for one in select.select([client, server], [], [])[0]:
                    data = one.recv(1 << 16)
                    cut = rng.choice(["before", "after", "", ""]) if one is client and b"COMMIT" in data else ""
                    if not data or cut == "before":
                        cuts[cut] = cuts.get(cut, 0) + 1
                        return
                    (server if one is client else client).sendall(data)
                    if cut:
                        cuts[cut] = cuts.get(cut, 0) + 1
                        return

    def accept() -> None:
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            threading.Thread(target=pump, args=(client,), daemon=True).start()

    with socket.create_server(("127.0.0.1", 0)) as listener:
        threading.Thread(target=accept, daemon=True).start()
        yield listener.getsockname()[1]
        listener.shutdown(socket.SHUT_RDWR)


def test_a_commit_that_is_cut_off_is_made_once(postgres_server, postgres_database: str) -> None:
    prepare(postgres_database)
    cuts: dict[str, int] = {}
    tokens = Tokens()
    with (
        cut_around_commit(postgres_server.port, random.Random(3), cuts) as port,
        opened(postgres_database.replace(f":{postgres_server.port}/", f":{port}/")) as engine,
    ):
        for number in range(20):
            assert commit(engine, number, tokens) == number
    assert rows_by_number(postgres_database) == dict.fromkeys(range(20), ROWS)
    assert cuts["before"]
    assert cuts["after"]
    assert 0 < tokens.found < tokens.looked


def test_a_question_is_asked_again_when_its_session_is_ended(postgres_server, postgres_database: str) -> None:
    prepare(postgres_database)
    asked = []

    def question(connection: Connection) -> int:
        asked.append(connection.execute(text("SELECT pg_backend_pid()")).scalar_one())
        if len(asked) == 1:
            postgres_server.execute(f"SELECT pg_terminate_backend({asked[0]})")
        return count(connection)

    with opened(postgres_database) as engine:
        assert outages.ask(engine.begin, question) == 0
    assert len(set(asked)) == 2


def test_an_error_that_waiting_cannot_mend_is_told_at_once(postgres_database: str) -> None:
    began = time.monotonic()
    with opened(postgres_database) as engine, pytest.raises(DBAPIError):
        outages.ask(engine.begin, count)
    assert time.monotonic() - began < outages.WITHIN_S / 2


def test_a_server_that_stays_away_is_not_waited_for_long(own_server) -> None:
    dsn = own_server.make_database()
    prepare(dsn)
    with opened(dsn) as engine:
        assert outages.ask(engine.begin, count) == 0
        own_server.kill()
        began = time.monotonic()
        with pytest.raises(DBAPIError) as caught:
            outages.ask(engine.begin, count, within_s=1)
        assert 1 <= time.monotonic() - began < 4
    assert outages.is_gone(caught.value)


def test_nothing_acknowledged_is_lost_when_a_replica_takes_over(own_server) -> None:
    dsn = own_server.make_database("numbered")
    prepare(dsn)
    with own_server.replica(synchronous=True) as replica:
        both = dsn.replace(f"127.0.0.1:{own_server.port}", f"127.0.0.1:{own_server.port},127.0.0.1:{replica.port}")
        with opened(f"{both}?target_session_attrs=read-write") as engine, ThreadPoolExecutor(3) as threads:
            acknowledged: list[tuple[int, float]] = []
            stopped = threading.Event()

            def write(first: int) -> None:
                number = first
                while not stopped.is_set():
                    acknowledged.append((commit(engine, number), time.monotonic()))
                    number += 2

            def read() -> None:
                while not stopped.is_set():
                    outages.ask(engine.begin, count, WITHIN_S)

            loads = [threads.submit(write, 0), threads.submit(write, 1), threads.submit(read)]
            try:
                time.sleep(0.5)
                own_server.kill()
                killed = time.monotonic()
                replica.promote()
                promoted = time.monotonic()
                while max(at for _, at in acknowledged) < promoted and time.monotonic() < promoted + WITHIN_S:
                    time.sleep(0.02)
            finally:
                stopped.set()
            for load in loads:
                load.result()
        after = min(at for _, at in acknowledged if at > promoted)
        assert after - killed < 5
        there = rows_by_number(replica.dsn("numbered"))
        assert {number for number, _ in acknowledged} <= there.keys()
        assert set(there.values()) == {ROWS}


def test_a_commit_whose_wait_for_the_replica_is_cancelled_is_not_acknowledged_before_it_is_there(own_server) -> None:
    dsn = own_server.make_database("numbered")
    prepare(dsn)
    waiting = "SELECT pid FROM pg_stat_activity WHERE wait_event = 'SyncRep'"
    with own_server.replica(synchronous=True) as replica, opened(dsn) as engine, ThreadPoolExecutor(1) as threads:
        replica.kill()
        tokens = Tokens()
        committing = threads.submit(commit, engine, 1, tokens)
        for _ in range(2):  # the commit, then the look for it
            give_up_at = time.monotonic() + WITHIN_S
            while not (pids := own_server.execute(waiting)) and time.monotonic() < give_up_at:
                time.sleep(0.02)
            own_server.execute(f"SELECT pg_cancel_backend({pids[0][0]})")
            while own_server.execute(waiting) == pids and not tokens.looked and time.monotonic() < give_up_at:
                time.sleep(0.02)
        assert not committing.done()
        replica.start()
        assert committing.result(timeout=WITHIN_S) == 1
        assert rows_by_number(replica.dsn("numbered")) == {1: ROWS}
        assert tokens.found >= 1


def test_a_full_disk_is_not_waited_out_and_keeps_what_was_acknowledged(postgres_server, postgres_database) -> None:
    prepare(postgres_database)
    name = postgres_database.rpartition("/")[2]
    with small_disk(8) as place, tablespace(postgres_server, "small", place):
        postgres_server.execute("ALTER TABLE rows SET TABLESPACE small", database=name)
        acknowledged: list[int] = []
        with opened(postgres_database) as engine, pytest.raises(DBAPIError) as caught:
            fill(engine, acknowledged)
        assert isinstance(caught.value.orig, psycopg.errors.DiskFull)
        assert not outages.is_gone(caught.value)
        assert acknowledged
        assert rows_by_number(postgres_database) == dict.fromkeys(acknowledged, ROWS)
        postgres_server.drop_database(name)


def fill(engine: Engine, acknowledged: list[int]) -> None:
    for number in range(1000):
        filling = random.Random(number).randbytes(20_000).hex()
        acknowledged.append(outages.commit_once(engine.begin, adding(number, filling), Tokens()))
