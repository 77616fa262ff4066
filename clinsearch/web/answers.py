"""What every request has answered the same way: work in a thread, and errors as a page or as JSON."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from http import HTTPStatus
from typing import Any, TypeVar

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from clinsearch.errors import (
    AuditError,
    ClinsearchError,
    CollectionBusy,
    CollectionError,
    HitNotFound,
    InputError,
    NoteNotFound,
    NotEnoughMemory,
)
from clinsearch.memory import shortage
from clinsearch.web.audit.trail import Trail
from clinsearch.web.operations.operation import Operation
from clinsearch.web.parameters import Values
from clinsearch.web.processes import Processes
from clinsearch.web.templating import render
from clinsearch.web.work import TooBusy, Workers

T = TypeVar("T")

# Where the guards keep who asks, and the number of the request.
WHO, REQUEST = "clinsearch.who", "clinsearch.request"
LOCAL = "local"

FAULT = "This is a fault of the program. Its log says under {} where it arose."
NOWHERE = "There is no such page here."
BUSY = "Too much is asked at once. Try again in a moment."


async def answered(request: Request, operation: Operation[T]) -> T:
    """Answer an operation with the parameters of a request's URL. Raises ClinsearchError, TooBusy."""
    return await in_thread(request, partial(_ask, request, operation, operation.read(request.query_params)))


async def in_thread(request: Request, work: Callable[[], T]) -> T:
    """Do what takes long, like laying out a long text, in a thread that answers questions. Raises TooBusy."""
    workers: Workers = request.app.state.workers
    return await workers.run(work)


def _ask(request: Request, operation: Operation[T], values: Values) -> T:
    processes: Processes = request.app.state.processes
    found, request.state.stamp = processes.answer(operation, values, is_page=not is_api(request))
    record(request, operation.name, operation.note_ids(found), operation.given(values))
    return found


def record(request: Request, what: str, note_ids: Sequence[str], asked: Mapping[str, Any]) -> None:
    """Write what a request is shown, or changes, into the audit trail, if there is one. Raises AuditError."""
    trail: Trail | None = request.app.state.trail
    if trail is not None and (note_ids or asked):
        trail.record(request.scope.get(WHO, LOCAL), what, note_ids, asked, request.scope.get(REQUEST))


def is_api(request: Request) -> bool:
    """Tell whether a program asks, which wants JSON."""
    return request.url.path.startswith("/api/")


async def answer_error(request: Request, error: Exception) -> Response:
    """Say what went wrong, as a page or as JSON; our own messages hold no text of notes, others are not shown."""
    status, message, headers = told(error)
    message = message.format(request.scope.get(REQUEST, "")) if message is FAULT else message
    if is_api(request):
        return JSONResponse({"error": message, "status": status}, status, headers)
    return render(request, "error.html", {"message": message, "status": status}, status=status, headers=headers)


def told(error: Exception) -> tuple[int, str, dict[str, str]]:
    """Return the status, the message and the headers of the answer to an error."""
    match error:
        case TooBusy():
            return HTTPStatus.TOO_MANY_REQUESTS, BUSY, {"Retry-After": str(error.seconds)}
        case HTTPException(status_code=HTTPStatus.NOT_FOUND):
            return HTTPStatus.NOT_FOUND, NOWHERE, {}
        case HTTPException():
            return error.status_code, error.detail, dict(error.headers or {})
        case NoteNotFound() | HitNotFound():
            return HTTPStatus.NOT_FOUND, str(error), {}
        case InputError():
            return HTTPStatus.BAD_REQUEST, str(error), {}
        case CollectionBusy():
            return HTTPStatus.CONFLICT, str(error), {}
        case CollectionError() | AuditError():
            return HTTPStatus.SERVICE_UNAVAILABLE, str(error), {}
        case NotEnoughMemory():
            return HTTPStatus.SERVICE_UNAVAILABLE, str(error), {}
        case MemoryError():
            return HTTPStatus.SERVICE_UNAVAILABLE, shortage(), {}
        case ClinsearchError():
            return HTTPStatus.BAD_REQUEST, str(error), {}
    return HTTPStatus.INTERNAL_SERVER_ERROR, FAULT, {}
