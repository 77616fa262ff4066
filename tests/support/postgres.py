"""PostgreSQL servers for tests and benchmarks: a cluster of their own each, on a free port of the loopback."""

from __future__ import annotations

import os
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager, suppress
from pathlib import Path
from typing import Any, Literal

import psycopg
from psycopg import sql

from tests.support.postgres_programs import (
    PostgresUnavailable,
    as_server_user,
    give_to_server_user,
    program_environment,
    programs,
    run_program,
)

SUPERUSER = "postgres"
OWNER = "clinsearch"
"""The ordinary role that owns the databases."""
TEMPLATE = "with_vector"
"""A database that has the extension vector and nothing else."""

STARTED_WITHIN_S = 60

# Below the ports that systems give to connections, so that none is taken while a server is down.
PORTS = range(20000, 32000)

SETTINGS = {
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",
    "max_connections": "100",
    "wal_keep_size": "256MB",
    # Passwords are long and random here; the 4,096 rounds of the default slow every connection down.
    "scram_iterations": "1",
    "log_line_prefix": "%m [%p] %d ",
}
# Processes that are killed lose nothing by these, as a machine without power would.
NOT_DURABLE = {"fsync": "off", "full_page_writes": "off"}

# Ends the server as soon as its standard input is closed: when the test process ends, however it ends.
GUARD = """
exec 3<&0
"$@" >&2 </dev/null &
server=$!
echo $server
{ read -r _; kill -QUIT $server; } <&3 >/dev/null 2>&1 &
wait $server
status=$?
kill $! 2>/dev/null
exit $status
"""


class PostgresServer:
    """A server with pgvector; `with` ends it and deletes its folder.

    Attributes: `port`; `pid`, of the first of its processes; `passwords`, by role; `folder`.
    """

    def __init__(self, folder: Path, passwords: dict[str, str]) -> None:
        self.folder = folder
        self.passwords = passwords
        self.port = 0
        self.pid = 0
        self._guard: subprocess.Popen[str] | None = None
        self._replicas = 0

    @classmethod
    def make(
        cls, *, durable: bool = False, settings: Mapping[str, str] | None = None, place: Path | None = None
    ) -> PostgresServer:
        """Make a cluster and start it.

        `durable`: commits reach the disk. `settings`: of postgresql.conf, before the ones here. `place`: the folder
        to make the server's folder in, which others may enter; by default the one for temporary files.
        Raises PostgresUnavailable where that cannot be done here.
        """
        server = cls(_new_folder(place), {role: secrets.token_hex(16) for role in (SUPERUSER, OWNER)})
        try:
            server._make_cluster()
            server._configure({**SETTINGS, **({} if durable else NOT_DURABLE), **(settings or {})})
            server._start_on_a_free_port()
            server._make_owner_and_template()
        except BaseException:
            server.close()
            raise
        return server

    def __enter__(self) -> PostgresServer:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    @property
    def data(self) -> Path:
        return self.folder / "data"

    @property
    def log(self) -> str:
        """What the server has written to its log."""
        path = self.folder / "log"
        return path.read_text(encoding="utf-8", errors="replace") if path.exists() else ""

    def dsn(self, database: str = "postgres", *, role: str = OWNER, with_password: bool = True) -> str:
        """Return the URL of a database, postgresql://role:password@127.0.0.1:port/database."""
        secret = f":{self.passwords[role]}" if with_password else ""
        return f"postgresql://{role}{secret}@127.0.0.1:{self.port}/{database}"

    def execute(self, statement: sql.Composed | sql.SQL | str, *, database: str = "postgres") -> list[tuple[Any, ...]]:
        """Run one statement as superuser, in a transaction of its own or in none, and return its rows."""
        with psycopg.connect(self.dsn(database, role=SUPERUSER), autocommit=True) as connection:
            cursor = connection.execute(statement)  # type: ignore[arg-type]
            return cursor.fetchall() if cursor.description else []

    def make_role(self, role: str) -> None:
        """Make an ordinary role with a password, in `passwords`."""
        self.passwords[role] = secrets.token_hex(16)
        self.execute(sql.SQL("CREATE ROLE {} LOGIN PASSWORD {}").format(sql.Identifier(role), self.passwords[role]))

    def make_database(self, name: str | None = None, *, template: str = TEMPLATE, owner: str = OWNER) -> str:
        """Copy a database, by default one with the extension vector alone, and return its URL, the owner's.

        To copy it, nobody may be connected to `template`.
        """
        name = name or f"test_{secrets.token_hex(6)}"
        names = (sql.Identifier(each) for each in (name, template, owner))
        self.execute(sql.SQL("CREATE DATABASE {} TEMPLATE {} OWNER {}").format(*names))
        return self.dsn(name, role=owner)

    def drop_database(self, name: str) -> None:
        """Drop a database and end the connections to it."""
        self.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(sql.Identifier(name)))

    @contextmanager
    def database(self, *, template: str = TEMPLATE) -> Iterator[str]:
        """Give the URL of a fresh database, which is dropped at the end."""
        dsn = self.make_database(template=template)
        try:
            yield dsn
        finally:
            self.drop_database(dsn.rpartition("/")[2])

    def start(self) -> None:
        """Start the server, after `stop` or `kill` too, and wait until it answers."""
        give_up_at = time.monotonic() + STARTED_WITHIN_S
        while (said := self._launch(give_up_at)) is not None:
            # Those that served connections outlive a killed server by a moment.
            if "pre-existing shared memory block" not in said or time.monotonic() > give_up_at:
                raise PostgresUnavailable(f"PostgreSQL does not start: {said[-2000:].strip()}")
            time.sleep(0.05)

    def stop(self, mode: Literal["smart", "fast", "immediate"] = "fast") -> None:
        """End the server in order: its clients first, at once, or not at all."""
        signals = {"smart": signal.SIGTERM, "fast": signal.SIGINT, "immediate": signal.SIGQUIT}
        self._end(signals[mode])

    def kill(self) -> None:
        """End the server as a crash would: all of its processes, with signal 9."""
        with closing(psycopg.connect(self.dsn(role=SUPERUSER), autocommit=True)) as connection:
            os.kill(self.pid, signal.SIGSTOP)  # from here on it starts none
            pids = [pid for (pid,) in connection.execute("SELECT pid FROM pg_stat_activity")]
        for pid in [self.pid, *pids]:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self._end(signal.SIGKILL)

    def reload(self, **settings: str) -> None:
        """Change settings for good that need no restart."""
        for name, value in settings.items():
            self.execute(sql.SQL("ALTER SYSTEM SET {} = {}").format(sql.Identifier(name), value))
        self.execute("SELECT pg_reload_conf()")

    def replica(self, *, synchronous: bool = False, place: Path | None = None) -> PostgresServer:
        """Make a streaming replica and start it; it is ended on its own.

        `synchronous`: from now on a commit returns only when the replica has it on its disk.
        """
        self._replicas += 1
        name = f"replica_{self._replicas}"
        replica = PostgresServer(_new_folder(place), self.passwords)
        try:
            source = f"{self.dsn(role=SUPERUSER)}?application_name={name}"
            copying = ["-R", "-X", "stream", "--checkpoint=fast", "--no-sync"]
            run_program([programs() / "pg_basebackup", "-d", source, "-D", replica.data, *copying], replica.folder)
            replica._start_on_a_free_port()
            if synchronous:
                self.reload(synchronous_standby_names=name)
            self._await_replica(name, "sync" if synchronous else "async")
        except BaseException:
            replica.close()
            raise
        return replica

    def promote(self) -> None:
        """Make a primary of a replica; it waits for no replica that the former primary had."""
        self.reload(synchronous_standby_names="")
        ((promoted,),) = self.execute(f"SELECT pg_promote(true, {STARTED_WITHIN_S})")
        if not promoted:
            raise TimeoutError(f"the replica was not promoted within {STARTED_WITHIN_S} s")

    def close(self) -> None:
        """End the server at once and delete its folder."""
        self._end(signal.SIGQUIT)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _make_cluster(self) -> None:
        password = self.folder / "password"
        password.touch(mode=0o600)
        password.write_text(self.passwords[SUPERUSER], encoding="ascii")
        give_to_server_user(password)
        locale = ["--encoding=UTF8", "--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--locale=C"]
        account = ["--username", SUPERUSER, "--pwfile", password, "--auth=scram-sha-256"]
        run_program([programs() / "initdb", "-D", self.data, *account, *locale, "--no-sync"], self.folder)
        password.unlink()

    def _configure(self, settings: Mapping[str, str]) -> None:
        """Add lines to postgresql.conf, where the last one of a name counts."""
        with (self.data / "postgresql.conf").open("a", encoding="utf-8") as lines:
            lines.writelines("{} = '{}'\n".format(name, value.replace("'", "''")) for name, value in settings.items())

    def _make_owner_and_template(self) -> None:
        self.make_role(OWNER)
        self.execute(f"CREATE DATABASE {TEMPLATE}")
        self.execute("CREATE EXTENSION vector", database=TEMPLATE)
        # A database that somebody is connected to cannot be copied.
        self.execute(f"ALTER DATABASE {TEMPLATE} ALLOW_CONNECTIONS false IS_TEMPLATE true")

    def _start_on_a_free_port(self) -> None:
        for tries_left in (2, 1, 0):
            self.port = free_port()
            self._configure({"port": str(self.port)})
            try:
                self.start()
            except PostgresUnavailable as error:
                if not tries_left or "Address already in use" not in str(error):
                    raise
            else:
                return

    def _launch(self, give_up_at: float) -> str | None:
        """Start the server once; return what it said where it has ended, or None where it answers."""
        already_said = len(self.log)
        with (self.folder / "log").open("a") as log:
            self._guard = subprocess.Popen(
                ["sh", "-c", GUARD, "sh", programs() / "postgres", "-D", self.data],
                cwd=self.folder,
                env=program_environment(self.folder),
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=log,
                text=True,
                start_new_session=True,  # a Ctrl-C is for the tests, which then end it
                **as_server_user(),
            )
        assert self._guard.stdout is not None
        self.pid = int(self._guard.stdout.readline())
        while self._guard.poll() is None:
            with suppress(psycopg.OperationalError):
                self.execute("SELECT 1")
                return None
            if time.monotonic() > give_up_at:
                self._end(signal.SIGQUIT)
                return f"no answer within {STARTED_WITHIN_S} s; {self.log[already_said:]}"
            time.sleep(0.02)
        self._end(signal.SIGQUIT)
        return self.log[already_said:]

    def _end(self, how: signal.Signals) -> None:
        guard, self._guard = self._guard, None
        if guard is None:
            return
        assert guard.stdin is not None
        assert guard.stdout is not None
        if guard.poll() is None:
            with suppress(ProcessLookupError):
                os.kill(self.pid, how)
            guard.wait(STARTED_WITHIN_S)
        guard.stdin.close()
        guard.stdout.close()

    def _await_replica(self, name: str, state: str) -> None:
        give_up_at = time.monotonic() + STARTED_WITHIN_S
        asked = sql.SQL("SELECT state, sync_state FROM pg_stat_replication WHERE application_name = {}").format(name)
        while self.execute(asked) != [("streaming", state)]:
            if time.monotonic() > give_up_at:
                raise TimeoutError(f"{name} is not {state} within {STARTED_WITHIN_S} s")
            time.sleep(0.02)


def free_port() -> int:
    """Return a port of the loopback that nothing listens on."""
    while True:
        port = secrets.choice(PORTS)
        with socket.socket() as trial, suppress(OSError):
            trial.bind(("127.0.0.1", port))
            return port


def _new_folder(place: Path | None) -> Path:
    folder = Path(tempfile.mkdtemp(prefix="clinsearch-postgres-", dir=place))
    give_to_server_user(folder)
    return folder
