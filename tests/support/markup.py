"""Pages as lxml reads them, looked through by tag and class."""

from __future__ import annotations

from typing import Any


def select(page: Any, selector: str) -> list[Any]:
    """Return elements by tags and classes: ".patient h2 a", "a.choice", "main"; a blank stands for any depth."""
    return page.xpath("".join(map(_step, selector.split())))


def texts(page: Any, selector: str) -> list[str]:
    """Return the texts of elements, with single spaces."""
    return [" ".join(one.text_content().split()) for one in select(page, selector)]


def _step(part: str) -> str:
    tag, *classes = part.split(".")
    having = "".join(f"[contains(concat(' ', normalize-space(@class), ' '), ' {one} ')]" for one in classes)
    return f"//{tag or '*'}{having}"
