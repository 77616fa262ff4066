"""Why something was found: the answer in a sentence, what the score is made of, and every word's part."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import partial
from threading import Lock

from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from clinsearch.collection import Collection
from clinsearch.errors import InputError
from clinsearch.records import Contrast, NoteExplanation, QueryExplanation, WordHit, taken_apart
from clinsearch.rendering.pages.contrasts import contrast_content
from clinsearch.rendering.pages.explanations import explanation_content
from clinsearch.rendering.pages.hits import found_because, quoted, score_in_words, standing
from clinsearch.rendering.pages.page import Content, page_of
from clinsearch.rendering.pages.token_tables import token_tables
from clinsearch.rendering.pictures.explanations import explanation_picture
from clinsearch.rendering.records.formats import dumps
from clinsearch.web.addresses import Asked, note_address
from clinsearch.web.answers import answered, in_thread
from clinsearch.web.operations.explanations import EXPLAIN, Explained, name_of
from clinsearch.web.operations.found import AnyHit
from clinsearch.web.operations.operation import Operation
from clinsearch.web.parameters import Values
from clinsearch.web.static_files import is_static_file
from clinsearch.web.templating import render

LETTERS_OF_CHOICE = 70
# matplotlib's settings, and what Python warns of, are those of the process.
_DRAWING = Lock()
NOT_AMONG = "The search does not find this place among its first hits: what follows is how near the sentence is to it."


@dataclass(frozen=True, slots=True)
class Choice:
    """Another hit, to hold against the one that is explained."""

    value: str
    says: str
    is_chosen: bool


async def page(request: Request) -> Response:
    """Show why something was found."""
    explained = await answered(request, EXPLAIN)
    found, asked = explained.found, Asked.of(request.query_params)
    content = await in_thread(request, partial(_content, explained))
    values = {
        "content": content,
        "body": Markup(content.body),
        "heading": Markup(content.heading),
        "is_lost": _is_lost(explained, request),
        "styles": [name for name in content.names if is_static_file(f"{name}.css")],
        "scripts": [name for name in content.names if is_static_file(f"{name}.js")],
        "notes": list(_notes(found, asked.search())),
        "back": asked.back(),
        "is_of_note": "of" in request.query_params,
        "fields": asked.lacking("against").pairs,
        "alone": asked.lacking("against").at("/why"),
        "is_contrast": isinstance(found, Contrast),
        "choices": list(_choices(explained, request.query_params.get("against", ""))),
        "tokens": Markup(_tokens(found, request)),
        "query": request.url.query,
    }
    return render(request, "why.html", values)


async def as_page(request: Request) -> Response:
    """Give the explanation as one HTML file."""
    explained = await answered(request, EXPLAIN)
    made = await in_thread(request, lambda: page_of(_content(explained)))
    return _file(made, "text/html; charset=utf-8", "html")


async def as_json(request: Request) -> Response:
    """Give the explanation as a file of JSON."""
    explained = await answered(request, EXPLAIN)
    made = await in_thread(request, lambda: dumps(EXPLAIN.record(explained), "json"))
    return _file(made, "application/json", "json")


async def as_picture(request: Request) -> Response:
    """Give the explanation as a picture. Raises InputError where matplotlib is not installed, and for a contrast."""
    drawn = await answered(request, PICTURE)
    return _file(drawn.content, "image/png", "png")


@dataclass(frozen=True, slots=True)
class Drawn:
    """A picture, and what it is of."""

    content: bytes
    explained: Explained


def _draw(collection: Collection, values: Values) -> Drawn:
    explained = EXPLAIN.ask(collection, values)
    if isinstance(explained.found, Contrast):
        raise InputError("A picture shows one score. Two that are held against each other have a page: save as HTML.")
    with _DRAWING:
        return Drawn(explanation_picture(explained.found), explained)


# A picture takes as long to draw as an answer to find, and is drawn in the same thread.
PICTURE = Operation("picture", "An explanation as a picture.", EXPLAIN.parameters, _draw, lambda _: {})


def _file(content: str | bytes, media_type: str, suffix: str) -> Response:
    # No part of the name comes from notes: ids may hold what a file system, or a header, takes for something else.
    headers = {"Content-Disposition": f'attachment; filename="clinsearch-why.{suffix}"'}
    return Response(
        content if isinstance(content, bytes) else content.encode(errors="replace"), 200, headers, media_type
    )


def _content(explained: Explained) -> Content:
    """Return what is shown of an explanation: that of a hit begins with the answer."""
    found = explained.found
    if isinstance(found, Contrast):
        return contrast_content(found)
    content = explanation_content(found)
    if not isinstance(found, QueryExplanation):
        return content
    kind = "two words" if found.marks else "the query and this sentence"
    by_words = f"<h2>How near {kind} are, word by word</h2>"
    answer = found_because(found) + quoted(found) + standing(found) + score_in_words(found)
    body = answer + by_words + content.body
    return replace(content, body=body, names=(*content.names, "hits"))


def _is_lost(explained: Explained, request: Request) -> str:
    is_hit = not isinstance(explained.found, NoteExplanation) and request.query_params.get("note")
    return NOT_AMONG if is_hit and explained.hit is None else ""


def _notes(found: NoteExplanation | QueryExplanation | Contrast, search: Asked) -> Iterator[tuple[str, str]]:
    """Yield the address and the id of each note that is explained."""
    if isinstance(found, Contrast):
        yield from dict.fromkeys((*_notes(found.nearer, search), *_notes(found.other, search)))
    elif isinstance(found, NoteExplanation):
        for note_id in (found.left_note_id, found.right_note_id):
            yield note_address(note_id), note_id
    else:
        place = [("id", found.note_id), ("start", str(found.place.start)), ("end", str(found.place.end))]
        yield search.at("/note", place), found.note_id


def _choices(explained: Explained, chosen: str) -> Iterator[Choice]:
    for number, hit in explained.others:
        value = name_of(hit)
        yield Choice(value, f"{number}. {hit.score:.3f} {hit.note_id}{_said(hit)}", value == chosen)


def _said(hit: AnyHit) -> str:
    text = hit.marked.text if isinstance(hit, WordHit) else hit.sentence or hit.title or hit.note_type
    return f": {text if len(text) <= LETTERS_OF_CHOICE else text[:LETTERS_OF_CHOICE] + '…'}" if text else ""


def _tokens(found: NoteExplanation | QueryExplanation | Contrast, request: Request) -> str:
    if isinstance(found, Contrast):
        return ""
    names = ("First", "Second") if isinstance(found, NoteExplanation) else ("Query", "Sentence")
    return token_tables(taken_apart(found), names, str(Markup.escape(f"/why.json?{request.url.query}")))
