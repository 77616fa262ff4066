"""Work that takes a thread: so much of it at once, so much waiting, and what is more is refused politely."""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from threading import Lock
from typing import Any, TypeVar

T = TypeVar("T")

# Of so many a core the last waits a second or two; where questions are slow, none is begun after so many seconds.
WAITING_A_CORE, MOST_SECONDS_WAITING = 32, 10.0


class TooBusy(Exception):
    """So much waits already that more is refused; try again after `seconds`."""

    seconds = 1


class Workers:
    """Threads that answer questions, as many as there are cores."""

    def __init__(
        self,
        threads: int | None = None,
        most_waiting: int | None = None,
        most_seconds: float = MOST_SECONDS_WAITING,
    ) -> None:
        self.threads = threads or os.cpu_count() or 1
        self._most = self.threads + (WAITING_A_CORE * self.threads if most_waiting is None else most_waiting)
        self._pool = ThreadPoolExecutor(self.threads, thread_name_prefix="answers")
        self._taken, self._lock, self._most_seconds = 0, Lock(), most_seconds

    async def run(self, work: Callable[[], T]) -> T:
        """Do a piece of work in a thread. Raises TooBusy.

        Work that is cancelled before it has begun is dropped, and makes room at once; what runs takes its thread until
        it ends.
        """
        with self._lock:
            if self._taken >= self._most:
                raise TooBusy
            self._taken += 1
        try:
            doing = self._pool.submit(self._begin, work, time.monotonic())
        except BaseException:
            self._leave()
            raise
        doing.add_done_callback(self._leave)
        return await asyncio.wrap_future(doing)

    def close(self) -> None:
        """Let running work end; what waits is dropped."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _begin(self, work: Callable[[], T], asked: float) -> T:
        if time.monotonic() - asked > self._most_seconds:
            raise TooBusy
        return work()

    def _leave(self, _: Future[Any] | None = None) -> None:
        with self._lock:
            self._taken -= 1
