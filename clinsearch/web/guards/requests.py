"""What the guards say of a request to each other and to what comes after, and how they answer in its place."""

from __future__ import annotations

from collections.abc import Mapping

from starlette.datastructures import Headers
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.types import Receive, Scope, Send

from clinsearch.web.answers import answer_error

SAFE_METHODS = ("GET", "HEAD")


async def refuse(
    scope: Scope,
    receive: Receive,
    send: Send,
    status: int,
    reason: str,
    headers: Mapping[str, str] | None = None,
) -> None:
    """Answer that a request is refused, and why."""
    answer = await answer_error(Request(scope), HTTPException(status, reason, dict(headers or {})))
    await answer(scope, receive, send)


def is_static(scope: Scope) -> bool:
    """Tell whether a request is for styles and scripts, which hold no text of notes."""
    return bool(scope["path"].startswith("/static/"))


def client_of(scope: Scope, *, behind_proxy: bool) -> str:
    """Return the address of the client: the last that the proxy has written, where there is one."""
    if behind_proxy and (written := Headers(scope=scope).get("x-forwarded-for")):
        return written.rpartition(",")[2].strip()[:64]
    return str(scope["client"][0]) if scope.get("client") else ""
