"""Templates: text is escaped, and what would not be seen is a sign."""

from __future__ import annotations

from collections.abc import Mapping
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from clinsearch.rendering.pages.page import in_script, isolated, shown
from clinsearch.rendering.wording import number
from clinsearch.web.static_files import static_address

HERE = Path(str(files("clinsearch.web")))


def _environment() -> Environment:
    made = Environment(
        loader=FileSystemLoader(HERE / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters |= {
        "shown": lambda text: Markup(shown(text)),
        "isolated": lambda text: Markup(isolated(text)),
        "as_json": lambda data: Markup(in_script(data)),
        "number": number,
        "trimmed": "{:g}".format,
    }
    made.globals["static"] = static_address
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
