"""What stands before every request, and around every answer."""

from __future__ import annotations

from starlette.middleware import Middleware

from clinsearch.web.guards.headers import Headers
from clinsearch.web.serving import Serving


def guarded(serving: Serving) -> list[Middleware]:
    """Return the guards, the outermost first."""
    return [Middleware(Headers)]
