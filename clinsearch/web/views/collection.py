"""What is in the collection, and what it needs."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response

from clinsearch.web.answers import answered
from clinsearch.web.operations.collection import STATUS
from clinsearch.web.templating import render


async def page(request: Request) -> Response:
    """Show the collection."""
    return render(request, "collection.html", {"status": await answered(request, STATUS)})
