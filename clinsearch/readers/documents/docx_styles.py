"""The styles of DOCX documents: what is a heading, what is hidden, what is an item of a list."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_HEADING = re.compile(r"(?:heading [1-9]|title)\Z", re.IGNORECASE)
_LEVELS_OF_HEADINGS = frozenset("012345678")
_LONGEST_CHAIN = 20  # of styles that are based on others


def is_on(attributes: Mapping[str, str]) -> bool:
    """Tell whether an element switches something on, which without a value it does."""
    return attributes.get("val", "1") not in ("0", "false", "off", "none")


@dataclass(slots=True)
class _Style:
    name: str = ""
    based_on: str = ""
    level: str | None = None
    hidden: bool | None = None
    number: str | None = None
    number_level: str | None = None


@dataclass(slots=True)
class Styles:
    """Takes the events of the part that holds the styles."""

    styles: dict[str, _Style] = field(default_factory=dict)
    _style: _Style = field(default_factory=_Style)
    _open: list[str] = field(default_factory=list)

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Begin an element."""
        self._open.append(name)
        value = attributes.get("val", "")
        if name == "w:style":
            self._style = _Style()
            self.styles[attributes.get("styleId", "")] = self._style
        elif "w:style" not in self._open or "w:tblStylePr" in self._open:
            return
        elif name == "w:name":
            self._style.name = value
        elif name == "w:basedOn":
            self._style.based_on = value
        elif name == "w:outlineLvl":
            self._style.level = value
        elif name == "w:vanish":
            self._style.hidden = is_on(attributes)
        elif name == "w:numId":
            self._style.number = value
        elif name == "w:ilvl":
            self._style.number_level = value

    def end(self, name: str) -> None:
        """End an element."""
        self._open.pop()

    def data(self, text: str) -> None:
        """Take no text."""

    def is_heading(self, style: str) -> bool:
        """Tell whether a paragraph style is one of headings."""
        for one in self._chain(style):
            if one.level is not None:
                return is_level_of_heading(one.level)
            if _HEADING.match(one.name):
                return True
        return False

    def is_hidden(self, style: str) -> bool:
        """Tell whether a style hides its text."""
        return next((one.hidden for one in self._chain(style) if one.hidden is not None), False)

    def numbering(self, style: str) -> tuple[str, str] | None:
        """Return the numbering and the level that a paragraph style has."""
        chain = self._chain(style)
        number = next((one.number for one in chain if one.number is not None), None)
        level = next((one.number_level for one in chain if one.number_level is not None), "0")
        return None if number is None else (number, level)

    def _chain(self, style: str) -> list[_Style]:
        chain: list[_Style] = []
        while style in self.styles and len(chain) < _LONGEST_CHAIN:
            chain.append(self.styles[style])
            style = chain[-1].based_on
        return chain


def is_level_of_heading(level: str) -> bool:
    """Tell whether an outline level is one of headings, not that of text."""
    return level in _LEVELS_OF_HEADINGS
