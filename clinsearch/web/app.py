"""The application: every address, and who answers there."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterable
from contextlib import asynccontextmanager
from typing import Any

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute, Mount, Route

from clinsearch.collection import Collection
from clinsearch.errors import ClinsearchError
from clinsearch.rendering.faults import origin
from clinsearch.rendering.signs import tell
from clinsearch.web import api, templating
from clinsearch.web.answers import answer_error
from clinsearch.web.audit.trail import Trail
from clinsearch.web.guards import guarded
from clinsearch.web.serving import Serving
from clinsearch.web.views import api as api_view
from clinsearch.web.views import collection as collection_view
from clinsearch.web.views import deletion, maps, note, patient, patients, search, vocabulary, why
from clinsearch.web.work import TooBusy, Workers


def application(collection: Collection, serving: Serving | None = None) -> Starlette:
    """Make the ASGI application that serves a collection. Raises SettingError, AuditError."""
    serving, workers = serving or Serving(), Workers()
    trail = Trail(serving.audit, keeps_texts=serving.audit_queries) if serving.audit else None

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        asyncio.get_running_loop().set_exception_handler(_tell_of)
        yield
        workers.close()

    routes = [
        Route("/", search.page),
        Route("/similar", search.similar),
        Route("/places", search.places),
        Route("/patients", patients.page),
        Route("/patient", patient.page),
        Route("/vocabulary", vocabulary.page),
        Route("/note", note.page),
        Route("/why", why.page),
        Route("/why.html", why.as_page),
        Route("/why.json", why.as_json),
        Route("/why.png", why.as_picture),
        Route("/map", maps.page),
        Route("/collection", collection_view.page),
        Route("/api", api_view.page),
        Route("/delete", deletion.confirm),
        Route("/notes/delete", deletion.by_form, methods=["POST"]),
        Route("/api/v1/notes", deletion.by_program, methods=["DELETE"]),
        Mount("/api/v1", routes=api.routes()),
        Mount("/static", app=templating.static_files()),
    ]
    known = frozenset(_paths(routes))
    app = Starlette(
        routes=routes,
        exception_handlers={ClinsearchError: answer_error, TooBusy: answer_error, HTTPException: answer_error},
        middleware=guarded(serving, trail, known),
        lifespan=lifespan,
    )
    app.state.collection, app.state.workers = collection, workers
    app.state.serving, app.state.trail = serving, trail
    return app


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
