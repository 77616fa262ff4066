"""Writes the audit trail: a line is on the disk before what it tells of is shown."""

from __future__ import annotations

import fcntl
import hmac
import os
import secrets
import stat
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime
from pathlib import Path
from threading import Lock
from typing import Any

from clinsearch.errors import AuditError
from clinsearch.rendering.signs import tell
from clinsearch.web.audit.chain import CONTINUED, START, chained, check

# A file that has grown so large is kept under another name, and a new one goes on from its last line.
MOST_BYTES = 64 << 20
KEY_BYTES = 32


class Trail:
    """An audit trail in a file; one process writes it, from any of its threads.

    `keeps_texts`: texts that are asked for stand in it as they are, in place of their keyed hashes.
    """

    def __init__(self, path: Path, *, keeps_texts: bool = False, most_bytes: int = MOST_BYTES) -> None:
        """Go on with a trail, or begin one. Raises AuditError for one that is not as it was written."""
        self.path, self._keeps_texts, self._most = path, keeps_texts, most_bytes
        self._lock = Lock()
        self._key = _key(path.with_name(path.name + ".key"))
        self._file = _opened(path)
        self._size, self._last = 0, START
        try:
            self._go_on()
        except BaseException:
            self.close()
            raise

    def record(
        self,
        who: str,
        what: str,
        note_ids: Sequence[str] = (),
        asked: Mapping[str, Any] | None = None,
        request: str | None = None,
    ) -> None:
        """Write a line, and return when it is on the disk. Raises AuditError.

        asked: what was asked for; its texts are hashed, numbers and switches are not.
        """
        at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        entry: dict[str, Any] = {"at": at, "request": request, "who": who, "what": what}
        if asked:
            entry["asked"] = {name: self._told(value) for name, value in asked.items()}
        with self._lock:
            self._rotate_if_long()
            self._write({**entry, "notes": list(note_ids)})

    def close(self) -> None:
        """Let another process write it."""
        os.close(self._file)

    def _told(self, value: Any) -> Any:
        if isinstance(value, str):
            return value if self._keeps_texts else hashed(self._key, value)
        if isinstance(value, tuple):
            return [self._told(one) for one in value]
        return value

    def _go_on(self) -> None:
        found = check(self.path)
        if found.fault and not found.is_torn:
            raise AuditError(
                f"The audit trail {self.path} does not hold in line {found.lines + 1}: {found.fault}. "
                "Move it, and its key, away to look into it, and begin a new one."
            )
        self._size, self._last = found.bytes, found.last
        if found.is_torn:  # it was not on the disk, so what it tells of was not shown
            os.ftruncate(self._file, found.bytes)
            tell(f"The last line of the audit trail {self.path} was not written to its end, and is left out.")
            self.record("local", "line that was not written to its end left out")

    def _write(self, entry: Mapping[str, Any]) -> None:
        line, digest = chained(entry, self._last)
        try:
            written = 0
            while written < len(line):
                written += os.write(self._file, line[written:])
            os.fsync(self._file)
        except OSError as error:
            with suppress(OSError):
                os.ftruncate(self._file, self._size)
            raise AuditError(
                f"The audit trail cannot be written, so nothing is shown: {(error.strerror or 'it failed').lower()}."
            ) from None
        self._size, self._last = self._size + len(line), digest

    def _rotate_if_long(self) -> None:
        """Keep a long file under a name with the time, and go on in a new one."""
        if self._size < self._most:
            return
        kept = self.path.with_name(f"{self.path.name}.{datetime.now(UTC):%Y%m%dT%H%M%S%fZ}")
        try:
            self.path.rename(kept)
            former, self._file = self._file, _opened(self.path)
        except OSError as error:
            reason = (error.strerror or "it failed").lower()
            raise AuditError(f"The audit trail cannot be continued in a new file: {reason}.") from None
        os.close(former)
        self._size = 0
        at = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
        self._write({"at": at, "request": None, "who": "local", "what": CONTINUED, "file": kept.name})


def hashed(key: bytes, text: str) -> str:
    """Hash a text with a key: who has the key can tell whether a text was asked for, and nobody else anything."""
    return "hmac-sha256:" + hmac.digest(key, text.encode(errors="surrogatepass"), "sha256").hex()


def _opened(path: Path) -> int:
    """Open a trail, to which one process may append; make it if there is none. Raises AuditError."""
    file = _own(path, os.O_RDWR | os.O_APPEND | os.O_CREAT)
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        os.close(file)
        raise AuditError(f"Another process writes the audit trail {path}. Name another file for this one.") from None
    _sync_folder(path)
    return file


def _key(path: Path) -> bytes:
    """Read the key of a trail, or make one. Raises AuditError."""
    file = _own(path, os.O_RDWR | os.O_CREAT)
    try:
        if not (found := os.read(file, 1000)):
            found = secrets.token_hex(KEY_BYTES).encode() + b"\n"
            os.write(file, found)
            os.fsync(file)
            _sync_folder(path)
        key = bytes.fromhex(found.decode("ascii"))
    except (ValueError, OSError):
        key = b""
    finally:
        os.close(file)
    if len(key) != KEY_BYTES:
        raise AuditError(f"{path} is no key of an audit trail. Move it away, and the trail with it.")
    return key


def _own(path: Path, flags: int) -> int:
    """Open a file that nobody else may read or write. Raises AuditError."""
    try:
        file = os.open(path, flags | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOFOLLOW, 0o600)
    except OSError as error:
        raise AuditError(f"{path} cannot be written: {(error.strerror or 'it failed').lower()}.") from None
    found = os.fstat(file)
    if not stat.S_ISREG(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o077:
        os.close(file)
        raise AuditError(f"{path} is not a file that you alone can read. Run `chmod 600` on it, or name another.")
    return file


def _sync_folder(path: Path) -> None:
    folder = os.open(path.absolute().parent, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)
