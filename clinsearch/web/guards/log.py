"""A line on stderr for each request, with nothing in it that a note, a query or an id may stand in."""

from __future__ import annotations

import time
import traceback
from datetime import UTC, datetime
from itertools import count

from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from clinsearch.rendering.faults import origin, wants_traceback
from clinsearch.rendering.signs import tell
from clinsearch.web.answers import REQUEST, answer_error
from clinsearch.web.guards.limits import METHODS

# What a request is logged as whose client went before it was answered.
GONE = 499


class Log:
    """Logs each request, and answers what fails unforeseen."""

    def __init__(self, app: ASGIApp, paths: frozenset[str]) -> None:
        """paths: those of the pages and of what programs ask; others, which may be anything, are not written."""
        self._app, self._paths = app, paths
        self._begun, self._numbers = f"{int(time.time()):x}", count(1)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        scope[REQUEST] = number = f"{self._begun}-{next(self._numbers)}"
        status, begun = GONE, time.perf_counter()

        async def sent(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
                MutableHeaders(scope=message)["X-Request-Id"] = number
            await send(message)

        try:
            await self._app(scope, receive, sent)
        except Exception as error:
            if wants_traceback():
                traceback.print_exception(error)
            tell(f"{_now()} {number} fault {origin(error)}")
            if status == GONE:
                await (await answer_error(Request(scope), error))(scope, receive, sent)
        finally:
            ms = (time.perf_counter() - begun) * 1000
            tell(f"{_now()} {number} {self._what(scope)} {status} {ms:.0f} ms")

    def _what(self, scope: Scope) -> str:
        method = scope["method"] if scope["method"] in METHODS else "-"
        path = scope["path"]
        known = "/static/" if path.startswith("/static/") else path if path in self._paths else "-"
        return f"{method} {known}"


def _now() -> str:
    return datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
