"""Deleting notes, where the server was told that it may."""

from __future__ import annotations

from collections.abc import Sequence
from http import HTTPStatus
from urllib.parse import parse_qs

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response

from clinsearch.errors import InputError
from clinsearch.web.addresses import note_address
from clinsearch.web.answers import answered, record
from clinsearch.web.operations.notes import SHOW
from clinsearch.web.parameters import Parameter
from clinsearch.web.templating import render
from clinsearch.web.work import Workers

IDS = Parameter("id", "The id of a note to delete; several times for several notes.", several=True, required=True)
READ_ONLY = "This server changes nothing. Whoever runs it can allow it: clinsearch serve --allow-writes."


async def confirm(request: Request) -> Response:
    """Ask whether a note is really to be deleted; without scripts too."""
    _require_allowed(request)
    view = await answered(request, SHOW)
    return render(request, "delete.html", {"note": view.note, "note_address": note_address})


async def by_form(request: Request) -> Response:
    """Delete the notes of a form, and go on to the collection."""
    _require_allowed(request)
    sent = parse_qs((await request.body()).decode("ascii", "replace"), max_num_fields=1000)
    await _delete(request, sent.get("id", []))
    return RedirectResponse("/collection", HTTPStatus.SEE_OTHER)


async def by_program(request: Request) -> Response:
    """Delete the notes that the address names, all or, if one of them is not there, none."""
    _require_allowed(request)
    return JSONResponse({"deleted": await _delete(request, request.query_params.getlist("id"))})


def _require_allowed(request: Request) -> None:
    if not request.app.state.serving.allow_writes:
        raise HTTPException(HTTPStatus.FORBIDDEN, READ_ONLY)


async def _delete(request: Request, given: Sequence[str]) -> int:
    note_ids: tuple[str, ...] = IDS.read(given)
    workers: Workers = request.app.state.workers

    def work() -> int:
        # Before it is done: what cannot be recorded is not done.
        record(request, "delete", note_ids, {})
        deleted: int = request.app.state.collection.delete(note_ids)
        return deleted

    if not note_ids:
        raise InputError("Name a note to delete: id.")
    return await workers.run(work)
