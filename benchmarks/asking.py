"""Asks a server on this machine, one user or many, and counts what it answers."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from itertools import cycle, islice
from typing import Any
from urllib.parse import urlsplit

import numpy as np

SECONDS_TO_WAIT = 120
OK, TOO_MANY = 200, 429


@dataclass
class Answers:
    """Milliseconds of what was answered, how many were refused with the word to come again, and what else came."""

    milliseconds: list[float] = field(default_factory=list)
    refused: int = 0
    failed: list[str] = field(default_factory=list)

    def add(self, status: int, headers: dict[str, str], milliseconds: float) -> None:
        if status == OK:
            self.milliseconds.append(milliseconds)
        elif status == TOO_MANY and "retry-after" in headers:
            self.refused += 1
        else:
            self.failed.append(str(status))

    def summary(self) -> dict[str, Any]:
        taken = self.milliseconds
        p50, p95 = np.percentile(taken, [50, 95]).tolist() if taken else (None, None)
        failed, statuses = len(self.failed), sorted(set(self.failed))
        counts = {"answered": len(taken), "refused": self.refused, "failed": failed, "statuses": statuses}
        return {**counts, "p50": p50, "p95": p95}


class Connection:
    """A connection that is kept."""

    def __init__(self, url: str) -> None:
        self._host, self._port = str(urlsplit(url).hostname), urlsplit(url).port
        assert self._host == "127.0.0.1", "only this machine is asked"
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def ask(self, path: str) -> tuple[int, dict[str, str], bytes]:
        """Return the status, the headers and the body of an answer."""
        async with asyncio.timeout(SECONDS_TO_WAIT):
            if self._streams is None:
                self._streams = await asyncio.open_connection(self._host, self._port)
            reader, writer = self._streams
            writer.write(f"GET {path} HTTP/1.1\r\nHost: {self._host}:{self._port}\r\n\r\n".encode())
            await writer.drain()
            first, *lines = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")[:-2]
            headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
            body = await reader.readexactly(int(headers["content-length"]))
            if headers.get("connection") == "close":
                await self.close()
            return int(first.split()[1]), headers, body

    async def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            with suppress(OSError):
                await self._streams[1].wait_closed()
            self._streams = None


async def one_user(url: str, paths: Sequence[str], into: Answers) -> None:
    """Ask for one path after another; an answer that fails ends nothing."""
    connection = Connection(url)
    for path in paths:
        started = time.perf_counter()
        try:
            status, headers, _ = await connection.ask(path)
        except (OSError, EOFError, TimeoutError) as error:
            into.failed.append(type(error).__name__)
            await connection.close()
        else:
            into.add(status, headers, (time.perf_counter() - started) * 1e3)
    await connection.close()


async def many_users(url: str, paths: Sequence[str], users: int, each: int) -> Answers:
    """Have so many users ask, each for so many paths, the next when the last was answered."""
    answers = Answers()
    async with asyncio.TaskGroup() as group:
        for own in _shared_out(paths, users, each):
            group.create_task(one_user(url, own, answers))
    return answers


async def at_once(url: str, paths: Sequence[str], users: int, each: int, more: int) -> tuple[Answers, Answers]:
    """Have so many more ask once, all at the same time, while the users ask; return the answers of both."""
    asking = asyncio.create_task(many_users(url, paths, users, each))
    await asyncio.sleep(0.5)
    extra = await many_users(url, paths, more, 1)
    return await asking, extra


def _shared_out(paths: Sequence[str], users: int, each: int) -> Iterator[list[str]]:
    endless = cycle(paths)
    return (list(islice(endless, each)) for _ in range(users))
