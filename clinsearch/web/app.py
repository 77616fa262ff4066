"""The application: every address, and who answers there."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Mount, Route

from clinsearch.collection import Collection
from clinsearch.errors import ClinsearchError
from clinsearch.rendering.faults import origin
from clinsearch.rendering.signs import tell
from clinsearch.web import api
from clinsearch.web.answers import answer_error
from clinsearch.web.audit.trail import Trail
from clinsearch.web.guards import guarded
from clinsearch.web.processes import Processes
from clinsearch.web.serving import Serving
from clinsearch.web.static_files import static_file
from clinsearch.web.work import TooBusy, Workers

# How long the first answer has the processor to itself, before what it can do without is loaded.
SECONDS_ALONE = 0.5
_VIEWS = "clinsearch.web.views"
# Each page: the module in views/ that makes it, and the name of what answers there.
VIEWS = {
    "/": ("search", "page"),
    "/similar": ("search", "similar"),
    "/places": ("search", "places"),
    "/patients": ("patients", "page"),
    "/patient": ("patient", "page"),
    "/vocabulary": ("vocabulary", "page"),
    "/note": ("note", "page"),
    "/why": ("why", "page"),
    "/why.html": ("why", "as_page"),
    "/why.json": ("why", "as_json"),
    "/why.png": ("why", "as_picture"),
    "/map": ("maps", "page"),
    "/collection": ("collection", "page"),
    "/api": ("api", "page"),
    "/delete": ("deletion", "confirm"),
}


def application(collection: Collection, serving: Serving | None = None) -> Starlette:
    """Make the ASGI application that serves a collection. Raises SettingError, AuditError."""
    serving = serving or Serving()
    processes = Processes(collection, serving.processes)
    # Threads that wait for processes leave the cores to these.
    workers = Workers(2 * serving.processes if serving.processes else None)
    trail = Trail(serving.audit, keeps_texts=serving.audit_queries) if serving.audit else None

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        loop = asyncio.get_running_loop()
        loop.set_exception_handler(_tell_of)
        loop.call_later(SECONDS_ALONE, processes.start)
        yield
        workers.close()
        processes.close()

    routes = [
        *(Route(path, _view(*view)) for path, view in VIEWS.items()),
        Route("/notes/delete", _view("deletion", "by_form"), methods=["POST"]),
        Route("/api/v1/notes", _view("deletion", "by_program"), methods=["DELETE"]),
        Mount("/api/v1", routes=api.routes()),
        Route("/static/{name}", static_file),
    ]
    known = frozenset(_paths(routes))
    app = Starlette(
        routes=routes,
        exception_handlers={ClinsearchError: answer_error, TooBusy: answer_error, HTTPException: answer_error},
        middleware=guarded(serving, trail, known),
        lifespan=lifespan,
    )
    app.state.collection, app.state.workers, app.state.processes = collection, workers, processes
    app.state.serving, app.state.trail = serving, trail
    return app


def load_views() -> None:
    """Import what makes the pages, so that none is the slower for it."""
    for module, _ in VIEWS.values():
        importlib.import_module(f"{_VIEWS}.{module}")


def _view(module: str, name: str) -> Callable[[Request], Awaitable[Response]]:
    """Return what answers in a module of views, which is imported once it is asked: the first page comes sooner."""

    async def answer(request: Request) -> Response:
        view = getattr(importlib.import_module(f"{_VIEWS}.{module}"), name)
        answered: Response = await view(request)
        return answered

    return answer


def _paths(routes: Iterable[BaseRoute], above: str = "") -> Iterable[str]:
    for route in routes:
        if isinstance(route, Route):
            yield above + route.path
        elif isinstance(route, Mount):
            yield from _paths(route.routes, above + route.path)


def _tell_of(_: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Tell what failed beside a request without its message, which may hold text of a note."""
    error = context.get("exception")
    if error is not None and not isinstance(error, OSError):  # of those a client's going is the usual one
        tell(f"fault {origin(error)}")
