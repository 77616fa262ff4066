"""Elements of a page that lxml has read, by tag and class, and their text."""

from __future__ import annotations

from lxml import html


def found(root: html.HtmlElement, tag: str = "*", sign: str | None = None) -> list[html.HtmlElement]:
    """Return the elements within that have this tag, and this class."""
    of_class = f"[contains(concat(' ', normalize-space(@class), ' '), ' {sign} ')]" if sign else ""
    return list(root.xpath(f".//{tag}{of_class}"))


def text_of(*elements: html.HtmlElement) -> str:
    """Return all that is written in elements."""
    return "".join(part for element in elements for part in element.itertext())
