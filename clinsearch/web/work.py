"""Work that takes a thread: so much of it at once, so much waiting, and what is more is refused politely."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

T = TypeVar("T")

# Of so many a core the last waits a second or two, which is as long as anyone should.
WAITING_A_CORE = 32


class TooBusy(Exception):
    """So much waits already that more is refused; try again after `seconds`."""

    seconds = 1


class Workers:
    """Threads that answer questions, as many as there are cores."""

    def __init__(self, threads: int | None = None, most_waiting: int | None = None) -> None:
        self.threads = threads or os.cpu_count() or 1
        self._most = self.threads + (WAITING_A_CORE * self.threads if most_waiting is None else most_waiting)
        self._pool = ThreadPoolExecutor(self.threads, thread_name_prefix="answers")
        self._taken = 0

    async def run(self, work: Callable[[], T]) -> T:
        """Do a piece of work in a thread. Raises TooBusy."""
        if self._taken >= self._most:
            raise TooBusy
        self._taken += 1
        try:
            return await asyncio.get_running_loop().run_in_executor(self._pool, work)
        finally:
            self._taken -= 1

    def close(self) -> None:
        """Let running work end; what waits is dropped."""
        self._pool.shutdown(wait=False, cancel_futures=True)
