"""What stands before every request, and around every answer."""

from __future__ import annotations

from starlette.middleware import Middleware

from clinsearch.web.audit.trail import Trail
from clinsearch.web.guards.headers import Headers
from clinsearch.web.guards.hosts import Hosts
from clinsearch.web.guards.limits import Limits
from clinsearch.web.guards.log import Log
from clinsearch.web.guards.sign_in import SIGN_IN, SIGN_OUT, SignIn
from clinsearch.web.guards.tokens import Tokens
from clinsearch.web.serving import Serving


def guarded(serving: Serving, trail: Trail | None, paths: frozenset[str]) -> list[Middleware]:
    """Return the guards, the outermost first; paths: those that the application answers at. Raises SettingError."""
    tokens = Tokens(serving.token_file) if serving.token_file else None
    return [
        Middleware(Headers),
        Middleware(Log, paths=paths | {SIGN_IN, SIGN_OUT}),
        Middleware(Limits),
        Middleware(Hosts, serving=serving),
        Middleware(SignIn, serving=serving, tokens=tokens, trail=trail),
    ]
