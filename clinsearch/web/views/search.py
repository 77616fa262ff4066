"""Search: a box, the hits below it, and the filters that the collection has."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from clinsearch.errors import ClinsearchError, InputError
from clinsearch.rendering.scores import caution
from clinsearch.rendering.unmatched import unmatched_line
from clinsearch.web.addresses import OF_PATIENTS, Asked, address, note_address
from clinsearch.web.answers import answered, told
from clinsearch.web.operations.search import PLACES, SIMILAR
from clinsearch.web.operations.search_page import PAGE, SEARCH_PAGE, SearchPage
from clinsearch.web.parameters import MOST_RESULTS, Values
from clinsearch.web.templating import render
from clinsearch.web.views.facets import chips, facets
from clinsearch.web.views.hits import shown_hits, shown_words
from clinsearch.web.work import TooBusy

MORE = 10
NOTHING = SearchPage(0, {})


async def page(request: Request) -> Response:
    """Show a search; where it cannot be done, why, with all that was filled in."""
    asked = Asked.of(request.query_params)
    if request.query_params.get("level") == "patient":
        return RedirectResponse(asked.only(OF_PATIENTS).at("/patients"), 303)
    try:
        found = await answered(request, SEARCH_PAGE)
        return render(request, "search.html", _laid_out(found, SEARCH_PAGE.read(request.query_params), asked))
    except (ClinsearchError, TooBusy) as error:
        status, message, headers = told(error)
        shown = {**_laid_out(NOTHING, _readable(request), asked), "error": message}
        return render(request, "search.html", shown, status=status, headers=headers)


async def similar(request: Request) -> Response:
    """Show the notes most like a note."""
    hits = await answered(request, SIMILAR)
    values, asked = SIMILAR.read(request.query_params), Asked.of(request.query_params)
    shown = [
        replace(one, why=address("/why", left=values["id"], right=hit.note_id))
        for one, hit in zip(shown_hits(hits, [None] * len(hits), Asked(())), hits, strict=True)
    ]
    more = _more(values, len(hits), asked, "/similar")
    return render(
        request, "similar.html", {"values": values, "hits": shown, "more": more, "note_address": note_address}
    )


async def places(request: Request) -> Response:
    """Show every place where the sentence of a hit stands."""
    hits = await answered(request, PLACES)
    asked = Asked.of(request.query_params).lacking("id").lacking("start").lacking("end")
    shown = shown_hits(hits, [None] * len(hits), asked)
    return render(request, "places.html", {"hits": shown, "back": asked.at("/"), "query": request.query_params["q"]})


def _laid_out(found: SearchPage, values: Values, asked: Asked) -> dict[str, Any]:
    hits = found.hits
    shown = shown_words(found.words, asked) if found.words else shown_hits(hits, found.passages, asked)
    meant = hits[0].parts.meant if hits and hits[0].parts else None
    return {
        "values": values,
        "error": None,
        "page": found,
        "hits": shown,
        "meant": meant,
        "as_written": asked.having("exact", 1).having("synonyms", 0).at("/"),
        "nothing_much": caution(hits) or None,
        "facets": facets(found, values, asked),
        "chips": chips(values, asked),
        "without_filters": asked.only({"q", "level", "mode", "assertion", "exact", "synonyms"}).at("/"),
        "unmatched": [unmatched_line(one) for one in found.unmatched],
        "more": _more(values, len(shown), asked, "/"),
        "patients": asked.only(OF_PATIENTS).at("/patients"),
        "asked": asked,
    }


def _more(values: Values, shown: int, asked: Asked, path: str) -> str | None:
    """Return the address of the same with more results, at the first that is new; None if there are no more."""
    k = min(values["k"] + MORE, MOST_RESULTS)
    if shown < values["k"] or k == values["k"]:
        return None
    return f"{asked.having('k', k).at(path)}#hit-{shown + 1}"


def _readable(request: Request) -> Values:
    """Return the parameters of a request that can be read, and of all others what they are by default."""
    values: dict[str, Any] = {}
    for one in PAGE:
        try:
            values[one.name] = one.read(request.query_params.getlist(one.name))
        except InputError:
            values[one.name] = () if one.several else one.default
    return values
