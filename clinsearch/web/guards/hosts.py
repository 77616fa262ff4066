"""Whom a request is for, and which page it comes from: no page of another site gets at the notes.

A name that another site points at this address (DNS rebinding) is none of ours. A form or a script of another site is
told by the headers that browsers set and scripts cannot.
"""

from __future__ import annotations

import re
from http import HTTPStatus

from starlette.datastructures import Headers
from starlette.types import ASGIApp, Receive, Scope, Send

from clinsearch.web.guards.requests import SAFE_METHODS, refuse
from clinsearch.web.serving import Serving, in_brackets

_HOST = re.compile(r"(\[[0-9a-f:.]+\]|[a-z0-9._-]+)(?::(\d{1,5}))?", re.ASCII)
_DEFAULT_PORTS = {"http": "80", "https": "443"}

OTHER_NAME = "This server does not serve that name. Whoever runs it can allow it: clinsearch serve --name NAME."
OTHER_SITE = "This came from a page of another site, and is refused. Open the page by its own address."


class Hosts:
    """Refuses what is for another name, and what another site's pages ask for."""

    def __init__(self, app: ASGIApp, serving: Serving) -> None:
        self._app, self._hosts = app, serving.hosts
        self._scheme = "https" if serving.is_secure else "http"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        written = headers.getlist("host")
        host = _HOST.fullmatch(written[0].lower()) if len(written) == 1 else None
        if host is None or not self._serves(host[1], scope):
            await refuse(scope, receive, send, HTTPStatus.MISDIRECTED_REQUEST, OTHER_NAME)
        elif not self._is_own(headers, host, scope):
            await refuse(scope, receive, send, HTTPStatus.FORBIDDEN, OTHER_SITE)
        else:
            await self._app(scope, receive, send)

    def _serves(self, name: str, scope: Scope) -> bool:
        """Tell whether a name is ours: one of those known, or the very address that the request came to."""
        server = scope.get("server")
        return name in self._hosts or (server is not None and name == in_brackets(str(server[0])))

    def _is_own(self, headers: Headers, host: re.Match[str], scope: Scope) -> bool:
        """Tell whether a request comes from our pages, from no page, or only opens one of ours."""
        site = headers.get("sec-fetch-site", "none")
        if scope["method"] in SAFE_METHODS:
            opens = headers.get("sec-fetch-mode") == "navigate" and headers.get("sec-fetch-dest") == "document"
            return site in ("same-origin", "none") or (opens and not scope["path"].startswith("/api/"))
        origin = headers.get("origin")
        return site in ("same-origin", "none") and (origin is None or self._is_origin(origin.lower(), host))

    def _is_origin(self, origin: str, host: re.Match[str]) -> bool:
        scheme, _, rest = origin.partition("://")
        found = _HOST.fullmatch(rest)
        default = _DEFAULT_PORTS[self._scheme]
        return bool(
            scheme == self._scheme and found and (found[1], found[2] or default) == (host[1], host[2] or default)
        )
