"""Who asks: a program by its token, a browser by the cookie that it got for a token."""

from __future__ import annotations

import asyncio
from http import HTTPStatus
from urllib.parse import parse_qs

from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from clinsearch.errors import AuditError
from clinsearch.web.answers import REQUEST, WHO, answer_error
from clinsearch.web.audit.trail import Trail
from clinsearch.web.guards.requests import client_of, is_static, refuse
from clinsearch.web.guards.sessions import MOST_SECONDS, Attempts, Sessions
from clinsearch.web.guards.tokens import Tokens
from clinsearch.web.serving import Serving
from clinsearch.web.templating import render

SIGN_IN, SIGN_OUT = "/sign-in", "/sign-out"
# Where pages look whether there is someone to sign out.
SIGNED_IN = "clinsearch.signed_in"
WRONG = "That is not a token of this server."
TOO_MANY = "Too many wrong tokens. Wait a moment."
NEEDED = "This needs a token: Authorization: Bearer TOKEN."


class SignIn:
    """Lets in who has a token; without a file of tokens, everyone, as this machine's user."""

    def __init__(self, app: ASGIApp, serving: Serving, tokens: Tokens | None, trail: Trail | None) -> None:
        self._app, self._serving, self._tokens, self._trail = app, serving, tokens, trail
        self._sessions, self._attempts = Sessions(), Attempts()
        # A cookie is sent to every port of a host; __Host- has browsers take it from this one by https alone.
        self._cookie = "__Host-clinsearch" if serving.is_secure else f"clinsearch-{serving.port}"

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer a request."""
        if scope["type"] != "http" or self._tokens is None or is_static(scope):
            await self._app(scope, receive, send)
            return
        request = Request(scope, receive)
        bearer = _bearer(Headers(scope=scope))
        if bearer is not None:
            await self._by_token(bearer, request, send)
        elif scope["path"] == SIGN_IN:
            await (await self._sign_in(request))(scope, receive, send)
        elif name := self._sessions.name_of(request.cookies.get(self._cookie, "")):
            await self._by_cookie(name, request, send)
        elif scope["path"].startswith("/api/"):
            await refuse(scope, receive, send, HTTPStatus.UNAUTHORIZED, NEEDED, {"WWW-Authenticate": "Bearer"})
        else:
            await self._form(request, _asked(scope), "")(scope, receive, send)

    async def _by_token(self, bearer: str, request: Request, send: Send) -> None:
        answer = await self._checked(bearer, request)
        if isinstance(answer, str):
            request.scope[WHO] = answer
            await self._app(request.scope, request.receive, send)
            return
        status, reason, headers = answer
        await refuse(request.scope, request.receive, send, status, reason, {**headers, "WWW-Authenticate": "Bearer"})

    async def _by_cookie(self, name: str, request: Request, send: Send) -> None:
        if request.url.path != SIGN_OUT:
            request.scope[WHO] = name
            request.scope[SIGNED_IN] = True
            await self._app(request.scope, request.receive, send)
            return
        if request.method != "POST":
            answer: Response = RedirectResponse("/", HTTPStatus.SEE_OTHER)
        else:
            self._sessions.end(request.cookies[self._cookie])
            answer = RedirectResponse(SIGN_IN, HTTPStatus.SEE_OTHER)
            answer.delete_cookie(self._cookie, path="/", secure=self._serving.is_secure, httponly=True)
        await answer(request.scope, request.receive, send)

    async def _sign_in(self, request: Request) -> Response:
        """Show the page to sign in at, or look at the token that it sends."""
        if request.method != "POST":
            return self._form(request, "/", "", HTTPStatus.OK)
        sent = parse_qs((await request.body()).decode("ascii", "replace"), max_num_fields=10)
        then, token = sent.get("then", ["/"])[0], sent.get("token", [""])[0].strip()
        try:
            found = await self._checked(token, request)
            if isinstance(found, str):
                await self._tell(request, found, "sign in")
        except AuditError as error:
            return await answer_error(request, error)
        if not isinstance(found, str):
            status, reason, headers = found
            return self._form(request, then, reason, status, headers)
        answer = RedirectResponse(then if _is_own(then) else "/", HTTPStatus.SEE_OTHER)
        answer.set_cookie(
            self._cookie,
            self._sessions.start(found),
            max_age=MOST_SECONDS,
            path="/",
            secure=self._serving.is_secure,
            httponly=True,
            samesite="strict",
        )
        return answer

    async def _checked(self, token: str, request: Request) -> str | tuple[int, str, dict[str, str]]:
        """Return whose token it is, or how a wrong one is answered. Raises AuditError."""
        assert self._tokens is not None
        client = client_of(request.scope, behind_proxy=self._serving.behind_proxy)
        if seconds := self._attempts.wait(client):
            return HTTPStatus.TOO_MANY_REQUESTS, TOO_MANY, {"Retry-After": str(seconds)}
        if name := self._tokens.name_of(token):
            self._attempts.forget(client)
            return name
        self._attempts.fail(client)
        await self._tell(request, "nobody", "sign in refused")
        return HTTPStatus.UNAUTHORIZED, WRONG, {}

    async def _tell(self, request: Request, who: str, what: str) -> None:
        if self._trail is not None:
            await asyncio.to_thread(self._trail.record, who, what, request=request.scope.get(REQUEST))

    def _form(
        self,
        request: Request,
        then: str,
        reason: str,
        status: int = HTTPStatus.UNAUTHORIZED,
        headers: dict[str, str] | None = None,
    ) -> Response:
        own = {"WWW-Authenticate": "Bearer", **(headers or {})} if status == HTTPStatus.UNAUTHORIZED else headers
        return render(request, "sign_in.html", {"then": then, "reason": reason}, status=status, headers=own)


def _bearer(headers: Headers) -> str | None:
    scheme, _, token = headers.get("authorization", "").partition(" ")
    return token.strip() if scheme.lower() == "bearer" else None


def _asked(scope: Scope) -> str:
    """Return the address that was asked for, to go there once signed in."""
    query = scope["query_string"].decode("ascii", "replace")
    path = scope.get("raw_path", b"/").decode("ascii", "replace")
    return f"{path}?{query}" if query else path


def _is_own(address: str) -> bool:
    """Tell whether an address is a page of this server: "//other.example" is none."""
    return address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable()
