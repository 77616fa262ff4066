"""Reads pages as a browser would, without one."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from html.parser import HTMLParser
from typing import Any

import numpy as np

VOID = {"meta", "link", "img", "br", "input", "hr"}
NAMESPACE = "http://www.w3.org/2000/svg"

HOSTILE = (
    "Patient [b]bold[/b] </script><script>alert(1)</script> <img src=x onerror=alert(1)> \"two\" 'one' &amp; "
    "a\u2028b \u202egnitirw\u202c \x1b[31mred\x07 שלום ${title} fever."
)


class Element:
    """An element with what stands in it, in order."""

    def __init__(self, tag: str, attributes: dict[str, str | None]) -> None:
        self.tag, self.attributes = tag, attributes
        self.content: list[Element | str] = []

    @property
    def text(self) -> str:
        return "".join(part if isinstance(part, str) else part.text for part in self.content)

    @property
    def classes(self) -> list[str]:
        return (self.attributes.get("class") or "").split()

    def all(self, tag: str | None = None, sign: str | None = None) -> list[Element]:
        """Return the elements within that have this tag and this class."""
        found: list[Element] = []
        for part in self.content:
            if isinstance(part, Element):
                if (tag is None or part.tag == tag) and (sign is None or sign in part.classes):
                    found.append(part)
                found += part.all(tag, sign)
        return found


class Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.root = Element("", {})
        self.open = [self.root]

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        element = Element(tag, dict(attrs))
        self.open[-1].content.append(element)
        if tag not in VOID:
            self.open.append(element)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.open[-1].content.append(Element(tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.open.pop().tag == tag, "the page closes what it did not open"

    def handle_data(self, data: str) -> None:
        self.open[-1].content.append(data)


def read(page: str) -> Element:
    reader = Reader()
    reader.feed(page)
    reader.close()
    assert reader.open == [reader.root], "the page leaves something open"
    return reader.root


def data_of(root: Element) -> Any:
    (script,) = [each for each in root.all("script") if each.attributes.get("type") == "application/json"]
    return json.loads(script.text)


def shares_of(view: dict[str, Any], columns: int) -> np.ndarray:
    return np.frombuffer(base64.b64decode(view["shares"]), dtype="<f4").reshape(-1, columns)


def assert_needs_nothing_else(page: str) -> None:
    """Check that a page can neither load nor send anything, and runs the one script that came with it."""
    root = read(page)
    for element in root.all():
        assert element.tag in {
            *("html", "head", "meta", "title", "style", "body", "header", "main", "footer", "script", "div", "span"),
            *("h1", "h2", "h3", "p", "b", "i", "small", "strong", "bdi", "button", "details", "summary", "figure"),
            *("figcaption", "table", "tr", "td", "ol", "ul", "li", "svg", "defs", "path", "rect", "text", "g", "use"),
            *("circle", "blockquote"),
        }
        for name, value in element.attributes.items():
            assert not name.startswith("on")
            # The policy of what is served forbids them, and both are made of the same parts.
            assert name != "style"
            assert name not in {"src", "srcset", "action", "xlink:href", "data", "formaction"}
            assert name != "href" or (value or "").startswith("#")
    style = "".join(each.text for each in root.all("style"))
    assert "url(" not in style
    assert "@import" not in style
    assert set(re.findall(r"\w+://[^\s\"'<>]+", "".join(each.text for each in root.all("script")[1:]))) <= {NAMESPACE}
    (policy,) = [
        each.attributes["content"]
        for each in root.all("meta")
        if each.attributes.get("http-equiv") == "Content-Security-Policy"
    ]
    scripts = [each for each in root.all("script") if each.attributes.get("type") != "application/json"]
    (digest,) = [base64.b64encode(hashlib.sha256(each.text.encode()).digest()).decode() for each in scripts]
    assert policy is not None
    assert policy.startswith(f"default-src 'none'; script-src 'sha256-{digest}'; style-src 'unsafe-inline';")
