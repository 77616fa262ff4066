"""The styles of OpenDocument texts: what is hidden, and which lists are numbered."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

_LONGEST_CHAIN = 20  # of styles that are based on others


@dataclass(slots=True)
class Styles:
    """Takes the events of a part that holds styles.

    hidden: by style whether it says so. parents: by style. numbered: by list style the levels that have numbers.
    """

    hidden: dict[str, bool] = field(default_factory=dict)
    parents: dict[str, str] = field(default_factory=dict)
    numbered: dict[str, set[int]] = field(default_factory=dict)
    lists: dict[str, str] = field(default_factory=dict)
    _style: str = ""
    _list: str = ""

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Begin an element."""
        if name == "style:style":
            self._style = attributes.get("name", "")
            self.parents[self._style] = attributes.get("parent-style-name", "")
            if "list-style-name" in attributes:
                self.lists[self._style] = attributes["list-style-name"]
        elif name in ("style:text-properties", "style:section-properties") and "display" in attributes:
            self.hidden[self._style] = attributes["display"] == "none"
        elif name == "text:list-style":
            self._list = attributes.get("name", "")
            self.numbered[self._list] = set()
        elif name == "text:list-level-style-number" and attributes.get("num-format"):
            level = attributes.get("level", "1")
            self.numbered[self._list].add(int(level) if level in "123456789" else 10)

    def end(self, name: str) -> None:
        """End an element."""

    def data(self, text: str) -> None:
        """Take no text."""

    def is_hidden(self, style: str | None) -> bool:
        """Tell whether a style hides its text."""
        for _ in range(_LONGEST_CHAIN):
            if not style:
                return False
            if style in self.hidden:
                return self.hidden[style]
            style = self.parents.get(style)
        return False

    def is_numbered(self, style: str, level: int) -> bool:
        """Tell whether a list style has numbers at a level, from 1."""
        return level in self.numbered.get(style, ())
