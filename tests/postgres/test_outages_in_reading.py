"""A server that goes away while it is asked, and comes back."""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

import clinsearch
from clinsearch import outages
from clinsearch.errors import CollectionAway
from clinsearch.records import Hit
from tests.support.postgres import PostgresServer

Kept = tuple[PostgresServer, clinsearch.Collection, list[Hit]]
NOTES = [{"note_id": f"n{number}", "text": f"Fever for {number} days. No cough."} for number in range(1, 9)]


@pytest.fixture
def kept(tmp_path: Path, tiny_model: Path, postgres_server: PostgresServer) -> Iterator[Kept]:
    """A server that may be killed, with a collection, and the hits of a search before."""
    (tmp_path / "notes.jsonl").write_text("\n".join(map(json.dumps, NOTES)))
    with PostgresServer.make(durable=True) as server:
        dsn = server.make_database()
        clinsearch.index(tmp_path / "notes.jsonl", dsn, model=str(tiny_model))
        collection = clinsearch.Collection(dsn)
        yield server, collection, collection.search("fever", k=3)


def test_a_server_that_comes_back_is_not_noticed(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    server, collection, before = kept
    monkeypatch.setattr(outages, "WITHIN_S", 60)  # a busy machine starts a server slowly
    server.kill()
    back = threading.Timer(1.0, server.start)
    back.start()
    began = time.monotonic()
    assert collection.search("fever", k=3) == before
    assert time.monotonic() - began > 0.5
    back.join()
    assert collection.status().notes == len(NOTES)


def test_a_server_that_stays_away_is_named_in_one_line(kept: Kept, monkeypatch: pytest.MonkeyPatch) -> None:
    server, collection, _ = kept
    monkeypatch.setattr(outages, "WITHIN_S", 0.5)
    server.kill()
    began = time.monotonic()
    with pytest.raises(CollectionAway, match=r"^The database postgresql://.* cannot be reached: ") as caught:
        collection.search("fever")
    assert time.monotonic() - began > 0.4
    assert "\n" not in str(caught.value)


def test_what_changes_is_not_repeated(kept: Kept) -> None:
    server, collection, _ = kept
    server.kill()
    began = time.monotonic()
    with pytest.raises(CollectionAway):
        collection.delete(["n1"])
    assert time.monotonic() - began < outages.WITHIN_S
