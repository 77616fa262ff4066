"""Templates and static files: text is escaped, what would not be seen is a sign, and every file is our own."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles

from clinsearch.rendering.pages.page import in_script, isolated, shown
from clinsearch.rendering.wording import number

HERE = Path(str(files("clinsearch.web")))
# Explanations and maps look the same in a page of their own and here: one style and one script for both.
PAGES = Path(str(files("clinsearch.rendering.pages") / "templates"))


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "shown": lambda text: Markup(shown(text)),
        "isolated": lambda text: Markup(isolated(text)),
        "as_json": lambda data: Markup(in_script(data)),
        "number": number,
        "trimmed": "{:g}".format,
    }
    return made


ENVIRONMENT = _environment()


def render(
    request: Request,
    name: str,
    values: Mapping[str, Any],
    *,
    status: int = 200,
    headers: Mapping[str, str] | None = None,
) -> Response:
    """Lay a page out by a template, which has the request too."""
    stamp = getattr(request.state, "stamp", "")
    text = ENVIRONMENT.get_template(name).render(request=request, path=request.url.path, stamp=stamp, **values)
    return HTMLResponse(text, status, dict(headers or {}))


def static_files() -> StaticFiles:
    """Return what serves styles and scripts: those of the web, and those that it shares with pages of their own."""
    made = StaticFiles(directory=HERE / "static")
    made.all_directories = [*made.all_directories, PAGES]
    return made
