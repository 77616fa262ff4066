"""What is in the collection, and what it needs."""

from __future__ import annotations

from collections.abc import Iterator

from starlette.requests import Request
from starlette.responses import Response

from clinsearch.records import SearchQuality
from clinsearch.rendering.wording import language_name
from clinsearch.web.addresses import address
from clinsearch.web.answers import answered
from clinsearch.web.operations.contents import CONTENTS, Contents
from clinsearch.web.templating import render

LOW_RECALL, FILES_NAMED = 0.9, 50


async def page(request: Request) -> Response:
    """Show the collection."""
    found = await answered(request, CONTENTS)
    return render(
        request,
        "collection.html",
        {
            "found": found,
            "status": found.status,
            "warnings": list(_warnings(found)),
            "how_searched": how_searched,
            "language_name": language_name,
            "address": address,
            "files_named": FILES_NAMED,
        },
    )


def how_searched(quality: SearchQuality) -> str:
    """Say how vectors of a kind are searched, and how much of what is nearest that finds."""
    found = (
        "" if quality.recall is None else f", which found {quality.recall:.1%} of the ten nearest when it was measured"
    )
    if quality.graphs is not None:
        return f"through {quality.graphs:,} graph{'s' * (quality.graphs > 1)}{found}"
    if quality.cells is None:
        return "exactly: every one is looked at"
    return f"{quality.probes:,} of {quality.cells:,} cells{found}"


def _warnings(found: Contents) -> Iterator[str]:
    """Say what the collection needs, and by which command."""
    status, sources = found.status, found.sources
    if status.has_remains:
        yield "Text that was deleted may still be on the disk. `clinsearch optimize` takes it off."
    for one in status.search:
        if one.recall is not None and one.recall < LOW_RECALL:
            yield f"The search of {one.vectors}s finds {one.recall:.1%} of the nearest. `clinsearch optimize` helps."
    if status.server and status.server.is_replica and status.server.behind_s:
        yield f"This is a replica, {status.server.behind_s:.1f} s behind its primary: the newest notes may be missing."
    if sources and sources.changed:
        yield f"Files changed since the last run: {len(sources.changed):,}. `clinsearch index FOLDER` reads them again."
    if sources and sources.gone:
        yield (
            f"Files that are gone: {len(sources.gone):,}. Their notes are still here; "
            "`clinsearch index FOLDER --delete-missing` deletes them."
        )
