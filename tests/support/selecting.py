"""Finds elements of a page by the simplest of CSS selectors: `a.chip`, `input[type=checkbox][checked]`, `.sum td`."""

from __future__ import annotations

import re

from lxml.html import HtmlElement

_PART = re.compile(r"(?P<tag>[\w*]+)|\.(?P<sign>[\w-]+)|\[(?P<name>[\w-]+)(?:(?P<is>\*?=)(?P<value>[^\]]*))?\]")


def select(within: HtmlElement, selector: str) -> list[HtmlElement]:
    """Return the elements within another that a selector, or one of several with commas between, means, in order."""
    return list(within.xpath(" | ".join(map(_path, selector.split(",")))))


def texts(within: HtmlElement, selector: str) -> list[str]:
    """Return the texts of the elements that a selector means, with single spaces."""
    return [" ".join(one.text_content().split()) for one in select(within, selector)]


def text_of(*elements: HtmlElement) -> str:
    """Return all that is written in elements."""
    return "".join(part for element in elements for part in element.itertext())


def _path(selector: str) -> str:
    return "." + "".join(f"//{_step(step)}" for step in re.findall(r"(?:\[[^\]]*\]|\S)+", selector))


def _step(step: str) -> str:
    tag, conditions = "*", ""
    for part in _PART.finditer(step):
        if part["tag"]:
            tag = part["tag"]
        elif part["sign"]:
            conditions += f"[contains(concat(' ', normalize-space(@class), ' '), ' {part['sign']} ')]"
        elif part["is"] == "*=":
            conditions += f"[contains(@{part['name']}, '{part['value']}')]"
        else:
            conditions += f"[@{part['name']}='{part['value']}']" if part["is"] else f"[@{part['name']}]"
    return tag + conditions
