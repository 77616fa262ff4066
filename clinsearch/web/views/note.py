"""A note: its text as it stands, its sections at its side, and what leads on from it."""

from __future__ import annotations

from functools import partial
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from clinsearch.rendering.wording import language_name
from clinsearch.web.answers import answered, in_thread
from clinsearch.web.operations.found import SEARCHED
from clinsearch.web.operations.notes import OPENED, OpenedNote
from clinsearch.web.templating import render
from clinsearch.web.views.note_text import parts_of

_OF_SEARCH = {"q", *(parameter.name for parameter in SEARCHED)}


async def page(request: Request) -> Response:
    """Show a note."""
    opened = await answered(request, OPENED)
    view, note = opened.view, opened.view.note
    values = {
        "opened": opened,
        "note": note,
        "facts": _facts(opened),
        "parts": await in_thread(request, partial(parts_of, view, opened.place, opened.marks)),
        "search": search_of(request),
        "why": _why(request, opened),
        "language": language_name(view.language) if view.language else None,
        "similar": urlencode({"id": note.note_id}),
        "data": {"note": note.note_id},
    }
    return render(request, "note.html", values)


def search_of(request: Request) -> str:
    """Return the search of an address as the query of another; empty if there is none."""
    given = [(name, value) for name, value in request.query_params.multi_items() if name in _OF_SEARCH and value]
    return urlencode(given) if any(name in ("q", "word") for name, _ in given) else ""


def _why(request: Request, opened: OpenedNote) -> str:
    """Return the address that says why the place of an address was found; empty if no search led here."""
    search = search_of(request)
    if not search or not opened.place:
        return ""
    start, end = opened.place
    return f"/why?{search}&{urlencode({'note': opened.view.note.note_id, 'start': start, 'end': end})}"


def _facts(opened: OpenedNote) -> list[tuple[str, str]]:
    note = opened.view.note
    day = note.note_datetime.isoformat(" ", "minutes").removesuffix(" 00:00") if note.note_datetime else None
    facts = [("Type", note.note_type), ("Date", day), ("Encounter", note.encounter_id), ("Source", note.source)]
    facts.append(("Sentences", f"{len(opened.view.sentences):,}"))
    return [(name, value) for name, value in facts if value]
