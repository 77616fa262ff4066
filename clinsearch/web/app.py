"""The application: every address, and who answers there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from starlette.applications import Starlette
from starlette.exceptions import HTTPException
from starlette.routing import Mount, Route

from clinsearch.collection import Collection
from clinsearch.errors import ClinsearchError
from clinsearch.web import api, templating
from clinsearch.web.answers import answer_error
from clinsearch.web.guards import guarded
from clinsearch.web.serving import Serving
from clinsearch.web.views import collection as collection_view
from clinsearch.web.views import search
from clinsearch.web.work import TooBusy, Workers


def application(collection: Collection, serving: Serving | None = None) -> Starlette:
    """Make the ASGI application that serves a collection."""
    workers = Workers()

    @asynccontextmanager
    async def lifespan(_: Starlette) -> AsyncIterator[None]:
        yield
        workers.close()

    app = Starlette(
        routes=[
            Route("/", search.page),
            Route("/collection", collection_view.page),
            Mount("/api/v1", routes=api.routes()),
            Mount("/static", app=templating.static_files()),
        ],
        exception_handlers={ClinsearchError: answer_error, TooBusy: answer_error, HTTPException: answer_error},
        middleware=guarded(serving or Serving()),
        lifespan=lifespan,
    )
    app.state.collection, app.state.workers, app.state.serving = collection, workers, serving or Serving()
    return app
