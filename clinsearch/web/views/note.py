"""A note: its text as it stands, its sections at its side, and what leads on from it."""

from __future__ import annotations

from functools import partial

from starlette.requests import Request
from starlette.responses import Response

from clinsearch.rendering.wording import language_name
from clinsearch.web.addresses import Asked, address, note_address
from clinsearch.web.answers import answered, in_thread
from clinsearch.web.operations.notes import OPENED, OpenedNote
from clinsearch.web.templating import render
from clinsearch.web.views.note_text import parts_of


async def page(request: Request) -> Response:
    """Show a note."""
    opened = await answered(request, OPENED)
    view, note = opened.view, opened.view.note
    asked = Asked.of(request.query_params)
    values = {
        "opened": opened,
        "note": note,
        "facts": _facts(opened),
        "parts": await in_thread(request, partial(parts_of, view, opened.place, opened.marks)),
        "back": asked.back(),
        "why": _why(asked.search(), opened),
        "language": language_name(view.language) if view.language else None,
        "allows_writes": request.app.state.serving.allow_writes,
        "address": address,
        "note_address": note_address,
        "data": {"note": note.note_id},
    }
    return render(request, "note.html", values)


def _why(search: Asked, opened: OpenedNote) -> str:
    """Return the address that says why the place of an address was found; empty if no search led here."""
    if not search.pairs or not opened.place:
        return ""
    start, end = opened.place
    return search.at("/why", [("note", opened.view.note.note_id), ("start", str(start)), ("end", str(end))])


def _facts(opened: OpenedNote) -> list[tuple[str, str]]:
    note = opened.view.note
    day = note.note_datetime.isoformat(" ", "minutes").removesuffix(" 00:00") if note.note_datetime else None
    facts = [("Type", note.note_type), ("Date", day), ("Encounter", note.encounter_id), ("Source", note.source)]
    facts.append(("Sentences", f"{len(opened.view.sentences):,}"))
    return [(name, value) for name, value in facts if value]
