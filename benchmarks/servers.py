"""The server that a benchmark asks: one of its own, or one that is given; and the CPU time that it takes."""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import psycopg

from clinsearch.records.locations import database_at
from tests.support.postgres import PostgresServer

# A quarter of the memory for what is read often, and room for the graph of a million vectors while it is built.
SETTINGS = {"shared_buffers": "3GB", "max_wal_size": "8GB", "maintenance_work_mem": "2GB"}
LEAST_MEMORY = 16 << 30
OF_A_SMALL_MACHINE = {"shared_buffers": "512MB", "maintenance_work_mem": "512MB"}


@dataclass(frozen=True, slots=True)
class Cluster:
    """A server: the address of its database for a search, and, if it was started here, the server itself."""

    dsn: str
    server: PostgresServer | None = None

    def connect(self) -> psycopg.Connection[tuple[object, ...]]:
        """Connect to the database with clinsearch's tables in the search path."""
        return psycopg.connect(self.dsn, autocommit=True, options="-c search_path=clinsearch,public")

    def described(self) -> str:
        """Say what server it is."""
        with self.connect() as connection:
            shown = [connection.execute(f"SHOW {name}").fetchone() for name in ("server_version", "shared_buffers")]
            version, buffers = (row[0] for row in shown if row)
            vector = connection.execute("SELECT extversion FROM pg_extension WHERE extname = 'vector'").fetchone()
        pgvector = f", pgvector {vector[0]}" if vector else ""
        return f"PostgreSQL {str(version).split()[0]}{pgvector}, shared_buffers {buffers}"

    def process(self) -> int | None:
        """Return the first of the server's processes, None if it is on another machine."""
        if self.server is not None:
            return self.server.pid
        if not set(database_at(self.dsn).hosts) <= {"127.0.0.1", "localhost"}:
            return None
        with self.connect() as connection:
            row = connection.execute("SELECT pg_backend_pid()").fetchone()
            return None if row is None else _stat(int(str(row[0])))[0]

    @contextmanager
    def database(self) -> Iterator[str]:
        """Give the address of an empty database, which is removed at the end."""
        server = self.server
        if server is None:
            raise SystemExit("This part makes databases of its own: leave out --database.")
        with server.database() as dsn:
            yield dsn


def cluster_at(dsn: str) -> Cluster:
    """Take a server that runs."""
    return Cluster(dsn)


@contextmanager
def new_cluster() -> Iterator[Cluster]:
    """Start a server, which is removed at the end. Raises PostgresUnavailable."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    settings = SETTINGS if memory >= LEAST_MEMORY else SETTINGS | OF_A_SMALL_MACHINE
    with PostgresServer.make(durable=True, settings=settings) as server:
        yield Cluster(server.make_database(), server)


class Stopwatch:
    """Measures, from one call to the next, seconds of wall and of CPU time, this process's and the server's."""

    def __init__(self, server: int | None) -> None:
        self._server = server
        self._wall, self._own, self._its = self._now()

    def lap(self) -> tuple[float, float, float]:
        """Return what has passed since the last call: wall, own CPU and the server's CPU time, in seconds."""
        now = self._now()
        passed = now[0] - self._wall, now[1] - self._own, now[2] - self._its
        self._wall, self._own, self._its = now
        return passed

    def _now(self) -> tuple[float, float, float]:
        taken = os.times()
        own = time.process_time() + taken.children_user + taken.children_system
        return time.perf_counter(), own, cpu_of(self._server) if self._server else 0.0


def cpu_of(first: int) -> float:
    """Return the CPU time of a server's processes, of those that have ended, too, in seconds."""
    ticks = 0
    for entry in Path("/proc").iterdir() if Path("/proc/self/stat").exists() else ():
        if entry.name.isdigit():
            try:
                parent, own, of_children = _stat(int(entry.name))
            except OSError:
                continue
            ticks += own if parent == first else own + of_children if int(entry.name) == first else 0
    return ticks / os.sysconf("SC_CLK_TCK")


def _stat(pid: int) -> tuple[int, int, int]:
    """Return a process's parent, its CPU time, and that of its children that have ended, in ticks."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return int(fields[1]), int(fields[11]) + int(fields[12]), int(fields[13]) + int(fields[14])
