"""Collections over several databases of one server."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager

import psycopg
import pytest

from clinsearch.records.locations import database_at
from clinsearch.storage import make_shards
from tests.support.postgres import OWNER, PostgresServer

SHARDS = 3


@contextmanager
def empty_shards(
    server: PostgresServer, count: int = SHARDS, *, ports: Mapping[int, int] | None = None
) -> Iterator[list[str]]:
    """Give the addresses of fresh databases that are one collection, without a password: it is in the environment.

    ports: by which some are reached in place of the server's own, by number.
    """
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("PGPASSWORD", server.passwords[OWNER])
        names = [server.make_database().rpartition("/")[2] for _ in range(count)]
        addresses = [server.dsn(name, with_password=False) for name in names]
        for number, port in (ports or {}).items():
            addresses[number] = addresses[number].replace(f":{server.port}/", f":{port}/")
        make_shards(list(map(database_at, addresses)))
        yield addresses
        for name in names:
            server.drop_database(name)


def notes_in(address: str) -> list[str]:
    """Return the ids of the notes of one shard."""
    with psycopg.connect(address) as connection:
        return sorted(note_id for (note_id,) in connection.execute("SELECT note_id FROM clinsearch.notes"))
