"""Reading from a replica, time limits, clients that go away, and what `status` says of a server."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import pytest

import clinsearch
from clinsearch.errors import CollectionError, HitNotFound
from tests.support.postgres import PostgresServer

NOTES = [{"note_id": f"n{number}", "text": f"Fever for {number} days. No cough."} for number in range(1, 9)]


@pytest.fixture(scope="module")
def dsn(tmp_path_factory: pytest.TempPathFactory, tiny_model: Path, postgres_server: PostgresServer) -> str:
    notes = tmp_path_factory.mktemp("notes") / "notes.jsonl"
    notes.write_text("\n".join(map(json.dumps, NOTES)))
    dsn = postgres_server.make_database()
    clinsearch.index(notes, dsn, model=str(tiny_model))
    return dsn


@pytest.fixture(scope="module")
def replicated(tiny_model: Path, postgres_server: PostgresServer, tmp_path_factory) -> Iterator[tuple[str, str]]:
    """The addresses of a database and of its replica."""
    notes = tmp_path_factory.mktemp("notes") / "notes.jsonl"
    notes.write_text("\n".join(map(json.dumps, NOTES)))
    with PostgresServer.make() as primary:
        database = primary.make_database().rpartition("/")[2]
        clinsearch.index(notes, primary.dsn(database), model=str(tiny_model))
        with primary.replica(synchronous=True) as replica:
            yield primary.dsn(database), replica.dsn(database)


def test_a_replica_answers_as_its_primary_and_remembers_nothing(replicated: tuple[str, str]) -> None:
    primary, replica = map(clinsearch.Collection, replicated)
    hits = replica.search("fever", k=3)
    assert hits == primary.search("fever", k=3)
    replica.remember("fever", hits)
    with pytest.raises(HitNotFound):
        replica.remembered(1)
    with pytest.raises(CollectionError, match=r"is a replica, which cannot be written to\. Name the primary"):
        replica.delete(["n1"])


def test_status_tells_of_the_server_and_its_replica(replicated: tuple[str, str]) -> None:
    of_primary, of_replica = (clinsearch.Collection(one).status().server for one in replicated)
    assert of_primary
    assert of_replica
    assert int(of_primary.version.split(".")[0]) >= 15
    assert (of_primary.is_replica, of_replica.is_replica) == (False, True)
    assert of_primary.behind_s is None
    assert of_replica.behind_s is not None
    assert of_replica.behind_s >= 0
    assert len(of_primary.replicas) == 1


def test_what_takes_too_long_is_cancelled_and_said_in_one_line(dsn: str) -> None:
    bounded = clinsearch.Collection(f"{dsn}?options=-c%20statement_timeout%3D2s")
    line = r"^A query to the database \S+ was cancelled, as one is that takes longer than its statement_timeout\."
    with psycopg.connect(dsn) as holder:
        holder.execute("LOCK TABLE clinsearch.notes IN ACCESS EXCLUSIVE MODE")
        with pytest.raises(CollectionError, match=line):
            bounded.notes()
    assert len(bounded.notes()) == len(NOTES)


def test_what_a_killed_client_asked_is_ended(dsn: str) -> None:
    asks = (
        "import sys\n"
        "from clinsearch.records.locations import database_at\n"
        "from clinsearch.storage.postgres.database import open_engine, transaction\n"
        "database = database_at(sys.argv[1])\n"
        "with transaction(open_engine(database, writing=False), database) as connection:\n"
        "    connection.exec_driver_sql('SELECT pg_sleep(600)')\n"
    )
    client = subprocess.Popen([sys.executable, "-c", asks, dsn], env=dict(os.environ))
    running = "SELECT count(*) FROM pg_stat_activity WHERE query = 'SELECT pg_sleep(600)' AND state = 'active'"
    with psycopg.connect(dsn, autocommit=True) as watch:

        def count() -> int:
            row = watch.execute(running).fetchone()
            return row[0] if row else 0

        until = time.monotonic() + 60
        while not count() and time.monotonic() < until:
            time.sleep(0.05)
        assert count() == 1
        client.send_signal(signal.SIGKILL)
        client.wait()
        until = time.monotonic() + 30
        while count() and time.monotonic() < until:
            time.sleep(0.05)
        assert not count()
