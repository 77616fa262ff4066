"""One HTML file that needs nothing else: it loads nothing, sends nothing, and shows any text as text."""

from __future__ import annotations

import base64
import hashlib
import html
import json
from collections.abc import Sequence
from dataclasses import dataclass
from importlib.resources import files
from string import Template

from clinsearch.rendering.signs import visible

TEMPLATES = files("clinsearch.rendering.pages") / "templates"
IN_SCRIPT = {ord(sign): f"\\u{ord(sign):04x}" for sign in "<>&"}


@dataclass(frozen=True, slots=True)
class Content:
    """What a page shows, before it is laid out: `title` is text, `heading` and `body` are HTML.

    names: of its styles, and scripts if any; data: for the scripts to read.
    """

    title: str
    heading: str
    body: str
    data: object
    names: tuple[str, ...]


def page_of(content: Content) -> str:
    """Lay out content as one file."""
    body = f"<h1>{content.heading}</h1>{content.body}"
    return page(content.title, body, data=content.data, names=content.names)


def page(title: str, body: str, *, data: object, names: Sequence[str]) -> str:
    """Lay out a page with the styles, and scripts if any, of these names, and data for the scripts to read."""
    style = "".join(_template(f"{name}.css") for name in ("page", *names))
    with_script = (name for name in ("page", *names) if (TEMPLATES / f"{name}.js").is_file())
    script = "".join(_template(f"{name}.js") for name in with_script)
    digest = base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()
    return Template(_template("page.html")).substitute(
        policy=f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline'; "
        "base-uri 'none'; form-action 'none'",
        title=shown(title),
        style=style,
        body=body,
        data=in_script(data),
        script=script,
    )


def framed(content: str, height: int) -> str:
    """Put a page into a frame of a notebook, where neither's style or script reaches the other's."""
    return (
        f'<iframe sandbox="allow-scripts" srcdoc="{html.escape(content)}" '
        f'style="width: 100%; height: {height}px; border: 0"></iframe>'
    )


def length(part: float, most: float) -> str:
    """Return the class that gives an element's style a length or a shade, `--s`: the part of the most, in hundredths.

    Classes do what style attributes would, which a policy without inline style forbids. A part that is not zero is
    never so short that it cannot be seen.
    """
    hundredths = min(100, round(100 * abs(part) / max(most, 1e-9)))
    return f"s{hundredths or (1 if part else 0)}"


def shown(text: object) -> str:
    """Escape text for HTML, with signs in place of characters that would not be seen."""
    return html.escape(visible(str(text)))


def isolated(text: object) -> str:
    """Escape text so that its direction leaves what stands beside it alone."""
    return f'<bdi dir="auto">{shown(text)}</bdi>'


def in_script(data: object) -> str:
    """Write data as JSON that cannot end the script element that it stands in."""
    return json.dumps(data, ensure_ascii=True, separators=(",", ":")).translate(IN_SCRIPT)


def _template(name: str) -> str:
    return (TEMPLATES / name).read_text(encoding="utf-8")
