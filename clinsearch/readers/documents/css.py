"""What a style sheet says of an element: that it is not shown, or that its line breaks count."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

_MARK = re.compile(r"@[\w-]{1,40}[^{};]{0,400}\{|[{}]")
_SELECTOR = re.compile(r"[A-Za-z0-9]*[.#][\w-]+")
_HIDES = re.compile(r"(?:^|[;\s])(?:display\s*:\s*none|visibility\s*:\s*hidden|mso-hide\s*:\s*all)\b", re.IGNORECASE)
_KEEPS = re.compile(r"(?:^|[;\s])white-space\s*:\s*(pre|break-spaces)", re.IGNORECASE)


@dataclass(slots=True)
class StyleSheet:
    """The selectors of one element, class or id (`.x`, `p.x`, `#x`) that hide, or that keep line breaks."""

    hiding: set[str] = field(default_factory=set)
    keeping: set[str] = field(default_factory=set)

    def add(self, source: str) -> None:
        """Add the rules of a style sheet; those that hold for a medium (@media print) are left out."""
        for rule in _without_media(_without_comments(source)).split("}"):
            selectors, _, declarations = rule.rpartition("{")
            simple = {one.strip().lower() for one in selectors.split(",") if _SELECTOR.fullmatch(one.strip())}
            if _HIDES.search(declarations):
                self.hiding |= simple
            if _KEEPS.search(declarations):
                self.keeping |= simple

    def hides(self, tag: str, attributes: Mapping[str, str]) -> bool:
        """Tell whether an element is not shown."""
        if "hidden" in attributes or _HIDES.search(attributes.get("style", "")):
            return True
        return bool(self.hiding) and not self.hiding.isdisjoint(_names(tag, attributes))

    def keeps_lines(self, tag: str, attributes: Mapping[str, str]) -> bool:
        """Tell whether an element's line breaks and blanks are shown as they are written."""
        if tag in ("pre", "textarea", "listing", "xmp", "plaintext") or _KEEPS.search(attributes.get("style", "")):
            return True
        return bool(self.keeping) and not self.keeping.isdisjoint(_names(tag, attributes))


def _without_comments(source: str) -> str:
    first, *others = source.split("/*")
    return " ".join([first, *(other.partition("*/")[2] for other in others)])


def _without_media(source: str) -> str:
    """Leave out `@media … { … { … } }`, whose rules are within braces of their own."""
    kept, depth, start = [], 0, 0
    for match in _MARK.finditer(source):
        if depth == 0 and match[0][0] == "@":
            kept.append(source[start : match.start()])
            depth = 1
        elif depth:
            depth += 1 if match[0][-1] == "{" else -1
            start = match.end()
    return "".join([*kept, source[start:] if depth == 0 else ""])


def _names(tag: str, attributes: Mapping[str, str]) -> set[str]:
    names = {f".{name.lower()}" for name in attributes.get("class", "").split()}
    if "id" in attributes:
        names.add(f"#{attributes['id'].lower()}")
    return names | {tag + name for name in names}
