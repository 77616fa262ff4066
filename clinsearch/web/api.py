"""The operations as JSON, in the shapes of the command line's, and the document that describes them."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import cache
from itertools import islice
from typing import Any

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse
from starlette.routing import Route

from clinsearch.rendering.records.formats import Record, dumps, streamed
from clinsearch.web.answers import answered
from clinsearch.web.openapi import JSON, JSON_LINES, document
from clinsearch.web.operations import OPERATIONS
from clinsearch.web.operations.operation import Operation

# So many lines are sent at once: each sending costs more than a line does.
_LINES = 200


def routes() -> list[Route]:
    """Return where each operation is answered, and where the document is."""
    operations = (Route(f"/{operation.name}", _answering(operation)) for operation in OPERATIONS)
    return [Route("/openapi.json", _describe), *operations]


async def _describe(_: Request) -> Response:
    return Response(await run_in_threadpool(_described), media_type=JSON)


@cache
def _described() -> str:
    return json.dumps(document(OPERATIONS))


def _answering(operation: Operation[Any]) -> Callable[[Request], Any]:
    async def answer(request: Request) -> Response:
        found = await answered(request, operation)
        # A long answer takes a while to write, while others want theirs.
        if JSON_LINES in request.headers.get("accept", ""):
            lines = _lines(await run_in_threadpool(operation.record, found))
            return StreamingResponse(lines, media_type=JSON_LINES)
        return Response(await run_in_threadpool(lambda: dumps(operation.record(found), "json")), media_type=JSON)

    return answer


def _lines(found: Record | Sequence[Record]) -> Iterator[str]:
    records: Iterable[Record] = [found] if isinstance(found, Mapping) else found
    lines = streamed(records, "jsonl")
    while chunk := list(islice(lines, _LINES)):
        yield "".join(f"{line}\n" for line in chunk)
