"""Disks that are soon full."""

from __future__ import annotations

import os
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from tests.support.postgres import PostgresServer
from tests.support.postgres_programs import give_to_server_user


@contextmanager
def small_disk(megabytes: int) -> Iterator[Path]:
    """Give a folder on a disk of its own, which the server's user may enter, or skip the test."""
    # Not one of pytest's, which each run of it closes to others.
    folder = Path(tempfile.mkdtemp(prefix="clinsearch-disk-"))
    size = f"size={megabytes}m,mode=755"
    try:
        if (
            os.geteuid()
            or subprocess.run(["mount", "-t", "tmpfs", "-o", size, "tmpfs", folder], check=False).returncode
        ):
            pytest.skip("only root may mount a small disk")
        folder.chmod(0o755)
        try:
            yield folder
        finally:
            subprocess.run(["umount", folder], check=True)
    finally:
        folder.rmdir()


@contextmanager
def tablespace(server: PostgresServer, name: str, folder: Path) -> Iterator[None]:
    """Have a tablespace of the server in a folder, on whatever disk that is; nothing may be left there at the end."""
    inner = folder / "space"
    inner.mkdir()
    give_to_server_user(inner)
    server.execute(f"CREATE TABLESPACE {name} LOCATION '{inner}'")
    try:
        yield
    finally:
        server.execute(f"DROP TABLESPACE {name}")


def fill(folder: Path, *, spare_kib: int) -> Path:
    """Fill a disk but for some KiB; return the file that takes the room."""
    free = os.statvfs(folder)
    path = folder / "filling"
    path.write_bytes(bytes(max(free.f_bavail * free.f_frsize - spare_kib * 1024, 0)))
    return path
