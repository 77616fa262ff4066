"""What every request has answered the same way: work in a thread, and errors as a page or as JSON."""

from __future__ import annotations

from functools import partial
from http import HTTPStatus
from typing import TypeVar

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from clinsearch.collection import Collection
from clinsearch.errors import ClinsearchError, CollectionBusy, CollectionError, InputError, NoteNotFound
from clinsearch.web.operations.operation import Operation
from clinsearch.web.parameters import Values
from clinsearch.web.templating import render
from clinsearch.web.work import TooBusy, Workers

T = TypeVar("T")

FAULT = "This is a fault of the program; its log has the number of the request, and no text."
BUSY = "Too much is asked at once. Try again in a moment."


async def answered(request: Request, operation: Operation[T]) -> T:
    """Answer an operation with the parameters of a request's URL. Raises ClinsearchError, TooBusy."""
    values = operation.read(request.query_params)
    workers: Workers = request.app.state.workers
    return await workers.run(partial(_ask, request, operation, values))


def _ask(request: Request, operation: Operation[T], values: Values) -> T:
    collection: Collection = request.app.state.collection
    if not is_api(request):
        # Before the answer: what is committed between the two makes the page look older than it is, never newer.
        request.state.stamp = collection.stamp()
    return operation.ask(collection, values)


def is_api(request: Request) -> bool:
    """Tell whether a program asks, which wants JSON."""
    return request.url.path.startswith("/api/")


async def answer_error(request: Request, error: Exception) -> Response:
    """Say what went wrong, as a page or as JSON; our own messages hold no text of notes, others are not shown."""
    status, message, headers = _said(error)
    if is_api(request):
        return JSONResponse({"error": message, "status": status}, status, headers)
    return render(request, "error.html", {"message": message, "status": status}, status=status, headers=headers)


def _said(error: Exception) -> tuple[int, str, dict[str, str]]:
    match error:
        case TooBusy():
            return HTTPStatus.TOO_MANY_REQUESTS, BUSY, {"Retry-After": str(error.seconds)}
        case HTTPException():
            return error.status_code, error.detail, dict(error.headers or {})
        case NoteNotFound():
            return HTTPStatus.NOT_FOUND, str(error), {}
        case InputError():
            return HTTPStatus.BAD_REQUEST, str(error), {}
        case CollectionBusy():
            return HTTPStatus.CONFLICT, str(error), {}
        case CollectionError():
            return HTTPStatus.SERVICE_UNAVAILABLE, str(error), {}
        case ClinsearchError():
            return HTTPStatus.BAD_REQUEST, str(error), {}
    return HTTPStatus.INTERNAL_SERVER_ERROR, FAULT, {}
