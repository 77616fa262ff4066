"""Search: a box, the hits below it, and the filters that the collection has."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from clinsearch.web.templating import render


async def page(request: Request) -> Response:
    """Show a search."""
    return render(request, "search.html", {})
