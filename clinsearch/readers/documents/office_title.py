"""The title that a Word or OpenDocument text states of itself."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(slots=True)
class OfficeTitle:
    """Takes the events of the part that holds the properties of a document."""

    _parts: list[str] = field(default_factory=list)
    _is_open: bool = False

    @property
    def text(self) -> str:
        """The title, empty if there is none."""
        return " ".join("".join(self._parts).split())

    def start(self, name: str, attributes: Mapping[str, str]) -> None:
        """Begin an element."""
        self._is_open = name == "dc:title"

    def end(self, name: str) -> None:
        """End an element."""
        self._is_open = False

    def data(self, text: str) -> None:
        """Take the text of the title."""
        if self._is_open:
            self._parts.append(text)
