"""The server that tests run against: it is what they take it for, and it is gone when they are."""

from __future__ import annotations

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor

import psycopg
import pytest

from tests.conftest import PROJECT

WITHIN_S = 30


@pytest.fixture
def own_server(postgres_server) -> Iterator[object]:
    """A server that a test may kill."""
    with type(postgres_server).make() as server:
        yield server


def numbers(dsn: str) -> list[int]:
    with psycopg.connect(dsn) as connection:
        return [number for (number,) in connection.execute("SELECT number FROM numbers ORDER BY number")]


def commit(dsn: str, number: int) -> None:
    with psycopg.connect(dsn) as connection:
        connection.execute("CREATE TABLE IF NOT EXISTS numbers (number bigint PRIMARY KEY)")
        connection.execute("INSERT INTO numbers VALUES (%s)", (number,))


def until(holds: Callable[[], bool]) -> None:
    give_up_at = time.monotonic() + WITHIN_S
    while not holds():
        assert time.monotonic() < give_up_at
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True


def test_versions_are_those_that_clinsearch_needs(postgres_database: str) -> None:
    with psycopg.connect(postgres_database) as connection:
        ((vector,),) = connection.execute("SELECT extversion FROM pg_extension WHERE extname = 'vector'")
        assert connection.info.server_version >= 180000
        assert tuple(int(part) for part in vector.split(".")) >= (0, 8, 4)
        # No more than a hospital gives: a role that owns its database, and nothing else.
        ((superuser, owner),) = connection.execute(
            "SELECT rolsuper, rolname = pg_get_userbyid(datdba) FROM pg_roles, pg_database"
            " WHERE rolname = current_user AND datname = current_database()"
        )
        assert (superuser, owner) == (False, True)


def test_a_database_is_fresh_and_a_template_is_copied_whole(postgres_server) -> None:
    made = postgres_server.make_database("numbered")
    commit(made, 7)
    with postgres_server.database(template="numbered") as copied, postgres_server.database() as fresh:
        assert numbers(copied) == [7]
        with pytest.raises(psycopg.errors.UndefinedTable):
            numbers(fresh)
    postgres_server.drop_database("numbered")
    with pytest.raises(psycopg.OperationalError):
        psycopg.connect(copied)


def test_nobody_comes_in_without_the_password(postgres_server, postgres_database: str) -> None:
    name = postgres_database.rpartition("/")[2]
    bare = postgres_server.dsn(name, with_password=False)
    # The developer's own password file is not asked.
    with pytest.raises(psycopg.OperationalError, match="no password supplied"):
        psycopg.connect(bare, passfile=os.devnull)
    with pytest.raises(psycopg.OperationalError, match="password authentication failed"):
        psycopg.connect(bare, password="wrong")


def test_it_listens_on_the_loopback_alone(postgres_server) -> None:
    assert postgres_server.execute("SHOW listen_addresses") == [("127.0.0.1",)]
    assert postgres_server.execute("SHOW unix_socket_directories") == [("",)]


def test_a_committed_row_outlives_a_kill(postgres_server) -> None:
    with type(postgres_server).make(durable=True) as server:
        assert server.execute("SHOW fsync") == [("on",)]
        dsn = server.make_database()
        commit(dsn, 1)
        open_connection = psycopg.connect(dsn)
        open_connection.execute("INSERT INTO numbers VALUES (2)")
        killed = [pid for (pid,) in server.execute("SELECT pid FROM pg_stat_activity")]
        server.kill()
        until(lambda: not any(is_running(pid) for pid in [server.pid, *killed]))
        with pytest.raises(psycopg.OperationalError):
            open_connection.execute("SELECT 1")
        open_connection.close()
        server.start()
        assert numbers(dsn) == [1]
        server.stop()
        server.start()
        assert numbers(dsn) == [1]


def test_a_promoted_replica_has_what_was_committed(own_server) -> None:
    dsn = own_server.make_database("numbered")
    with own_server.replica(synchronous=True) as replica:
        for number in range(20):
            commit(dsn, number)
        own_server.kill()
        began = time.monotonic()
        replica.promote()
        promoted = replica.dsn("numbered")
        commit(promoted, 20)
        assert time.monotonic() - began < 15
        assert numbers(promoted) == list(range(21))


def test_a_commit_waits_for_a_synchronous_replica(own_server) -> None:
    dsn = own_server.make_database("numbered")
    commit(dsn, 1)
    with own_server.replica(synchronous=True) as replica, ThreadPoolExecutor(1) as threads:
        replica.kill()
        waiting = threads.submit(commit, dsn, 2)
        until(lambda: own_server.execute("SELECT 1 FROM pg_stat_activity WHERE wait_event = 'SyncRep'") == [(1,)])
        assert not waiting.done()
        replica.start()
        waiting.result(timeout=WITHIN_S)
        assert numbers(replica.dsn("numbered")) == [1, 2]


def test_the_server_ends_when_the_tests_are_killed(postgres_server) -> None:
    script = (
        "from tests.support.postgres import PostgresServer\n"
        "server = PostgresServer.make()\n"
        "print(server.pid, server.folder, flush=True)\n"
        "input()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", script], cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as tests:
        assert tests.stdout is not None
        pid, _, folder = tests.stdout.readline().strip().partition(" ")
        assert is_running(int(pid))
        os.kill(tests.pid, signal.SIGKILL)
        until(lambda: not is_running(int(pid)))
    shutil.rmtree(folder)
