"""The narrative of CDA sections: paragraphs, lists and tables, as HL7's narrative block has them, to lines."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from clinsearch.readers.documents.draft import BULLET, Draft

_BLOCKS = frozenset(
    {"paragraph", "list", "item", "caption", "table", "thead", "tbody", "tfoot", "tr", "text"}
    # Senders put in HTML, too.
    | {"p", "div", "ul", "ol", "li", "h1", "h2", "h3", "h4", "h5", "h6", "pre"}
)
_HEADINGS = frozenset({"h1", "h2", "h3", "h4", "h5", "h6"})
_LISTS = frozenset({"list", "ul", "ol"})
_ITEMS = frozenset({"item", "li"})
_CELLS = frozenset({"td", "th"})
_PICTURES = frozenset({"renderMultiMedia", "img"})
# A line that was broken in the text itself, rather than by a program that indents XML.
_BROKEN = re.compile(r"[ \t]*\r?\n(?=[^\s<])")


@dataclass(slots=True)
class Narrative:
    """Takes the elements of narrative, and writes their text to a draft.

    drafts: the section's, and those of the cells within which the place is. rows: for each open table the cells of its
    row. numbers: for each open list the number of its last item, None if it has bullets.
    """

    drafts: list[Draft]
    rows: list[list[Draft]] = field(default_factory=lambda: [[]])
    numbers: list[int | None] = field(default_factory=list)
    unseen: int = 0
    pictures: int = 0

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Begin an element."""
        if self.unseen or _is_unseen(attributes):
            self.unseen += 1
        elif name in _BLOCKS:
            self._start_block(name, attributes)
        elif name == "br":
            self.drafts[-1].break_line()
        elif name in _CELLS:
            self.drafts.append(Draft())
        elif name == "footnote":
            self.drafts[-1].write(" [")
        elif name in _PICTURES:
            self.pictures += 1

    def end(self, name: str) -> None:
        """End an element."""
        if self.unseen:
            self.unseen -= 1
        elif name in _CELLS:
            self.rows[-1].append(self.drafts.pop())
        elif name == "footnote":
            self.drafts[-1].write("]")
        elif name in _BLOCKS:
            self._end_block(name)

    def data(self, text: str) -> None:
        """Take text."""
        if self.unseen:
            return
        first, *others = _BROKEN.split(text)
        self.drafts[-1].write(first)
        for other in others:
            self.drafts[-1].break_line()
            self.drafts[-1].write(other)

    def _start_block(self, name: str, attributes: Mapping[str, str]) -> None:
        self.drafts[-1].end_line()
        if name in _HEADINGS:
            self.drafts[-1].begin_heading()
        elif name in _LISTS:
            is_ordered = name == "ol" or attributes.get("listType") == "ordered"
            self.numbers.append(0 if is_ordered else None)
        elif name in _ITEMS:
            self.drafts[-1].mark(self._marker())
        elif name == "table":
            self.rows.append([])
        elif name == "tr":
            self._end_row()

    def _end_block(self, name: str) -> None:
        self.drafts[-1].end_line()
        if name in _HEADINGS:
            self.drafts[-1].end_heading()
        elif name in _LISTS:
            self.numbers.pop()
        elif name in ("table", "tr"):
            self._end_row()
            if name == "table":
                self.rows.pop()

    def _end_row(self) -> None:
        self.drafts[-1].add_row(self.rows[-1])
        self.rows[-1] = []

    def _marker(self) -> str:
        number = self.numbers[-1] if self.numbers else None
        if number is None:
            return BULLET
        self.numbers[-1] = number + 1
        return f"{number + 1}. "


def _is_unseen(attributes: Mapping[str, str]) -> bool:
    style = attributes.get("styleCode", "").lower()
    return "invisible" in style or "hidden" in style or attributes.get("revised") == "delete"
