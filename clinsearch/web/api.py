"""The operations as JSON, in the shapes of the command line's."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from clinsearch.rendering.records.formats import dumps
from clinsearch.web.answers import answered
from clinsearch.web.operations import OPERATIONS
from clinsearch.web.operations.operation import Operation


def routes() -> list[Route]:
    """Return where each operation is answered."""
    return [Route(f"/{operation.name}", _answering(operation)) for operation in OPERATIONS]


def _answering(operation: Operation[Any]) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        record = operation.record(await answered(request, operation))
        return Response(dumps(record, "json"), media_type="application/json")

    return answer
