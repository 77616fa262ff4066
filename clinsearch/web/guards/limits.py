"""Limits of a request: its method, its length, its body, the time that it takes to come and to be taken."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from clinsearch.web.guards.requests import refuse

METHODS = ("GET", "HEAD", "POST", "DELETE")
MOST_TARGET, MOST_BODY = 8_000, 64 << 10
BODY_SECONDS = 10.0
CLOSE = {"Connection": "close"}  # what is left of the request is not read


class TooLarge(Exception):
    """A body has more bytes than are taken."""


class Gone(Exception):
    """The client has gone."""


class Limits:
    """Refuses what is too long or too slow; ends the work for a client that has gone."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        if scope["method"] not in METHODS:
            headers = {**CLOSE, "Allow": ", ".join(METHODS)}
            await refuse(scope, receive, send, HTTPStatus.METHOD_NOT_ALLOWED, "There is no such method.", headers)
            return
        if len(scope.get("raw_path", b"")) + len(scope["query_string"]) > MOST_TARGET:
            await refuse(scope, receive, send, HTTPStatus.REQUEST_URI_TOO_LONG, "The address is too long.", CLOSE)
            return
        try:
            body = await _body(scope, receive)
        except TooLarge:
            reason = f"At most {MOST_BODY:,} bytes are taken."
            await refuse(scope, receive, send, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, reason, CLOSE)
        except TimeoutError:
            await refuse(scope, receive, send, HTTPStatus.REQUEST_TIMEOUT, "The request came too slowly.", CLOSE)
        except Gone:
            return
        else:
            await _while_there(lambda own, sent: self._app(scope, own, sent), body, receive, send)


async def _body(scope: Scope, receive: Receive) -> bytes:
    """Read a body to its end. Raises TooLarge, TimeoutError, Gone."""
    length = Headers(scope=scope).get("content-length", "0")
    if not length.isdecimal() or len(length) > 12 or int(length) > MOST_BODY:
        raise TooLarge
    body = bytearray()
    async with asyncio.timeout(BODY_SECONDS):
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Gone
            body += message.get("body", b"")
            if len(body) > MOST_BODY:
                raise TooLarge
            if not message.get("more_body", False):
                return bytes(body)


async def _while_there(
    answer: Callable[[Receive, Send], Awaitable[None]], body: bytes, receive: Receive, send: Send
) -> None:
    """Answer as long as the client is there: what waits for a thread is given up with it."""
    is_sent, is_read = False, False

    async def sent(message: Message) -> None:
        nonlocal is_sent
        is_sent = message["type"] == "http.response.body" and not message.get("more_body", False)
        await send(message)

    async def own() -> Message:
        nonlocal is_read
        if is_read:
            await asyncio.shield(gone)
            return {"type": "http.disconnect"}
        is_read = True
        return {"type": "http.request", "body": body, "more_body": False}

    async def leaves() -> None:
        while (await receive())["type"] != "http.disconnect":
            pass

    gone = asyncio.ensure_future(leaves())
    work = asyncio.ensure_future(answer(own, sent))
    try:
        await asyncio.wait({work, gone}, return_when=asyncio.FIRST_COMPLETED)
        if gone.done() and not is_sent:
            work.cancel()
        with suppress(asyncio.CancelledError):
            await work
    finally:
        work.cancel()
        gone.cancel()
