"""HTTP/1.1 as uvicorn speaks it, for clients that come slowly, take nothing, say nonsense, or are too many."""

from __future__ import annotations

import asyncio
import resource
import sys
from http import HTTPStatus
from typing import Any

import h11
from starlette.types import Receive, Scope, Send
from uvicorn.protocols.http.h11_impl import H11Protocol

from clinsearch.web.guards.headers import HEADERS

# How long a request's head may take to come, how long a connection may idle, how long an answer may not be taken.
HEAD_SECONDS, IDLE_SECONDS, TAKING_SECONDS = 10.0, 15, 30.0
MOST_HEAD_BYTES = 32 << 10
# So many connections at once, if the system lets a process have as many files; those beyond are told to come again.
MOST_CONNECTIONS, FILES_KEPT = 4_000, 300


def make_room() -> int:
    """Have the system let this process open as many files as it may, and return how many connections that leaves."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = MOST_CONNECTIONS + 2 * FILES_KEPT
    if soft != resource.RLIM_INFINITY and soft < wanted:
        soft = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))
    return MOST_CONNECTIONS if soft == resource.RLIM_INFINITY else max(1, min(MOST_CONNECTIONS, soft - FILES_KEPT))


class Protocol(H11Protocol):
    """A connection."""

    most_connections = MOST_CONNECTIONS
    head_seconds, taking_seconds = HEAD_SECONDS, TAKING_SECONDS

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self._head: asyncio.TimerHandle | None = None
        self._taking: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """Begin, and wait for a request for so long."""
        super().connection_made(transport)
        if len(self.connections) > self.most_connections:
            self.app = _too_many
        self._head = self.loop.call_later(self.head_seconds, self._end_slow)

    def connection_lost(self, exc: Exception | None) -> None:
        """End."""
        for timer in (self._head, self._taking):
            if timer is not None:
                timer.cancel()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Take what has come; the head of a request has to be whole within its time, however it trickles in."""
        super().data_received(data)
        if self.conn.their_state is h11.IDLE:
            if self._head is None:
                self._head = self.loop.call_later(self.head_seconds, self._end_slow)
        elif self._head is not None:
            self._head.cancel()
            self._head = None

    def pause_writing(self) -> None:
        """Wait for a client that does not take its answer, for so long."""
        super().pause_writing()
        self._taking = self.loop.call_later(self.taking_seconds, self.transport.abort)

    def resume_writing(self) -> None:
        """Go on."""
        if self._taking is not None:
            self._taking.cancel()
            self._taking = None
        super().resume_writing()

    def send_400_response(self, msg: str) -> None:
        """Say what was wrong with a request that could not be read."""
        error = sys.exc_info()[1]
        hint = getattr(error, "error_status_hint", HTTPStatus.BAD_REQUEST)
        buffered, _ = self.conn.trailing_data
        if hint == HTTPStatus.REQUEST_HEADER_FIELDS_TOO_LARGE and b"\n" not in buffered:
            hint = HTTPStatus.REQUEST_URI_TOO_LONG
        self._end(HTTPStatus(hint))

    def _end_slow(self) -> None:
        self._head = None
        if self.conn.their_state is h11.IDLE and not self.transport.is_closing():
            self._end(HTTPStatus.REQUEST_TIMEOUT)

    def _end(self, status: HTTPStatus) -> None:
        """Answer a request that never became one, and close."""
        if self.conn.our_state in (h11.IDLE, h11.SEND_RESPONSE) and (
            self.cycle is None or self.cycle.response_complete
        ):
            body = f"{status.phrase}.\n".encode()
            own = {
                **HEADERS,
                "Cache-Control": "no-store",
                "Content-Type": "text/plain; charset=utf-8",
                "Content-Length": str(len(body)),
                "Connection": "close",
            }
            headers = [(name.encode(), value.encode()) for name, value in own.items()]
            answer = h11.Response(status_code=status, headers=headers, reason=status.phrase.encode())
            for event in (answer, h11.Data(data=body), h11.EndOfMessage()):
                self.transport.write(self.conn.send(event) or b"")
        self.transport.close()


async def _too_many(scope: Scope, receive: Receive, send: Send) -> None:
    """Say that there are too many connections, without any work."""
    body = b"Too many connections. Try again in a moment.\n"
    headers = {
        **HEADERS,
        "Cache-Control": "no-store",
        "Content-Type": "text/plain; charset=utf-8",
        "Content-Length": str(len(body)),
        "Retry-After": "1",
        "Connection": "close",
    }
    written = [(name.lower().encode(), value.encode()) for name, value in headers.items()]
    await send({"type": "http.response.start", "status": HTTPStatus.TOO_MANY_REQUESTS, "headers": written})
    await send({"type": "http.response.body", "body": body})
