"""How long who wants to write to a folder waits for another process that does; by default not at all."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path

from filelock import FileLock, Timeout

from clinsearch.errors import CollectionBusy, InputError
from clinsearch.storage.folder.seal import read_seal

# Between two looks at whether the other is done.
LOOK_EVERY_S = 0.1


@dataclass(frozen=True, slots=True)
class _Patience:
    """How long to wait, and what is told of it in a line when it begins."""

    seconds: float = 0
    tell: Callable[[str], None] | None = None


_NONE = _Patience()
_patience: ContextVar[_Patience] = ContextVar("patience", default=_NONE)


@contextmanager
def waiting(seconds: float, tell: Callable[[str], None] | None = None) -> Iterator[None]:
    """Wait up to so long for another writer of a folder, in this thread until the block ends. Raises InputError."""
    if not seconds >= 0:  # nor is it no number
        raise InputError("How long to wait is a number of seconds, 0 or more.")
    former = _patience.set(_Patience(seconds, tell))
    try:
        yield
    finally:
        _patience.reset(former)


def take(lock: FileLock, folder: Path) -> None:
    """Take the right to write to a folder, when the other writer is done. Raises CollectionBusy, OSError."""
    patience = _patience.get()
    try:
        lock.acquire(timeout=0)
    except Timeout:
        if not patience.seconds:
            raise _busy(folder) from None
        if patience.tell:
            patience.tell(f"Waiting up to {patience.seconds:g} s for another process{_pid(folder)} to be done.")
        try:
            lock.acquire(timeout=patience.seconds, poll_interval=LOOK_EVERY_S)
        except Timeout:
            raise _busy(folder) from None


def _busy(folder: Path) -> CollectionBusy:
    return CollectionBusy(
        f"Another process is writing to the collection at {folder}{_pid(folder)}. Try again when it is done, or wait "
        "for it with --wait SECONDS."
    )


def _pid(folder: Path) -> str:
    """Name the process that writes, where it has said so."""
    seal = read_seal(folder)
    return f" (pid {seal.writer})" if seal and seal.writer else ""
